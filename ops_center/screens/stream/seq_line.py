"""What changes by numbered steps (alarms, incidents) on ``/live``: what a browser holds and is sent next.

A frame is made when the connection takes it, from what is newest then: a slow browser skips states and never queues.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ops_center.domain.rights import Asker, Rights

APART_S = 0.2
"""least time between two frames for one browser; the first after a pause goes at once"""


class Plane(Protocol):
    """Something of a web process, as the stream sends it."""

    @property
    def rights(self) -> Rights:
        """Return who may ask for it."""
        ...

    @property
    def seq(self) -> int:
        """Return the seq of the last change; -1 before the first look."""
        ...

    def hear(self, hearer: Callable[[], None]) -> None:
        """Have ``hearer`` called after every change, in another thread."""
        ...

    def frame(self, asker: Asker, after_seq: int) -> tuple[int, str]:
        """Return the seq of the frame and the frame; "" where ``asker`` sees nothing of what changed."""
        ...


class SeqLine:
    """What one browser holds of one plane; everything happens on the event loop."""

    def __init__(self, plane: Plane | None, asker: Asker) -> None:
        self._plane = plane if plane is not None and asker.may_see(plane.rights) else None
        self._asker = asker
        self._sent: int | None = None
        """None: it doesn't want any"""
        self._next_s = float("-inf")

    @property
    def is_open(self) -> bool:
        """Return whether it is sent."""
        return self._sent is not None

    def subscribe(self, wanted: bool, seq: int | None) -> None:
        """Send it from now on, or no more; ``seq``: what the browser holds already."""
        self._next_s = float("-inf")
        self._sent = (-1 if seq is None else seq) if wanted and self._plane is not None else None

    def due_s(self, now_s: float) -> float | None:
        """Return in how many seconds there is something to send; None: nothing is known yet."""
        if self._plane is None or self._sent is None or self._plane.seq in {-1, self._sent}:
            return None
        return max(0.0, self._next_s - now_s)

    def next_frame(self, now_s: float) -> str:
        """Return the frame to be sent now; "" for none."""
        if self._plane is None or self._sent is None or self.due_s(now_s) != 0.0:
            return ""
        self._sent, text = self._plane.frame(self._asker, self._sent)
        if text:
            self._next_s = now_s + APART_S
        return text
