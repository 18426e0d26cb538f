"""The list of rules: what each is about, how urgent, which version, and how many of its conditions stand now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Input, Output, html

from alerts.priority import priority_of
from alerts.rule import Rule
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import Mark, button, choice, connect_choices, said, text_input, when
from ops_center.screens.feed_rows import set_aside
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.refusals import refusal
from ops_center.screens.rule_offers import label_of, names_of_scopes, scope_in_words
from ops_center.screens.screen import Center, both
from ops_center.screens.version_words import author_in_words
from ops_center.services.rule_bench import RULES, RuleBench
from ops_center.services.rule_faults import Fault
from ops_center.services.rule_faults import checked as checked_form
from ops_center.store.version_port import VersionRow

_ALL = Label("全部", "all")
_STATES = (
    ("", _ALL),
    ("on", Label("启用", "enabled")),
    ("off", Label("停用", "disabled")),
    ("standing", Label("有条件成立", "with standing conditions")),
)
_NOTHING_FITS = Label(
    "没有符合条件的规则。清空条件，或新建规则。", "No rule fits. Clear the conditions, or make a new rule."
)
_COLUMNS = (
    column("label", Label("名称", "name"), width=190, grows=3, words=True),
    column("name", Label("代码", "code"), width=200, grows=2),
    column("type", Label("类型", "type"), width=150, grows=2, words=True),
    column("scope", Label("范围", "over"), width=220, grows=3, words=True),
    column("priority", Label("优先级", "priority"), width=90, words=True),
    column("standing", Label("成立中", "standing"), width=90, type="rightAligned"),
    column("state", Label("状态", "state"), width=90, words=True),
    column("version", Label("版本", "version"), width=80, type="rightAligned"),
    column("changed", Label("最近修改", "last change"), width=175),
    column("author", Label("修改人", "by"), width=120, words=True),
)
_TONES: Mapping[int, Mark] = {1: "severe", 2: "severe", 3: "notice", 4: "quiet"}


def layout(center: Center, may_change: bool) -> Any:
    """Return filters, drafts that wait, and the list."""
    types = center.rules.desk.types if center.rules else {}
    kinds = [("", _ALL), *((name, type_.label) for name, type_ in sorted(types.items()))]
    return html.Div(
        [
            html.Div(
                [
                    text_input("rules-search", Label("查找规则", "find a rule"), debounce=250, w="16rem"),
                    *choice("rules-type", Label("类型", "type"), kinds, "", w="13rem", searchable=True),
                    *choice("rules-state", Label("状态", "state"), _STATES, "", w="13rem"),
                    html.Div(className="grow"),
                    button(
                        "rules-new", Label("新建规则", "New rule"), kind="main", display=None if may_change else "none"
                    ),
                ],
                className="row",
            ),
            html.Div(id="rules-fault", className="answer-place", role="status"),
            html.Div(id="rules-drafts", className="drafts"),
            grid("rules-rows", _COLUMNS, "name", nothing=_NOTHING_FITS),
            html.Span(id="rules-count", className="quiet"),
        ],
        className="rule-list",
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "rules-type", "rules-state")
    connect_columns(callbacks, "rules-rows")
    zone = center.pack.manifest.timezone

    @callbacks.add(
        Output("rules-rows", "rowData"),
        Output("rules-fault", "children"),
        Output("rules-count", "children"),
        Input("rules-search", "value"),
        Input("rules-type", "value"),
        Input("rules-state", "value"),
        Input("rules-changed", "data"),
        Input("rules-tick", "n_intervals"),
        rights=RULES,
    )
    def _list(search: object, type_: object, state: object, _changed: object, _tick: object) -> Any:
        try:
            bench = center.bench()
            rows, standing = bench.desk.list(), bench.standing()
        except OpsCenterError as error:
            return [], said(refusal(error), "wrong"), []
        names = names_of_scopes(center)
        shown = [_row(row, bench, names, standing.get(row.name, 0), zone) for row in rows]
        found = [one for one in shown if _fits(one, str(search or ""), str(type_ or ""), str(state or ""))]
        return found, _set_aside(bench, zone), _count(len(found), len(rows), sum(standing.values()))


def _set_aside(bench: RuleBench, zone: str) -> list[Any]:
    try:
        return set_aside(bench.store.health.pulses(), zone)
    except OpsCenterError:
        return []


def _row(
    row: VersionRow, bench: RuleBench, names: Mapping[str, Mapping[str, Label]], standing: int, zone: str
) -> dict[str, Any]:
    label, scope = label_of(row), scope_in_words(row.form, names)
    type_ = bench.desk.types.get(str(row.form.get("type")))
    rule = checked_form(row.form, bench.desk.types)
    kind = type_.label if type_ else Label("未知类型", "unknown type")
    state = Label("启用", "enabled") if row.enabled else Label("停用", "disabled")
    author = author_in_words(row.author)
    return {
        "name": row.name,
        "label": _words(label),
        "type": {**_words(kind), "code": str(row.form.get("type"))},
        "scope": _words(scope),
        "priority": _priority(rule),
        "standing": standing or "",
        "state": _words(state, "good" if row.enabled else "quiet"),
        "version": row.version,
        "changed": when(row.at_us, zone),
        "author": _words(author),
    }


def _priority(rule: Rule | Fault) -> dict[str, str]:
    if isinstance(rule, Fault):
        return _words(Label("读不懂", "unreadable"), "severe")
    priority = priority_of(rule)
    return _words(priority.label, _TONES[int(priority)])


def _words(label: Label, tone: str | None = None) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en, **({"tone": tone} if tone else {})}


def _fits(row: Mapping[str, Any], search: str, type_: str, state: str) -> bool:
    text = search.strip().lower()
    told = " ".join((row["name"], row["label"]["zh"], row["label"]["en"], row["scope"]["zh"], row["scope"]["en"]))
    fits_state = {"on": row["state"]["tone"] == "good", "off": row["state"]["tone"] != "good"}
    fits_state["standing"] = bool(row["standing"])
    return (
        (not text or text in told.lower())
        and (not type_ or row["type"]["code"] == type_)
        and (not state or fits_state.get(state, True))
    )


def _count(found: int, of_all: int, standing: int) -> Any:
    zh, en = f"{of_all} 条规则", f"{of_all} rules"
    if found != of_all:
        zh, en = f"{of_all} 条规则中的 {found} 条", f"{found} of {of_all} rules"
    return both(Label(f"{zh}，{standing} 个条件成立中", f"{en}, {standing} conditions stand"))
