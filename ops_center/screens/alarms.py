"""The alarm list (``/alarms``) and the card of one alarm (``/alarms/<id>``), for operators at a desk.

This module is the page's frame; ``assets/alarms.js`` lists what ``/live`` sends, ``alarm_commands`` does what is asked,
``alarm_card`` shows one alarm.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from dash import Input, Output, dcc, html, no_update

from alerts.alarm import State
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US
from ops_center.people.asking import asker
from ops_center.screens import alarm_card, alarm_commands
from ops_center.screens.alarm_words import ACTS, script_config
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.groups import Group
from ops_center.screens.screen import Center, Screen
from ops_center.services.alarm_rights import ALARMS
from ops_center.services.alarms import AlarmDesk
from ops_center.store.alarm_port import AlarmQuery, SavedView

_TITLE = Label("报警", "Alarms")
_PAGE = "alarms"
_MOST_CLOSED = 1000

ViewName = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a view keeps: the filter as the page has it."""

    text: Annotated[str, msgspec.Meta(max_length=100)] = ""
    priorities: Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=4)]], msgspec.Meta(max_length=4)] = []
    show: Annotated[str, msgspec.Meta(max_length=20)] = "open"
    waiting: bool = False
    district: Annotated[str, msgspec.Meta(max_length=100)] = ""
    department: Annotated[str, msgspec.Meta(max_length=100)] = ""
    rule: Annotated[str, msgspec.Meta(max_length=200)] = ""


class ViewsAsked(msgspec.Struct, frozen=True):
    """What is wanted of somebody's views; without either they are only listed."""

    save: ViewName | None = None
    view: Filter | None = None
    drop: ViewName | None = None
    n: int = 0


def layout(center: Center) -> Any:
    """Return the page."""
    acts = list(ACTS) if asker().may_change(ALARMS) else []
    stores = ("alarm-ready", "alarm-views-ask", "alarm-views", "alarm-closed-ask", "alarm-closed", "alarm-told")
    return framed(
        center,
        "/alarms",
        _TITLE,
        dcc.Store(id="alarm-config", data={**script_config(center), "acts": acts}),
        *(dcc.Store(id=name) for name in stores),
        *alarm_commands.stores(),
        html.Div([html.Div(id="alarm-page"), alarm_card.place()], className="alarms"),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    callbacks.in_browser("alarms", "mount", Output("alarm-ready", "data"), Input("alarm-config", "data"))
    alarm_commands.connect(callbacks, center)
    alarm_card.connect(callbacks, center)

    @callbacks.add(Output("alarm-views", "data"), Input("alarm-views-ask", "data"), rights=ALARMS)
    def _views(asked: ViewsAsked | None) -> Any:
        if asked is None or center.alarms is None:
            return no_update
        return views(center.alarms.desk, asker(), asked)

    @callbacks.add(Output("alarm-closed", "data"), Input("alarm-closed-ask", "data"), rights=ALARMS)
    def _closed(asked: object) -> Any:
        if asked is None:
            return no_update
        room = center.alarm_room()
        since_us = center.frame().now_us - DAY_US
        query = AlarmQuery(states=(State.NORMAL,), since_us=since_us, limit=_MOST_CLOSED)
        return [plain(room.words.encoded(alarm)) for alarm in room.desk.search(asker(), query)]

    callbacks.in_browser("alarms", "views", Output("alarm-told", "data"), Input("alarm-views", "data"))
    callbacks.in_browser(
        "alarms", "closed", Output("alarm-told", "data", allow_duplicate=True), Input("alarm-closed", "data"),
        prevent_initial_call=True,
    )  # fmt: skip


def views(desk: AlarmDesk, who: Asker, asked: ViewsAsked) -> list[dict[str, Any]]:
    """Save or forget a view of ``who``, and return those that are left."""
    if asked.save is not None and asked.view is not None:
        desk.save_view(who, SavedView(_PAGE, asked.save, msgspec.to_builtins(asked.view)))
    if asked.drop is not None:
        desk.drop_view(who, _PAGE, asked.drop)
    return [{"name": view.name, "view": dict(view.view)} for view in desk.views(who, _PAGE)]


def plain(row: msgspec.Raw) -> Any:
    """Return a row as values that are JSON: numbers that are none are None."""
    return msgspec.json.decode(row)


SCREEN = Screen("alarms", "/alarms", _TITLE, ALARMS, layout, connect, order=20, group=Group.ALARMS, below=True)
