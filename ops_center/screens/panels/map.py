"""The map: some layers over the ground, a view, flat or tilted. Drawn in the browser by ``opsCenter.MapView``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.legend import OFF_AT_FIRST, in_legend
from ops_center.screens.panels.kind import LayerName, Layers, PanelKind, PanelOptions, Shown, named, painted
from ops_center.screens.screen import Center


class View(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a map looks."""

    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    latitude: Annotated[float, msgspec.Meta(ge=-85, le=85)]
    zoom: Annotated[float, msgspec.Meta(ge=0, le=22)]
    pitch: Annotated[float, msgspec.Meta(ge=0, le=70)] = 0.0
    bearing: Annotated[float, msgspec.Meta(ge=-360, le=360)] = 0.0


class Drawn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a layer is drawn on this map (docs/layers.md)."""

    layer: Annotated[LayerName, named("图层", "layer")]
    look: Annotated[LayerName | None, named("指标", "look")] = None
    """of a layer with several; None: its own"""
    group: Annotated[bool, named("密集处归并", "gathered where crowded")] = False
    columns: Annotated[bool, named("柱状（区域）", "columns (areas)")] = False
    glide: Annotated[bool, named("平滑移动", "glides from fix to fix")] = False


class MapOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a map."""

    layers: Annotated[Layers | None, named("图层", "layers")] = None
    """None: all that there are; those for one question are switched on when it is asked"""
    drawn: Annotated[tuple[Drawn, ...], named("图层画法", "how layers are drawn"), msgspec.Meta(max_length=64)] = ()
    view: Annotated[View | None, named("视野", "view")] = None
    """None: the whole city, clear of the panels that lie over it"""
    closer: Annotated[float, named("比全市放大（级）", "nearer than the whole city (levels)", ge=-2, le=8)] = 0.0
    tilted: Annotated[bool, named("三维倾斜", "tilted, with buildings")] = False
    alarms: Annotated[bool, named("报警标记", "marks of alarms")] = True
    theme: Annotated[Literal["page", "dark", "light"], named("底图", "ground")] = "page"
    furniture: Annotated[bool, named("比例尺与指北针", "scale and north")] = True


def render(center: Center, options: MapOptions) -> Shown:
    """Return the place of the map; what it shows comes over ``/live``."""
    who = asker()
    offered = [one.name for one in in_legend(center.layers.values(), options.layers) if who.may_see(one.rights)]
    said: dict[str, Any] = {
        "offered": offered,
        "off": [name for name in offered if options.layers is None and name in OFF_AT_FIRST],
        "drawn": {one.layer: _options(one) for one in options.drawn},
        "view": msgspec.to_builtins(options.view),
        "closer": options.closer,
        "tilted": options.tilted,
        "alarms": options.alarms,
        "theme": options.theme,
        "furniture": options.furniture,
    }
    return Shown([painted("map", said)])


def _options(drawn: Drawn) -> dict[str, Any]:
    """Return it as ``setLayerOptions`` of a map (assets/map_view.js) takes it."""
    return {
        "variant": drawn.look,
        "group": drawn.group,
        "as": "columns" if drawn.columns else None,
        "glide": drawn.glide,
    }


PANEL = PanelKind(
    "map",
    Label("地图", "map"),
    Label("城市地图：选定的图层与视野", "the city's map: chosen layers, a view"),
    Rights(see=PICTURE),
    MapOptions,
    render,
    order=10,
    size=(16, 12),
)
