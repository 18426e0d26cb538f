"""The open alarms of a web process, held in memory: the list, the map and the stream read here, never the database.

One thread listens and looks; whoever wants to know waits for a greater ``seq`` or is called. While the database is away
what was known last stays, and ``age_s`` says how old it is.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence

from alerts.alarm import Alarm
from ops_center.services.looking import follow
from ops_center.store.alarm_port import AlarmPicture, AlarmStore
from ops_center.store.port import Ear

_LOOK_EVERY_S = 1.0
"""also without being told: what was said while the connection was away is found then"""
_REMEMBERED = 20_000
"""changes that can be told apart; who is further behind gets everything"""
_AT_A_TIME = 5000


class AlarmWatch:
    """The newest open alarms; safe to use from any thread. One follows; who has changed something looks at once."""

    def __init__(self, store: AlarmStore) -> None:
        self._store = store
        self._changed = threading.Condition()
        self._picture: AlarmPicture | None = None
        self._open: dict[int, Alarm] = {}
        self._recent_seq: list[int] = []
        self._recent: list[Alarm] = []
        self._begins = 0
        """changes behind this seq are among the recent ones"""
        self._looked_s: float | None = None
        self._looking = threading.Lock()
        self._hearers: list[Callable[[], None]] = []

    @property
    def seq(self) -> int:
        """Return the seq of the last change that is known; -1 before the first look."""
        return -1 if self._looked_s is None else self._picture_now().seq

    @property
    def age_s(self) -> float | None:
        """Return how long ago the database was last asked; None: never."""
        return None if self._looked_s is None else time.monotonic() - self._looked_s

    def picture(self) -> AlarmPicture:
        """Return all open alarms by id, of one moment; it never changes. Empty before the first look."""
        return self._picture_now()

    def find(self, number: int) -> Alarm | None:
        """Return an open alarm."""
        with self._changed:
            return self._open.get(number)

    def since(self, after_seq: int) -> tuple[int, Sequence[Alarm]] | None:
        """Return the seq and what changed behind ``after_seq``, closed alarms too, each once and as it is now.

        None: too much happened since, or it was never known; take the picture.
        """
        with self._changed:
            seq = self._picture_now().seq
            if self._looked_s is None or not self._begins <= after_seq <= seq:
                return None
            behind = self._recent[bisect_right(self._recent_seq, after_seq) :]
            return seq, list({alarm.id: alarm for alarm in behind}.values())

    def wait(self, after_seq: int, timeout_s: float) -> bool:
        """Return True as soon as something changed behind ``after_seq``, False after ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: self.seq > after_seq, timeout_s)

    def hear(self, hearer: Callable[[], None]) -> None:
        """Have ``hearer`` called after every change, in the thread that looks; it must return at once."""
        self._hearers.append(hearer)

    def look(self) -> bool:
        """Take what changed; return whether anything did. Raises StoreError."""
        with self._looking:
            changed = self._load() if self._looked_s is None else self._take_changes()
            self._looked_s = time.monotonic()
        if changed:
            with self._changed:
                self._changed.notify_all()
            for hearer in self._hearers:
                hearer()
        return changed

    def follow(self, ear: Ear, stop: threading.Event) -> threading.Thread:
        """Look whenever something is said, at least once a second, in a thread of its own until ``stop``."""
        return follow(self.look, ear, stop, "alarm", _LOOK_EVERY_S)

    def _load(self) -> bool:
        found = self._store.open()
        with self._changed:
            self._picture, self._begins = found, found.seq
            self._open = {alarm.id: alarm for alarm in found.alarms}
            self._looked_s = time.monotonic()
        return True

    def _take_changes(self) -> bool:
        changed = False
        while True:
            before = self._picture_now().seq
            found = self._store.changes(before, _AT_A_TIME)
            if found.seq == before:
                return changed
            if found.missed:
                return self._load()
            changed = True
            with self._changed:
                for one in found.changed:
                    self._open.pop(one.alarm.id, None)
                    if one.alarm.is_open:
                        self._open[one.alarm.id] = one.alarm
                    self._recent_seq.append(found.seq)
                    self._recent.append(one.alarm)
                self._forget_old()
                self._picture = AlarmPicture(found.seq, tuple(self._open[number] for number in sorted(self._open)))

    def _forget_old(self) -> None:
        if (many := len(self._recent) - _REMEMBERED) > 0:
            self._begins = self._recent_seq[many - 1]
            keep = bisect_right(self._recent_seq, self._begins)
            del self._recent[:keep], self._recent_seq[:keep]

    def _picture_now(self) -> AlarmPicture:
        return self._picture or AlarmPicture(0, ())
