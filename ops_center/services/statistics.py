"""Statistics as somebody enters them, and as indicators read them."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping, Sequence

import structlog

from ops_center.domain.audit import by
from ops_center.domain.errors import Forbidden, OpsCenterError, StoreError
from ops_center.domain.rights import Asker, Rights, Role
from ops_center.domain.time import Clock
from ops_center.indicators.evidence import StatisticValue
from ops_center.indicators.form import StatisticForm
from ops_center.indicators.statistics import Entered, Line, check
from ops_center.store.port import StatisticStore

log = structlog.get_logger(__name__)

_WHO = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})
STATISTICS = Rights(see=_WHO, change=_WHO)
"""who enters figures, and sees who entered which; what they amount to is on the leader's page"""
_FRESH_S = 20.0

Newest = Mapping[tuple[str, str], StatisticValue]


class StatisticBoard:
    """The newest statistics in memory, at most twenty seconds old; safe to use from any thread."""

    def __init__(self, store: StatisticStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._held: Newest | None = None
        self._read_s: float | None = None

    def newest(self) -> Newest | None:
        """Return (name, district) → figure; what was known last where the database is away, None if nothing was."""
        with self._lock:
            if self._read_s is None or time.monotonic() - self._read_s > _FRESH_S:
                self._read_s = time.monotonic()
                try:
                    self._held = {(one.name, one.district): one for one in self._store.newest()}
                except StoreError as error:
                    log.warning("statistics.cannot_read", why=str(error))
            return self._held

    def forget(self) -> None:
        """Read anew the next time."""
        with self._lock:
            self._read_s = None


class StatisticDesk:
    """What people enter. Raises StoreError where the database is away."""

    def __init__(
        self,
        store: StatisticStore,
        board: StatisticBoard,
        statistics: Mapping[str, StatisticForm],
        place: tuple[Collection[str], str],
        clock: Clock,
    ) -> None:
        """``place``: codes of the city's districts, and its zone."""
        self._store, self._board, self._place, self._clock = store, board, place, clock
        self.statistics = statistics

    def check(self, text: str) -> Sequence[Line]:
        """Return every line of CSV with what is to be kept of it, or why not; nothing is kept."""
        return check(text, self.statistics, *self._place, self._clock.now_us())

    def save(self, asker: Asker, text: str) -> int:
        """Keep all lines, or none if one of them is wrong; return how many were new.

        Raises Forbidden where who asks may not change all of the city's, OpsCenterError where a line is wrong.
        """
        lines = self.check(text)
        if any(line.fault is not None for line in lines):
            raise OpsCenterError("a line is wrong: check it first")
        entered = [line.entered for line in lines if line.entered is not None]
        if not all(may_enter(asker, one) for one in entered):
            raise Forbidden("not all of these are within your grants")
        now_us = self._clock.now_us()
        names = sorted({one.name for one in entered})
        detail = {"lines": len(entered), "names": names[:20]}
        new = self._store.add(
            entered, asker.account, now_us, by(asker, now_us, "statistics.entered", names[0], detail=detail)
        )
        self._board.forget()
        return new

    def last(self, asker: Asker, limit: int = 60) -> Sequence[tuple[StatisticValue, int]]:
        """Return what was entered last of what ``asker`` may see, each with when."""
        return [
            (value, at_us)
            for value, at_us in self._store.last(limit)
            if asker.may_see_of(STATISTICS, "", value.district)
        ]


def may_enter(asker: Asker, one: Entered) -> bool:
    """Return whether somebody may enter a figure: of the whole city, or of the district that it is of."""
    return asker.may_change_of(STATISTICS, "", one.district)
