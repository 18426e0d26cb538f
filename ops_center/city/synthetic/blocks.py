"""Blocks between the roads, and what is made of them: grid cells, communities, streets, districts, people.

Everything nests: a district is a union of streets, a street of communities, a community of blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree
from shapely.geometry.base import BaseGeometry

from ops_center.city.synthetic.lines import COLLECTOR, EDGE
from ops_center.city.synthetic.net import Net
from ops_center.city.synthetic.plan import Plan, Real, SmoothNoise
from ops_center.city.synthetic.terrain import Terrain

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
USES = ("residential", "commercial", "office", "industrial", "public", "park")
_RESIDENTS_PER_COMMUNITY = 7000.0
_LEAST_BLOCK_M2 = 400.0


@dataclass(frozen=True)
class Blocks:
    """Land between roads. Arrays are one per block; ``community`` etc. are numbers from 0."""

    shapes: Shapes
    use: Ints
    """index into USES"""
    residents: Real
    workers: Real
    community: Ints
    street_of: Ints
    """street by community"""
    district_of: Ints
    """district by street"""
    wet: Shapes
    """faces of rivers and lakes"""
    wet_district: Ints

    @property
    def street(self) -> Ints:
        """Return the street of every block."""
        return self.street_of[self.community]

    @property
    def district(self) -> Ints:
        """Return the district of every block."""
        return self.district_of[self.street]


def make_blocks(plan: Plan, terrain: Terrain, net: Net, lakes: tuple[BaseGeometry, ...]) -> Blocks:
    """Return the blocks of a net with their people and administration."""
    water = shapely.union_all([terrain.water, *lakes])
    land, wet = _faces(net, terrain, water)
    cells, _ = _faces(net.take((net.ranks <= COLLECTOR) | (net.ranks == EDGE)), terrain, water)
    middle = shapely.get_coordinates(shapely.point_on_surface(land))
    use = _uses(plan, middle, shapely.area(land))
    residents, workers = _people(plan, middle, shapely.area(land), use)
    superblock = _owner(cells, land)
    community, centre = _communities(plan, terrain, cells, superblock, residents)
    weight: Real = np.asarray(np.bincount(community, residents, minlength=len(centre)) + 1.0, np.float64)
    street_of = _grouped(plan, centre, weight, _street_count(plan, len(centre)), "streets")
    street_centre = _means(centre, street_of, weight)
    street_weight: Real = np.asarray(np.bincount(street_of, weight), np.float64)
    district_of = _grouped(plan, street_centre, street_weight, district_count(plan), "districts")
    wet_middle = shapely.get_coordinates(shapely.centroid(wet))
    nearest = _nearest(wet_middle, street_centre[:, :2])
    return Blocks(land, use, residents, workers, community, street_of, district_of, wet, district_of[nearest])


def district_count(plan: Plan) -> int:
    """Return how many districts the city has, 6 to 11."""
    return int(np.clip(round(7 + 1.8 * np.log2(plan.radius_m / 7200.0)), 6, 11))


def dissolve(shapes: Shapes, group: Ints, count: int) -> Shapes:
    """Return the union of the shapes of each group, object[count]; an empty polygon for a group of none."""
    order = np.argsort(group, kind="stable")
    parts = np.split(shapes[order], np.searchsorted(group[order], np.arange(1, count)))
    return np.array([shapely.union_all(part, grid_size=0.01) for part in parts], object)


def density_km2(plan: Plan, xy_m: Real) -> Real:
    """Return residents per square kilometre, float64[n]: dense centre, sub-centres, thin edge."""
    field = 21_000.0 * np.exp(-np.hypot(*xy_m.T) / (0.34 * plan.radius_m)) + 1_500.0
    for centre in sub_centres(plan):
        field += 9_000.0 * nearness(xy_m, centre, 0.13 * plan.radius_m)
    rough = SmoothNoise(plan.chance("density"), 1500.0)
    return np.asarray(field * (1 + 0.35 * rough(xy_m)).clip(0.3))


def sub_centres(plan: Plan) -> list[tuple[float, float, float]]:
    """Return x, y, weight of the centres beside the old one."""
    chance = plan.chance("centres")
    count = 2 + round(plan.radius_m / 9000.0)
    angle = chance.uniform(0, 2 * np.pi) + np.arange(count) * 2 * np.pi / count + chance.uniform(-0.4, 0.4, count)
    reach = plan.radius_m * chance.uniform(0.42, 0.68, count)
    weight = chance.uniform(0.6, 1.3, count)
    return list(zip((reach * np.cos(angle)).tolist(), (reach * np.sin(angle)).tolist(), weight.tolist(), strict=True))


def nearness(xy_m: Real, centre: tuple[float, float, float], reach_m: float) -> Real:
    """Return the weight of a centre at points float64[n]: a bell ``reach_m`` wide."""
    x, y, weight = centre
    return np.asarray(weight * np.exp(-((np.hypot(xy_m[:, 0] - x, xy_m[:, 1] - y) / reach_m) ** 2)))


def _faces(net: Net, terrain: Terrain, water: BaseGeometry) -> tuple[Shapes, Shapes]:
    """Return the faces of land and of water inside the city's edge."""
    faces = shapely.get_parts(shapely.polygonize(net.shapes))
    faces = faces[shapely.area(faces) > _LEAST_BLOCK_M2]
    faces = faces[np.lexsort(shapely.bounds(faces).T)]
    middle = shapely.point_on_surface(faces)
    shapely.prepare(water)
    wet = shapely.contains(water, middle)
    inside = shapely.contains(terrain.edge.buffer(5), middle)
    return faces[inside & ~wet], faces[inside & wet]


def _uses(plan: Plan, middle: Real, area: Real) -> Ints:
    """Return what each block is mostly used for: by distance to the centres, size and chance."""
    chance = plan.chance("uses")
    outward = np.hypot(*middle.T) / plan.radius_m
    near = np.exp(-((outward / 0.16) ** 2))
    for centre in sub_centres(plan):
        near = np.maximum(near, nearness(middle, centre, 0.07 * plan.radius_m))
    works = SmoothNoise(plan.chance("works"), plan.radius_m * 0.6)(middle)
    part = np.column_stack(
        [
            np.full(len(middle), 1.0),
            0.08 + 0.9 * near,
            0.05 + 1.0 * near,
            np.where((outward > 0.5) & (works > 0.25), 2.2, 0.02),
            np.full(len(middle), 0.12),
            np.where(area < 400_000, 0.07, 0.0),
        ]
    )
    steps = np.cumsum(part / part.sum(axis=1, keepdims=True), axis=1)
    return np.asarray((chance.random(len(middle))[:, None] > steps[:, :-1]).sum(axis=1), np.int64)


def _people(plan: Plan, middle: Real, area: Real, use: Ints) -> tuple[Real, Real]:
    home = np.array([1.25, 0.5, 0.25, 0.08, 0.2, 0.0])[use]
    work = np.array([0.12, 1.5, 2.6, 1.6, 1.2, 0.0])[use]
    there = density_km2(plan, middle) * area / 1e6
    return np.round(there * home), np.round(there * work * 0.6)


def _owner(cells: Shapes, blocks: Shapes) -> Ints:
    """Return which cell each block lies in; the nearest where rounding left it outside."""
    points = shapely.point_on_surface(blocks)
    owner = np.asarray(shapely.STRtree(cells).nearest(points), np.int64)
    found_block, found_cell = shapely.STRtree(cells).query(points, predicate="within")
    owner[found_block] = found_cell
    return owner


def _communities(plan: Plan, terrain: Terrain, cells: Shapes, superblock: Ints, residents: Real) -> tuple[Ints, Real]:
    """Return the community of every block and the centres float64[c, 3] (x, y, side of the river)."""
    people = np.bincount(superblock, residents, minlength=len(cells))
    place = _beside(terrain, shapely.get_coordinates(shapely.centroid(cells)))
    inhabited = np.flatnonzero(np.bincount(superblock, minlength=len(cells)) > 0)
    wanted = min(len(inhabited), max(8, round(people.sum() / _RESIDENTS_PER_COMMUNITY)))
    area = shapely.area(cells)
    largest = inhabited[np.argsort(-(people[inhabited] + area[inhabited] / 1e6 * 800), kind="stable")][:wanted]
    seeds = np.sort(largest)
    of_cell = _nearest(place, place[seeds])
    of_cell[seeds] = np.arange(len(seeds))
    used, community = np.unique(of_cell[superblock], return_inverse=True)
    return community.reshape(-1).astype(np.int64), place[seeds[used]]


def _beside(terrain: Terrain, xy: Real) -> Real:
    """Return x, y and a third coordinate that keeps the two sides of the river apart."""
    line = terrain.river_line
    at = shapely.line_locate_point(line, shapely.points(xy))
    here = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, at + 30.0)) - here
    side = np.sign(ahead[:, 0] * (xy - here)[:, 1] - ahead[:, 1] * (xy - here)[:, 0])
    return np.column_stack([xy, side * terrain.river_width_m * 2.2])


def _street_count(plan: Plan, communities: int) -> int:
    return min(communities, max(3 * district_count(plan), round(communities / 9)))


def _grouped(plan: Plan, place: Real, weight: Real, count: int, purpose: str) -> Ints:
    """Return groups of near places, about equal in weight: Lloyd's rounds from far-apart seeds."""
    count = min(count, len(place))
    first = int(np.argmin(np.hypot(place[:, 0], place[:, 1])))
    seeds, gap = [first], np.linalg.norm(place - place[first], axis=1)
    jitter = plan.chance(purpose).uniform(0.8, 1.0, len(place))
    while len(seeds) < count:
        seeds.append(int(np.argmax(gap * jitter * weight**0.15)))
        gap = np.minimum(gap, np.linalg.norm(place - place[seeds[-1]], axis=1))
    centre = place[seeds]
    group = _nearest(place, centre)
    for _ in range(12):
        filled = np.bincount(group, minlength=count) > 0
        centre[filled] = _means(place, group, weight, count)[filled]
        group = _nearest(place, centre)
    return np.unique(group, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _means(place: Real, group: Ints, weight: Real, count: int | None = None) -> Real:
    size = int(group.max()) + 1 if count is None else count
    total = np.maximum(np.bincount(group, weight, minlength=size), 1e-9)
    return np.column_stack([np.bincount(group, weight * axis, minlength=size) / total for axis in place.T])


def _nearest(place: Real, centre: Real) -> Ints:

    return np.asarray(KDTree(centre).query(place)[1], np.int64)
