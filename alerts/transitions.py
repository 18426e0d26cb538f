"""What people do to an alarm: each command returns the alarm as it becomes with the journal's line, or says why not.

Pure. Called by ``ops_center.services`` with rows that are locked; by the book when the time of a shelf is up.
"""

from __future__ import annotations

from alerts.alarm import Act, Alarm, Aside, Refusal, State, Turn
from alerts.turns import closed, turned
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US

LONGEST_SHELF_US = 7 * 24 * HOUR_US
"""what is wanted away for longer wants another rule, or is out of service (a limit: EEMUA 191; a week: assumed)"""
LONGEST_TEXT = 4000
Outcome = Turn | Refusal
_CLOSED = Refusal("closed", Label("报警已关闭", "the alarm is closed"))
_ACKNOWLEDGED = Refusal("acknowledged", Label("已经确认过", "it is acknowledged already"))
_REASON = Refusal("reason", Label("须填写理由", "a reason is wanted"))
_LONG = Refusal("too_long", Label(f"文字超过{LONGEST_TEXT}字", f"the text is longer than {LONGEST_TEXT} characters"))
_PEOPLE = {Aside.SHELVED, Aside.OUT_OF_SERVICE}
_ACKNOWLEDGES = {
    State.UNACKNOWLEDGED: State.ACKNOWLEDGED,
    State.RETURNED: State.RETURNED,
    State.LATCHED_UNACKNOWLEDGED: State.LATCHED_ACKNOWLEDGED,
}


def acknowledge(alarm: Alarm, who: str, now_us: int, comment: str = "") -> Outcome:
    """Say that somebody knows of it. What has returned closes by it."""
    if not alarm.is_open:
        return _CLOSED
    if alarm.state not in _ACKNOWLEDGES:
        return _ACKNOWLEDGED
    if alarm.state is State.RETURNED and alarm.aside in _PEOPLE:
        return Refusal(
            "set_aside",
            Label(
                "已搁置或停用，条件已恢复，无需确认", "it is set aside and has returned: nothing is left to acknowledge"
            ),
        )
    if len(comment) > LONGEST_TEXT:
        return _LONG
    changes = {"state": _ACKNOWLEDGES[alarm.state], "acknowledged_us": now_us, "acknowledged_by": who}
    turn = turned(alarm, Act.ACKNOWLEDGED, now_us, changes, who, comment)
    return closed(turn, now_us, who) if alarm.state is State.RETURNED else turn


def reset(alarm: Alarm, who: str, now_us: int, comment: str = "") -> Outcome:
    """Close a latched alarm whose condition is over."""
    refusal = _not_to_reset(alarm) or (_LONG if len(comment) > LONGEST_TEXT else None)
    return refusal or closed(turned(alarm, Act.RESET, now_us, {}, who, comment), now_us, who)


def shelve(alarm: Alarm, who: str, now_us: int, until_us: int, reason: str) -> Outcome:
    """Set it aside until a time; again, to set another end. Its raises join it there and ask nobody."""
    if not alarm.is_open:
        return _CLOSED
    if alarm.aside is Aside.OUT_OF_SERVICE:
        return Refusal("out_of_service", Label("已停用", "it is out of service"))
    if refusal := _without_reason(reason):
        return refusal
    if not now_us < until_us <= now_us + LONGEST_SHELF_US:
        return Refusal("until", Label("搁置须在7天之内结束", "a shelf ends later than now and within 7 days"))
    changes = {"aside": Aside.SHELVED, "aside_until_us": until_us, "aside_reason": reason, "aside_by": who}
    return turned(alarm, Act.SHELVED, now_us, changes, who, reason, {"until_us": until_us})


def unshelve(alarm: Alarm, who: str, now_us: int, reason: str = "") -> Outcome:
    """Take it back: it waits for somebody anew, or closes if it has returned. ``who`` is "" when its time is up."""
    if alarm.aside is not Aside.SHELVED:
        return Refusal("not_shelved", Label("未被搁置", "it isn't shelved"))
    return _taken_back(alarm, Act.UNSHELVED, who, now_us, reason)


def out_of_service(alarm: Alarm, who: str, now_us: int, reason: str) -> Outcome:
    """Set it aside until somebody takes it back, because what it watches is being worked on."""
    if not alarm.is_open:
        return _CLOSED
    if alarm.aside is Aside.OUT_OF_SERVICE:
        return Refusal("out_of_service", Label("已停用", "it is out of service already"))
    if refusal := _without_reason(reason):
        return refusal
    changes = {"aside": Aside.OUT_OF_SERVICE, "aside_until_us": 0, "aside_reason": reason, "aside_by": who}
    return turned(alarm, Act.OUT_OF_SERVICE, now_us, changes, who, reason)


def in_service(alarm: Alarm, who: str, now_us: int, reason: str = "") -> Outcome:
    """Take back what was out of service."""
    if alarm.aside is not Aside.OUT_OF_SERVICE:
        return Refusal("in_service", Label("未被停用", "it isn't out of service"))
    return _taken_back(alarm, Act.IN_SERVICE, who, now_us, reason)


def assign(alarm: Alarm, who: str, now_us: int, department: str, person: str = "") -> Outcome:
    """Give it to a department and perhaps a person of it; to nobody with both empty."""
    if not alarm.is_open:
        return _CLOSED
    if (alarm.assigned_department, alarm.assigned_person) == (department, person):
        return Refusal("assigned", Label("已经指派给该方", "it is assigned so already"))
    changes = {"assigned_department": department, "assigned_person": person}
    return turned(alarm, Act.ASSIGNED, now_us, changes, who, detail={"department": department, "person": person})


def comment(alarm: Alarm, who: str, now_us: int, text: str) -> Outcome:
    """Write a remark; of what is closed too."""
    if not text.strip():
        return Refusal("empty", Label("没有内容", "there is nothing in it"))
    if len(text) > LONGEST_TEXT:
        return _LONG
    return turned(alarm, Act.COMMENTED, now_us, {}, who, text)


def attach(alarm: Alarm, who: str, now_us: int, content: str, name: str, kind: str) -> Outcome:
    """Note a file of the content store: ``content`` is its hash, ``kind`` its media type; of what is closed too."""
    if not content or not name.strip():
        return Refusal("empty", Label("没有内容", "there is nothing in it"))
    return turned(
        alarm, Act.ATTACHED, now_us, {}, who, detail={"hash": content, "name": name[:200], "kind": kind[:100]}
    )


def hand_over(alarm: Alarm, who: str, now_us: int, to: str, summary: str = "") -> Outcome:
    """Note that a shift gave it to the next one; whoever had it in person has it no more."""
    if not alarm.is_open:
        return _CLOSED
    if len(summary) > LONGEST_TEXT:
        return _LONG
    mine = alarm.assigned_person == who
    changes = {"assigned_person": to} if mine else {}
    return turned(alarm, Act.HANDED_OVER, now_us, changes, who, summary, {"to": to})


def _not_to_reset(alarm: Alarm) -> Refusal | None:
    if not alarm.is_open:
        return _CLOSED
    if alarm.stands:
        return Refusal("stands", Label("条件仍成立，不能复位", "its condition still stands"))
    if alarm.state is State.LATCHED_UNACKNOWLEDGED:
        return Refusal("unacknowledged", Label("须先确认再复位", "acknowledge it first"))
    if alarm.state is not State.LATCHED_ACKNOWLEDGED:
        return Refusal("not_latched", Label("该报警不需复位", "it isn't latched"))
    if alarm.aside in _PEOPLE:
        return Refusal("set_aside", Label("须先取消搁置或停用", "take it back from where it was set aside first"))
    return None


def _taken_back(alarm: Alarm, act: Act, who: str, now_us: int, reason: str) -> Turn:
    aside = Aside.SUPPRESSED if alarm.parent else Aside.NONE
    changes = {"aside": aside, "aside_until_us": 0, "aside_reason": "", "aside_by": ""}
    turn = turned(alarm, act, now_us, changes, who, reason)
    return closed(turn, now_us, who) if alarm.state is State.RETURNED else turn


def _without_reason(reason: str) -> Refusal | None:
    if not reason.strip():
        return _REASON
    return _LONG if len(reason) > LONGEST_TEXT else None
