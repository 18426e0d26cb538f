"""The open incidents of a web process, held in memory with their tasks: board, rooms and stream read here.

As with alarms (``alarm_watch``), by ``looking.StepWatch``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ops_center.services.looking import Recent, StepWatch
from ops_center.store.incident_port import IncidentPicture, IncidentStore, Standing

_REMEMBERED = 5000
"""changes that can be told apart; who is further behind gets everything"""


class IncidentWatch(StepWatch):
    """The newest open incidents."""

    name = "incident"

    def __init__(self, store: IncidentStore) -> None:
        super().__init__()
        self._store = store
        self._seq = -1
        self._open: dict[int, Standing] = {}
        self._recent: Recent[Standing] = Recent(_REMEMBERED)
        self.closings = 0
        """how often something closed changed or an incident closed, since this process began: cases are others then"""

    @property
    def seq(self) -> int:
        """Return the last line of the log that is known; -1 before the first look."""
        return self._seq

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
            behind = self._recent.behind(after_seq)
            if behind is None or after_seq > self._seq:
                return None
            newest = {standing.incident.id: standing for standing in behind}
            return IncidentPicture(self._seq, tuple(newest.values()))

    def _load(self) -> bool:
        found = self._store.open()
        with self._changed:
            self._open = {standing.incident.id: standing for standing in found.standing}
            self._seq = found.seq
            self._recent.begin(found.seq)
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
                self._recent.add(found.seq, found.standing)
                self._seq = found.seq
