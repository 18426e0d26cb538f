"""What other screens need of walls: what a page that shows one is told, and the button that sends something to one.

``assets/wall_display.js`` follows a wall, ``assets/wall_send.js`` asks where something is to go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Input, Output, dcc, html

from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.screen import Center, both, marked, titled
from ops_center.services.walls import WALLS
from ops_center.walls.state import Kind
from ops_center.walls.wall import Wall

_SEND = Label("发送到大屏", "Send to the wall")


def wall_parts(center: Center) -> Sequence[Any]:
    """Return what a page that shows a wall holds besides its scene; :func:`connect_parts` starts it."""
    if center.walls is None:
        return ()
    return (dcc.Store(id="wall-parts", data=page_config(center)), dcc.Store(id="wall-begun"))


def connect_parts(callbacks: Callbacks) -> None:
    """Let pages with :func:`wall_parts` follow their wall. Called once, by the wall's screen."""
    callbacks.in_browser("wall_display", "mount", Output("wall-begun", "data"), Input("wall-parts", "data"))


def page_config(center: Center) -> dict[str, Any]:
    """Return what scripts know of the walls; none of them in trials and measurements."""
    room = center.walls
    return {
        "walls": {name: described(wall) for name, wall in room.desk.walls.items()} if room else {},
        "release": room.release if room else "",
        "timezone": center.pack.manifest.timezone,
    }


def described(wall: Wall) -> dict[str, Any]:
    """Return a wall as scripts have it; lengths in the displays' own pixels."""
    dim = wall.dim
    return {
        "name": wall.name,
        "label": {"zh": wall.label.zh, "en": wall.label.en},
        "columns": wall.columns,
        "rows": wall.rows,
        "size": list(wall.size_px),
        "rem_of_width": wall.rem_of_width,
        "dim": {"begins": dim.begins, "ends": dim.ends, "by": dim.by} if dim else None,
        "parts": [
            {"number": one.number, "x": one.x, "y": one.y, "width": one.width, "height": one.height}
            for one in wall.parts
        ],
    }


def may_send(center: Center, who: Asker | None = None) -> bool:
    """Return whether somebody (who asks) steers walls: others see no button."""
    return center.walls is not None and (who or asker()).may_change_of(WALLS, "", "")


def send_button(center: Center, kind: Kind, subject: str = "", **attributes: Any) -> list[Any]:
    """Return the button that sends an alarm, a camera, a thing (``producer/thing_id``) or the page's map to a wall.

    None of it for who may not. What is asked then is ``wall_send.js``'s; the page does nothing.
    """
    if not may_send(center):
        return []
    sent = marked(data_wall_send=kind, data_subject=subject)
    button = html.Button(
        [html.Span("▣", className="sign-of-walls", **marked(aria_hidden="true")), both(_SEND)],
        type="button",
        **{"className": "wall-send", **attributes},
        **sent,
        **titled(_SEND),
    )
    return [button]
