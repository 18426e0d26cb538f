"""The map picture of a situation report, drawn here as vectors: page, print and what is frozen show the same.

The ground comes from the city pack (water, roads, buildings, districts), over it what the incident holds: places, the
affected area, drawings, ways of units. No browser and no tiles are needed. Coordinates are those of the pack's metric
frame, so that a scale bar is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

import geopandas as gpd
import numpy as np
import shapely

from ops_center.city.pack import CityPack
from ops_center.domain.text import Label, Language
from ops_center.incidents.incident import Incident
from ops_center.incidents.parts import Drawing, Place

WIDTH, HEIGHT = 960, 540
_LEAST_M = 450.0
"""half of the picture's height, at least"""
_MOST_M = 30_000.0
_MOST_SHAPES = 4000
"""of one kind: buildings are left out where a picture would hold more"""
_ROADS = {
    "local": ("#ffffff", 2.0),
    "collector": ("#ffffff", 3.5),
    "arterial": ("#fdf0c8", 6.0),
    "expressway": ("#f6cf80", 8.0),
}
"""class → fill and width, the finest first"""
_SCALES_M = (50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_CASING = "#c4ccd4"
_LOOKS = {
    "cordon": ("#d7263d", 0.08, 'stroke="#b3152b" stroke-width="2.5" stroke-dasharray="9 5"'),
    "evacuation": ("#f29f05", 0.18, 'stroke="#b86e00" stroke-width="2" stroke-dasharray="3 4"'),
    "closure": ("#5b1020", 0.12, 'stroke="#5b1020" stroke-width="4"'),
    "diversion": ("#0b7a4b", 0.1, 'stroke="#0b7a4b" stroke-width="4" stroke-dasharray="14 6"'),
    "staging": ("#0b69a3", 0.3, 'stroke="#0b69a3" stroke-width="2.5"'),
    "area": ("#0b69a3", 0.1, 'stroke="#0b69a3" stroke-width="2"'),
    "line": ("#0b69a3", 0.1, 'stroke="#0b69a3" stroke-width="3"'),
    "point": ("#0b69a3", 1.0, 'stroke="#ffffff" stroke-width="1.5"'),
    "text": ("none", 0.0, 'stroke="none"'),
}
"""kind of drawing → fill of an area, how much of it, edge"""
_FONT = 'font-family="Noto Sans CJK SC, Noto Sans SC, sans-serif"'


@dataclass(frozen=True, slots=True)
class Seen:
    """A unit where it is now."""

    label: Label
    longitude: float
    latitude: float


def draw_map(pack: CityPack, incident: Incident, units: Sequence[Seen], language: Language) -> str:
    """Return the picture as SVG; of an incident without a place the whole city. Raises CityPackError."""
    frame = _Frame(pack, incident, units)
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#f2efe9"/>',
        *_ground(pack, frame), *_names(pack, frame, language), *_held(incident, frame, language),
        *_units(units, frame, language), *_scale(frame),
    ]  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'stroke-linejoin="round" stroke-linecap="round" font-size="13" {_FONT}>{"".join(parts)}</svg>'
    )


class _Frame:
    """What the picture shows, and how places come onto it."""

    def __init__(self, pack: CityPack, incident: Incident, units: Sequence[Seen]) -> None:
        self._metric = pack.metric
        points = [point for place in _places(incident) for point in place.coordinates]
        points += [(one.longitude, one.latitude) for one in units]
        if not points:
            bounds = pack.manifest.bounds
            points = [(bounds.west, bounds.south), (bounds.east, bounds.north)]
        x, y = self._metres(np.array(points, float))
        half_y = max(_LEAST_M, (y.max() - y.min()) * 0.62, (x.max() - x.min()) * 0.62 * HEIGHT / WIDTH)
        self.half_y = min(half_y, _MOST_M)
        half_x = self.half_y * WIDTH / HEIGHT
        middle_x, middle_y = (x.max() + x.min()) / 2, (y.max() + y.min()) / 2
        self._west, self._north = middle_x - half_x, middle_y + self.half_y
        self.per_m = HEIGHT / (2 * self.half_y)
        corners = np.array([(self._west, self._north), (self._west + 2 * half_x, self._north - 2 * self.half_y)])
        longitude, latitude = self._metric.to_lonlat(corners[:, 0], corners[:, 1])
        self.box = shapely.box(min(longitude), min(latitude), max(longitude), max(latitude))

    def placed(self, coordinates: np.ndarray) -> np.ndarray:
        """Return points of the picture for longitudes and latitudes, float64[n, 2]."""
        x, y = self._metres(coordinates)
        return np.column_stack(((x - self._west) * self.per_m, (self._north - y) * self.per_m))

    def _metres(self, coordinates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self._metric.to_metres(coordinates[:, 0], coordinates[:, 1])

    def near(self, features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the features that the picture shows."""
        return features.iloc[features.sindex.query(self.box)]

    def path(self, geometries: Iterable[shapely.Geometry]) -> str:
        """Return geometries, cut at the picture's edge, as the commands of a path."""
        cut = shapely.clip_by_rect(np.asarray(list(geometries), dtype=object), *shapely.buffer(self.box, 0.002).bounds)
        commands = []
        for part in shapely.get_parts(cut):
            drawn = shapely.simplify(shapely.transform(part, self.placed), 0.4)
            closed = shapely.get_dimensions(drawn) == 2
            edge = shapely.boundary(drawn) if closed else drawn
            commands += [_commands(shapely.get_coordinates(line), closed) for line in shapely.get_parts(edge)]
        return "".join(commands)


def _places(incident: Incident) -> Iterator[Place]:
    yield from incident.places
    if incident.area is not None:
        yield incident.area
    yield from (one.place for one in incident.drawings)


def _commands(points: np.ndarray, closed: bool) -> str:
    if len(points) < 2:
        return ""
    text = "L".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist())
    return f"M{text}{'Z' if closed else ''}"


# ---- the ground ----


def _ground(pack: CityPack, frame: _Frame) -> Iterator[str]:
    water = frame.near(pack.features("water"))
    parks = water["kind"] == "park"
    yield f'<path fill="#d3e8c8" d="{frame.path(water.geometry[parks])}"/>'
    yield f'<path fill="#a9cfe6" d="{frame.path(water.geometry[~parks])}"/>'
    buildings = frame.near(pack.features("buildings"))
    if len(buildings) <= _MOST_SHAPES:
        yield f'<path fill="#ddd6cb" stroke="#c9c0b2" stroke-width="0.6" d="{frame.path(buildings.geometry)}"/>'
    yield from _roads(frame.near(pack.features("roads")), frame)
    edges = [shapely.boundary(one) for one in frame.near(pack.features("districts")).geometry]
    yield f'<path fill="none" stroke="#8d6f9b" stroke-width="1.6" stroke-dasharray="8 4 2 4" d="{frame.path(edges)}"/>'


def _roads(roads: gpd.GeoDataFrame, frame: _Frame) -> Iterator[str]:
    wide = min(1.6, max(0.35, frame.per_m * 2.2))
    of_class = {name: frame.path(roads.geometry[roads["class"] == name]) for name in _ROADS}
    classes = [name for name in _ROADS if frame.half_y < 5000 or name in {"arterial", "expressway"}]
    for name in classes:
        thick = _ROADS[name][1] * wide + 1.4
        yield f'<path fill="none" stroke="{_CASING}" stroke-width="{thick:.1f}" d="{of_class[name]}"/>'
    for name in classes:
        color, width = _ROADS[name]
        yield f'<path fill="none" stroke="{color}" stroke-width="{width * wide:.1f}" d="{of_class[name]}"/>'


def _names(pack: CityPack, frame: _Frame, language: Language) -> Iterator[str]:
    """Write the names of the larger roads, each once, along no line: short ones that don't lie over one another."""
    roads = frame.near(pack.features("roads"))
    named = roads[(roads[f"name_{language}"] != "") & roads["class"].isin(["expressway", "arterial", "collector"])]
    taken: list[tuple[float, float]] = []
    known: set[str] = set()
    order = np.argsort(-shapely.length(np.asarray(named.geometry)))
    for place in order.tolist():
        name = str(named[f"name_{language}"].iloc[place])
        middle = shapely.line_interpolate_point(named.geometry.iloc[place], 0.5, normalized=True)
        if name in known or shapely.is_empty(middle):
            continue
        x, y = frame.placed(shapely.get_coordinates(middle))[0].tolist()
        inside = 60 < x < WIDTH - 60 and 24 < y < HEIGHT - 40
        if inside and all(abs(x - other_x) > 130 or abs(y - other_y) > 24 for other_x, other_y in taken):
            known.add(name)
            taken.append((x, y))
            yield _text(x, y, name, "#5c5346", 11, "middle")
        if len(taken) >= 12:
            return


# ---- the incident ----


def _held(incident: Incident, frame: _Frame, language: Language) -> Iterator[str]:
    if incident.area is not None:
        yield _shape(incident.area, frame, "area")
    for one in incident.drawings:
        yield from _drawing(one, frame, language)
    for unit in incident.units:
        if unit.is_held and len(unit.route) > 1:
            path = frame.path([shapely.LineString(unit.route)])
            yield f'<path fill="none" stroke="#1d4ed8" stroke-width="3" stroke-opacity="0.75" d="{path}"/>'
    for place in incident.places[1:]:
        yield _shape(place, frame, place.kind)
    if incident.places:
        if incident.places[0].kind != "point":
            yield _shape(incident.places[0], frame, incident.places[0].kind)
        x, y = frame.placed(np.array([incident.place], float))[0].tolist()
        yield (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="15" fill="none" stroke="#b3152b" stroke-width="2.5"/>'
            f'<path d="M{x - 22:.1f} {y:.1f}h14m16 0h14M{x:.1f} {y - 22:.1f}v14m0 16v14" stroke="#b3152b" '
            f'stroke-width="2.5" fill="none"/><circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#b3152b" stroke="#fff"/>'
        )


def _drawing(one: Drawing, frame: _Frame, language: Language) -> Iterator[str]:
    yield _shape(one.place, frame, one.kind)
    if called := one.called(language):
        points = frame.placed(np.array(one.place.coordinates, float))
        x, y = points.mean(axis=0).tolist()
        top = float(points[:, 1].min())
        yield _text(x, (y if one.kind == "text" else max(14.0, top - 6)), called, "#3c1018", 13, "middle")


def _shape(place: Place, frame: _Frame, kind: str) -> str:
    fill, opacity, edge = _LOOKS[kind]
    points = frame.placed(np.array(place.coordinates, float))
    if place.kind == "point":
        x, y = points[0].tolist()
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{fill}" fill-opacity="{opacity}" {edge}/>'
    filled = f'fill="{fill}" fill-opacity="{opacity}"' if place.kind == "area" else 'fill="none"'
    return f'<path {filled} {edge} d="{_commands(points, place.kind == "area")}"/>'


def _units(units: Sequence[Seen], frame: _Frame, language: Language) -> Iterator[str]:
    for one in units[:200]:
        x, y = frame.placed(np.array([(one.longitude, one.latitude)], float))[0].tolist()
        if 0 <= x <= WIDTH and 0 <= y <= HEIGHT:
            yield f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="#1d4ed8" stroke="#fff"/>'
            yield _text(x + 9, y + 4, one.label.in_language(language), "#16307a", 11, "start")


def _scale(frame: _Frame) -> Iterator[str]:
    length_m = next(step for step in _SCALES_M if step * frame.per_m > 70 or step == _SCALES_M[-1])
    wide, said = length_m * frame.per_m, f"{length_m} m" if length_m < 1000 else f"{length_m // 1000} km"
    x, y = 18, HEIGHT - 18
    yield f'<path d="M{x} {y - 7}v7h{wide:.1f}v-7" fill="none" stroke="#222" stroke-width="2"/>'
    yield _text(x + wide / 2, y - 8, said, "#222", 12, "middle")
    yield f'<path d="M{WIDTH - 30} 46l9 -30l9 30l-9 -6z" fill="#222"/>' + _text(
        WIDTH - 21, 62, "N", "#222", 13, "middle"
    )


def _text(x: float, y: float, text: str, color: str, size: int, anchor: str) -> str:
    """Return a text with a pale rim, so that it can be read over anything; whatever it holds is only text."""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"'
    shown = escape(text[:60])
    rim = f'<text {place} fill="none" stroke="#ffffff" stroke-width="3" stroke-opacity="0.85">{shown}</text>'
    return f'{rim}<text {place} fill="{color}">{shown}</text>'
