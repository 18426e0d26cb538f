"""Notifications (``/notifications``): what was sent to whom, what waits, what was given up, and what is for oneself."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, dcc, html

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import choice, connect_choices, said
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.notification_rows import LIMIT, MINE, STATES, details_of, look, row_of
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both, marked
from ops_center.services.notifications.routes import NOTIFICATIONS, ROUTES

_TITLE = Label("通知", "Notifications")
_CHOICES = [("", Label("全部", "everything")), (MINE, Label("发给我的", "for me")), *STATES.items()]
_NOTHING_FITS = Label(
    "没有符合条件的通知。按路由发出的通知会出现在这里。",
    "No notification fits. What goes out by the routes appears here.",
)
_COLUMNS = (
    column("made", Label("时间", "time"), width=185),
    column("said", Label("内容", "what"), width=260, grows=3),
    column("act", Label("事由", "because"), width=120, words=True),
    column("channel", Label("方式", "by"), width=120, words=True),
    column("to", Label("对象", "to"), width=180, grows=1),
    column("state", Label("状态", "state"), width=130, words=True),
    column("why", Label("结果", "outcome"), width=180, grows=1, words=True),
    column("tries", Label("次数", "tries"), width=85, type="rightAligned"),
)


def layout(center: Center) -> Any:
    """Return the page."""
    filters = html.Div(
        [
            *choice("told-what", Label("显示", "show"), _CHOICES, "", w="13rem"),
            _habits(),
            html.Div(className="grow"),
            html.Span(id="told-state", className="quiet"),
            *_routes_link(),
        ],
        className="row",
    )
    rows = html.Div(
        [
            grid("told-rows", _COLUMNS, "id", nothing=_NOTHING_FITS),
            html.Section(id="told-details", className="panel details"),
        ],
        className="table",
        id="told-table",
    )
    page = html.Div([filters, rows, dcc.Interval(id="told-tick", interval=5_000)], className="audit")
    return framed(center, "/notifications", _TITLE, page)


def _habits() -> Any:
    """Return the switches of this browser: what pops up, sounds, and is told outside of the page (notices.js)."""
    switches = {
        "pops": Label("弹出提示", "Pop up"),
        "sound": Label("声音", "Sound"),
        "system": Label("系统通知", "Notify outside the page"),
    }
    return html.Div(
        [
            html.Button(both(label), type="button", **marked(data_act="notice-toggle", data_what=name))
            for name, label in switches.items()
        ],
        className="notice-habits",
        id="told-habits",
    )


def _routes_link() -> list[Any]:
    """Return the way to who is told of what, for those who may see it."""
    if not asker().may_see(ROUTES):
        return []
    return [html.A(both(Label("通知路由", "Routes")), href="/notifications/routes", className="copy")]


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "told-what")
    connect_columns(callbacks, "told-rows")
    callbacks.in_browser("notices", "chosen", Output("told-what", "value"), Input("url", "search"))
    callbacks.in_browser("notices", "ready", Output("told-habits", "title"), Input("told-habits", "id"))
    zone = center.pack.manifest.timezone

    @callbacks.add(
        Output("told-rows", "rowData"),
        Output("told-state", "children"),
        Input("told-what", "value"),
        Input("told-tick", "n_intervals"),
        rights=NOTIFICATIONS,
    )
    def _list(what: object, _tick: object) -> Any:
        try:
            found = look(center, asker(), what)
        except OpsCenterError as error:
            return [], said(refusal(error), "wrong")
        newest = both(Label(f"最新 {LIMIT} 条", f"the newest {LIMIT}")) if len(found) == LIMIT else ""
        return [row_of(one, zone) for one in found], newest

    @callbacks.add(
        Output("told-details", "children"),
        Output("told-table", "data-open"),
        Input("told-rows", "selectedRows"),
        rights=NOTIFICATIONS,
    )
    def _details(chosen: object) -> Any:
        row = chosen[0] if isinstance(chosen, list) and chosen and isinstance(chosen[0], dict) else {}
        number = row.get("id")
        if not isinstance(number, int) or not 0 <= number < 2**53:
            return [], ""
        try:
            shown = details_of(center, asker(), number)
        except OpsCenterError as error:
            return [said(refusal(error), "wrong")], "yes"
        return shown, "yes" if shown else ""


SCREEN = Screen("notifications", "/notifications", _TITLE, NOTIFICATIONS, layout, connect, order=45)
