"""Public warnings (``/warnings``): in force and past, with what became of each way out; drafted, issued, taken back.

``?alarm=17`` drafts one about an alarm (0: about none), ``?update=<identifier>`` one that replaces another: what is
half typed is kept by the browser and is there again after a reload.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Input, Output, dcc, html

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from ops_center.people.asking import asker
from ops_center.screens import warning_acts, warning_draft
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import button, choice, connect_choices, said
from ops_center.screens.form_values import form_values
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.groups import Group
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both
from ops_center.screens.warning_acts import REALM_SAID, first_of, ways_out
from ops_center.screens.warning_draft import PAGE
from ops_center.screens.warning_parts import dialogs, form
from ops_center.screens.warning_rows import IN_FORCE, LIMIT, by_warning, head, message, rows, ways
from ops_center.store.notification_port import WarningMessage

_TITLE = Label("预警发布", "Public warnings")
_SHOWN = [("", Label("全部", "everything")), (IN_FORCE, Label("生效中", "in force"))]
_NOTHING_FITS = Label(
    "没有符合条件的预警。从一条报警起草，或新建预警。",
    "No public warning fits. Draft one from an alarm, or write a new one.",
)
_COLUMNS = (
    column("state", Label("状态", "state"), width=115, words=True),
    column("ways", Label("发布结果", "ways out"), width=160, grows=1, words=True),
    column("kind", Label("消息", "message"), width=110, words=True),
    column("headline", Label("标题", "headline"), width=240, grows=4, words=True),
    column("area", Label("区域", "area"), width=130, grows=2, words=True),
    column("until", Label("有效至", "until"), width=185),
    column("author", Label("发布人", "issued by"), width=120),
    column("means", Label("严重 · 紧迫 · 确定", "severity · urgency · certainty"), width=270, words=True),
)


def layout(center: Center) -> Any:
    """Return the page: the list, and the form that takes its place while a warning is written."""
    may_issue = asker().may_change(PAGE)
    new = html.Div(
        [
            *choice("warn-alarm", Label("为报警起草", "draft about an alarm"), [], None, w="24rem", searchable=True),
            button("warn-new", Label("起草预警", "Draft a warning"), kind="main"),
        ],
        className="row",
        hidden=not may_issue,
    )
    filters = html.Div(
        [
            *choice("warn-what", Label("显示", "show"), _SHOWN, "", w="10rem"),
            new,
            html.Div(id="warn-kept", className="warn-kept"),
            html.Div(className="grow"),
            html.Span(id="warn-state", className="quiet"),
        ],
        className="row",
    )
    realm = html.Div(
        [both(REALM_SAID[center.realm]), html.Div(id="warn-ways")],
        className=f"warn-face {'live' if center.realm is Realm.LIVE else 'apart'}",
    )
    table = html.Div(
        [grid("warn-rows", _COLUMNS, "first", nothing=_NOTHING_FITS), _one()],
        className="warn-table",
        id="warn-table",
    )
    return framed(
        center,
        "/warnings",
        _TITLE,
        html.Div(
            [
                realm,
                html.Div(id="warn-told", className="answer-place", role="status"),
                html.Div([filters, table], className="warn-list"),
                form(),
                *dialogs(),
                dcc.Store(id="warn-fill"),
                dcc.Store(id="warn-target"),
                *form_values("warn-values"),
                dcc.Store(id="warn-done"),
                dcc.Store(id="warn-went"),
                dcc.Store(id="warn-end-of"),
                dcc.Store(id="warn-changed"),
                dcc.Store(id="warn-me", data=asker().account),
                dcc.Store(id="warn-drafts", data={}, storage_type="local"),
                dcc.Interval(id="warn-tick", interval=5_000),
                dcc.Interval(id="warn-slow-tick", interval=20_000),
            ],
            id="warn-page",
            className="warn",
        ),
    )


def _one() -> Any:
    """Return the place of everything of one warning; what became of its ways out comes anew by itself."""
    parts = [html.Div(id="warn-details-head"), html.Div(id="warn-details-ways"), html.Div(id="warn-details-message")]
    return html.Section(parts, id="warn-details", className="panel warn-details")


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "warn-what")
    connect_columns(callbacks, "warn-rows")
    clock = center.office.clock if center.office else SystemClock()
    warning_draft.connect(callbacks, center)
    warning_acts.connect(callbacks, center)

    @callbacks.add(
        Output("warn-rows", "rowData"),
        Output("warn-state", "children"),
        Output("warn-ways", "children"),
        Input("warn-what", "value"),
        Input("warn-changed", "data"),
        Input("warn-tick", "n_intervals"),
        rights=PAGE,
    )
    def _list(what: object, _changed: object, _tick: object) -> Any:
        try:
            found = by_warning(center.warning_desk().warnings(asker(), LIMIT))
            listed = rows(center, found, clock.now_us())
            leaving = ways_out(center)
        except OpsCenterError as error:
            return [], said(refusal(error), "wrong"), []
        holding = sum(row["code"] == IN_FORCE for row in listed)
        shown = [row for row in listed if not what or row["code"] == what]
        return shown, both(Label(f"{holding} 条生效中", f"{holding} in force")), leaving

    @callbacks.add(
        Output("warn-details-head", "children"),
        Output("warn-details-message", "children"),
        Output("warn-table", "data-open"),
        Input("warn-rows", "selectedRows"),
        Input("warn-changed", "data"),
        rights=PAGE,
    )
    def _details(chosen: object, _changed: object) -> Any:
        try:
            found = _chosen(center, chosen)
            return (head(center, found, clock.now_us()), message(found[-1]), "yes") if found else ([], [], "")
        except OpsCenterError as error:
            return [said(refusal(error), "wrong")], [], "yes"

    @callbacks.add(
        Output("warn-details-ways", "children"),
        Input("warn-rows", "selectedRows"),
        Input("warn-changed", "data"),
        Input("warn-tick", "n_intervals"),
        rights=PAGE,
    )
    def _ways(chosen: object, _changed: object, _tick: object) -> Any:
        try:
            found = _chosen(center, chosen)
            return ways(center, found) if found else []
        except OpsCenterError as error:
            return [said(refusal(error), "wrong")]


def _chosen(center: Center, chosen: object) -> Sequence[WarningMessage]:
    first = first_of(chosen)
    return center.warning_desk().messages(asker(), first) if first else ()


SCREEN = Screen(
    "warnings",
    "/warnings",
    _TITLE,
    PAGE,
    layout,
    connect,
    order=44,
    group=Group.COMMAND,
    menu=Label("预警", "Warnings"),
)
