"""What hangs on a wall, on ``/live``: to its displays what is theirs, to who steers it all of it, as text frames.

A frame is made when the connection takes it, from what is newest then: while a map is dragged a slow display skips
places and never queues.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ops_center.domain.rights import Asker
from ops_center.services.walls import WALLS, WallDesk
from ops_center.store.wall_port import DisplayRow
from ops_center.walls.state import hanging

APART_S = 0.04
"""least time between two frames for one browser: a map that follows a hand moves 25 times a second at most"""


class WallPlane:
    """The walls of a web process, as the stream sends them."""

    def __init__(self, desk: WallDesk) -> None:
        self._desk = desk

    def hear(self, hearer: Callable[[], None]) -> None:
        """Have ``hearer`` called after every change, in another thread."""
        self._desk.watch.hear(hearer)

    def knows(self, wall: str, display: int | None) -> bool:
        """Return whether there is such a display; None: who steers, or shows the whole wall."""
        found = self._desk.walls.get(wall)
        return found is not None and (display is None or found.part(display) is not None)

    def mark(self, wall: str, display: int | None) -> tuple[int, int, int]:
        """Return what tells one frame from the next; ``display`` None: as who steers sees it."""
        row, watch = self._desk.state(wall), self._desk.watch
        if not watch.looked:
            return (-1, 0, 0)
        return (row.state.seq, row.moved.seq if row.moved else 0, 0 if display is not None else watch.displays_version)

    def frame(self, wall: str, display: int | None, asker: Asker) -> str:
        """Return all that hangs on a display, or on the whole wall."""
        row = self._desk.state(wall)
        state, hangs = row.state, hanging(row.state, row.moved, display or 0)
        said: dict[str, Any] = {
            "name": wall, "display": display, "seq": state.seq, "scene": state.scene, "version": state.version,
            "switch_at_us": state.switch_at_us, "sent_at_us": state.sent_at_us, "show": hangs.show,
            "view": hangs.view, "view_seq": hangs.view_seq, "moving": hangs.is_moving,
            "follow": state.follow, "mine": state.follow is not None and state.follow.by == asker.account,
        }  # fmt: skip
        if display is None:
            on = [_display(one) for one in self._desk.watch.displays(wall)]
            done = {"act": state.act, "by": state.by, "by_name": state.by_name, "at_us": state.at_us}
            said |= {"auto": state.auto, "sent": state.sent, "displays": on, **done}
        return msgspec.json.encode({"wall": said}).decode()


def _display(row: DisplayRow) -> dict[str, Any]:
    shows: dict[str, Any] = msgspec.to_builtins(row.shows)
    return {"display": row.display, "page": row.page, "account": row.account, "seen_us": row.seen_us, **shows}


class WallLine:
    """What one browser is told; everything happens on the event loop."""

    def __init__(self, plane: WallPlane | None, asker: Asker) -> None:
        self._plane = plane if plane is not None and asker.may_see(WALLS) else None
        self._asker = asker
        self._of: tuple[str, int | None] | None = None
        self._sent: tuple[int, int, int] | None = None
        self._next_s = float("-inf")

    @property
    def is_open(self) -> bool:
        """Return whether a wall is told."""
        return self._of is not None

    def subscribe(self, wall: str | None, display: int | None) -> None:
        """Tell this wall from now on, beginning with all of it; None: none."""
        self._of = (wall, display) if wall and self._plane and self._plane.knows(wall, display) else None
        self._sent, self._next_s = None, float("-inf")

    def due_s(self, now_s: float) -> float | None:
        """Return in how many seconds there is something to send; None: nothing new."""
        if self._plane is None or self._of is None:
            return None
        mark = self._plane.mark(*self._of)
        return None if mark == self._sent or mark[0] < 0 else max(0.0, self._next_s - now_s)

    def next_frame(self, now_s: float) -> str:
        """Return the frame to be sent now; "" for none."""
        if self._plane is None or self._of is None or self.due_s(now_s) != 0.0:
            return ""
        self._sent, self._next_s = self._plane.mark(*self._of), now_s + APART_S
        return self._plane.frame(*self._of, self._asker)
