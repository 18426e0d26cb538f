"""What conditions and time do to an alarm: raised, worse, returned, withdrawn; explained, freed; escalated.

Pure functions from an alarm to a :class:`Turn`. Called by ``alerts.book``; what people do is ``alerts.transitions``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from alerts.alarm import Act, Alarm, Aside, Entry, Finding, State, Turn
from alerts.priority import less_urgent, priority_of
from alerts.rule import Rule
from ops_center.domain.time import MINUTE_US

ESCALATE_AFTER = (0.5, 1.0, 2.0)
"""shares of the rule's time to respond after which an alarm that nobody acknowledged escalates (assumed)"""
_NOTHING: Mapping[str, object] = {}
_WAITING = {State.UNACKNOWLEDGED, State.RETURNED, State.LATCHED_UNACKNOWLEDGED}
_BY_PEOPLE = {Aside.SHELVED, Aside.OUT_OF_SERVICE}


def turned(
    alarm: Alarm,
    act: Act,
    at_us: int,
    changes: Mapping[str, Any],
    actor: str = "",
    reason: str = "",
    detail: Mapping[str, object] = _NOTHING,
) -> Turn:
    """Return the alarm with its changes and the line that says so; it waits as long as nobody acknowledged it."""
    after = replace(alarm, **changes)
    waits = after.state in _WAITING and after.aside is Aside.NONE and not after.parent
    if waits != bool(after.waiting_us):
        after = replace(after, waiting_us=at_us if waits else 0)
    entry = Entry(
        alarm=alarm.id, at_us=at_us, act=act, actor=actor, reason=reason, before=alarm.state, after=after.state,
        rule_version=after.rule_version, detail=detail,
    )  # fmt: skip
    return Turn(after, (entry,))


def closed(turn: Turn, at_us: int, actor: str = "") -> Turn:
    """Return the turn, and the alarm closed after it. Who explained it stays known."""
    changes = {"state": State.NORMAL, "closed_us": at_us, "aside": Aside.NONE, "aside_until_us": 0}
    end = turned(turn.alarm, Act.CLOSED, at_us, changes, actor)
    return Turn(end.alarm, turn.entries + end.entries)


def raised(alarm: Alarm) -> Turn:
    """Return the first turn of a new alarm, made by the book."""
    before = replace(alarm, state=State.NORMAL)
    changes = {"state": State.UNACKNOWLEDGED}
    return turned(before, Act.RAISED, alarm.raised_us, changes, detail=_figures(alarm))


def entered(alarm: Alarm, finding: Finding, rule: Rule, at_us: int) -> Turn:
    """Return the alarm with one more finding: raised again, worse, or just joined. Closed, it opens again."""
    others = tuple(one for one in alarm.findings if one.channel != finding.channel)
    findings = tuple(sorted((*others, finding), key=lambda one: (-one.level, one.onset_us, one.channel)))
    worst = findings[0]
    changes: dict[str, Any] = {
        "findings": findings, "level": worst.level, "value": worst.value, "limit": worst.limit,
        "priority": priority_of(rule, worst.level), "rule_version": rule.version, "changed_us": at_us,
    }  # fmt: skip
    if alarm.stands:
        worse = worst.level > alarm.level
        if worse and alarm.state is State.ACKNOWLEDGED:
            changes |= {"state": State.UNACKNOWLEDGED, "escalated": 0}
        return turned(alarm, Act.CHANGED if worse else Act.JOINED, at_us, changes, detail=_said(finding))
    calm = alarm.chattering and alarm.acknowledged_us and worst.level <= alarm.level
    changes |= {
        "state": State.ACKNOWLEDGED if calm else State.UNACKNOWLEDGED, "times": alarm.times + 1, "returned_us": 0,
        "escalated": 0,
    }  # fmt: skip
    if not alarm.is_open:
        changes |= {"closed_us": 0, "parent": 0, "explained_by": "", "aside_reason": "", "aside_by": ""}
    act = Act.JOINED if alarm.is_open else Act.RAISED
    return turned(alarm, act, at_us, changes, detail={"times": alarm.times + 1, **_said(finding)})


def left(alarm: Alarm, channel: str, at_us: int, rule: Rule | None, *, withdrawn: bool = False) -> Turn:
    """Return the alarm without one finding; after the last it has returned, by what its rule says of recovery.

    ``rule``: None where it was removed. What is withdrawn never latches: nobody could say when it may be reset.
    """
    gone = next(one for one in alarm.findings if one.channel == channel)
    findings = tuple(one for one in alarm.findings if one.channel != channel)
    reason = "withdrawn" if withdrawn else ""
    if findings:
        worst = findings[0]
        changes: dict[str, Any] = {
            "findings": findings, "level": worst.level, "value": worst.value, "limit": worst.limit, "changed_us": at_us,
            "priority": priority_of(rule, worst.level) if rule else alarm.priority,
        }  # fmt: skip
        return turned(alarm, Act.CHANGED, at_us, changes, reason=reason, detail=_said(gone))
    changes = {"findings": (), "changed_us": at_us, "returned_us": at_us}
    recovery = rule.form.recovery if rule and not withdrawn else "clear"
    if recovery == "lower":
        changes["priority"] = less_urgent(alarm.priority)
    act = Act.WITHDRAWN if withdrawn else Act.RETURNED
    acknowledged = alarm.state is State.ACKNOWLEDGED
    if recovery == "latch":
        changes["state"] = State.LATCHED_ACKNOWLEDGED if acknowledged else State.LATCHED_UNACKNOWLEDGED
    elif alarm.aside is Aside.SUPPRESSED or (acknowledged and alarm.aside not in _BY_PEOPLE):
        return closed(turned(alarm, act, at_us, changes, detail=_said(gone)), at_us)
    else:
        changes["state"] = State.RETURNED
    return turned(alarm, act, at_us, changes, detail=_said(gone))


def explained(alarm: Alarm, parent: int, why: str, at_us: int) -> Turn:
    """Return the alarm under the one that explains it. What people set aside stays so, and lies under it as well."""
    aside = alarm.aside if alarm.aside in _BY_PEOPLE else Aside.SUPPRESSED
    changes = {"aside": aside, "parent": parent, "explained_by": why}
    return turned(alarm, Act.SUPPRESSED, at_us, changes, reason=why, detail={"parent": parent, "before": alarm.parent})


def freed(alarm: Alarm, at_us: int) -> Turn:
    """Return the alarm without the one that explained it; what had returned meanwhile closes."""
    aside = alarm.aside if alarm.aside in _BY_PEOPLE else Aside.NONE
    changes = {"aside": aside, "parent": 0, "explained_by": ""}
    turn = turned(alarm, Act.UNSUPPRESSED, at_us, changes, detail={"parent": alarm.parent})
    return closed(turn, at_us) if aside is Aside.NONE and alarm.state is State.RETURNED else turn


def chattering(alarm: Alarm, at_us: int, *, begins: bool) -> Turn:
    """Return the alarm as one that chatters, or no more."""
    return turned(alarm, Act.CHANGED, at_us, {"chattering": begins}, detail={"chattering": begins})


def escalated(alarm: Alarm, rule: Rule, now_us: int, after: tuple[float, ...] = ESCALATE_AFTER) -> Turn | None:
    """Return the alarm one step of escalation further where it has waited long enough; None otherwise."""
    if not alarm.waiting_us or alarm.state is not State.UNACKNOWLEDGED or alarm.escalated >= len(after):
        return None
    waited_min = (now_us - alarm.waiting_us) / MINUTE_US
    if waited_min < after[alarm.escalated] * rule.form.priority.respond_min:
        return None
    step = alarm.escalated + 1
    return turned(
        alarm, Act.ESCALATED, now_us, {"escalated": step}, detail={"step": step, "waited_min": round(waited_min, 1)}
    )


def _figures(alarm: Alarm) -> dict[str, object]:
    return {"channel": alarm.findings[0].channel, "level": alarm.level, "value": alarm.value, "limit": alarm.limit}


def _said(finding: Finding) -> dict[str, object]:
    return {"channel": finding.channel, "level": finding.level, "value": finding.value, "limit": finding.limit}
