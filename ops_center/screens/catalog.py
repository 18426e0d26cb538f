"""The catalog (``/catalog``): which things there are; registered, moved, changed, retired; files of many imported.

A list, and beside it nothing, a thing that is being edited, or a file that is being imported. What is typed is a draft
that the browser keeps until it is saved or taken back.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from ops_center.domain.rights import Rights, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import catalog_acts, catalog_form, catalog_import, catalog_list, catalog_saving
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.groups import Group
from ops_center.screens.screen import Center, Screen
from ops_center.services.things.room import THINGS

_TITLE = Label("设备目录", "Catalog of things")
RIGHTS = Rights(see=THINGS.see - {Role.DISPLAY}, change=THINGS.change)


def layout(center: Center) -> Any:
    """Return the page."""
    may_add = asker().may_change(RIGHTS)
    return framed(
        center,
        "/catalog",
        _TITLE,
        html.Div(
            [
                catalog_list.layout(center, may_add),
                html.Div([catalog_form.layout(may_add), catalog_import.layout(may_add)], className="catalog-side"),
            ],
            id="catalog-page",
            className="catalog",
        ),
        catalog_acts.dialog(),
        dcc.Store(id="catalog-name", data=""),
        dcc.Store(id="catalog-me", data=asker().account),
        dcc.Store(id="catalog-drafts", data={}, storage_type="local"),
        dcc.Store(id="catalog-changed", data=0),
        dcc.Interval(id="catalog-tick", interval=15_000),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks of all parts."""
    for part in (catalog_list, catalog_form, catalog_saving, catalog_acts, catalog_import):
        part.connect(callbacks, center, RIGHTS)


SCREEN = Screen(
    "catalog", "/catalog", _TITLE, RIGHTS, layout, connect, order=48, group=Group.CITY, menu=Label("设备", "Things")
)
