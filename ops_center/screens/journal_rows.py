"""Lines of the journal as the page lists them, and how far back somebody has turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.screens.alarm_journal import DONE
from ops_center.screens.alarm_words import EXPLANATIONS, STATES
from ops_center.screens.desk_parts import when
from ops_center.screens.links import thing_path
from ops_center.screens.pages import LIMIT
from ops_center.screens.screen import Center
from ops_center.services.journal_search import Wanted
from ops_center.store.alarm_port import JournalLine

_BRIEF = 200
_UNSAID = frozenset({"hash", "kind"})
_DETAILS: Mapping[str, Label] = {
    "level": Label("级别", "level"),
    "value": Label("数值", "value"),
    "limit": Label("限值", "limit"),
    "until": Label("至", "until"),
    "parent": Label("上级报警", "parent"),
    "department": Label("部门", "department"),
    "person": Label("处置人", "person"),
    "name": Label("文件", "file"),
    "priority": Label("优先级", "priority"),
    "channel": Label("通道", "channel"),
    "before": Label("原上级报警", "parent before"),
    "step": Label("升级步", "step"),
    "waited_min": Label("已等待（分钟）", "waited (min)"),
    "times": Label("次数", "times"),
    "chattering": Label("抖动", "chattering"),
}
_REASONS: Mapping[str, Label] = {**EXPLANATIONS, "withdrawn": Label("条件已撤回", "the condition was withdrawn")}
"""what the center gives as its own reasons; those of people are shown as they were written"""
_PARENTS = frozenset({"parent", "before"})
_BY_ITSELF = Label("系统", "the center")
_YES, _NO = Label("是", "yes"), Label("否", "no")


def look(center: Center, who: Asker, wanted: Wanted, page: Sequence[int], *, by_itself: bool) -> Sequence[JournalLine]:
    """Return the lines of a page, one more where there are more. Raises StoreError."""
    room, office = center.alarm_room(), center.staffed()
    query = wanted.query(center.bench().catalog(), office.clock.now_us())
    if not by_itself:
        told = {name: getattr(wanted, name) for name in ("period", "act", "actor", "rule", "thing", "alarm")}
        center.saw(who, "alarms.searched", "", detail={name: value for name, value in told.items() if value})
    if query is None:
        return ()
    before = page[-1] if page else None
    return room.desk.journal(who, replace(query, before=before, limit=LIMIT + 1))


def row_of(center: Center, line: JournalLine) -> dict[str, Any]:
    """Return a line as the list shows it."""
    zone = center.pack.manifest.timezone
    rule = center.alarm_room().words.rule(line.rule)
    thing = center.bench().catalog().things.get(line.thing)
    return {
        "key": str(line.id),
        "id": line.id,
        "at": when(line.at_us, zone),
        "act": _words(DONE[line.act]),
        "alarm": line.alarm,
        "rule": _words(rule.form.label.label() if rule else Label(line.rule, line.rule)),
        "thing": {**_words(thing.name), "path": thing_path(thing)} if thing else _words(Label("—", "—")),
        "actor": _words(Label(line.actor, line.actor) if line.actor else _BY_ITSELF),
        "reason": _words(told(line, zone)),
        "states": _words(_states(line)),
    }


def told(line: JournalLine, zone: str) -> Label:
    """Return reason and details on one line."""
    own = None if line.actor else _REASONS.get(line.reason)
    parts = [own or Label(line.reason, line.reason)] if line.reason.strip() else []
    for name, value in line.detail.items():
        if name not in _UNSAID and value not in ("", None, [], {}) and (value or name not in _PARENTS):
            parts.append(_detail(name, value, zone))
    if not parts:
        return Label("—", "—")
    zh, en = " · ".join(part.zh for part in parts), " · ".join(part.en for part in parts)
    return Label(zh[:_BRIEF], en[:_BRIEF])


def _detail(name: str, value: object, zone: str) -> Label:
    if name.endswith("_us") and isinstance(value, int):
        name, value = name.removesuffix("_us"), when(value, zone)
    known = _DETAILS.get(name) or Label(name, name)
    if isinstance(value, bool):
        value = _YES if value else _NO
    if isinstance(value, Label):
        return Label(f"{known.zh} {value.zh}", f"{known.en} {value.en}")
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return Label(f"{known.zh} {text}", f"{known.en} {text}")


def _states(line: JournalLine) -> Label:
    before, after = (STATES.get(state.value) or Label(state.value, state.value) for state in (line.before, line.after))
    if line.before == line.after:
        return after
    return Label(f"{before.zh} → {after.zh}", f"{before.en} → {after.en}")


def _words(label: Label) -> Mapping[str, str]:
    return {"zh": label.zh, "en": label.en}
