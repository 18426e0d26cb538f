"""Alarms on ``/live``: what one browser holds of them, and the text frame with what it lacks.

A frame is made when the connection takes it, from what is newest then: a slow browser skips states and never queues.
Who may see an alarm is asked for each, at each frame.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ops_center.domain.rights import Asker
from ops_center.services.alarm_rights import ALARMS
from ops_center.services.alarm_watch import AlarmWatch
from ops_center.services.alarm_words import AlarmWords
from ops_center.services.alarms import AlarmDesk

APART_S = 0.2
"""least time between two frames for one browser; the first after a pause goes at once"""


class AlarmPlane:
    """The alarms of a web process, as the stream sends them."""

    def __init__(self, desk: AlarmDesk, watch: AlarmWatch, words: AlarmWords) -> None:
        self._desk = desk
        self._watch = watch
        self._words = words

    @property
    def seq(self) -> int:
        """Return the seq of the last change; -1 before the first look."""
        return self._watch.seq

    @property
    def age_s(self) -> float | None:
        """Return how long ago the database was last asked; None: never."""
        age_s = self._watch.age_s
        return None if age_s is None else round(age_s, 1)

    def hear(self, hearer: Callable[[], None]) -> None:
        """Have ``hearer`` called after every change, in another thread."""
        self._watch.hear(hearer)

    def frame(self, asker: Asker, after_seq: int) -> tuple[int, str]:
        """Return the seq of the frame and the frame; "" where ``asker`` sees nothing of what changed."""
        delta = self._desk.changes(asker, after_seq)
        if not (delta.complete or delta.open or delta.gone):
            return delta.seq, ""
        rows = [self._words.encoded(alarm) for alarm in delta.open]
        said = {"seq": delta.seq, "all": delta.complete, "set": rows, "gone": list(delta.gone)}
        return delta.seq, msgspec.json.encode({"alarms": said}).decode()

    def standing_at(self, asker: Asker, at_us: int) -> bytes:
        """Return what was open at a moment as a frame that holds everything; seq 0. Raises StoreError."""
        rows = [self._words.row(alarm) for alarm in self._desk.standing_at(asker, at_us)]
        return msgspec.json.encode({"alarms": {"seq": 0, "all": True, "set": rows, "gone": []}})


class AlarmLine:
    """What one browser holds; everything happens on the event loop."""

    def __init__(self, plane: AlarmPlane | None, asker: Asker) -> None:
        self._plane = plane if plane is not None and asker.may_see(ALARMS) else None
        self._asker = asker
        self._sent: int | None = None
        """None: it doesn't want any"""
        self._next_s = float("-inf")

    @property
    def is_open(self) -> bool:
        """Return whether alarms are sent."""
        return self._sent is not None

    def subscribe(self, wanted: bool, seq: int | None) -> None:
        """Send alarms from now on, or no more; ``seq``: what the browser holds already."""
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
