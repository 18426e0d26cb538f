"""What a case teaches is written again: when more is known, or better words are found. Pure.

Nothing is lost by it: the line of the log holds what stood there before. Called by ``ops_center.services``.
"""

from __future__ import annotations

from ops_center.domain.text import Label
from ops_center.incidents.acts import NOTHING, Answer
from ops_center.incidents.changing import Said, changed
from ops_center.incidents.facts import LONGEST_TEXT
from ops_center.incidents.incident import Act, Incident, Outcome, Refusal

_NO_CASE = Refusal("state", Label("事件尚未作为案例结案", "the incident is no case: it isn't closed as handled"))
_TEXT = Refusal(
    "text", Label(f"须写经验教训，不超过{LONGEST_TEXT}字", f"lessons of at most {LONGEST_TEXT} characters are wanted")
)
_PASSED = Refusal("passed", Label("他人已先行修改经验教训", "somebody rewrote the lessons first"))


def rewrite_lessons(incident: Incident, who: str, now_us: int, seen: int, lessons: str) -> Answer:
    """Write the lessons of a case anew, as of the version ``seen``: refused where they were rewritten since."""
    text = lessons.strip()
    if incident.outcome is not Outcome.HANDLED:
        return _NO_CASE
    if not text or len(text) > LONGEST_TEXT:
        return _TEXT
    if text == incident.lessons:
        return NOTHING
    if incident.touched.get("lessons", 0) > seen:
        return _PASSED
    detail = {"lessons": {"from": incident.lessons, "to": text}}
    return changed(incident, {"lessons": text}, Said(Act.CHANGED, who, now_us, "", detail))
