"""Buildings: rows of boxes inside the blocks, high in the centres, low at the edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ops_center.city.synthetic.blocks import USES, Blocks, nearness, sub_centres
from ops_center.city.synthetic.plan import Plan, Real

Ints = NDArray[np.int64]
_SETBACK_M = 13.0
_PART_AT_ONCE = 4000
_PARK = USES.index("park")
_FLOOR_M = 3.1


@dataclass(frozen=True)
class Buildings:
    """Boxes; arrays are one per building."""

    shapes: NDArray[np.object_]
    height_m: Real
    use: Ints
    """index into USES"""
    block: Ints


def wanted_count(plan: Plan) -> int:
    """Return about how many buildings are drawn: 1,500 for 500 things, 8,000 for 5,000, at most 150,000."""
    return int(min(8000 * (plan.things / 5000.0) ** 0.7, 150_000))


def make_buildings(plan: Plan, blocks: Blocks) -> Buildings:
    """Return the buildings of all blocks; parks have none."""
    chance = plan.chance("buildings")
    built = np.flatnonzero(blocks.use != _PARK)
    parts = [_on(plan, chance, blocks, part) for part in np.array_split(built, max(1, len(built) // _PART_AT_ONCE))]
    shapes, block = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    keep = _chosen(plan, chance, blocks, shapes, block)
    shapes, block = shapes[keep], block[keep]
    use = blocks.use[block]
    return Buildings(shapes, _heights(plan, chance, shapes, use), use, block)


def _on(plan: Plan, chance: np.random.Generator, blocks: Blocks, chosen: Ints) -> tuple[NDArray[np.object_], Ints]:
    """Return boxes on a lattice along the long side of each block, inside its setback, and their blocks."""
    inner = shapely.buffer(blocks.shapes[chosen], -_SETBACK_M, join_style="mitre")
    chosen, inner = chosen[~shapely.is_empty(inner)], inner[~shapely.is_empty(inner)]
    corner, along, across = _frames(inner)
    use = blocks.use[chosen]
    pitch_u = np.array([58.0, 62.0, 66.0, 105.0, 75.0, 1.0])[use] * chance.uniform(0.85, 1.25, len(chosen))
    pitch_v = np.array([38.0, 55.0, 60.0, 80.0, 62.0, 1.0])[use] * chance.uniform(0.85, 1.25, len(chosen))
    rows_u = np.clip((np.hypot(*along.T) / pitch_u).astype(int), 1, 9)
    rows_v = np.clip((np.hypot(*across.T) / pitch_v).astype(int), 1, 9)
    count = rows_u * rows_v
    which = np.repeat(np.arange(len(chosen)), count)
    number = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    u = (number % rows_u[which] + 0.5) / rows_u[which]
    v = (number // rows_u[which] + 0.5) / rows_v[which]
    half_u = chance.uniform(0.28, 0.42, len(which)) / rows_u[which]
    half_v = chance.uniform(0.2, 0.36, len(which)) / rows_v[which]
    limit_u, limit_v = 45.0 / np.hypot(*along.T)[which], 24.0 / np.hypot(*across.T)[which]
    boxes = _boxes(
        corner[which], along[which], across[which], (u, v, np.minimum(half_u, limit_u), np.minimum(half_v, limit_v))
    )
    fits = shapely.contains_properly(inner[which], boxes)
    return boxes[fits], chosen[which[fits]]


def _frames(shapes: NDArray[np.object_]) -> tuple[Real, Real, Real]:
    """Return a corner and the long and short side of the smallest rectangle around each shape."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(shapes)).reshape(-1, 5, 2)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0]
    longer = (np.hypot(*first.T) >= np.hypot(*second.T))[:, None]
    return corners[:, 0], np.where(longer, first, second), np.where(longer, second, first)


def _boxes(corner: Real, along: Real, across: Real, lattice: tuple[Real, Real, Real, Real]) -> NDArray[np.object_]:
    u, v, half_u, half_v = lattice
    ring = [
        corner + along * (u + a * half_u)[:, None] + across * (v + b * half_v)[:, None]
        for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    return np.asarray(shapely.polygons(np.stack(ring, axis=1)))


def _chosen(
    plan: Plan, chance: np.random.Generator, blocks: Blocks, shapes: NDArray[np.object_], block: Ints
) -> NDArray[np.bool_]:
    """Return which boxes are built: as many as wanted, most of them where many people are."""
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    outward = np.hypot(*middle.T) / plan.radius_m
    people = (blocks.residents + blocks.workers)[block] / shapely.area(blocks.shapes)[block]
    weight = (people / max(people.mean(), 1e-12)) ** 0.7 * np.exp(-outward)
    draw = chance.random(len(shapes)) ** (1 / np.maximum(weight, 1e-6))
    keep = np.zeros(len(shapes), bool)
    keep[np.argsort(-draw, kind="stable")[: wanted_count(plan)]] = True
    return keep


def _heights(plan: Plan, chance: np.random.Generator, shapes: NDArray[np.object_], use: Ints) -> Real:
    """Return heights in metres, whole floors: towers around the centres, six floors in between, halls for industry."""
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    core = np.exp(-((np.hypot(*middle.T) / (0.2 * plan.radius_m)) ** 2))
    for centre in sub_centres(plan):
        core = np.maximum(core, 0.75 * nearness(middle, centre, 0.09 * plan.radius_m))
    typical = np.array([7.0, 7.0, 9.0, 3.0, 4.0, 1.0])[use]
    towers = np.array([16.0, 26.0, 38.0, 1.0, 6.0, 0.0])[use]
    floors = (typical + towers * core) * np.exp(chance.normal(0, 0.38, len(use)))
    floors = np.where((use == 0) & (chance.random(len(use)) < 0.18), floors + 12, floors)
    return np.asarray(np.round(np.clip(floors, 1, 95).round() * _FLOOR_M, 1), np.float64)
