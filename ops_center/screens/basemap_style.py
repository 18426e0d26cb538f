"""How the ground looks: quiet, so that only live data stands out; dark by night, light by day. A MapLibre style (v8).

Sizes are given for a desk (16 px a rem) and multiplied by ``scale``, so that a wall of 4K or 8K shows the same
picture, not a finer one. Called by ``basemap``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import Any, Literal

from ops_center.domain.text import Language

Theme = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class Ground:
    """The colours of a ground."""

    ground: str
    land: str
    water: str
    shore: str
    park: str
    district: str
    roads: Mapping[str, str]
    building: str
    heights: tuple[str, str, str, str, str]
    """colours of buildings of 0, 30, 80, 160 and 300 m"""
    road_name: str
    park_name: str
    water_name: str
    district_name: str
    light: str


_GROUNDS: Mapping[Theme, Ground] = {
    "dark": Ground(
        ground="#070b10",
        land="#0c131b",
        water="#11293f",
        shore="#20486b",
        park="#0f201d",
        district="#4a627b",
        roads={"local": "#182535", "collector": "#1f3042", "arterial": "#2a3f55", "expressway": "#385370"},
        building="#1b2938",
        heights=("#151f2b", "#1d2a39", "#2a3d52", "#42607d", "#6389ab"),
        road_name="#6f8398",
        park_name="#5f8f80",
        water_name="#6aa0d0",
        district_name="#a9bdd1",
        light="#dce8f5",
    ),
    "light": Ground(
        ground="#dde4ea",
        land="#eef2f5",
        water="#c3d8ea",
        shore="#93b6d3",
        park="#dbe9de",
        district="#8496a8",
        roads={"local": "#dfe5ea", "collector": "#d3dbe2", "arterial": "#c3ced8", "expressway": "#aebccb"},
        building="#d9e0e6",
        heights=("#e3e8ed", "#d8dfe6", "#c8d2db", "#aebdcb", "#8fa3b6"),
        road_name="#5d6c7b",
        park_name="#3f6b55",
        water_name="#2f6491",
        district_name="#3a4b5d",
        light="#ffffff",
    ),
}
_ROADS = (("local", 0.6, 10.5), ("collector", 1.0, 10.0), ("arterial", 1.6, 9.0), ("expressway", 2.4, 8.0))
"""class, width in pixels at zoom 12, least zoom"""
_FAINT_UNTIL = {"local": 13.5, "collector": 12.0}
"""smaller roads recede when the view is far: the zoom from which they are as strong as they get"""
_FONTS = ["Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "sans-serif"]


def style(language: Language, scale: float, theme: Theme = "dark") -> dict[str, Any]:
    """Return the style; its sources are ``/basemap/<layer>.geojson``."""
    ground, nearer = _GROUNDS[theme], log2(scale)
    sources = {
        name: {"type": "geojson", "data": f"/basemap/{name}.geojson", "tolerance": 0.3, "buffer": 32}
        for name in ("districts", "water", "roads", "buildings", "labels")
    }
    return {
        "version": 8,
        "name": f"ops-center {theme}",
        "light": {"anchor": "viewport", "position": [1.3, 200, 40], "color": ground.light, "intensity": 0.32},
        "sources": sources,
        "layers": [
            _nearer(layer, nearer)
            for layer in (
                {"id": "ground", "type": "background", "paint": {"background-color": ground.ground}},
                {"id": "land", "type": "fill", "source": "districts", "paint": {"fill-color": ground.land}},
                *_water(ground, scale),
                *_districts(ground, scale),
                *(_road(*road, ground, scale) for road in _ROADS),
                *_buildings(ground),
                *_names(language, ground, scale),
            )
        ],
    }


def _nearer(part: Any, levels: float) -> Any:
    """Return a part of the style for a screen that shows the same ground so many zoom levels nearer."""
    match part:
        case {"minzoom": zoom}:
            rest = {name: _nearer(value, levels) for name, value in part.items() if name != "minzoom"}
            return {**rest, "minzoom": zoom + levels}
        case dict():
            return {name: _nearer(value, levels) for name, value in part.items()}
        case ["interpolate", kind, ["zoom"], *stops]:
            moved = [value if place % 2 else value + levels for place, value in enumerate(stops)]
            return ["interpolate", kind, ["zoom"], *moved]
        case _:
            return part


def _water(ground: Ground, scale: float) -> list[dict[str, Any]]:
    is_park = ["==", ["get", "kind"], "park"]
    return [
        {
            "id": "water",
            "type": "fill",
            "source": "water",
            "paint": {"fill-color": ["case", is_park, ground.park, ground.water], "fill-antialias": True},
        },
        {
            "id": "shore",
            "type": "line",
            "source": "water",
            "filter": ["!", is_park],
            "paint": {"line-color": ground.shore, "line-width": 1.0 * scale},
        },
    ]


def _districts(ground: Ground, scale: float) -> list[dict[str, Any]]:
    return [
        {
            "id": "district-edge",
            "type": "line",
            "source": "districts",
            "paint": {
                "line-color": ground.district,
                "line-width": 1.2 * scale,
                "line-dasharray": [4, 3],
                "line-opacity": 0.75,
            },
        }
    ]


def _road(name: str, width: float, from_zoom: float, ground: Ground, scale: float) -> dict[str, Any]:
    stops = [value for zoom, share in ((9, 0.45), (12, 1.0), (15, 3.6), (18, 14.0)) for value in (zoom, width * share)]
    return {
        "id": f"road-{name}",
        "type": "line",
        "source": "roads",
        "minzoom": from_zoom,
        "filter": ["==", ["get", "class"], name],
        "layout": {"line-cap": "round", "line-join": "round"},
        "paint": {
            "line-color": ground.roads[name],
            "line-opacity": _nearness(from_zoom, _FAINT_UNTIL.get(name, from_zoom)),
            "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], *_scaled(stops, scale)],
        },
    }


def _nearness(from_zoom: float, until: float) -> Any:
    """Return an opacity that grows from the zoom at which something appears to that at which it is whole."""
    return 1.0 if until <= from_zoom else ["interpolate", ["linear"], ["zoom"], from_zoom, 0.35, until, 1.0]


def _scaled(stops: list[float], scale: float) -> list[float]:
    return [round(value * scale, 3) if place % 2 else value for place, value in enumerate(stops)]


def _buildings(ground: Ground) -> list[dict[str, Any]]:
    height = ["coalesce", ["get", "height_m"], 9]
    steps = [part for pair in zip((0, 30, 80, 160, 300), ground.heights, strict=True) for part in pair]
    color = ["interpolate", ["linear"], height, *steps]
    return [
        {
            "id": "buildings-flat",
            "type": "fill",
            "source": "buildings",
            "minzoom": 10.5,
            "paint": {
                "fill-color": ground.building,
                "fill-opacity": ["interpolate", ["linear"], ["zoom"], 10.5, 0.35, 13, 0.9],
            },
        },
        {
            "id": "buildings",
            "type": "fill-extrusion",
            "source": "buildings",
            "layout": {"visibility": "none"},
            "minzoom": 10.5,
            "paint": {
                "fill-extrusion-color": color,
                "fill-extrusion-height": height,
                "fill-extrusion-opacity": 0.92,
                "fill-extrusion-vertical-gradient": True,
            },
        },
    ]


def _names(language: Language, ground: Ground, scale: float) -> list[dict[str, Any]]:
    field = ["coalesce", ["get", f"name_{language}"], ["get", "name_zh"], ""]
    spacing = 0.35 if language == "zh" else 0.12
    return [
        {
            "id": "road-name",
            "type": "symbol",
            "source": "roads",
            "minzoom": 13,
            "layout": {
                "symbol-placement": "line",
                "symbol-spacing": 420 * scale,
                "text-field": field,
                "text-font": _FONTS,
                "text-size": 11 * scale,
            },
            "paint": {"text-color": ground.road_name, "text-halo-color": ground.land, "text-halo-width": 1.4 * scale},
        },
        *(_place_name(place, field, spacing, ground, scale) for place in _PLACES),
    ]


_PLACES = (("park", 11, 13.0), ("water", 13, 0.0), ("district", 17, 0.0))
"""rank, size, least zoom; where two names meet, the later rank stays (MapLibre places from the top)"""


def _place_name(
    place: tuple[str, float, float], field: list[Any], spacing: float, ground: Ground, scale: float
) -> dict[str, Any]:
    rank, size, from_zoom = place
    colors = {"park": ground.park_name, "water": ground.water_name, "district": ground.district_name}
    return {
        "id": f"{rank}-name",
        "type": "symbol",
        "source": "labels",
        "minzoom": from_zoom,
        "filter": ["==", ["get", "rank"], rank],
        "layout": {
            "text-field": field,
            "text-font": _FONTS,
            "text-size": size * scale,
            "text-letter-spacing": spacing,
            "text-max-width": 9,
            "text-padding": 4 * scale,
            "text-variable-anchor": ["center", "top", "bottom"],
            "text-allow-overlap": False,
        },
        "paint": {
            "text-color": colors[rank],
            "text-halo-color": ground.land,
            "text-halo-width": 1.6 * scale,
            "text-opacity": ["interpolate", ["linear"], ["zoom"], 13.5, 0.95, 15.5, 0.35],
        },
    }
