"""Steering the walls (``/walls``): what hangs on each display now, what may be hung there, what was sent by whom.

The page is drawn by ``assets/wall_steer.js`` from ``/live`` and acts through ``/api/walls``; here are its frame and the
scenes with their panels, of which it draws miniatures.
"""

from __future__ import annotations

from typing import Any

from dash import Input, Output, dcc, html

from ops_center.domain.rights import Rights, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.groups import Group
from ops_center.screens.panels import registry
from ops_center.screens.screen import Center, Screen
from ops_center.screens.wall_control import may_send, page_config
from ops_center.services.walls import WALLS

_TITLE = Label("大屏控制", "Wall control")
RIGHTS = Rights(see=WALLS.see - {Role.DISPLAY}, change=WALLS.change)


def layout(center: Center) -> Any:
    """Return the page."""
    config = {**page_config(center), "steers": may_send(center), "account": asker().account, "kinds": _kinds()}
    return framed(
        center,
        "/walls",
        _TITLE,
        dcc.Store(id="walls-config", data=config),
        dcc.Store(id="walls-scenes-ask"),
        dcc.Store(id="walls-scenes"),
        dcc.Store(id="walls-ready"),
        html.Div(id="walls-page"),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    callbacks.in_browser("walls", "mount", Output("walls-ready", "data"), Input("walls-config", "data"))

    @callbacks.add(Output("walls-scenes", "data"), Input("walls-scenes-ask", "data"), rights=RIGHTS)
    def _scenes(_asked: object) -> list[dict[str, Any]]:
        return scenes_of(center)

    callbacks.in_browser(
        "walls", "scenes", Output("walls-ready", "data", allow_duplicate=True), Input("walls-scenes", "data"),
        prevent_initial_call=True,
    )  # fmt: skip


def scenes_of(center: Center) -> list[dict[str, Any]]:
    """Return the scenes, each with where its panels lie. Raises StoreError."""
    if center.scenes is None:
        return []
    return [
        {
            **{name: row.form[name] for name in ("name", "label", "columns", "rows")},
            "version": row.version,
            "planned": bool(row.form.get("schedule")),
            "rotates": bool(row.form.get("rotate_s")),
            "panels": [{name: panel[name] for name in ("kind", "x", "y", "w", "h")} for panel in row.form["panels"]],
        }
        for row in center.scenes.list()
    ]


def _kinds() -> dict[str, dict[str, str]]:
    return {name: {"zh": kind.label.zh, "en": kind.label.en} for name, kind in registry().items()}


SCREEN = Screen(
    "walls",
    "/walls",
    _TITLE,
    RIGHTS,
    layout,
    connect,
    order=16,
    group=Group.LIVE,
    menu=Label("大屏控制", "Wall control"),
)
