"""The one module that knows the drawing library: our layers as configurations of deckgl-dash.

A configuration says how a layer is drawn and holds no data: ``assets/picture.js`` fills in the arrays that
``/live`` brings, under the accessors that belong to the shape. Called by ``wall`` and the wall benchmark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dash import ALL, Input
from deckgl_dash import DeckGL

from layers import palette
from layers.contract import BAD, ICONS, NORMAL, NOTABLE, NOTHING_KNOWN, SEVERE, SLIGHT, Layer, LegendEntry, Shape
from ops_center.domain.place import Bounds
from ops_center.screens.callbacks import Callbacks

_BURIED = ("pipes",)
"""layers that lie under the street"""
CELL = 128
"""width and height of a sign in assets/icons.svg, pixels"""

_EVERY_MAP: dict[str, Any] = {"type": "map"}
"""what the ids of all maps' components have in common; "at" is the id of the map's element (assets/map_view.js)"""
_OVER_GROUND = {"depthCompare": "always"}
"""signs on tilted ground would be cut in half by it"""
_SHAPES: Mapping[Shape, Mapping[str, Any]] = {
    "points": {"@@type": "ScatterplotLayer", "radiusUnits": "pixels", "parameters": _OVER_GROUND},
    "paths": {
        "@@type": "PathLayer",
        "_pathType": "open",
        "widthUnits": "pixels",
        "capRounded": True,
        "jointRounded": True,
        "parameters": _OVER_GROUND,
    },
    "icons": {
        "@@type": "IconLayer",
        "iconAtlas": "/assets/icons.svg",
        "sizeUnits": "pixels",
        "alphaCutoff": 0.02,
        "parameters": _OVER_GROUND,
    },
    "columns": {"@@type": "ColumnLayer", "radius": 40, "extruded": True},
    "areas": {
        "@@type": "PolygonLayer",
        "getPolygon": "@@=p",
        "getFillColor": "@@=c",
        "stroked": False,
        "parameters": _OVER_GROUND,
    },
    "heat": {
        "@@type": "HeatmapLayer",
        "radiusPixels": 60,
        "intensity": 1,
        "threshold": 0.08,
        "opacity": 0.6,
        "debounceTimeout": 200,
        "colorRange": [(*color, 255 * share // 5) for share, color in enumerate(palette.HEAT, 1)],
    },
}
_SCALES: Mapping[Shape, str] = {"points": "radiusScale", "paths": "widthScale", "icons": "sizeScale"}
"""the property that makes everything bigger on a wall, by shape"""
_COLUMNS = {
    "@@type": "ColumnLayer",
    "getPosition": "@@=p",
    "getFillColor": "@@=c",
    "getElevation": "@@=e",
    "diskResolution": 6,
    "radius": 13,
    "radiusUnits": "pixels",
    "extruded": True,
}
"""one column in each area instead of its face"""
_TEXT = {
    "@@type": "TextLayer",
    "getPosition": "@@=p",
    "getText": "@@=t",
    "getColor": "@@=c",
    "getSize": "@@=s",
    "getPixelOffset": "@@=o",
    "fontFamily": "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, sans-serif",
    "fontWeight": 700,
    "characterSet": "0123456789.,:+-−%/k ",
    "parameters": _OVER_GROUND,
}
_SEVERITY_COLORS: Mapping[int, palette.Color] = {
    NORMAL: (84, 122, 156),
    SLIGHT: palette.FAIR,
    NOTABLE: palette.NOTICE,
    BAD: palette.WARNING,
    SEVERE: palette.SEVERE,
    NOTHING_KNOWN: palette.AGED,
}
"""of a group, by the worst in it; assets/map_groups.js gives each a shape, too"""
_GATHERED = ("points", "icons")
_LABELLED = ("icons", "areas")


def connect(callbacks: Callbacks) -> None:
    """Register the one callback that hears the clicks of all maps on all pages; it runs in the browser."""
    callbacks.in_browser("maps", "pick", Input(_EVERY_MAP | {"at": ALL}, "clickInfo"), prevent_initial_call=True)


def layer_config(layer: Layer) -> dict[str, Any]:
    """Return one layer as the scripts in assets need it: how it is drawn, and what scales it."""
    drawn = {**_SHAPES[layer.shape], "id": layer.name, "pickable": layer.shape != "heat"}
    if layer.shape == "icons":
        drawn |= {"iconMapping": _icon_mapping(), "billboard": not layer.turns}
    return {
        "name": layer.name,
        "shape": layer.shape,
        "deck": drawn,
        "scales": _SCALES.get(layer.shape),
        "text": {**_TEXT, "id": f"{layer.name}-text"} if layer.shape in _LABELLED else None,
        "groups": _groups(layer.name) if layer.shape in _GATHERED else None,
        "columns": {**_COLUMNS, "id": f"{layer.name}-columns", "pickable": True} if layer.shape == "areas" else None,
        "turns": layer.turns,
        "buried": layer.name in _BURIED,
        "day": _by_day(layer),
    }


def _by_day(layer: Layer) -> list[tuple[palette.Color, palette.Color]]:
    """Return which colour takes the place of which on a light ground."""
    looks: Mapping[str, tuple[LegendEntry, ...]] = getattr(layer, "looks", {})
    entries = (*layer.legend, *(entry for legend in looks.values() for entry in legend))
    return [(color, palette.by_day(color)) for color in sorted({palette.AGED, *(entry.color for entry in entries)})]


def _groups(name: str) -> dict[str, Any]:
    """Return how the groups of a layer's points are drawn: a sign with a number in it."""
    signs = {**_SHAPES["icons"], "iconMapping": _icon_mapping(), "billboard": True}
    style = {
        "icons": {name: place for place, name in enumerate(ICONS)},
        "colors": {
            "dark": {str(severity): color for severity, color in _SEVERITY_COLORS.items()},
            "light": {str(severity): palette.by_day(color) for severity, color in _SEVERITY_COLORS.items()},
        },
        "cell": CELL,
    }
    return {
        "signs": {**signs, "id": f"{name}-groups", "pickable": True},
        "texts": {**_TEXT, "id": f"{name}-groups-text"},
        "style": style,
    }


def layer_configs(layers: Iterable[Layer]) -> list[dict[str, Any]]:
    """Return the layers from the ground up."""
    return [layer_config(layer) for layer in layers]


def map_config(bounds: Bounds, *, max_pitch: float = 70.0) -> dict[str, Any]:
    """Return the properties of the map itself, without layers: a component as the scripts mount it."""
    west, south, east, north = bounds.west, bounds.south, bounds.east, bounds.north
    longitude, latitude = bounds.centre
    aside_x, aside_y = (east - west) * 0.6, (north - south) * 0.6
    component = DeckGL(
        id=_EVERY_MAP | {"at": ""},
        layers=[],
        layer_data={},
        initial_view_state={"longitude": longitude, "latitude": latitude, "zoom": 11, "pitch": 0, "bearing": 0},
        enable_events=["click"],
        maplibre_config={
            "style": "/basemap/style.json",
            "attributionControl": False,
            "interleaved": False,
            "mapOptions": {
                "bounds": [[west, south], [east, north]],
                "maxBounds": [[west - aside_x, south - aside_y], [east + aside_x, north + aside_y]],
                "maxPitch": max_pitch,
                "fadeDuration": 0,
                "keyboard": False,
                "attributionControl": False,
                "canvasContextAttributes": {"antialias": True},
            },
        },
        style={"position": "absolute", "inset": "0", "width": "100%", "height": "100%"},
    )
    plain: dict[str, Any] = component.to_plotly_json()
    return plain


def _icon_mapping() -> dict[str, dict[str, Any]]:
    return {
        name: {"x": place * CELL, "y": 0, "width": CELL, "height": CELL, "mask": True}
        for place, name in enumerate(ICONS)
    }
