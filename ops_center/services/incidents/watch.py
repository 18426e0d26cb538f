"""The open incidents of a web process, held in memory with their tasks: board, rooms and stream read here.

As with alarms (``alarm_watch``): one thread listens and looks; whoever wants to know is called, or waits for a greater
``seq``. While the database is away what was known last stays, and ``age_s`` says how old it is.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence

from ops_center.services.looking import follow
from ops_center.store.incident_port import IncidentPicture, IncidentStore, Standing
from ops_center.store.port import Ear

_LOOK_EVERY_S = 1.0
"""also without being told: what was said while the connection was away is found then"""
_REMEMBERED = 5000
"""changes that can be told apart; who is further behind gets everything"""


class IncidentWatch:
    """The newest open incidents; safe to use from any thread. One follows; who has changed something looks at once."""

    def __init__(self, store: IncidentStore) -> None:
        self._store = store
        self._changed = threading.Condition()
        self._seq = -1
        self._open: dict[int, Standing] = {}
        self._recent: list[tuple[int, Standing]] = []
        self._begins = 0
        """changes behind this seq are among the recent ones"""
        self._looked_s: float | None = None
        self._looking = threading.Lock()
        self._hearers: list[Callable[[], None]] = []
        self.closings = 0
        """how often something closed changed or an incident closed, since this process began: cases are others then"""

    @property
    def seq(self) -> int:
        """Return the last line of the log that is known; -1 before the first look."""
        return self._seq

    @property
    def age_s(self) -> float | None:
        """Return how long ago the database was last asked; None: never."""
        return None if self._looked_s is None else time.monotonic() - self._looked_s

    def open(self) -> Sequence[Standing]:
        """Return all that are not closed, by id; empty before the first look."""
        return self.picture().standing

    def picture(self) -> IncidentPicture:
        """Return all that are not closed with the seq that they are of."""
        with self._changed:
            return IncidentPicture(max(self._seq, 0), tuple(self._open[number] for number in sorted(self._open)))

    def find(self, number: int) -> Standing | None:
        """Return an incident that is not closed."""
        with self._changed:
            return self._open.get(number)

    def since(self, after_seq: int) -> IncidentPicture | None:
        """Return what changed behind ``after_seq``, closed ones too, each once and as it is now.

        None: too much happened since, or it was never known; take the picture.
        """
        with self._changed:
            if not self._begins <= after_seq <= self._seq:
                return None
            behind = self._recent[bisect_right(self._recent, after_seq, key=lambda one: one[0]) :]
            newest = {standing.incident.id: standing for _, standing in behind}
            return IncidentPicture(self._seq, tuple(newest.values()))

    def wait(self, after_seq: int, timeout_s: float) -> bool:
        """Return True as soon as something changed behind ``after_seq``, False after ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: self._seq > after_seq, timeout_s)

    def hear(self, hearer: Callable[[], None]) -> None:
        """Have ``hearer`` called after every change, in the thread that looks; it must return at once."""
        self._hearers.append(hearer)

    def look(self) -> bool:
        """Take what changed; return whether anything did. Raises StoreError."""
        with self._looking:
            changed = self._load() if self._seq < 0 else self._take_changes()
            self._looked_s = time.monotonic()
        if changed:
            with self._changed:
                self._changed.notify_all()
            for hearer in self._hearers:
                hearer()
        return changed

    def follow(self, ear: Ear, stop: threading.Event) -> threading.Thread:
        """Look whenever something is said, at least once a second, in a thread of its own until ``stop``."""
        return follow(self.look, ear, stop, "incident", _LOOK_EVERY_S)

    def _load(self) -> bool:
        found = self._store.open()
        with self._changed:
            self._open = {standing.incident.id: standing for standing in found.standing}
            self._begins = self._seq = found.seq
        return True

    def _take_changes(self) -> bool:
        changed = False
        while True:
            found = self._store.changes(self._seq)
            if found.seq == self._seq:
                return changed
            changed = True
            with self._changed:
                for standing in found.standing:
                    self._open.pop(standing.incident.id, None)
                    if standing.incident.is_closed:
                        self.closings += 1
                    else:
                        self._open[standing.incident.id] = standing
                    self._recent.append((found.seq, standing))
                self._seq = found.seq
                self._forget_old()

    def _forget_old(self) -> None:
        if (many := len(self._recent) - _REMEMBERED) > 0:
            self._begins = self._recent[many - 1][0]
            del self._recent[: bisect_right(self._recent, self._begins, key=lambda one: one[0])]
