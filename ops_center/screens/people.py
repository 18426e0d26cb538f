"""People (``/people``): accounts and what they may do, who is signed in, displays, tokens. For administrators.

Lists come anew by themselves; what is being typed or chosen beside them stays. Each tab is a module of its own.
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from ops_center.domain.text import Label
from ops_center.screens import (
    people_accounts,
    people_acts,
    people_add,
    people_displays,
    people_person,
    people_programs,
    people_sessions,
)
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.groups import Group
from ops_center.screens.people_parts import RIGHTS
from ops_center.screens.screen import Center, Screen, both

_LISTS = (people_accounts, people_sessions, people_displays, people_programs)
_PARTS = (*_LISTS, people_person, people_add, people_acts)
_TITLE = Label("人员与权限", "People")
_TABS = (
    ("accounts", Label("账号", "Accounts")),
    ("sessions", Label("在线会话", "Sessions")),
    ("displays", Label("显示屏", "Displays")),
    ("programs", Label("接口令牌", "API tokens")),
)


def layout(center: Center) -> Any:
    """Return the page."""
    tabs = dmc.TabsList([dmc.TabsTab(both(label), value=value) for value, label in _TABS])
    accounts = html.Div([people_accounts.layout(), people_person.layout(center)], className="accounts")
    return framed(
        center,
        "/people",
        _TITLE,
        dmc.Tabs(
            [
                tabs,
                dmc.TabsPanel(accounts, value="accounts"),
                dmc.TabsPanel(people_sessions.layout(), value="sessions"),
                dmc.TabsPanel(people_displays.layout(center), value="displays"),
                dmc.TabsPanel(people_programs.layout(), value="programs"),
            ],
            id="people-tabs",
            value="accounts",
            className="tabs",
        ),
        people_add.layout(center),
        people_acts.dialog(),
        dcc.Store(id="people-changed", data=0),
        dcc.Store(id="person", data=""),
        dcc.Interval(id="people-tick", interval=10_000),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks of all tabs."""
    for part in _PARTS:
        part.connect(callbacks, center)


SCREEN = Screen("people", "/people", _TITLE, RIGHTS, layout, connect, order=70, group=Group.ADMINISTRATION)
