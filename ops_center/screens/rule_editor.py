"""The rule that is opened: its form, made from its type; what is typed is a draft until it is saved as a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from dash import ALL, Input, Output, State, dcc, html, no_update

from alerts.contract import RuleType
from ops_center.domain.errors import OpsCenterError, RuleChanged
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import answer, badge, button, empty, said, text_input, when
from ops_center.screens.form_values import connect_form_values, form_values
from ops_center.screens.refusals import refusal
from ops_center.screens.rule_fields import RECOVERY, Field, parameter_fields, priority_fields, scope_fields
from ops_center.screens.rule_form import Flat, flat_of, form_of
from ops_center.screens.rule_inputs import control, text_control
from ops_center.screens.rule_offers import label_of, offered, offers
from ops_center.screens.rule_words import name_of
from ops_center.screens.screen import Center, both, marked, spoken
from ops_center.screens.version_words import author_in_words
from ops_center.services.rule_bench import RULES, RuleBench
from ops_center.services.rules import Refused
from ops_center.store.version_port import VersionRow

FIELDS = {"type": "rule-field", "kind": ALL, "path": ALL}
NOT_YOURS = Label(
    "规则是全市的：只有职权覆盖全市的协调员与管理员可以修改。",
    "A rule is the whole city's: coordinators and administrators over the whole city change it.",
)
_GONE = Label("没有这条规则。", "There is no such rule.")
_TEXTS = (
    ("texts.cause", "cause"),
    ("texts.consequence", "consequence"),
    ("texts.operator_action", "operator_action"),
    ("texts.department", "department"),
)


def layout(may_change: bool) -> Any:
    """Return the frame of the editor; what is in it comes when a rule is opened, read only for who may not change."""
    saving = html.Div(
        [
            html.Div(both(Label("有未保存的修改（草稿已保留在本机）", "not saved yet (the draft is kept here)"))),
            html.Div(id="rule-memory", className="quiet"),
            html.Div(
                [
                    html.Div(
                        text_input("rule-reason", Label("修改原因", "why it is changed")),
                        className="grow",
                    ),
                    button("rule-undo", Label("还原", "Undo")),
                    button("rule-save", Label("保存为新版本", "Save as a new version"), kind="main"),
                ],
                className="row",
            ),
        ],
        id="rule-saving",
        className="saving rule-saving",
        hidden=not may_change,
    )
    return html.Div(
        [
            html.Div(id="rule-head"),
            answer("rule-told"),
            *([] if may_change else [said(NOT_YOURS)]),
            html.Fieldset(
                [
                    html.Div(id="rule-fields-first", className="sections"),
                    html.Section(
                        [
                            html.H2(spoken(Label("优先级与恢复", "Priority and recovery"))),
                            html.Div(id="rule-fields-priority", className="fields"),
                            html.Div(id="rule-priority"),
                        ],
                        className="panel",
                    ),
                    html.Div(id="rule-fields-texts", className="sections"),
                ],
                id="rule-fields",
                className="rule-fields",
                disabled=not may_change,
            ),
            answer("rule-answer"),
            saving,
            dcc.Store(id="rule-held", data={}),
            *form_values("rule-flat", {}),
            dcc.Store(id="rule-faults", data={}),
            dcc.Store(id="rule-reload", data=0),
        ],
        className="rule-editor",
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    _connect_browser(callbacks)
    _connect_opening(callbacks, center)
    _connect_saving(callbacks, center)


def _connect_browser(callbacks: Callbacks) -> None:
    """What needs no server: which rule is opened, the draft, what is wrong beside its field."""
    rules = partial(callbacks.in_browser, "rules")
    rules("chosen", Output("rule-name", "data"), Input("rules-rows", "selectedRows"), Input("rule-me", "id"))
    rules(
        "opened",
        Output("rules-page", "className"),
        Output("rule-answer", "children", allow_duplicate=True),
        Input("rule-name", "data"),
        prevent_initial_call="initial_duplicate",
    )
    connect_form_values(callbacks, "rule-flat")
    rules(
        "gathered",
        Output("rule-flat", "data"),
        Output("rule-drafts", "data"),
        Output("rule-saving", "className"),
        Input(FIELDS, "value"),
        State(FIELDS, "id"),
        State("rule-held", "data"),
        State("rule-drafts", "data"),
    )
    rules(
        "faulty",
        Output(FIELDS, "error"),
        Input("rule-faults", "data"),
        State(FIELDS, "id"),
        prevent_initial_call=True,
    )
    for kind in ("select", "several"):
        rules(
            "options",
            Output({"type": "rule-field", "kind": kind, "path": ALL}, "data"),
            Input("language", "data"),
            Input({"type": "rule-words", "kind": kind, "path": ALL}, "data"),
        )
    rules(
        "undone",
        Output("rule-drafts", "data", allow_duplicate=True),
        Output("rule-reload", "data", allow_duplicate=True),
        Input("rule-undo", "n_clicks"),
        State("rule-held", "data"),
        State("rule-drafts", "data"),
        State("rule-reload", "data"),
        prevent_initial_call=True,
    )
    rules(
        "settled",
        Output("rule-drafts", "data", allow_duplicate=True),
        Output("rule-reload", "data", allow_duplicate=True),
        Output("rule-answer", "children", allow_duplicate=True),
        Output("rule-held", "data", allow_duplicate=True),
        Input({"type": "rule-conflict", "act": ALL, "version": ALL}, "n_clicks"),
        State("rule-held", "data"),
        State("rule-drafts", "data"),
        State("rule-reload", "data"),
        prevent_initial_call=True,
    )


def _connect_opening(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("rule-head", "children"),
        Output("rule-fields-first", "children"),
        Output("rule-fields-priority", "children"),
        Output("rule-fields-texts", "children"),
        Output("rule-held", "data"),
        Output("rule-told", "children"),
        Input("rule-name", "data"),
        Input("rule-reload", "data"),
        State("rule-drafts", "data"),
        rights=RULES,
    )
    def _open(name: object, _reload: object, drafts: object) -> Any:
        if not isinstance(name, str) or not name:
            return [], [], [], [], {}, []
        try:
            return _opened(center, center.bench(), name, _draft(drafts, asker(), name))
        except OpsCenterError as error:
            return _back(), [empty(_GONE)], [], [], {}, said(refusal(error), "wrong")


def _opened(center: Center, bench: RuleBench, name: str, draft: Mapping[str, Any] | None) -> Any:
    rows = bench.desk.list()
    row = next((one for one in rows if one.name == name), None)
    type_ = _type(bench, name, row)
    if type_ is None:
        return _back(), [empty(_GONE)], [], [], {}, []
    flat = flat_of(row.form if row else _begun(type_), type_)
    shown, version = flat, row.version if row else 0
    told: Any = []
    if draft and isinstance(draft.get("flat"), Mapping):
        shown = {path: draft["flat"].get(path, value) for path, value in flat.items()}
        version = int(draft.get("version", version))
        told = said(_kept(version, row.version if row else 0))
    held = {
        "name": _plain_name(name),
        "type": type_.name,
        "version": version,
        "enabled": row.enabled if row else True,
        "flat": flat,
        "key": draft_key(asker(), name),
    }
    fields = _form(center, bench, rows, type_, shown)
    return _head(center, row, type_, name), *fields, held, told


def _begun(type_: RuleType) -> Mapping[str, Any]:
    """Return what a new rule begins with: the example of its type, without areas, which are of some other city."""
    areas = {field.name for field in parameter_fields(type_) if field.kind == "area"}
    return {"parameters": {name: value for name, value in type_.example.items() if name not in areas}}


def _kept(began: int, newest: int) -> Label:
    if began == newest:
        return Label("已恢复您未保存的草稿。", "Your draft that was not saved is back.")
    return Label(
        f"已恢复您的草稿：它始于第 {began} 版，而现在已是第 {newest} 版。",
        f"Your draft is back: it began with version {began}, and version {newest} is there now.",
    )


def draft_key(who: Asker, name: str) -> str:
    """Return under what a browser keeps somebody's draft of a rule."""
    return f"{who.account}/{name}"


def _draft(drafts: object, who: Asker, name: str) -> Mapping[str, Any] | None:
    found = drafts.get(draft_key(who, name)) if isinstance(drafts, dict) else None
    return found if isinstance(found, dict) and isinstance(found.get("version"), int) else None


def _plain_name(name: str) -> str:
    return name.partition("/")[2] if name.startswith("+") else name


def _type(bench: RuleBench, name: str, row: VersionRow | None) -> RuleType | None:
    """Return the type of a rule; a new one is opened as ``+type/name``."""
    if row is not None:
        return bench.desk.types.get(str(row.form.get("type")))
    return bench.desk.types.get(name[1:].partition("/")[0]) if name.startswith("+") else None


def _head(center: Center, row: VersionRow | None, type_: RuleType, name: str) -> Any:
    zone = center.pack.manifest.timezone
    label = label_of(row) if row else Label("新规则", "A new rule")
    state, tone = (
        (Label("启用中", "enabled"), "good") if row and row.enabled else (Label("已停用", "disabled"), "quiet")
    )
    marks = [badge(type_.label)]
    acts = None
    if row is not None and asker().may_change_of(RULES, "", ""):
        act = Label("停用", "Disable") if row.enabled else Label("启用", "Enable")
        acts = html.Button(both(act), id={"type": "rule-act", "act": "off" if row.enabled else "on"}, className="copy")
    if row is not None:
        marks += [
            badge(state, "good" if tone == "good" else "quiet"),
            badge(Label(f"第 {row.version} 版", f"version {row.version}")),
            html.Span([when(row.at_us, zone), " · ", both(author_in_words(row.author))], className="quiet"),
        ]
    return [
        html.Div(
            [_back(), html.H1(both(label)), html.Code(_plain_name(name), className="quiet grow"), acts],
            className="row rule-title",
        ),
        html.Div(marks, className="badges"),
    ]


def _back() -> Any:
    return html.Button(both(Label("‹ 全部规则", "‹ All rules")), className="link", **marked(data_act="rule-back"))


def _form(center: Center, bench: RuleBench, rows: Sequence[VersionRow], type_: RuleType, flat: Flat) -> Any:
    """Return the sections before the priority, its fields, and the sections behind it."""
    all_ = offers(center, bench.catalog(), rows, bench.desk.types)

    def controls(fields: Sequence[Field]) -> list[Any]:
        return [control(field, flat.get(field.path), lambda one: offered(one, all_)) for field in fields]

    def text(path: str, label: Label) -> list[Any]:
        return [text_control(path, language, flat.get(f"{path}.{language}"), label) for language in ("zh", "en")]

    names = [part for path in ("label", "source") for part in text(path, name_of(path))]
    told = [part for path, name in _TEXTS for part in text(path, name_of(name))]
    first = [
        _section(Label("参数", "Parameters"), controls(parameter_fields(type_))),
        _section(Label("范围", "Over what it holds"), controls(scope_fields(type_))),
    ]
    last = [
        _section(Label("名称与依据", "Name and source"), names, "texts"),
        _section(Label("给值班员的说明（主报警清单）", "What the operator is told (master alarm list)"), told, "texts"),
    ]
    return first, controls((*priority_fields(), RECOVERY)), last


def _section(title: Label, controls: Sequence[Any], name: str = "") -> Any:
    body = [html.H2(spoken(title)), html.Div(controls, className="fields")]
    return html.Section(body, className=f"panel {name}".strip())


def _connect_saving(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("rule-answer", "children", allow_duplicate=True),
        Output("rule-name", "data", allow_duplicate=True),
        Output("rule-drafts", "data", allow_duplicate=True),
        Output("rule-reload", "data", allow_duplicate=True),
        Output("rules-changed", "data", allow_duplicate=True),
        Output("rule-faults", "data", allow_duplicate=True),
        Output("rule-reason", "value"),
        Output("rule-reason", "error"),
        Input("rule-save", "n_clicks"),
        State("rule-flat", "data"),
        State("rule-held", "data"),
        State("rule-reason", "value"),
        State("rule-drafts", "data"),
        State("rule-reload", "data"),
        rights=RULES,
        changes=True,
        running=[(Output("rule-fields", "disabled"), True, False)],  # what is typed meanwhile would be lost
        prevent_initial_call=True,
    )
    def _save(clicks: object, flat: object, held: object, reason: object, drafts: object, reload: object) -> Any:
        nothing = (no_update,) * 7
        if not clicks or not isinstance(flat, dict) or not isinstance(held, dict) or not held.get("name"):
            return no_update, *nothing
        if not asker().may_change_of(RULES, "", ""):
            return said(NOT_YOURS, "wrong"), *nothing
        try:
            outcome = _saved(center.bench(), flat, held, str(reason or ""))
        except RuleChanged:
            return _changed(center, held), *nothing
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), *nothing
        if isinstance(outcome, Refused):
            faults = {fault.field: [fault.what.zh, fault.what.en] for fault in outcome.faults}
            why = next((both(f.what) for f in outcome.faults if f.field == "reason"), "")
            told = said(Label("没有保存：请看标出的字段。", "Not saved: see the fields that are marked."), "wrong")
            return told, no_update, no_update, no_update, no_update, faults, no_update, why
        told = said(Label(f"已保存为第 {outcome.version} 版。", f"Saved as version {outcome.version}."), "good")
        count = reload + 1 if isinstance(reload, int) else 1
        return told, outcome.name, _without(drafts, held.get("key")), count, count, {}, "", ""


def _saved(bench: RuleBench, flat: Flat, held: Mapping[str, Any], reason: str) -> VersionRow | Refused:
    type_ = bench.desk.types[str(held.get("type"))]
    version = held.get("version")
    expected = version if isinstance(version, int) else 0
    form = form_of(flat, str(held["name"]), type_, enabled=held.get("enabled") is not False, version=expected + 1)
    return bench.desk.save(asker(), form, expected, reason)


def _changed(center: Center, held: Mapping[str, Any]) -> Any:
    """Say who saved meanwhile; the draft stays, and either of both can be taken."""
    zone = center.pack.manifest.timezone
    try:
        newest = center.bench().desk.rule(str(held["name"]))
    except OpsCenterError as error:
        return said(refusal(error), "wrong")
    zh = f"没有保存：{newest.author} 已于 {when(newest.at_us, zone)} 保存了第 {newest.version} 版（{newest.reason}）。"
    en = f"Not saved: {newest.author} saved version {newest.version} at {when(newest.at_us, zone)} ({newest.reason})."
    told = said(Label(f"{zh}您的修改仍在下方。", f"{en} What you changed is still here."), "wrong")
    return html.Div(
        [
            told,
            html.Div(
                [
                    html.Button(
                        both(Label("以我的修改覆盖新版本", "Put my changes over it")),
                        id={"type": "rule-conflict", "act": "mine", "version": newest.version},
                        className="copy",
                    ),
                    html.Button(
                        both(Label("放弃我的修改", "Drop my changes")),
                        id={"type": "rule-conflict", "act": "theirs", "version": newest.version},
                        className="copy",
                    ),
                ],
                className="row",
            ),
        ]
    )


def _without(drafts: object, key: object) -> Any:
    return {name: draft for name, draft in drafts.items() if name != key} if isinstance(drafts, dict) else {}
