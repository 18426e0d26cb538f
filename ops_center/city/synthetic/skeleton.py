"""The roads that give a city its shape: ring roads, radials, the roads along the river. First step of the streets."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from ops_center.city.synthetic.lines import ARTERIAL, COLLECTOR, EDGE, EXPRESSWAY, Lines, smooth
from ops_center.city.synthetic.plan import Plan, Real
from ops_center.city.synthetic.terrain import Terrain

RING_STREET, RADIAL_STREET, RIVER_STREET = 100, 200, 300
"""numbers of streets: ring 0 is street 100"""
BANK_M = 70.0
"""from the water to the road along it"""
_STEP_M = 90.0


def make_skeleton(plan: Plan, terrain: Terrain) -> Lines:
    """Return rings, radials, riverside roads, and the banks and the city's edge as EDGE lines."""
    lines = Lines()
    inside = terrain.edge
    radii = ring_radii(plan)
    rings = [_ring(plan, float(radius), number) for number, radius in enumerate(radii)]
    for number, ring in enumerate(rings):
        fast = number in {len(radii) - 1, len(radii) // 2}
        lines.add(_bridged(ring, terrain), EXPRESSWAY if fast else ARTERIAL, RING_STREET + number)
    for number, (radial, rank) in enumerate(_radials(plan, radii, rings)):
        lines.add(_bridged(radial.intersection(inside), terrain), rank, RADIAL_STREET + number)
    _add_riverside(lines, terrain, inside)
    lines.add(terrain.edge.exterior, EDGE)
    lines.add(terrain.water.boundary, EDGE)
    return lines


def ring_radii(plan: Plan) -> Real:
    """Return the radii of the ring roads: from 1.3 km on each about 1.75 times the one before, as grown cities have."""
    inner, outer = min(1300.0, plan.radius_m * 0.28), plan.radius_m * 0.8
    count = max(2, round(np.log(outer / inner) / np.log(1.75)) + 1)
    return np.geomspace(inner, outer, count)


def _ring(plan: Plan, radius: float, number: int) -> LineString:
    """Return a closed road: boxy near the centre, rounder outside, with soft irregularity."""
    chance = plan.chance(f"ring {number}")
    theta = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    power = 4.0 - 1.6 * min(radius / plan.radius_m / 0.8, 1.0)
    turned = theta - float(plan.chance("axes").uniform(-0.3, 0.3))
    boxy = (np.abs(np.cos(turned)) ** power + np.abs(np.sin(turned)) ** power) ** (-1 / power) / 1.08
    bend = 0.04 * np.sin(3 * theta + chance.uniform(0, 6)) + 0.025 * np.sin(5 * theta + chance.uniform(0, 6))
    reach = radius * boxy * (plan.edge_radius_m(theta) / plan.radius_m) * (1 + bend)
    points = np.column_stack([reach * np.cos(theta), reach * np.sin(theta)])
    return smooth(np.vstack([points, points[:1]]), _STEP_M)


def _radials(plan: Plan, radii: Real, rings: list[LineString]) -> list[tuple[BaseGeometry, int]]:
    """Return two axes through the centre, roads out from the inner ring, and more from the rings further out."""
    chance = plan.chance("radials")
    turn = float(plan.chance("axes").uniform(-0.3, 0.3))
    found: list[tuple[BaseGeometry, int]] = [
        (_axis(chance, plan, turn), ARTERIAL),
        (_axis(chance, plan, turn + np.pi / 2), ARTERIAL),
    ]
    taken = turn + np.arange(4) * np.pi / 2
    start, count = float(radii[0]), 4
    while start < plan.radius_m * 0.62:
        between = (np.sort(taken % (2 * np.pi)) + np.pi / count) % (2 * np.pi)
        angles = between + chance.uniform(-0.25, 0.25, count) * np.pi / count
        fast = chance.permutation(count) < max(1, count // 4)
        within = Polygon(rings[int(np.argmin(np.abs(radii - start)))])
        for angle, is_fast in zip(angles, fast, strict=True):
            spoke = _spoke(chance, plan, float(angle), start * 0.6).difference(within)
            found.append((spoke, EXPRESSWAY if is_fast else ARTERIAL))
        taken, count, start = np.concatenate([taken, angles]), count * 2, start * 2.9
    return found


def _axis(chance: np.random.Generator, plan: Plan, angle: float) -> LineString:
    """Return a road right through the centre, bent a little."""
    reach = plan.radius_m * np.array([-1.2, -0.8, -0.45, -0.2, 0, 0.2, 0.45, 0.8, 1.2])
    aside = chance.normal(0, 0.02, len(reach)) * plan.radius_m * np.array([2, 1.5, 1, 0.4, 0.1, 0.4, 1, 1.5, 2])
    return smooth(_turned(reach, aside, angle), _STEP_M)


def _spoke(chance: np.random.Generator, plan: Plan, angle: float, start: float) -> LineString:
    """Return a road outwards from ``start`` metres."""
    reach = np.linspace(start, plan.radius_m * 1.2, 8)
    aside = np.cumsum(chance.normal(0, 0.016, len(reach))) * plan.radius_m
    return smooth(_turned(reach, aside - aside[0], angle), _STEP_M)


def _turned(along: Real, aside: Real, angle: float) -> Real:
    c, s = np.cos(angle), np.sin(angle)
    return np.column_stack([along * c - aside * s, along * s + aside * c])


def _bridged(road: BaseGeometry, terrain: Terrain) -> BaseGeometry:
    """Cut a road where it would run along in the river instead of crossing it."""
    corridor = terrain.river.buffer(BANK_M)
    longest = 2.0 * (terrain.river_width_m + 2 * BANK_M)
    wet = [part for part in shapely.get_parts(road.intersection(corridor)) if part.length > longest]
    return road.difference(corridor.intersection(shapely.union_all(wet).buffer(30))) if wet else road


def _add_riverside(lines: Lines, terrain: Terrain, inside: BaseGeometry) -> None:
    river_roads = terrain.river.buffer(BANK_M).simplify(6).boundary.intersection(inside)
    sides = sorted(shapely.get_parts(shapely.line_merge(river_roads)), key=lambda part: -part.length)
    for number, side in enumerate(sides):
        lines.add(side, ARTERIAL, RIVER_STREET + number % 2)
    brook = terrain.tributary.buffer(30).simplify(5).boundary.intersection(inside)
    for number, side in enumerate(shapely.get_parts(shapely.line_merge(brook))):
        lines.add(side.difference(terrain.river.buffer(BANK_M)), COLLECTOR, RIVER_STREET + 2 + number % 2)
