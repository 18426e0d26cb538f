"""The walls of a web process, held in memory: the stream and the steering page read here, never the database.

One thread listens and looks (as ``alarm_watch``); whoever wants to know is called. While the database is away what hung
last stays.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from ops_center.domain.time import SECOND_US, Clock
from ops_center.services.looking import follow
from ops_center.store.port import Ear
from ops_center.store.wall_port import DisplayRow, WallRow, WallStore
from ops_center.walls.state import WallState

_LOOK_EVERY_S = 1.0
SEEN_S = 20.0
"""a display that said nothing for so long is off"""


class WallWatch:
    """What hangs on the walls, as far as this process knows. Safe to use from any thread; one follows."""

    def __init__(self, store: WallStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._rows: Mapping[str, WallRow] = {}
        self._displays: Sequence[DisplayRow] = ()
        self._displays_read_s = float("-inf")
        self._looking = threading.Lock()
        self._hearers: list[Callable[[], None]] = []
        self.looked = False
        """whether the database was ever asked: before that nothing is said to anybody"""
        self.displays_version = 0
        """grows whenever a display came, went or said something new"""

    def row(self, name: str) -> WallRow:
        """Return what hangs on a wall."""
        return self._rows.get(name) or WallRow(name, WallState(), None)

    def displays(self, name: str) -> Sequence[DisplayRow]:
        """Return the displays of a wall that are on."""
        return [row for row in self._displays if row.wall == name]

    def hear(self, hearer: Callable[[], None]) -> None:
        """Have ``hearer`` called after every change, in the thread that looks; it must return at once."""
        self._hearers.append(hearer)

    def look(self) -> bool:
        """Take what changed; return whether anything did. Raises StoreError."""
        with self._looking:
            rows = {row.name: row for row in self._store.load()}
            changed = not self.looked or rows != self._rows
            self._rows = rows
            changed = self._look_at_displays() or changed
            self.looked = True
        if changed:
            for hearer in self._hearers:
                hearer()
        return changed

    def follow(self, ear: Ear, stop: threading.Event) -> threading.Thread:
        """Look whenever something is said, at least once a second, in a thread of its own until ``stop``."""
        return follow(self.look, ear, stop, "wall", _LOOK_EVERY_S)

    def _look_at_displays(self) -> bool:
        """Take what displays say, once a second: a map that is dragged is no reason to ask for them."""
        if (now_s := time.monotonic()) - self._displays_read_s < 0.9 * _LOOK_EVERY_S:
            return False
        found = self._store.displays(self._clock.now_us() - round(SEEN_S * SECOND_US))
        changed = [_said(row) for row in found] != [_said(row) for row in self._displays]
        self._displays, self._displays_read_s = found, now_s
        self.displays_version += changed
        return changed


def _said(row: DisplayRow) -> tuple[object, ...]:
    return row.wall, row.display, row.page, row.shows
