"""Incidents on ``/live``: the text frame with what a board or a room lacks of them (``seq_line``).

A row says that an incident has become another (its ``version``); who has it open asks for the rest of it and for the
lines behind the last one that it holds.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ops_center.domain.rights import Asker
from ops_center.services.incidents.rights import INVOLVED
from ops_center.services.incidents.room import IncidentRoom


class IncidentPlane:
    """The open incidents of a web process, as the stream sends them."""

    rights = INVOLVED

    def __init__(self, room: IncidentRoom) -> None:
        self._room = room

    @property
    def seq(self) -> int:
        """Return the last line of the log that is known; -1 before the first look."""
        return self._room.watch.seq

    def hear(self, hearer: Callable[[], None]) -> None:
        """Have ``hearer`` called after every change, in another thread."""
        self._room.watch.hear(hearer)

    def frame(self, asker: Asker, after_seq: int) -> tuple[int, str]:
        """Return the seq of the frame and the frame; "" where ``asker`` sees nothing of what changed."""
        delta = self._room.desk.changes(asker, after_seq)
        if not (delta.complete or delta.open or delta.gone):
            return delta.seq, ""
        rows = [self._room.row(standing) for standing in delta.open]
        said = {"seq": delta.seq, "complete": delta.complete, "set": rows, "gone": list(delta.gone)}
        return delta.seq, msgspec.json.encode({"incidents": said}).decode()
