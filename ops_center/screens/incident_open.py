"""The dialog that opens an incident, on every page for a desk and on the wall: what it knows, what leads to it.

``assets/incident_open.js`` is the dialog.
"""

from __future__ import annotations

import json
from typing import Any

from dash import html

from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.incident_words import dialog_config
from ops_center.screens.screen import Center, marked, spoken
from ops_center.services.incidents.rights import INCIDENTS

_OPEN = Label("启动事件", "Open an incident")


def may_open(center: Center) -> bool:
    """Return whether whoever asks may open incidents here."""
    return center.incidents is not None and asker().may_change(INCIDENTS)


def place(center: Center) -> list[Any]:
    """Return what the dialog is told, hidden; nothing for who opens none."""
    if not may_open(center):
        return []
    said = json.dumps(dialog_config(center), ensure_ascii=False, separators=(",", ":"))
    return [html.Div(id="incident-open-said", hidden=True, **marked(data_said=said, data_may="yes"))]


def of_alarm(center: Center, number: int) -> list[Any]:
    """Return the button that opens an incident from an alarm."""
    return _button(center, data_incident_open="alarm", data_alarm_id=str(number))


def of_place(center: Center, longitude: float, latitude: float) -> list[Any]:
    """Return the button that opens an incident at a place."""
    return _button(center, data_incident_open="place", data_lon=f"{longitude:.6f}", data_lat=f"{latitude:.6f}")


def _button(center: Center, **attributes: str) -> list[Any]:
    if not may_open(center):
        return []
    return [html.Button([html.Span(spoken(_OPEN)), html.Kbd("I")], className="act", **marked(**attributes))]
