"""Notifications on ``/live``: what one browser was told on this connection, and the text frame with what it lacks.

As alarms (``alarm_line``): a frame is made when the connection takes it, from what is newest then, and who may see what
is asked for each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ops_center.domain.rights import Asker
from ops_center.services.notices import TOLD, NoticeWatch
from ops_center.store.notification_port import Notification

APART_S = 0.2
"""least time between two frames for one browser; the first after a pause goes at once"""
MOST = 20
"""new ones in a frame, the newest; all are counted"""


class NoticePlane:
    """What people are told, as the stream sends it."""

    def __init__(self, watch: NoticeWatch) -> None:
        self._watch = watch

    @property
    def version(self) -> int:
        """Return what grows with every change; 0: nothing is known yet."""
        return self._watch.version

    def hear(self, hearer: Callable[[], None]) -> None:
        """Have ``hearer`` called after every change, in another thread."""
        self._watch.hear(hearer)

    def unread(self, asker: Asker) -> list[Notification]:
        """Return what ``asker`` is told and has not read, newest first."""
        return self._watch.unread(asker)


class NoticeLine:
    """What one browser was told; everything happens on the event loop."""

    def __init__(self, plane: NoticePlane | None, asker: Asker) -> None:
        self._plane = plane if plane is not None and asker.may_see(TOLD) else None
        self._asker = asker
        self._told: set[int] | None = None
        """None: it doesn't want any"""
        self._version = 0
        self._next_s = float("-inf")

    def subscribe(self, wanted: bool) -> None:
        """Send notifications from now on, or no more; who asks again for what it gets already is not told again."""
        if not wanted or self._plane is None:
            self._told = None
        elif self._told is None:
            self._told, self._version = set(), 0
            self._next_s = float("-inf")

    def due_s(self, now_s: float) -> float | None:
        """Return in how many seconds there is something to send; None: nothing is known yet."""
        if self._plane is None or self._told is None or self._plane.version in {0, self._version}:
            return None
        return max(0.0, self._next_s - now_s)

    def next_frame(self, now_s: float) -> str:
        """Return the frame to be sent now; "" for none."""
        if self._plane is None or self._told is None or self.due_s(now_s) != 0.0:
            return ""
        first, self._version = self._version == 0, self._plane.version
        unread = self._plane.unread(self._asker)
        new = [one for one in unread if one.id not in self._told]
        read = sorted(self._told - {one.id for one in unread})
        self._told = {one.id for one in unread}
        if not (first or new or read):
            return ""
        self._next_s = now_s + APART_S
        said = {"unread": len(unread), "new": [_row(one) for one in new[:MOST]], "read": read}
        return msgspec.json.encode({"notices": said}).decode()


def _row(one: Notification) -> dict[str, Any]:
    content = one.wanted.content
    priority = content.facts.get("priority")
    return {
        "id": one.id,
        "act": one.wanted.act,
        "alarm": one.wanted.alarm or None,
        "subject": content.subject,
        "priority": priority if isinstance(priority, int) else None,
        "link": content.facts.get("link"),
        "at_us": one.finished_us,
    }
