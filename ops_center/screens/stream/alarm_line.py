"""Alarms on ``/live``: the text frame with what a browser lacks of them (``seq_line``).

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
from ops_center.services.judging_watch import JudgingWatch


class AlarmPlane:
    """The alarms of a web process, as the stream sends them."""

    rights = ALARMS

    def __init__(self, desk: AlarmDesk, watch: AlarmWatch, judging: JudgingWatch, words: AlarmWords) -> None:
        self._desk = desk
        self._watch = watch
        self._judging = judging
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

    @property
    def unjudged_s(self) -> float:
        """Return for how long what happens has not become alarms; 0: it does."""
        return round(self._judging.unjudged_s, 1)

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
