"""The coordinator's desk (``/desk``): map, alarms and detail side by side, with search, selection and comparison.

This module is the page's frame; ``assets/desk_map.js`` drives it. The list is that of ``/alarms``
(``assets/alarms*.js``), the card of an alarm is ``alarm_card``, that of a thing or a place ``desk_map_card``.
"""

from __future__ import annotations

from typing import Any

from dash import Input, Output, dcc, html

from feeds import kind_names
from layers.contract import Layer
from ops_center.city.scope_names import scope_names
from ops_center.domain.rights import PICTURE, Rights, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import alarm_card, alarm_commands, deckgl, desk_map_card
from ops_center.screens.alarm_words import ACTS, script_config
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_map_words import words_for_script
from ops_center.screens.groups import Group
from ops_center.screens.legend import OFF_AT_FIRST, layer_legend
from ops_center.screens.property_words import UNITS, property_names
from ops_center.screens.screen import Center, Screen, marked, titled
from ops_center.screens.time_slider import time_slider
from ops_center.screens.wall_control import may_send
from ops_center.services.alarm_rights import ALARMS
from ops_center.services.search.entries import KINDS
from ops_center.services.selection.states import STATES

_TITLE = Label("指挥席位", "Coordinator's desk")
RIGHTS = Rights(see=PICTURE - {Role.DISPLAY})


def layout(center: Center) -> Any:
    """Return the page."""
    who = asker()
    seen = (layer for layer in center.layers.values() if who.may_see(layer.rights))
    shown = tuple(sorted(seen, key=lambda layer: (layer.name in OFF_AT_FIRST, -layer.order)))
    if center.search is not None:
        center.search.prepare()
    return framed(
        center,
        "/desk",
        _TITLE,
        dcc.Store(id="desk-config", data=_config(center, shown)),
        *(dcc.Store(id=name) for name in ("alarm-views-ask", "alarm-views", "alarm-closed-ask", "alarm-closed")),
        *(dcc.Store(id=name) for name in ("alarm-told", "desk-mounted", "desk-told")),
        *alarm_commands.stores(),
        *desk_map_card.stores(),
        html.Div(
            [
                html.Section(html.Div(id="alarm-page"), id="desk-list"),
                _split("list", Label("报警列表宽度", "width of the alarm list")),
                _middle(shown),
                _split("side", Label("详情宽度", "width of the detail")),
                html.Section(
                    [html.Div(id="desk-overview"), alarm_card.place(), html.Div(id="desk-card")], id="desk-side"
                ),
            ],
            id="desk-page",
        ),
    )


def _middle(shown: tuple[Layer, ...]) -> Any:
    legends = html.Div([_legend(layer) for layer in shown], id="desk-legends", hidden=True)
    return html.Section(
        [
            html.Div(
                [
                    html.Div(html.Div(id="desk-map-holder", className="desk-map-holder"), className="desk-map-cell"),
                    html.Div(
                        html.Div(id="desk-second-holder", className="desk-map-holder"),
                        className="desk-map-cell",
                        id="desk-second",
                        hidden=True,
                    ),
                    html.Div(id="desk-over"),
                ],
                id="desk-maps",
            ),
            time_slider(),
            html.Div(id="desk-drawer", hidden=True),
            legends,
        ],
        id="desk-middle",
    )


def _legend(layer: Layer) -> Any:
    return html.Div(layer_legend(layer), **marked(data_legend=layer.name, data_feed=" ".join(layer.feeds)))


def _split(name: str, label: Label) -> Any:
    """Return a bar that is dragged, or moved by arrow keys (assets/desk_map_view.js)."""
    return html.Div(
        className="desk-split", role="separator", **marked(data_split=name, aria_orientation="vertical"),
        **titled(label),
    )  # fmt: skip


def _config(center: Center, shown: tuple[Layer, ...]) -> dict[str, Any]:
    """Return what the scripts need to know; everything else comes over ``/live`` and ``/api``."""
    alarms = script_config(center)
    names = scope_names(center.pack)
    return {
        **alarms,
        "words": {**alarms["words"], **words_for_script()},
        "acts": list(ACTS) if asker().may_change(ALARMS) else [],
        "map": deckgl.map_config(center.pack.manifest.bounds),
        "layers": deckgl.layer_configs(sorted(shown, key=lambda layer: layer.order)),
        "hidden": list(OFF_AT_FIRST),
        "switches": [{"name": layer.name, "label": _both(layer.label)} for layer in shown],
        "kinds": {name: _both(label) for name, label in kind_names().items()},
        "places": {name: _both(label) for name, label in KINDS.items()},
        "states": {name: _both(label) for name, label in STATES.items()},
        "properties": {name: _both(label) for name, label in property_names().items()},
        "units": dict(UNITS),
        "districts": [{"code": code, "label": _both(label)} for code, label in names.districts.items()],
        "motion": center.motion,
        "steers": may_send(center),
        "marks": center.alarms is not None and asker().may_see(ALARMS),
    }


def _both(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks; those of the list and of an alarm's card are registered by ``alarms``."""
    callbacks.in_browser("desk_map", "mount", Output("desk-mounted", "data"), Input("desk-config", "data"))
    desk_map_card.connect(callbacks, center)


SCREEN = Screen(
    "desk", "/desk", _TITLE, RIGHTS, layout, connect, order=15, group=Group.LIVE, menu=Label("席位", "Desk")
)
