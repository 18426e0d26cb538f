"""The incident board (``/incidents``) and the room of one incident (``/incidents/<id>``).

This module is the pages' frame: ``assets/incident_board.js`` lists what ``/live`` sends, ``assets/incident_room.js``
is the room, which talks to ``/api/incidents`` itself, so that nothing that somebody types is lost to an answer.
``incident_sensors`` lays out cameras and series.
"""

from __future__ import annotations

from typing import Any

from dash import Input, Output, dcc, html

from layers.contract import Layer
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import deckgl, incident_room, incident_sensors
from ops_center.screens.alarm_words import script_config as alarm_config
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_map_words import words_for_script
from ops_center.screens.groups import Group
from ops_center.screens.incident_words import script_config
from ops_center.screens.legend import OFF_AT_FIRST
from ops_center.screens.screen import Center, Screen
from ops_center.screens.wall_control import may_send
from ops_center.services.alarm_rights import ALARMS
from ops_center.services.incidents.rights import INCIDENTS

_TITLE = Label("事件", "Incidents")
_SHOWN_AT_FIRST = ("cameras", "units", "roads")
"""layers of the room's map until somebody chooses others: who looks, who helps, how the roads are"""


def layout(center: Center) -> Any:
    """Return the page."""
    return framed(
        center,
        "/incidents",
        _TITLE,
        dcc.Store(id="incident-config", data=_config(center)),
        dcc.Store(id="incident-ready"),
        *incident_sensors.stores(),
        html.Div(id="incident-board", hidden=True),
        incident_room.room(center),
    )


def _config(center: Center) -> dict[str, Any]:
    """Return what the scripts need to know; everything else comes over ``/live`` and ``/api``."""
    who = asker()
    seen = (layer for layer in center.layers.values() if who.may_see(layer.rights))
    shown = sorted(seen, key=lambda layer: (layer.name in OFF_AT_FIRST, -layer.order))
    alarms, own = alarm_config(center), script_config(center)
    return {
        **alarms,
        **own,
        "words": {**alarms["words"], **words_for_script(), **own["words"]},
        "map": deckgl.map_config(center.pack.manifest.bounds),
        "layers": deckgl.layer_configs(sorted(shown, key=lambda layer: layer.order)),
        "switches": [_switch(layer) for layer in shown],
        "shown": [layer.name for layer in shown if layer.name in _SHOWN_AT_FIRST],
        "attribution": list(center.pack.manifest.attribution),
        "motion": center.motion,
        "marks": center.alarms is not None and who.may_see(ALARMS),
        "steers": may_send(center),
    }


def _switch(layer: Layer) -> dict[str, Any]:
    return {"name": layer.name, "label": {"zh": layer.label.zh, "en": layer.label.en}}


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    callbacks.in_browser("incidents", "mount", Output("incident-ready", "data"), Input("incident-config", "data"))
    incident_sensors.connect(callbacks, center)


SCREEN = Screen(
    "incidents", "/incidents", _TITLE, INCIDENTS, layout, connect, order=12, group=Group.COMMAND, below=1
)  # fmt: skip
