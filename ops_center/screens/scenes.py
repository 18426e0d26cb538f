"""Scenes (``/scenes``): all of them; one opened on its grid: panels dragged, resized, added, told what to show.

What is edited is a draft that the browser keeps until it is saved or dropped (``assets/scene_editor.js``); the server
judges it at every change, and renders it for the preview as the wall would.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from dash import html

from ops_center.domain.rights import PICTURE, Rights, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.scenes.scene import DAYS
from ops_center.screens import scene_acts, stage, version_acts
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.groups import Group
from ops_center.screens.panels import registry
from ops_center.screens.panels.schema import fields_of
from ops_center.screens.scene_offers import scene_offers
from ops_center.screens.screen import Center, Screen, both, marked, spoken
from ops_center.services.scenes import SCENES
from ops_center.store.version_port import VersionRow

_TITLE = Label("大屏场景", "Scenes of the wall")
RIGHTS = Rights(see=PICTURE - {Role.DISPLAY, Role.DEPARTMENT}, change=SCENES.change)


def layout(center: Center) -> Any:
    """Return the page: the list, the grid, and what is chosen on it."""
    return framed(
        center,
        "/scenes",
        _TITLE,
        html.Div(
            [
                html.Section([html.H1(spoken(_TITLE)), html.Div(id="scene-list")], className="scenes-list"),
                html.Section(
                    [
                        html.Div(id="scene-bar", className="scenes-bar"),
                        html.Div(
                            html.Div(
                                [stage.stage(center), html.Div(id="scene-grid", tabIndex=0)], className="scenes-wall"
                            ),
                            className="scenes-room",
                        ),
                        html.Div(id="scene-foot", className="scenes-foot", role="status", **marked(aria_live="polite")),
                    ],
                    className="scenes-middle",
                ),
                html.Section(
                    [html.P(both(Label("请选择一个场景", "choose a scene")), className="quiet")],
                    id="scene-form",
                    className="scenes-form panel",
                ),
            ],
            id="scenes-page",
            className="scenes",
        ),
        html.Div(html.Div(id="scene-picker"), id="scene-picker-room", hidden=True),
        *version_acts.stores("scene", "scenes"),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    version_acts.connect(callbacks, center, scene_acts.edited(RIGHTS), partial(known, center))


def known(center: Center, everything: bool) -> dict[str, Any]:
    """Return what the editor knows: scenes always; kinds and offers once. Raises StoreError."""
    rows, due = [], None
    if center.scenes is not None:
        found = center.scenes.due()
        rows, due = list(center.scenes.list()), found.name if found else None
    said: dict[str, Any] = {"scenes": [_row(center, row) for row in rows], "due": due}
    if everything:
        said |= {
            "kinds": [_kind(name, center) for name in registry()],
            "offers": scene_offers(center),
            "walls": _walls(center),
            "days": list(DAYS),
            "me": asker().account,
            "may_change": asker().may_change_of(SCENES, "", ""),
        }
    return said


def _row(center: Center, row: VersionRow) -> dict[str, Any]:
    ships = center.scenes is not None and center.scenes.ships(row.name)
    return {**version_acts.listed(row, center.pack.manifest.timezone), "ships": ships}


def _kind(name: str, center: Center) -> dict[str, Any]:
    kind = registry()[name]
    return {
        "name": name,
        "zh": kind.label.zh,
        "en": kind.label.en,
        "purpose": [kind.purpose.zh, kind.purpose.en],
        "size": list(kind.size),
        "fields": fields_of(kind.options),
        "offered": kind.offered(center),
    }


def _walls(center: Center) -> list[dict[str, Any]]:
    """Return the walls there are as outlines of their displays, in pixels."""
    if center.walls is None:
        return []
    return [
        {
            "name": wall.name,
            "zh": wall.label.zh,
            "en": wall.label.en,
            "size": list(wall.size_px),
            "parts": [[part.number, part.x, part.y, part.width, part.height] for part in wall.parts],
        }
        for wall in center.walls.desk.walls.values()
    ]


SCREEN = Screen(
    "scenes", "/scenes", _TITLE, RIGHTS, layout, connect, order=45, group=Group.LIVE, menu=Label("场景", "Scenes")
)
