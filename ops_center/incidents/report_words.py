"""What a situation report says of a line of the log, and the words it is made of. Pure. Called by ``report``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ops_center.domain.text import Label, Language
from ops_center.incidents.incident import Act
from ops_center.incidents.parts import DrawingKind

_ACTS: Mapping[Act, Label] = {
    Act.REPORTED: Label("接报", "reported"),
    Act.VERIFIED: Label("核实", "verified"),
    Act.OPENED: Label("启动处置", "opened"),
    Act.CONTAINED: Label("事态受控", "contained"),
    Act.RESOLVED: Label("处置完毕", "resolved"),
    Act.CLOSED: Label("结案", "closed"),
    Act.REOPENED: Label("重新处置", "reopened"),
    Act.CHANGED: Label("更新情况", "facts changed"),
    Act.COMMAND: Label("移交指挥", "command handed over"),
    Act.NOTED: Label("记录", "noted"),
    Act.LINKED: Label("关联", "linked"),
    Act.UNLINKED: Label("取消关联", "unlinked"),
    Act.MERGED: Label("合并", "merged"),
    Act.SPLIT: Label("拆分", "split"),
    Act.PLAN: Label("启动预案", "plan opened"),
    Act.TASK: Label("任务", "task"),
    Act.RESOURCE: Label("力量", "resource"),
    Act.DRAWN: Label("标绘", "drawn"),
    Act.ERASED: Label("清除标绘", "erased"),
    Act.REPORT: Label("签发快报", "report issued"),
    Act.CORRECTED: Label("更正", "corrected"),
}
DRAWINGS: Mapping[DrawingKind, Label] = {
    "point": Label("点位", "point"),
    "line": Label("线", "line"),
    "area": Label("区域", "area"),
    "text": Label("文字", "text"),
    "cordon": Label("警戒区", "cordon"),
    "evacuation": Label("疏散区", "evacuation area"),
    "staging": Label("集结点", "staging area"),
    "closure": Label("封闭", "closure"),
    "diversion": Label("绕行", "diversion"),
}
MEASURES = frozenset({"area", "cordon", "evacuation", "staging", "closure", "diversion"})
"""kinds of drawings that say what is done on the ground"""
_DID: Mapping[str, Label] = {
    "given": Label("下达", "given"),
    "begins": Label("可以开始", "can begin"),
    "accepted": Label("已接受", "accepted"),
    "refused": Label("被拒绝", "refused"),
    "under_way": Label("执行中", "under way"),
    "reported": Label("上报完成", "reported done"),
    "verified": Label("已核验", "verified"),
    "assigned": Label("已指派", "assigned"),
    "cancelled": Label("已取消", "cancelled"),
    "escalated": Label("超时上报", "escalated"),
    "arrived": Label("到达现场", "arrived"),
    "released": Label("归队", "released"),
    "taken": Label("领用", "taken"),
    "returned": Label("归还", "returned"),
}
_FACTS: Mapping[str, Label] = {
    "title": Label("标题", "title"),
    "description": Label("描述", "description"),
    "type": Label("类型", "type"),
    "level": Label("级别", "level"),
    "occurred_us": Label("发生时间", "time it happened"),
    "lead_department": Label("牵头部门", "leading department"),
    "departments": Label("参与部门", "departments"),
    "district": Label("行政区", "district"),
    "places": Label("地点", "places"),
    "area": Label("影响范围", "affected area"),
    "casualties": Label("人员情况", "people"),
    "lessons": Label("经验教训", "lessons"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called; what has no name is called by its code."""

    people: Mapping[str, Label] = field(default_factory=dict)
    organisations: Mapping[str, Label] = field(default_factory=dict)
    districts: Mapping[str, Label] = field(default_factory=dict)
    types: Mapping[str, Label] = field(default_factory=dict)
    plans: Mapping[str, Label] = field(default_factory=dict)
    units: Mapping[str, Label] = field(default_factory=dict)

    def person(self, account: str, language: Language) -> str:
        """Return a person's name; "" is the center itself."""
        if not account:
            return "系统" if language == "zh" else "the center"
        return self.of("people", account, language)

    def of(self, kind: str, code: str, language: Language) -> str:
        """Return the name of an account, an organisation, a district, a type, a plan, a unit."""
        known: Mapping[str, Label] = getattr(self, kind)
        return known[code].in_language(language) if code in known else code


def drawing_kind(kind: DrawingKind, language: Language) -> str:
    """Return what a kind of drawing is called."""
    return DRAWINGS[kind].in_language(language)


def said(act: Act, text: str, detail: Mapping[str, Any], names: Names, language: Language) -> str:
    """Return a line of the log in words: what was done, to what, and what its author wrote."""
    parts = [_ACTS[act].in_language(language), *_of(act, detail, names, language)]
    head = " · ".join(part for part in parts if part)
    return f"{head}{'：' if language == 'zh' else ': '}{text}" if text else head


def _of(act: Act, detail: Mapping[str, Any], names: Names, language: Language) -> list[str]:  # noqa: PLR0911 - by kind
    """Return what a line is about, as far as its detail says so; details are JSON that an older program wrote."""
    if act is Act.TASK:
        return [_title(detail.get("title"), language), _did(detail, language)]
    if act is Act.RESOURCE:
        unit = names.of("units", str(detail.get("unit", "")), language)
        return [unit or _stock(detail), _did(detail, language)]
    if act is Act.PLAN:
        return [names.of("plans", str(detail.get("plan", "")), language), _tasks(detail, language)]
    if act is Act.CHANGED:
        return [
            ("、" if language == "zh" else ", ").join(
                _FACTS[one].in_language(language) for one in detail if one in _FACTS
            )
        ]
    if act in {Act.COMMAND, Act.OPENED}:
        to = str(detail.get("to") or detail.get("commander") or "")
        return [f"→ {names.person(to, language)}"] if to else []
    if act in {Act.DRAWN, Act.ERASED}:
        kind = DRAWINGS.get(detail.get("kind", "area"))
        called = (detail.get("english") if language == "en" else "") or detail.get("label", "")
        return [kind.in_language(language) if kind else "", str(called)]
    number = detail.get("report") or detail.get("into") or detail.get("from") or detail.get("to")
    return [f"{number}"] if act in {Act.REPORT, Act.MERGED, Act.SPLIT} and number else []


def _title(title: object, language: Language) -> str:
    return str(title.get(language, "")) if isinstance(title, Mapping) else str(title or "")


def _did(detail: Mapping[str, Any], language: Language) -> str:
    did = str(detail.get("did", ""))
    return _DID[did].in_language(language) if did in _DID else did


def _stock(detail: Mapping[str, Any]) -> str:
    said = (detail.get("item", ""), detail.get("quantity", ""), detail.get("unit_of_quantity", ""))
    return " ".join(str(one) for one in said if one != "")


def _tasks(detail: Mapping[str, Any], language: Language) -> str:
    number = detail.get("tasks", 0)
    return f"{number} 项任务" if language == "zh" else f"{number} tasks"
