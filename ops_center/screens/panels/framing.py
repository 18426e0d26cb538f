"""A panel as it stands on the wall: its place, its frame, and what it says when it has nothing to show.

Every kind gets the same designed states from here: empty, aged, failed, forbidden (loading is what the page shows until
the first answer). Called by ``screens.stage`` for a whole scene, and again for one panel whenever it is due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from dash import dcc, html

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.faults import Fault
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.scenes.reading import options_of
from ops_center.scenes.scene import GROUND, Panel, Scene
from ops_center.screens.panels import options_by_kind, registry
from ops_center.screens.panels.kind import PanelKind, PanelOptions, Shown, State
from ops_center.screens.screen import Center, both, marked, spoken

log = structlog.get_logger(__name__)

_FAILED = Label("暂时无法显示，正在重试", "can't be shown right now, trying again")
_FORBIDDEN = Label("您的角色不能查看此面板", "your roles do not show this panel")
_UNKNOWN = Label("本中心没有这种面板，或其选项有误", "this center has no such panel, or its options are wrong")


class Asked(msgspec.Struct, frozen=True):
    """What a page says when it asks for a panel anew: the same that it was given."""

    kind: str
    options: dict[str, Any]


def scene_of(center: Center, scene: Scene, slot: str) -> Any:
    """Return a whole scene for a slot of the stage (two scenes may be there at once: one shown, one prepared)."""
    panels = [_placed(center, panel, scene, slot) for panel in scene.panels]
    return html.Div(
        panels,
        className="sp-scene",
        **marked(
            data_scene=scene.name,
            data_version=str(scene.version),
            data_label_zh=scene.label.zh,
            data_label_en=scene.label.en,
            data_columns=str(scene.columns),
            data_rows=str(scene.rows),
        ),
    )


def body(center: Center, asked: Asked) -> Any:
    """Return what a panel shows now to whoever asks, with its heading."""
    kind = registry().get(asked.kind)
    panel = Panel(id="x", kind=asked.kind, x=0, y=0, w=1, h=1, options=asked.options)
    options = options_of(panel, options_by_kind())
    if kind is None or isinstance(options, Fault) or not isinstance(options, PanelOptions):
        return _inner(_stated("failed", _UNKNOWN), None, None)
    if not asker().may_see(kind.rights):
        return _inner(_stated("forbidden", _FORBIDDEN), kind, options)
    try:
        return _inner(kind.render(center, options), kind, options)
    except OpsCenterError as error:
        log.warning("panel.failed", kind=kind.name, why=str(error))
        return _inner(_stated("failed", _FAILED), kind, options)


def body_id(slot: Any, panel: Any) -> dict[str, Any]:
    """Return the name of the place of a panel's content."""
    return {"type": "sp-body", "slot": slot, "panel": panel}


def map_id(slot: Any, panel: Any) -> dict[str, Any]:
    """Return the name of the place that ``assets/scene_map.js`` puts a panel's map into."""
    return {"type": "sp-map", "slot": slot, "panel": panel}


def tick_id(slot: Any, panel: Any) -> dict[str, Any]:
    """Return the name of what says that a panel is due."""
    return {"type": "sp-tick", "slot": slot, "panel": panel}


def asked_id(slot: Any, panel: Any) -> dict[str, Any]:
    """Return the name of the store of what a panel asks for."""
    return {"type": "sp-asked", "slot": slot, "panel": panel}


def _placed(center: Center, panel: Panel, scene: Scene, slot: str) -> Any:
    kind = registry().get(panel.kind)
    refresh_s = kind.refresh_s if kind else None
    children: list[Any] = [
        html.Div(body(center, Asked(panel.kind, panel.options)), id=body_id(slot, panel.id), className="sp-body")
    ]
    if panel.kind == GROUND:
        children.append(html.Div(id=map_id(slot, panel.id), className="sp-map-holder"))
    if refresh_s:
        children += [
            dcc.Interval(id=tick_id(slot, panel.id), interval=round(1000 * refresh_s)),
            dcc.Store(id=asked_id(slot, panel.id), data={"kind": panel.kind, "options": panel.options}),
        ]
    return html.Section(
        children,
        className=f"sp{' bare' if panel.options.get('bare') else ''}",
        style=_place(panel, scene),
        **marked(
            data_panel=panel.id,
            data_kind=panel.kind,
            data_cells=f"{panel.x} {panel.y} {panel.w} {panel.h}",
            data_clear=" ".join(map(str, clear_of(panel, scene.panels))),
            data_refresh_s=str(refresh_s or 0),
        ),
    )


def _place(panel: Panel, scene: Scene) -> Mapping[str, str]:
    across, down = 100 / scene.columns, 100 / scene.rows
    return {
        "left": f"{panel.x * across:.4f}%",
        "top": f"{panel.y * down:.4f}%",
        "width": f"{panel.w * across:.4f}%",
        "height": f"{panel.h * down:.4f}%",
    }


def clear_of(ground: Panel, panels: Sequence[Panel]) -> tuple[int, int, int, int]:
    """Return how many cells of a map other panels take from its left, top, right and bottom edge.

    What the map is about is fitted into what is left; a panel counts for the edge that it takes the least from.
    """
    taken = [0, 0, 0, 0]
    for panel in panels:
        if panel is ground or not ground.holds(panel):
            continue
        edges = (
            panel.x + panel.w - ground.x,
            panel.y + panel.h - ground.y,
            ground.x + ground.w - panel.x,
            ground.y + ground.h - panel.y,
        )
        sizes = (ground.w, ground.h, ground.w, ground.h)
        side = min(range(4), key=lambda edge: edges[edge] / sizes[edge])
        if edges[side] <= sizes[side] / 2:
            taken[side] = max(taken[side], edges[side])
    return (taken[0], taken[1], taken[2], taken[3])


def _stated(state: State, words: Label) -> Shown:
    return Shown([both(words)], state)


def _inner(shown: Shown, kind: PanelKind | None, options: PanelOptions | None) -> Any:
    said = options.title.label() if options and options.title else None
    title = said or shown.title or (kind.label if kind else Label("面板", "panel"))
    head = html.Header([html.H2(spoken(title)), html.Span(className="spring"), *shown.aside], className="sp-head")
    if shown.state in {"ok", "aged"}:
        content: Any = html.Div(list(shown.body), className="sp-content")
    else:
        content = html.Div([html.Div(list(shown.body), className="sp-said")], className="sp-content")
    return html.Div([head, content], className="sp-inner", **marked(data_state=shown.state))
