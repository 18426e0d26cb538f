"""Streets between the main roads: each quarter has a grid of its own direction and width, bent and incomplete."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from ops_center.city.synthetic.lines import ARTERIAL, COLLECTOR, EDGE, LOCAL, Lines
from ops_center.city.synthetic.plan import Plan, Real, SmoothNoise
from ops_center.city.synthetic.terrain import Terrain

GRID_STREET = 1000
"""streets of grids are numbered from here"""
_LAKE_COUNT = (2, 5)


@dataclass(frozen=True)
class Quarters:
    """The faces between the main roads, the lakes in some of them, and the streets in the others."""

    lakes: tuple[BaseGeometry, ...]
    lines: Lines


def spacing_m(plan: Plan, xy_m: Real) -> Real:
    """Return the distance between parallel streets, float64[n]: 170 m in the centre, some 500 m at the edge."""
    outward = np.hypot(xy_m[:, 0], xy_m[:, 1]) / plan.radius_m
    return np.asarray(170.0 + 330.0 * np.clip(outward, 0, 1.2) ** 1.4)


def make_quarters(plan: Plan, terrain: Terrain, skeleton: Lines) -> Quarters:
    """Return streets for every face of the skeleton that is land."""
    faces = _land_faces(skeleton, terrain)
    roads = shapely.STRtree(np.array(skeleton.shapes, object))
    lakes = [lake for lake in _lakes(plan, faces) if not len(roads.query(lake.buffer(45), "intersects"))]
    shore = shapely.union_all([lake.buffer(40) for lake in lakes])
    lines = Lines()
    for lake in lakes:
        lines.add(lake.boundary, EDGE)
        lines.add(lake.buffer(40).simplify(3).boundary, COLLECTOR, GRID_STREET - 1 - len(lines.shapes))
    bend = (SmoothNoise(plan.chance("bend x"), 1900.0), SmoothNoise(plan.chance("bend y"), 1900.0))
    for number, face in enumerate(faces):
        _add_grid(lines, plan, face.difference(shore) if face.intersects(shore) else face, number, bend)
    return Quarters(tuple(lakes), lines)


def _land_faces(skeleton: Lines, terrain: Terrain) -> list[Polygon]:
    noded = shapely.union_all(np.array(skeleton.shapes, object), grid_size=1.0)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    middle = shapely.point_on_surface(faces)
    water = terrain.water
    shapely.prepare(water)
    shapely.prepare(terrain.edge)
    land = ~shapely.contains(water, middle) & shapely.contains(terrain.edge, middle) & (shapely.area(faces) > 20_000)
    return list(faces[land])


def _lakes(plan: Plan, faces: list[Polygon]) -> list[Polygon]:
    """Return blobs inside the largest faces that lie neither in the centre nor at the edge."""
    chance = plan.chance("lakes")
    middle = shapely.get_coordinates(shapely.centroid(np.array(faces, object)))
    outward = np.hypot(*middle.T) / plan.radius_m
    area = np.where((outward > 0.2) & (outward < 0.75), shapely.area(np.array(faces, object)), 0.0)
    count = int(chance.integers(*_LAKE_COUNT)) + round(plan.radius_m / 9000)
    chosen = np.argsort(-area * chance.uniform(0.3, 1.0, len(faces)))[:count]
    return [_blob(chance, faces[i]) for i in chosen if area[i] > 0]


def _blob(chance: np.random.Generator, face: Polygon) -> Polygon:
    circle = shapely.maximum_inscribed_circle(face, tolerance=20)
    centre, touch = shapely.get_coordinates(circle)
    reach = min(float(np.hypot(*(touch - centre))) * 0.72, 900.0)
    theta = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    turns = chance.uniform(0, 2 * np.pi, 3)
    dents = 0.78 + 0.14 * np.sin(2 * theta + turns[0]) + 0.08 * np.sin(3 * theta + turns[1])
    radius = reach * (dents + 0.04 * np.sin(7 * theta + turns[2]))
    return Polygon(centre + np.column_stack([radius * np.cos(theta), radius * np.sin(theta)]))


def _add_grid(lines: Lines, plan: Plan, face: BaseGeometry, number: int, bend: tuple[SmoothNoise, SmoothNoise]) -> None:
    """Draw a bent grid over a face and keep what lies inside."""
    chance = plan.chance(f"quarter {number}")
    middle = shapely.get_coordinates(shapely.centroid(face))
    gap = float(spacing_m(plan, middle)[0])
    if shapely.area(face) < 1.5 * gap * gap:
        return
    angle = _direction(chance, face, middle[0])
    for turned in (0.0, np.pi / 2):
        _add_family(lines, face, angle + turned, gap * chance.uniform(0.85, 1.25), (chance, bend, number))


def _add_family(
    lines: Lines,
    face: BaseGeometry,
    angle: float,
    gap: float,
    source: tuple[np.random.Generator, tuple[SmoothNoise, SmoothNoise], int],
) -> None:
    chance, bend, number = source
    across = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    uv = shapely.get_coordinates(face) @ across.T
    low, high = uv.min(axis=0), uv.max(axis=0)
    count = max(0, round((high[1] - low[1]) / gap) - 1)
    offsets = low[1] + (np.arange(1, count + 1) + chance.uniform(-0.16, 0.16, count)) * gap
    first = int(chance.integers(0, 3))
    along = np.arange(low[0] - 150, high[0] + 150, 75.0)
    for i, v in enumerate(offsets):
        xy = np.column_stack([along, np.full(len(along), v)]) @ across
        xy = xy + np.column_stack([bend[0](xy), bend[1](xy)]) * min(gap * 0.3, 85.0)
        rank = _rank(i + first, count)
        lines.add(
            shapely.intersection(shapely.LineString(xy), face), rank, GRID_STREET + number * 1000 + _lane(i, angle)
        )


def _rank(index: int, count: int) -> int:
    """Every third street collects, every twelfth of a wide quarter is a main road; a narrow quarter has only lanes."""
    if index % 12 == 6 and count > 8:
        return ARTERIAL
    return COLLECTOR if index % 3 == 0 and count > 2 else LOCAL


def _lane(index: int, angle: float) -> int:
    return index * 2 + int(abs(np.sin(angle)) > 0.70710678)


def _direction(chance: np.random.Generator, face: BaseGeometry, middle: Real) -> float:
    """Return along which direction a quarter is laid out: its own long side, or straight away from the centre."""
    if chance.random() < 0.65:
        corners = shapely.get_coordinates(shapely.oriented_envelope(face))
        sides: NDArray[np.float64] = np.diff(corners, axis=0)
        side = sides[int(np.argmax(np.hypot(*sides.T)))]
        return float(np.arctan2(side[1], side[0]))
    return float(np.arctan2(middle[1], middle[0]) + chance.normal(0, 0.15))
