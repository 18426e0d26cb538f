"""What a notification says: one subject, a few lines, and the facts for programs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import msgspec

from alerts.alarm import Act, Alarm
from alerts.cap import readable
from alerts.rule import Rule
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label, Language
from ops_center.domain.time import in_zone, to_datetime

MAX_SUBJECT = 150
MAX_LINES = 50
"""of a digest; what is more is counted"""
_ACTS: Mapping[Act, Label] = {
    Act.RAISED: Label("报警", "raised"),
    Act.CHANGED: Label("变化", "changed"),
    Act.RETURNED: Label("恢复", "returned"),
    Act.ACKNOWLEDGED: Label("已确认", "acknowledged"),
    Act.ESCALATED: Label("升级", "escalated"),
    Act.ASSIGNED: Label("指派", "assigned"),
    Act.CLOSED: Label("关闭", "closed"),
    Act.HANDED_OVER: Label("交接", "handed over"),
}
_WORDS = {
    "time": Label("时间", "Since"),
    "place": Label("地点", "Where"),
    "value": Label("数值", "Value"),
    "cause": Label("原因", "Cause"),
    "consequence": Label("后果", "Consequence"),
    "action": Label("处置", "What to do"),
    "again": Label("再次通知：仍未确认", "Again: nobody has acknowledged"),
    "digest": Label("汇总", "digest"),
    "more": Label("另有", "and more:"),
    "test": Label("测试通知", "Test notification"),
}


class Content(msgspec.Struct, frozen=True):
    """What is said, kept in the journal as it was sent."""

    subject: str
    """one line, no control characters"""
    text: str
    facts: dict[str, Any] = {}
    """JSON, for programs"""


def content_of(
    alarm: Alarm, act: Act, rule: Rule | None, place: Label | None, realm: Realm, zone: str, language: Language
) -> Content:
    """Return what is said of an alarm in one language; what is not the live realm says so first."""
    name = rule.form.label.label().in_language(language) if rule else alarm.rule
    where = place.in_language(language) if place else alarm.district
    head = f"[{alarm.priority.label.in_language(language)}] {_act(act).in_language(language)}: {name}"
    lines = [
        _line("time", f"{in_zone(alarm.raised_us, zone):%Y-%m-%d %H:%M:%S %z}", language),
        _line("place", where, language),
        _line("value", _value(alarm, rule), language),
    ]
    if rule:
        texts = rule.form.texts
        told = {"cause": texts.cause, "consequence": texts.consequence, "action": texts.operator_action}
        lines += [_line(word, said.label().in_language(language), language) for word, said in told.items()]
    subject = one_line(f"{mark(realm, language)}{head}{f', {where}' if where else ''}")
    text = "\n".join(filter(None, [subject, "", *lines, f"#{alarm.id}"]))
    return Content(subject, readable(text), facts_of(alarm, act, realm))


def digest_of(contents: Sequence[Content], realm: Realm, language: Language) -> Content:
    """Return one notification in place of many: a line each, the first ones in order."""
    head = f"{mark(realm, language)}{_WORDS['digest'].in_language(language)}: {len(contents)}"
    lines = [f"- {content.subject}" for content in contents[:MAX_LINES]]
    if len(contents) > MAX_LINES:
        lines.append(f"{_WORDS['more'].in_language(language)} {len(contents) - MAX_LINES}")
    facts = {"digest": [content.facts for content in contents[:MAX_LINES]], "count": len(contents)}
    return Content(one_line(head), "\n".join([head, "", *lines]), facts)


def trial_content(realm: Realm, language: Language) -> Content:
    """Return what a route is tried with."""
    said = mark(realm, language) + _WORDS["test"].in_language(language)
    return Content(said, said, {"test": True, "realm": realm.value})


def again(content: Content, number: int, language: Language) -> Content:
    """Return what is said when nobody has acknowledged yet."""
    said = f"{_WORDS['again'].in_language(language)} ({number})"
    subject = one_line(f"{content.subject} ({number})")
    return msgspec.structs.replace(content, subject=subject, text=f"{said}\n{content.text}")


def facts_of(alarm: Alarm, act: Act, realm: Realm) -> dict[str, Any]:
    """Return what programs are told."""
    placed = isfinite(alarm.longitude) and isfinite(alarm.latitude)
    return {
        "realm": realm.value,
        "alarm": alarm.id,
        "act": act.value,
        "rule": alarm.rule,
        "rule_version": alarm.rule_version,
        "state": alarm.state.value,
        "priority": int(alarm.priority),
        "level": alarm.level,
        "value": _number(alarm.value),
        "limit": _number(alarm.limit),
        "raised": to_datetime(alarm.raised_us).isoformat(),
        "department": alarm.department,
        "district": alarm.district,
        "place": [alarm.longitude, alarm.latitude] if placed else None,
    }


def mark(realm: Realm, language: Language) -> str:
    """Return what everything that is not live begins with."""
    return f"[{realm.banner.in_language(language)}] " if realm.banner else ""


def one_line(text: str) -> str:
    """Return a text that is one line whatever it was."""
    return " ".join(readable(text, MAX_SUBJECT).split())


def _act(act: Act) -> Label:
    return _ACTS.get(act) or Label(act.value, act.value)


def _line(word: str, said: str, language: Language) -> str:
    return f"{_WORDS[word].in_language(language)}: {said}" if said else ""


def _value(alarm: Alarm, rule: Rule | None) -> str:
    if not isfinite(alarm.value):
        return ""
    unit = str(rule.form.parameters.get("unit", "")) if rule else ""
    limit = f" ({alarm.limit:.6g})" if isfinite(alarm.limit) else ""
    return f"{alarm.value:.6g}{limit} {unit}".strip()


def _number(value: float) -> float | None:
    return value if isfinite(value) else None
