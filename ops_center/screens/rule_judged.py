"""What the server says of a draft at every change: what is wrong and where, whom it reaches, how urgent it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Input, Output, State, html

from alerts.contract import RuleType
from alerts.priority import CONSEQUENCES, TABLE, priority_of
from alerts.rule import Rule
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import badge, said
from ops_center.screens.form_values import rested
from ops_center.screens.refusals import refusal
from ops_center.screens.rule_form import form_of, nearest, paths_of
from ops_center.screens.rule_words import name_of, value_of
from ops_center.screens.screen import Center, both, spoken
from ops_center.services.rule_bench import RULES, Memory, Reached, RuleBench
from ops_center.services.rule_faults import Fault, checked

_MARKS = {1: "severe", 2: "severe", 3: "notice", 4: "quiet"}
_BANDS = (
    Label("5 分钟内", "5 min or less"),
    Label("15 分钟内", "15 min or less"),
    Label("60 分钟内", "60 min or less"),
    Label("更久", "longer"),
)


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    callbacks.in_browser(
        "rule_map", "shown", Output("rule-map", "title"), Input("rule-dots", "data"), rested("rule-flat")
    )

    @callbacks.add(
        Output("rule-faults", "data"),
        Output("rule-reach", "children"),
        Output("rule-dots", "data"),
        Output("rule-priority", "children"),
        Output("rule-memory", "children"),
        rested("rule-flat"),
        State("rule-held", "data"),
        rights=RULES,
    )
    def _judge(flat: object, held: object) -> Any:
        if not isinstance(flat, dict) or not isinstance(held, dict) or not flat or not held.get("type"):
            return {}, [], [], [], []
        try:
            return _judged(center.bench(), flat, held)
        except OpsCenterError as error:
            return {}, said(refusal(error), "wrong"), [], [], []


def _judged(bench: RuleBench, flat: Mapping[str, Any], held: Mapping[str, Any]) -> Any:
    type_ = bench.desk.types.get(str(held["type"]))
    if type_ is None:
        return {}, [], [], [], []
    form = form_of(flat, str(held.get("name")), type_, version=1)
    found = bench.check(form)
    if isinstance(found, Fault):
        return _faults(found, type_), [], [], _table(None), _unknown(found, type_)
    reached = bench.reach(found)
    return {}, _reach(reached, found), reached.places, _table(found), _memory(bench, found, held, type_)


def _faults(fault: Fault, type_: RuleType) -> dict[str, list[str]]:
    """Return field → words in both languages; "" where the fault is about no field alone."""
    return {nearest(fault.field, paths_of(type_)): [fault.what.zh, fault.what.en]}


def _unknown(fault: Fault, type_: RuleType) -> Any:
    """Say beside the button that saves what is wrong, and of which field."""
    parts = (nearest(fault.field, paths_of(type_)) or fault.field).split(".")
    known = [part for part in parts if part not in {"zh", "en", "parameters", "scope", "texts", "priority", ""}]
    if not known:
        return html.Span(spoken(fault.what), className="fault")
    where = name_of(known[-1])
    told = Label(f"{where.zh}：{fault.what.zh}", f"{where.en}: {fault.what.en}")
    return html.Span(spoken(told), className="fault")


def _reach(reached: Reached, rule: Rule) -> Any:
    things, rows = f"{reached.things:,}", f"{reached.rows:,}"
    zh, en = f"覆盖 {things} 个设备", f"Reaches {things} things"
    if reached.rows != reached.things:
        subject = value_of(rule.scope.subject)
        zh, en = f"{zh}，{rows} 个{subject.zh}", f"{en}, {rows} rows ({subject.en})"
    parts = [html.B(both(Label(zh, en)), className="reach")]
    if reached.left_out:
        left = f"{reached.left_out:,}"
        parts.append(badge(Label(f"{left} 个单位不符，不判断", f"{left} left out: another quantity"), "notice"))
    if not reached.things:
        parts.append(badge(Label("没有设备符合", "nothing fits"), "severe"))
    return parts


def _table(rule: Rule | None) -> Any:
    """Return the written table with the cell that counts for the rule."""
    form = rule.form.priority if rule else None
    band = next((n for n, (minutes, _) in enumerate(TABLE) if form and form.respond_min <= minutes), -1)
    column = CONSEQUENCES.index(form.consequence) if form else -1
    head = [html.Th(both(Label("可处置时间", "time to respond"))), *(html.Th(both(value_of(c))) for c in CONSEQUENCES)]
    rows = [
        html.Tr(
            [
                html.Th(both(words), scope="row"),
                *(
                    html.Td(
                        badge(priority.label, _MARKS[int(priority)]),  # type: ignore[arg-type]
                        className="here" if (n, place) == (band, column) else "",
                    )
                    for place, priority in enumerate(cells)
                ),
            ]
        )
        for n, (words, (_, cells)) in enumerate(zip(_BANDS, TABLE, strict=True))
    ]
    said_ = [html.H3(spoken(Label("由此得出的优先级", "The priority that follows")))]
    if rule:
        priority = priority_of(rule)
        said_.append(badge(priority.label, _MARKS[int(priority)]))  # type: ignore[arg-type]
    heading = html.Div(said_, className="row follows")
    return [heading, html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="list priorities")]


def _memory(bench: RuleBench, rule: Rule, held: Mapping[str, Any], type_: RuleType) -> Any:
    saved = held.get("flat")
    if not held.get("version") or not isinstance(saved, dict):
        return both(Label("新规则：从保存时起判断。", "A new rule: it judges from the moment it is saved."))
    before = checked(form_of(saved, rule.name, type_), bench.desk.types)
    return both(_kept(bench.memory(before, rule))) if isinstance(before, Rule) else []


def _kept(memory: Memory) -> Label:
    if memory.kept:
        return Label(
            "保存后保留已有记忆，成立中的条件不受影响。",
            "Saving keeps what is remembered; standing conditions go on.",
        )
    names = [name_of(name) for name in memory.because]
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    return Label(
        f"保存后从头判断（{zh}已改），成立中的条件将撤回。",
        f"Saving starts anew ({en} changed); standing conditions are withdrawn.",
    )
