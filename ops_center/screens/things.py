"""A thing (``/things/<producer>/<thing_id>``): what it is, how it is, what it measured, and what is around it.

The page is filled by who looks at what: nothing of a thing is in the layout itself. Its series are asked for by
assets/thing_page.js (``thing_series``), its state and surroundings come anew by themselves.
"""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, dcc, html, no_update

from ops_center.domain.catalog import Thing
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Rights, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import thing_alarms, thing_around, thing_head, thing_series
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import said
from ops_center.screens.links import thing_named
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both
from ops_center.services.things.room import THINGS

_TITLE = Label("设备", "Thing")
RIGHTS = Rights(see=THINGS.see - {Role.DISPLAY})
_UNKNOWN = Label("没有这个设备，或您无权查看。", "There is no such thing, or none that you may see.")
_TO_CATALOG = Label("在设备目录中查找", "Look for it in the catalog")


def layout(center: Center) -> Any:
    """Return the frame of the page."""
    waiting = html.P(both(Label("正在读取……", "reading …")), className="quiet thing-waits")
    return framed(
        center,
        "/things",
        _TITLE,
        html.Div(
            [
                html.Div(id="thing-told", className="thing-told", role="status"),
                html.Div(waiting, id="thing-body"),
                dcc.Store(id="thing-ask"),
                dcc.Store(id="thing-shown"),
                dcc.Store(id="thing-drawn"),
                dcc.Store(id="thing-mapped"),
                dcc.Interval(id="thing-tick", interval=5_000),
                dcc.Interval(id="thing-slow-tick", interval=30_000),
            ],
            id="thing-page",
        ),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    thing_series.connect(callbacks, center, RIGHTS)
    _connect_body(callbacks, center)
    _connect_state(callbacks, center)


def _connect_body(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(Output("thing-body", "children"), Input("url", "pathname"), rights=RIGHTS)
    def _body(path: object) -> Any:
        try:
            thing = _thing_at(center, path)
            if thing is None:
                return _nothing()
            who = asker()
            center.saw(who, "thing.seen", f"{thing.producer}/{thing.thing_id}")
            return html.Div(
                [
                    thing_head.head(center, thing),
                    html.Div(
                        [
                            html.Div(
                                [
                                    thing_head.state_panel(thing),
                                    thing_series.panel(center, thing),
                                    thing_alarms.panel(),
                                ],
                                className="thing-left",
                            ),
                            html.Div(
                                [
                                    thing_around.map_panel(),
                                    thing_around.network(center, who, thing),
                                    html.Div(id="thing-around"),
                                    thing_alarms.rules(center, thing),
                                    thing_head.facts(center, thing),
                                ],
                                className="thing-right",
                            ),
                        ],
                        className="thing-columns",
                    ),
                ]
            )
        except OpsCenterError as error:
            return said(refusal(error), "wrong")


def _connect_state(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("thing-now", "children"),
        Input("thing-tick", "n_intervals"),
        Input("thing-now", "id"),
        State("url", "pathname"),
        rights=RIGHTS,
    )
    def _now(_tick: object, _is: object, path: object) -> Any:
        thing = _thing_at(center, path)
        return no_update if thing is None else thing_head.now(center, thing)

    @callbacks.add(
        Output("thing-around", "children"),
        Output("thing-alarms", "children"),
        Output("thing-map-data", "data"),
        Input("thing-slow-tick", "n_intervals"),
        Input("thing-around", "id"),
        State("url", "pathname"),
        rights=RIGHTS,
    )
    def _around(_tick: object, _is: object, path: object) -> Any:
        try:
            thing = _thing_at(center, path)
            if thing is None:
                return no_update, no_update, no_update
            who = asker()
            alarms = thing_alarms.listed(center, who, thing)
            return thing_around.around(center, who, thing), alarms, thing_around.map_data(center, who, thing)
        except OpsCenterError as error:
            return no_update, said(refusal(error), "wrong"), no_update

    callbacks.in_browser("thing", "mapped", Output("thing-mapped", "data"), Input("thing-map-data", "data"))


def _thing_at(center: Center, path: object) -> Thing | None:
    named = thing_named(path) if isinstance(path, str) and len(path) < 2000 else None
    return center.thing_room().find(asker(), *named) if named else None


def _nothing() -> Any:
    link = html.A(both(_TO_CATALOG), href="/catalog", className="copy")
    return html.Div([html.H1(both(_TITLE)), said(_UNKNOWN, "wrong"), link], className="panel thing-nothing")


SCREEN = Screen("things", "/things", _TITLE, RIGHTS, layout, connect, order=60, below=2, listed=False)
