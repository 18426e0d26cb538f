"""Rules (``/rules``): all of them; one opened to be edited, tried on history, drawn on the map, enabled and disabled.

What is edited is a draft that the browser keeps until it is saved or taken back; the server judges it at every change.
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import rule_acts, rule_editor, rule_judged, rule_list, rule_new, rule_preview, rule_versions
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.groups import Group
from ops_center.screens.rule_map import scope_map
from ops_center.screens.screen import Center, Screen, both
from ops_center.services.rule_bench import RULES

_TITLE = Label("报警规则", "Alarm rules")
_PARTS = (rule_list, rule_editor, rule_judged, rule_preview, rule_versions, rule_new, rule_acts)
_TABS = (
    ("map", Label("范围地图", "Map")),
    ("preview", Label("历史预演", "Dry run")),
    ("versions", Label("历史版本", "Versions")),
)


def layout(center: Center) -> Any:
    """Return the page: the list, and the editor that takes its place while a rule is opened."""
    may_change = asker().may_change_of(RULES, "", "")
    beside = dmc.Tabs(
        [
            dmc.TabsList([dmc.TabsTab(both(label), value=value) for value, label in _TABS]),
            dmc.TabsPanel(scope_map(), value="map"),
            dmc.TabsPanel(rule_preview.layout(may_change), value="preview"),
            dmc.TabsPanel(rule_versions.layout(), value="versions"),
        ],
        id="rule-tabs",
        value="map",
        className="tabs panel",
        keepMounted=True,
    )
    return framed(
        center,
        "/rules",
        _TITLE,
        html.Div(
            [
                rule_list.layout(center, may_change),
                html.Div([rule_editor.layout(may_change), beside], className="rule-open"),
            ],
            id="rules-page",
            className="rules",
        ),
        rule_new.dialog(center),
        rule_acts.dialog(),
        dcc.Store(id="rule-name", data=""),
        dcc.Store(id="rule-me", data=asker().account),
        dcc.Store(id="rule-drafts", data={}, storage_type="local"),
        dcc.Store(id="rules-changed", data=0),
        dcc.Interval(id="rules-tick", interval=15_000),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks of all parts."""
    for part in _PARTS:
        part.connect(callbacks, center)


SCREEN = Screen(
    "rules", "/rules", _TITLE, RULES, layout, connect, order=40, group=Group.RULES, menu=Label("规则", "Rules")
)
