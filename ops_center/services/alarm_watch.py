"""The open alarms of a web process, held in memory: the list, the map and the stream read here, never the database.

Whoever wants to know waits for a greater ``seq`` or is called (``looking.StepWatch``).
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.alarm import Alarm
from ops_center.services.looking import Recent, StepWatch
from ops_center.store.alarm_port import AlarmPicture, AlarmStore

_REMEMBERED = 20_000
"""changes that can be told apart; who is further behind gets everything"""
_AT_A_TIME = 5000


class AlarmWatch(StepWatch):
    """The newest open alarms."""

    name = "alarm"

    def __init__(self, store: AlarmStore) -> None:
        super().__init__()
        self._store = store
        self._picture: AlarmPicture | None = None
        self._open: dict[int, Alarm] = {}
        self._recent: Recent[Alarm] = Recent(_REMEMBERED)

    @property
    def seq(self) -> int:
        """Return the seq of the last change that is known; -1 before the first look."""
        return -1 if self._picture is None else self._picture.seq

    def picture(self) -> AlarmPicture:
        """Return all open alarms by id, of one moment; it never changes. Empty before the first look."""
        return self._picture or AlarmPicture(0, ())

    def find(self, number: int) -> Alarm | None:
        """Return an open alarm."""
        with self._changed:
            return self._open.get(number)

    def since(self, after_seq: int) -> tuple[int, Sequence[Alarm]] | None:
        """Return the seq and what changed behind ``after_seq``, closed alarms too, each once and as it is now.

        None: too much happened since, or it was never known; take the picture.
        """
        with self._changed:
            behind = self._recent.behind(after_seq)
            if behind is None or after_seq > self.seq:
                return None
            return self.seq, list({alarm.id: alarm for alarm in behind}.values())

    def _load(self) -> bool:
        found = self._store.open()
        with self._changed:
            self._picture = found
            self._recent.begin(found.seq)
            self._open = {alarm.id: alarm for alarm in found.alarms}
        return True

    def _take_changes(self) -> bool:
        changed = False
        while True:
            before = self.seq
            found = self._store.changes(before, _AT_A_TIME)
            if found.seq == before:
                return changed
            if found.missed:
                return self._load()
            changed = True
            alarms = [one.alarm for one in found.changed]
            with self._changed:
                for alarm in alarms:
                    self._open.pop(alarm.id, None)
                    if alarm.is_open:
                        self._open[alarm.id] = alarm
                self._recent.add(found.seq, alarms)
                self._picture = AlarmPicture(found.seq, tuple(self._open[number] for number in sorted(self._open)))
