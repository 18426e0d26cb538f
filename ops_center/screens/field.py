"""The phone page of a crew (``/field``): its unit, its tasks, and what it says of them, also without a line.

Made for 390 × 844 and gloves. What the page shows and keeps is in the browser (assets/field.js): it works on when the
center can't be reached, which no callback does. What is asked is ``/api/field``.
"""

from __future__ import annotations

from typing import Any

from dash import Input, Output, dcc, html

from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.groups import Group
from ops_center.screens.screen import Center, Screen, marked
from ops_center.screens.states import stated
from ops_center.services.incidents.rights import FIELD

_TITLE = Label("外勤任务", "Field tasks")
_LOADING = Label("正在读取任务。", "Tasks are on their way.")


def layout(center: Center) -> Any:
    """Return the page; the script fills it."""
    whose = marked(data_zone=center.pack.manifest.timezone, data_account=asker().account)
    place = html.Div(stated("loading", _LOADING), id="field", **whose)
    return framed(center, "/field", _TITLE, place, dcc.Store(id="field-ready"))


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callback that hands the page to its script."""
    callbacks.in_browser("field", "begin", Output("field-ready", "data"), Input("field", "id"))


SCREEN = Screen(
    "field",
    "/field",
    _TITLE,
    Rights(see=FIELD.see, change=FIELD.change),
    layout,
    connect,
    order=60,
    group=Group.COMMAND,
    menu=Label("外勤", "Field"),
)
