"""Notification routes (``/notifications/routes``): who is told of what; made, changed, disabled, tried out.

``?route=<name>`` opens one. What is typed is a draft that the browser keeps until it is saved or dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Input, Output, State, dcc, html, no_update

from alerts.route import Route
from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import route_acts
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import button, connect_choices, said
from ops_center.screens.form_values import connect_form_values, form_values
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.refusals import refusal
from ops_center.screens.route_form import FIELDS, NEW, values_of
from ops_center.screens.route_parts import asks, field_id, form
from ops_center.screens.route_rows import row_of, versions
from ops_center.screens.route_words import CHOICES
from ops_center.screens.rule_offers import label_of
from ops_center.screens.screen import Center, Screen, both
from ops_center.services.notifications.routes import ROUTES
from ops_center.store.notification_port import RouteVersion

_TITLE = Label("通知路由", "Notification routes")
_NOTHING_FITS = Label(
    "还没有通知路由，报警不会通知任何人。由管理员新建。",
    "There is no route yet, so nobody is told of alarms. Administrators make them.",
)
_COLUMNS = (
    column("label", Label("名称", "name"), width=150, grows=2, words=True),
    column("state", Label("状态", "state"), width=120, words=True),
    column("channel", Label("方式", "by"), width=110, words=True),
    column("to", Label("对象", "to"), width=150, grows=2),
    column("acts", Label("事由", "because"), width=140, grows=1, words=True),
    column("priorities", Label("优先级", "priorities"), width=130, words=True),
    column("version", Label("版本", "version"), width=85, type="rightAligned"),
    column("author", Label("修改人", "changed by"), width=160),
    column("changed", Label("最近修改", "last change"), width=175),
)
_OFFERED = ("rules", "departments", "districts")


def layout(center: Center) -> Any:
    """Return the page: the list, and beside it the route that is open."""
    may_change = asker().may_change(ROUTES)
    top = html.Div(
        [
            html.A(both(Label("发送记录", "What was sent")), href="/notifications", className="copy"),
            html.Div(id="route-kept", className="route-kept"),
            html.Div(className="grow"),
            html.Span(id="route-count", className="quiet"),
            html.Div(button("route-new", Label("新建路由", "New route"), kind="main"), hidden=not may_change),
        ],
        className="row",
    )
    stores = ("asked", "fill", "target", "done", "ids", "changed")
    return framed(
        center,
        "/notifications/routes",
        _TITLE,
        html.Div(
            [
                html.Div([top, grid("route-rows", _COLUMNS, "name", nothing=_NOTHING_FITS)], className="route-list"),
                form(may_change),
                asks(),
                *(dcc.Store(id=f"route-{name}") for name in stores),
                *form_values("route-values"),
                dcc.Store(id="route-me", data=asker().account),
                dcc.Store(id="route-drafts", data={}, storage_type="local"),
                dcc.Interval(id="route-tick", interval=10_000),
                dcc.Interval(id="route-quick", interval=1_500, disabled=True),
            ],
            id="route-page",
            className="route-page",
        ),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, *(field_id(name) for name in (*CHOICES, "acts", "priorities")))
    connect_columns(callbacks, "route-rows")
    for name in _OFFERED:
        callbacks.in_browser(
            "routes",
            "offers",
            Output(field_id(name), "data"),
            Input("language", "data"),
            Input(f"{field_id(name)}-words", "data"),
            Input("route-target", "data"),
            State(field_id(name), "value"),
        )
    _connect_browser(callbacks)
    route_acts.connect(callbacks, center)
    zone = center.pack.manifest.timezone

    @callbacks.add(
        Output("route-rows", "rowData"),
        Output("route-count", "children"),
        Input("route-tick", "n_intervals"),
        Input("route-changed", "data"),
        rights=ROUTES,
    )
    def _list(_tick: object, _changed: object) -> Any:
        try:
            desk = center.notifying()
            newest = {one.name: (one, next(iter(desk.versions(one.name)), None)) for one in desk.routes()}
        except OpsCenterError as error:
            return no_update, said(refusal(error), "wrong")
        rows = [row_of(route, version, center.realm, zone) for route, version in newest.values()]
        return rows, both(Label(f"{len(rows)} 条路由", f"routes: {len(rows)}"))

    @callbacks.add(
        *(Output(f"{field_id(name)}-words", "data") for name in _OFFERED), Input("route-me", "data"), rights=ROUTES
    )
    def _offers(_me: object) -> Any:
        names = scope_names(center.pack)
        return _rules(center), _options(names.departments), _options(names.districts)

    @callbacks.add(
        Output("route-fill", "data"),
        Output("route-versions", "children"),
        Output("route-answer", "children", allow_duplicate=True),
        Input("route-asked", "data"),
        rights=ROUTES,
        prevent_initial_call="initial_duplicate",
    )
    def _open(asked: dict[str, Any] | None) -> Any:
        name = asked.get("name") if asked else None
        if not isinstance(name, str):
            return None, [], []
        try:
            found = center.notifying().versions(name) if name else ()
        except OpsCenterError as error:
            return no_update, no_update, said(refusal(error), "wrong")
        if name and not found:
            return None, [], said(Label(f"没有路由 {name}。", f"There is no route {name}."), "wrong")
        return _filled(found), versions(found, zone), no_update


def _connect_browser(callbacks: Callbacks) -> None:
    fields = [field_id(name) for name in FIELDS]
    callbacks.in_browser(
        "routes",
        "asked",
        Output("route-asked", "data"),
        Input("url", "search"),
        Input("route-rows", "selectedRows"),
        Input("route-new", "n_clicks"),
        State("route-target", "data"),
    )
    callbacks.in_browser(
        "routes",
        "begun",
        *(Output(name, "value") for name in fields),
        Output("route-target", "data"),
        Output("route-title", "children"),
        Output("route-restored", "children"),
        Output("route-page", "className"),
        Input("route-fill", "data"),
        State("route-drafts", "data"),
    )
    connect_form_values(callbacks, "route-values")
    callbacks.in_browser(
        "routes",
        "gathered",
        Output("route-values", "data"),
        Output("route-drafts", "data"),
        *(Input(name, "value") for name in fields),
        Input("route-target", "data"),
        State("route-fill", "data"),
        State("route-drafts", "data"),
    )
    callbacks.in_browser(
        "routes", "kept", Output("route-kept", "children"), Input("route-drafts", "data"), State("route-me", "data")
    )
    for act, asked in (("dropped", Input("route-drop", "n_clicks")), ("saved", Input("route-done", "data"))):
        callbacks.in_browser(
            "routes",
            act,
            Output("route-drafts", "data", allow_duplicate=True),
            Output("route-asked", "data", allow_duplicate=True),
            asked,
            State("route-target", "data"),
            State("route-drafts", "data"),
            prevent_initial_call=True,
        )


def _filled(found: Any) -> dict[str, Any]:
    newest: RouteVersion | None = next(iter(found), None)
    route: Route | None = newest.route if newest else None
    name, version = (route.name, route.version) if route else ("", 0)
    title = {"zh": route.label.zh, "en": route.label.en} if route else {"zh": "新建路由", "en": "New route"}
    target = {"name": name, "seen": version, "key": f"{asker().account}/{name or '+'}"}
    return {"values": values_of(route) if route else {**NEW}, "target": target, "title": title}


def _rules(center: Center) -> list[list[str]]:
    try:
        rows = center.bench().desk.list()
    except OpsCenterError:
        return []
    return _options({row.name: label_of(row) for row in rows})


def _options(names: Mapping[str, Label]) -> list[list[str]]:
    return [[code, label.zh, label.en] for code, label in sorted(names.items())]


SCREEN = Screen("routes", "/notifications/routes", _TITLE, ROUTES, layout, connect, order=46, listed=False)
