"""The journal (``/alarms/journal``): what happened to alarms and what people did, searched, and to take along."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, ctx, dcc, html

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.alarm_journal import DONE
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import choice, connect_choices, said, text_input
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.groups import Group
from ops_center.screens.journal_rows import look, row_of
from ops_center.screens.pages import LIMIT, behind, connect_pager, page_of, paged, pager
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both, spoken
from ops_center.services.journal_search import JOURNAL, Wanted

_TITLE = Label("报警日志", "Alarm journal")
_EVERYTHING = Label("全部", "everything")
_PERIODS = (
    ("hour", Label("1 小时", "1 hour")),
    ("day", Label("24 小时", "24 hours")),
    ("week", Label("7 天", "7 days")),
    ("month", Label("31 天", "31 days")),
    ("all", _EVERYTHING),
)
_NOTHING_FITS = Label(
    "这段时间里没有符合条件的记录。换一段时间，或清空条件。",
    "Nothing happened that fits. Choose another time or fewer conditions.",
)
_COLUMNS = (
    column("at", Label("时间", "time"), width=175),
    column("act", Label("做了什么", "what"), width=125, words=True),
    column("alarm", Label("报警", "alarm"), width=95, cellRenderer="AlarmLink", cellDataType=False),
    column("rule", Label("规则", "rule"), width=170, grows=2, words=True),
    column("thing", Label("设备", "thing"), width=170, grows=2, words=True),
    column("actor", Label("谁", "who"), width=130, words=True),
    column("reason", Label("原因与详情", "reason and details"), width=230, grows=3, words=True),
    column("states", Label("状态变化", "state"), width=230, grows=2, words=True),
)
_FIELDS = ("period", "act", "actor", "rule", "thing", "alarm")


def layout(center: Center) -> Any:
    """Return the page."""
    acts = [("", _EVERYTHING), *((act.value, label) for act, label in DONE.items())]
    periods = [{"value": value, "label": both(label)} for value, label in _PERIODS]
    filters = html.Div(
        [
            html.Div(
                [
                    html.Label(spoken(Label("时间", "when"))),
                    dmc.SegmentedControl(id="journal-period", data=periods, value="day"),
                ],
                className="field",
            ),
            *choice("journal-act", Label("做了什么", "what"), acts, "", w="11rem", searchable=True),
            *choice("journal-rule", Label("规则", "rule"), [("", _EVERYTHING)], "", w="15rem", searchable=True),
            text_input("journal-thing", Label("设备（编号或名称）", "thing (id or name)"), debounce=400, w="13rem"),
            text_input("journal-actor", Label("谁（账号）", "who (account)"), debounce=400, w="10rem"),
            text_input("journal-alarm", Label("报警号", "alarm number"), debounce=400, w="8rem"),
            html.Div(className="grow"),
            html.A(both(Label("导出 CSV", "export CSV")), className="copy", id="journal-csv", href="#"),
        ],
        className="row",
    )
    return framed(
        center,
        "/alarms/journal",
        _TITLE,
        html.Div(
            [
                filters,
                html.Div(id="journal-span-told", className="answer-place", role="status"),
                grid("journal-rows", _COLUMNS, "key", nothing=_NOTHING_FITS),
                pager("journal"),
                dcc.Store(id="journal-span", data={}),
                dcc.Store(id="journal-ready", data=False),
                dcc.Interval(id="journal-tick", interval=10_000),
            ],
            className="lookup",
        ),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "journal-act", "journal-rule")
    connect_columns(callbacks, "journal-rows")
    fields = [Input(f"journal-{name}", "value") for name in _FIELDS]
    callbacks.in_browser(
        "journal",
        "asked",
        *(Output(f"journal-{name}", "value") for name in _FIELDS),
        Output("journal-span", "data"),
        Output("journal-ready", "data"),
        Input("journal-ready", "id"),
    )
    callbacks.in_browser("journal", "exported", Output("journal-csv", "href"), *fields, Input("journal-span", "data"))
    connect_pager(callbacks, "journal", *fields, Input("journal-span", "data"))
    callbacks.in_browser("journal", "spanned", Output("journal-span-told", "children"), Input("journal-span", "data"))

    @callbacks.add(
        Output("journal-rule-words", "data"),
        Output("journal-rule", "data", allow_duplicate=True),
        Input("journal-ready", "id"),
        rights=JOURNAL,
        prevent_initial_call="initial_duplicate",
    )
    def _rules(_ready: object) -> Any:
        try:
            rows = center.bench().desk.list()
        except OpsCenterError:
            rows = ()
        named = [(row.name, row.form.get("label") or {}) for row in rows]
        words = [[name, str(label.get("zh", name)), str(label.get("en", name))] for name, label in named]
        offered = [["", _EVERYTHING.zh, _EVERYTHING.en], *words]
        return offered, [{"value": value, "label": zh} for value, zh, _ in offered]

    @callbacks.add(
        Output("journal-rows", "rowData"),
        *paged("journal"),
        *fields,
        Input("journal-span", "data"),
        Input("journal-page", "data"),
        Input("journal-tick", "n_intervals"),
        State("journal-ready", "data"),
        rights=JOURNAL,
    )
    def _list(  # noqa: PLR0913, PLR0917 - what is looked for, field by field
        period: object, act: object, actor: object, rule: object, thing: object, alarm: object, span: object,
        page: object, _tick: object, ready: object,
    ) -> Any:  # fmt: skip
        if not ready:
            return [], *behind((), (), [])
        given = dict(zip(_FIELDS, (period, act, actor, rule, thing, alarm), strict=True))
        wanted = Wanted.parse({**given, **(span if isinstance(span, dict) else {})})
        turned = page_of(page)
        try:
            lines = look(center, asker(), wanted, turned, by_itself=ctx.triggered_id == "journal-tick")
        except OpsCenterError as error:
            return [], *behind((), (), said(refusal(error), "wrong"))
        rows = [row_of(center, line) for line in lines[:LIMIT]]
        told = both(Label(f"{len(rows)} 条", f"{len(rows)} lines")) if rows else both(_NOTHING)
        return rows, *behind(turned, [line.id for line in lines], told)


_NOTHING = Label("没有符合条件的记录。", "Nothing in the journal fits.")

SCREEN = Screen(
    "journal",
    "/alarms/journal",
    _TITLE,
    JOURNAL,
    layout,
    connect,
    order=32,
    group=Group.ALARMS,
    menu=Label("日志", "Journal"),
)
