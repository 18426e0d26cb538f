"""How the ground looks: dark and quiet, so that only live data is bright. A MapLibre style (v8).

Sizes are given for a desk (16 px a rem) and multiplied by ``scale``, so that a wall of 4K or 8K shows the same
picture, not a finer one. Called by ``basemap``.
"""

from __future__ import annotations

from typing import Any

from ops_center.domain.text import Language

GROUND = "#070b10"
_LAND = "#0c131b"
_WATER = "#11293f"
_SHORE = "#20486b"
_PARK = "#0f201d"
_DISTRICT = "#4a627b"
_ROADS = (
    ("local", "#182535", 0.6, 10.5),
    ("collector", "#1f3042", 1.0, 10.0),
    ("arterial", "#2a3f55", 1.6, 9.0),
    ("expressway", "#385370", 2.4, 8.0),
)
"""class, colour, width in pixels at zoom 12, least zoom"""
_FONTS = ["Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "sans-serif"]


def style(language: Language, scale: float) -> dict[str, Any]:
    """Return the style; its sources are ``/basemap/<layer>.geojson``."""
    sources = {
        name: {"type": "geojson", "data": f"/basemap/{name}.geojson", "tolerance": 0.3, "buffer": 32}
        for name in ("districts", "water", "roads", "buildings", "labels")
    }
    return {
        "version": 8,
        "name": "ops-center dark",
        "light": {"anchor": "viewport", "position": [1.3, 200, 40], "color": "#dce8f5", "intensity": 0.32},
        "sources": sources,
        "layers": [
            {"id": "ground", "type": "background", "paint": {"background-color": GROUND}},
            {"id": "land", "type": "fill", "source": "districts", "paint": {"fill-color": _LAND}},
            *_water(scale),
            *_districts(scale),
            *(_road(*road, scale) for road in _ROADS),
            *_buildings(),
            *_names(language, scale),
        ],
    }


def _water(scale: float) -> list[dict[str, Any]]:
    is_park = ["==", ["get", "kind"], "park"]
    return [
        {
            "id": "water",
            "type": "fill",
            "source": "water",
            "paint": {"fill-color": ["case", is_park, _PARK, _WATER], "fill-antialias": True},
        },
        {
            "id": "shore",
            "type": "line",
            "source": "water",
            "filter": ["!", is_park],
            "paint": {"line-color": _SHORE, "line-width": 1.0 * scale},
        },
    ]


def _districts(scale: float) -> list[dict[str, Any]]:
    return [
        {
            "id": "district-edge",
            "type": "line",
            "source": "districts",
            "paint": {
                "line-color": _DISTRICT,
                "line-width": 1.2 * scale,
                "line-dasharray": [4, 3],
                "line-opacity": 0.75,
            },
        }
    ]


def _road(name: str, color: str, width: float, from_zoom: float, scale: float) -> dict[str, Any]:
    stops = [value for zoom, share in ((9, 0.45), (12, 1.0), (15, 3.6), (18, 14.0)) for value in (zoom, width * share)]
    return {
        "id": f"road-{name}",
        "type": "line",
        "source": "roads",
        "minzoom": from_zoom,
        "filter": ["==", ["get", "class"], name],
        "layout": {"line-cap": "round", "line-join": "round"},
        "paint": {
            "line-color": color,
            "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], *_scaled(stops, scale)],
        },
    }


def _scaled(stops: list[float], scale: float) -> list[float]:
    return [round(value * scale, 3) if place % 2 else value for place, value in enumerate(stops)]


def _buildings() -> list[dict[str, Any]]:
    height = ["coalesce", ["get", "height_m"], 9]
    color = [
        "interpolate",
        ["linear"],
        height,
        0,
        "#151f2b",
        30,
        "#1d2a39",
        80,
        "#2a3d52",
        160,
        "#42607d",
        300,
        "#6389ab",
    ]
    return [
        {
            "id": "buildings-flat",
            "type": "fill",
            "source": "buildings",
            "minzoom": 10.5,
            "paint": {
                "fill-color": "#1b2938",
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


def _names(language: Language, scale: float) -> list[dict[str, Any]]:
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
            "paint": {"text-color": "#6f8398", "text-halo-color": GROUND, "text-halo-width": 1.4 * scale},
        },
        *(_place_name(place, field, spacing, scale) for place in _PLACES),
    ]


_PLACES = (("park", "#5f8f80", 11, 13.0), ("water", "#6aa0d0", 13, 0.0), ("district", "#a9bdd1", 17, 0.0))


def _place_name(place: tuple[str, str, float, float], field: list[Any], spacing: float, scale: float) -> dict[str, Any]:
    rank, color, size, from_zoom = place
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
        },
        "paint": {
            "text-color": color,
            "text-halo-color": GROUND,
            "text-halo-width": 1.6 * scale,
            "text-opacity": ["interpolate", ["linear"], ["zoom"], 13.5, 0.95, 15.5, 0.35],
        },
    }
