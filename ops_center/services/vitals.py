"""City vital signs as somebody may see them: the tree now, its past, the next hours, and what a number is made of.

``now`` is computed here, from this process's own memory: the latest values, the open alarms, the statistics. What is
recorded each minute (``services.vital_signs``) comes from the same functions; ``history`` and ``forecast`` read that.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from layers.contract import LiveFrame
from ops_center.domain.rights import PICTURE, Asker, Rights
from ops_center.domain.time import DAY_US, HOUR_US, Clock
from ops_center.indicators.evaluating import Vital, Vitals, evaluate
from ops_center.indicators.evidence import CITY, Area, Evidence, StatisticValue
from ops_center.indicators.forecast import Outlook, outlook
from ops_center.indicators.loading import Indicator, Tree
from ops_center.indicators.response import Response
from ops_center.services.alarm_watch import AlarmWatch
from ops_center.services.vital_evidence import Indexes, evidence_of, open_alarms
from ops_center.store.port import HistoryStore, Resolution, Series

VITALS = Rights(see=PICTURE)
"""who may see vital signs, each what lies within its grants: the page ``/leader`` is for fewer"""
FEED = "vital_signs"
VALUE, SCORE, LEVEL, KNOWN = "indicator_value", "indicator_score", "indicator_level", "indicator_known"

_FRESH_S = 2.0
"""so long what was computed is shown again"""
_PAST_US = 400 * DAY_US
_MOST_OUTLOOKS = 500

Statistics = Callable[[], Mapping[tuple[str, str], StatisticValue] | None]


@dataclass(frozen=True, slots=True)
class Now:
    """One area as it is now."""

    area: Area
    at_us: int
    vitals: Vitals


class VitalDesk:
    """Safe to use from any thread. ``now`` never waits; ``history`` and ``forecast`` wait for the database."""

    def __init__(
        self,
        tree: Tree,
        frame: Callable[[], LiveFrame],
        alarms: AlarmWatch | None,
        statistics: Statistics,
        history: HistoryStore,
        clock: Clock,
        response: Callable[[], Response | None] = lambda: None,
    ) -> None:
        self._response = response
        self._tree = tree
        self._frame = frame
        self._alarms = alarms
        self._statistics = statistics
        self._history = history
        self._clock = clock
        self._indexes = Indexes()
        self._lock = threading.Lock()
        self._evidence: tuple[float, Evidence] | None = None
        self._found: dict[Area, Vitals] = {}
        self._outlooks: dict[tuple[int, int], Outlook | None] = {}

    def tree(self) -> Tree:
        """Return the tree of indicators."""
        return self._tree

    def areas(self, asker: Asker) -> Sequence[Area]:
        """Return the areas that ``asker`` may see, the widest first."""
        by_kind = self.evidence().index.areas
        every = [*by_kind["city"], *by_kind["district"], *by_kind["department"]]
        return [area for area in every if may_see(asker, area)]

    def now(self, asker: Asker, area: Area | None = None) -> Now | None:
        """Return an area as it is now; without one the widest that may be seen. None: there is none to be seen."""
        if area is None:
            area = next(iter(self.areas(asker)), None)
        if area is None or not may_see(asker, area):
            return None
        evidence = self.evidence()
        if area.kind != "city" and area not in evidence.index.areas[area.kind]:
            return None
        return Now(area, evidence.now_us, self.evaluated(area))

    def evaluated(self, area: Area) -> Vitals:
        """Return an area as it is now, whoever asks: for who has asked :func:`may_see`."""
        evidence = self.evidence()
        with self._lock:
            found = self._found.get(area)
        if found is None:
            found = evaluate(self._tree, area, evidence)
            with self._lock:
                if self._evidence is not None and self._evidence[1] is evidence:
                    self._found[area] = found
        return found

    def evidence(self) -> Evidence:
        """Return what indicators are made from, at most two seconds old."""
        with self._lock:
            held = self._evidence
            if held is not None and time.monotonic() - held[0] < _FRESH_S:
                return held[1]
            frame = self._frame()
            made = evidence_of(
                self._indexes.of(frame.catalog),
                (frame.time_us, frame.result),
                open_alarms(self._alarms),
                self._statistics(),
                self._response(),
                self._clock.now_us(),
            )
            self._evidence, self._found = (time.monotonic(), made), {}
            return made

    def stream(self, indicator: str, area: Area, observed: str = VALUE) -> int | None:
        """Return the key of the datastream that an indicator is recorded in; None: nothing was recorded yet."""
        catalog = self.evidence().catalog
        return catalog.datastream_keys(FEED, observed).get(thing_id(indicator, area))

    def history(
        self, asker: Asker, indicator: str, area: Area, span_us: tuple[int, int], resolution: Resolution
    ) -> Series | None:
        """Return what was recorded in [from, to); None: nothing, or not to be seen. Raises StoreError."""
        if not may_see(asker, area) or indicator not in self._tree.indicators:
            return None
        key = self.stream(indicator, area, observed_of(self._tree.indicators[indicator]))
        return None if key is None else self._history.series(key, *span_us, resolution)

    def forecast(self, asker: Asker, indicator: str, area: Area = CITY) -> Outlook | None:
        """Return the next hours; None: too little is known, or it may not be seen. Raises StoreError.

        Made once an hour for each indicator and area that somebody asks for.
        """
        one = self._tree.indicators.get(indicator)
        if one is None or not may_see(asker, area):
            return None
        key = self.stream(indicator, area, observed_of(one))
        if key is None:
            return None
        now_us = self._clock.now_us()
        hour = now_us // HOUR_US
        asked = (key, hour)
        if asked not in self._outlooks:
            if len(self._outlooks) >= _MOST_OUTLOOKS:
                self._outlooks = {}
            series = self._history.series(key, now_us - _PAST_US, now_us, "1h")
            made = outlook(series.time_us, series.mean, now_us)
            if _reaches(series, hour - 1):
                self._outlooks[asked] = made
            return made
        return self._outlooks[asked]

    def vital(self, asker: Asker, indicator: str, area: Area) -> Vital | None:
        """Return one indicator as it is now, with what it is made of; None: there is none to be seen."""
        found = self.now(asker, area)
        return found.vitals.get(indicator) if found else None


def _reaches(series: Series, hour: int) -> bool:
    """Return whether the last full hour is there: its rollup comes a little after its end."""
    return len(series.time_us) > 0 and int(series.time_us[-1]) // HOUR_US >= hour


def may_see(asker: Asker, area: Area) -> bool:
    """Return whether an area lies within the grants of who asks."""
    return asker.may_see_of(
        VITALS, area.code if area.kind == "department" else "", area.code if area.kind == "district" else ""
    )


def thing_id(indicator: str, area: Area) -> str:
    """Return the id of the thing that an indicator is in the catalog: ``congestion@district:D01``."""
    return f"{indicator}@{area.id}"


def observed_of(one: Indicator) -> str:
    """Return the observed property that its series is of."""
    return SCORE if one.formula is None else VALUE


def no_statistics() -> Mapping[tuple[str, str], StatisticValue] | None:
    """Know of no statistics."""
    return None
