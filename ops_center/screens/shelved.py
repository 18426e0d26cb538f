"""What was set aside (``/alarms/shelved``): shelved, suppressed, out of service; by whom, why, until when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update

from alerts.alarm import Alarm, Aside, Refusal
from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import PICTURE, Rights, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.alarm_words import EXPLANATIONS
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import answer, button, said, text_input, when
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.groups import Group
from ops_center.screens.links import thing_path
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both
from ops_center.services.alarm_rights import ALARMS
from ops_center.services.alarms import AlarmDesk, Outcomes

SHELVED = Rights(see=PICTURE - {Role.DISPLAY}, change=ALARMS.change)
_TITLE = Label("搁置、抑制与停用", "Set aside")
_KINDS = (
    ("", Label("全部", "all")),
    (Aside.SHELVED.value, Label("搁置", "shelved")),
    (Aside.SUPPRESSED.value, Label("抑制", "suppressed")),
    (Aside.OUT_OF_SERVICE.value, Label("停用", "out of service")),
)
_NAMES = dict(_KINDS)
_NOTHING_FITS = Label("没有被搁置、抑制或停用的报警。", "No alarm is shelved, suppressed or out of service.")
_COLUMNS = (
    column("aside", Label("状态", "how"), width=130, words=True, checkboxSelection=False),
    column("id", Label("报警", "alarm"), width=95, cellRenderer="AlarmLink", cellDataType=False),
    column("priority", Label("优先级", "priority"), width=90, words=True),
    column("rule", Label("规则", "rule"), width=180, grows=2, words=True),
    column("thing", Label("设备", "thing"), width=180, grows=2, words=True),
    column("reason", Label("原因", "why"), width=220, grows=3, words=True),
    column("by", Label("谁", "who"), width=120, words=True),
    column("until", Label("至", "until"), width=180, words=True),
    column("department", Label("部门", "department"), width=140, grows=1, words=True),
    column("raised", Label("发生于", "raised"), width=175),
)
_MANY = {"mode": "multiRow", "checkboxes": True, "headerCheckbox": True, "enableClickSelection": True}


def layout(center: Center) -> Any:
    """Return the page."""
    kinds = [{"value": value, "label": both(label)} for value, label in _KINDS]
    acts = html.Div(
        [
            dmc.SegmentedControl(id="shelved-kind", data=kinds, value=""),
            html.Span(id="shelved-count", className="quiet grow"),
            text_input("shelved-reason", Label("收回的原因（可选）", "why it is taken back (optional)"), w="20rem"),
            button("shelved-back", Label("收回所选", "Take back what is chosen"), kind="main", disabled=True),
        ],
        className="row",
    )
    return framed(
        center,
        "/alarms/shelved",
        _TITLE,
        html.Div(
            [
                acts,
                answer("shelved-answer"),
                grid("shelved-rows", _COLUMNS, "id", nothing=_NOTHING_FITS, rowSelection=_MANY),
                dcc.Store(id="shelved-changed", data=0),
                dcc.Interval(id="shelved-tick", interval=5_000),
            ],
            className="lookup",
        ),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_columns(callbacks, "shelved-rows")
    callbacks.in_browser("journal", "some", Output("shelved-back", "disabled"), Input("shelved-rows", "selectedRows"))

    @callbacks.add(
        Output("shelved-rows", "rowData"),
        Output("shelved-count", "children"),
        Input("shelved-kind", "value"),
        Input("shelved-changed", "data"),
        Input("shelved-tick", "n_intervals"),
        rights=SHELVED,
    )
    def _list(kind: object, _changed: object, _tick: object) -> Any:
        try:
            alarms = center.alarm_room().desk.picture(asker()).alarms
        except OpsCenterError as error:
            return [], said(refusal(error), "wrong")
        aside = [alarm for alarm in alarms if alarm.aside is not Aside.NONE]
        shown = [alarm for alarm in aside if not kind or alarm.aside.value == kind]
        shown.sort(key=lambda alarm: (alarm.aside_until_us or 2**62, alarm.id))
        return [_row(center, alarm) for alarm in shown], _counted(aside)

    @callbacks.add(
        Output("shelved-answer", "children"),
        Output("shelved-changed", "data"),
        Output("shelved-rows", "selectedRows"),
        Output("shelved-reason", "value"),
        Input("shelved-back", "n_clicks"),
        State("shelved-rows", "selectedRows"),
        State("shelved-reason", "value"),
        State("shelved-changed", "data"),
        rights=SHELVED,
        changes=True,
        prevent_initial_call=True,
    )
    def _back(clicks: object, chosen: object, reason: object, changed: object) -> Any:
        rows = [row for row in chosen if isinstance(row, dict)] if isinstance(chosen, list) else []
        if not clicks or not rows:
            return no_update, no_update, no_update, no_update
        try:
            outcomes = _taken_back(center.alarm_room().desk, rows, str(reason or ""))
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), no_update, no_update, no_update
        return _told(outcomes), (changed + 1 if isinstance(changed, int) else 1), [], ""


def _taken_back(desk: AlarmDesk, rows: list[dict[str, Any]], reason: str) -> Outcomes:
    """Take back each by what it was set aside as; what explains itself (suppressed) answers why not."""
    of: dict[str, list[int]] = {}
    for row in rows:
        if isinstance(row.get("id"), int):
            of.setdefault(str(row.get("code")), []).append(row["id"])
    serviced = of.pop(Aside.OUT_OF_SERVICE.value, [])
    rest = [number for numbers in of.values() for number in numbers]
    outcomes: dict[int, Any] = {}
    if serviced:
        outcomes |= desk.in_service(asker(), serviced, reason)
    if rest:
        outcomes |= desk.unshelve(asker(), rest, reason)
    return outcomes


def _told(outcomes: Outcomes) -> Any:
    refused = [(number, one) for number, one in outcomes.items() if isinstance(one, Refusal)]
    done = len(outcomes) - len(refused)
    parts = [said(Label(f"已收回 {done} 条。", f"{done} taken back."), "good")] if done else []
    by_reason: dict[str, tuple[Label, list[int]]] = {}
    for number, one in refused:
        by_reason.setdefault(one.code, (one.label, []))[1].append(number)
    for label, numbers in by_reason.values():
        named = ", ".join(f"#{number}" for number in numbers[:10]) + ("…" if len(numbers) > 10 else "")
        parts.append(said(Label(f"{named}：{label.zh}", f"{named}: {label.en}"), "wrong"))
    return parts


def _row(center: Center, alarm: Alarm) -> dict[str, Any]:
    words, names = center.alarm_room().words, scope_names(center.pack)
    zone = center.pack.manifest.timezone
    thing = center.bench().catalog().things.get(alarm.thing)
    department = names.department(alarm.department) if alarm.department else Label("—", "—")
    until = when(alarm.aside_until_us, zone) if alarm.aside_until_us else ""
    ends = Label(until, until) if until else _ENDS[alarm.aside.value]
    tone = "notice" if alarm.aside is Aside.OUT_OF_SERVICE else "quiet"
    return {
        "id": alarm.id,
        "code": alarm.aside.value,
        "aside": {**_words(_NAMES[alarm.aside.value]), "tone": tone},
        "priority": {**_words(alarm.priority.label), "tone": "severe" if alarm.priority <= 2 else "quiet"},
        "rule": _words(words.label(alarm)),
        "thing": {**_words(thing.name), "path": thing_path(thing)} if thing else _words(Label("—", "—")),
        "reason": _words(_reason(alarm)),
        "by": _words(Label(alarm.aside_by, alarm.aside_by) if alarm.aside_by else Label("系统", "the center")),
        "until": _words(ends),
        "department": _words(department),
        "raised": when(alarm.raised_us, zone),
    }


_ENDS: Mapping[str, Label] = {
    Aside.SHELVED.value: Label("—", "—"),
    Aside.SUPPRESSED.value: Label("上级报警结束", "its parent is over"),
    Aside.OUT_OF_SERVICE.value: Label("人工恢复", "somebody takes it back"),
}


def _reason(alarm: Alarm) -> Label:
    if alarm.aside is Aside.SUPPRESSED and alarm.parent:
        why = EXPLANATIONS.get(alarm.explained_by) or Label(alarm.explained_by or "—", alarm.explained_by or "—")
        return Label(f"由 #{alarm.parent} 解释（{why.zh}）", f"explained by #{alarm.parent} ({why.en})")
    return Label(alarm.aside_reason or "—", alarm.aside_reason or "—")


def _counted(aside: list[Alarm]) -> Any:
    counts = {kind: sum(alarm.aside.value == kind for alarm in aside) for kind, _ in _KINDS[1:]}
    zh = "，".join(f"{_NAMES[kind].zh} {count}" for kind, count in counts.items())
    en = ", ".join(f"{_NAMES[kind].en} {count}" for kind, count in counts.items())
    return both(Label(zh, en))


def _words(label: Label) -> Mapping[str, str]:
    return {"zh": label.zh, "en": label.en}


SCREEN = Screen(
    "shelved",
    "/alarms/shelved",
    _TITLE,
    SHELVED,
    layout,
    connect,
    order=31,
    group=Group.ALARMS,
    menu=Label("搁置", "Set aside"),
)
