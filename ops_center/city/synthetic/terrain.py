"""The land: a river that winds through, its tributary, and how high the ground is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from ops_center.city.synthetic.plan import Plan, Real, SmoothNoise


@dataclass(frozen=True)
class Terrain:
    """The land before anybody built on it."""

    edge: Polygon
    """the city's edge"""
    river_line: LineString
    """centre line of the river, from one side of the city to the other; water runs along it"""
    river: BaseGeometry
    tributary_line: LineString
    tributary: BaseGeometry
    river_width_m: float
    hills: SmoothNoise

    @property
    def water(self) -> BaseGeometry:
        """Return river and tributary as one."""
        return self.river.union(self.tributary)

    def elevation_m(self, xy_m: Real) -> Real:
        """Return the height of the ground, float64[n]: a flood plain that rises softly away from the river."""
        away = shapely.distance(shapely.points(xy_m), self.river_line)
        return np.asarray(np.round(6.0 + 9.0 * (1 - np.exp(-away / 4000.0)) + 2.5 * self.hills(xy_m), 2))


def make_terrain(plan: Plan) -> Terrain:
    """Return the land of a plan."""
    chance = plan.chance("terrain")
    radius = plan.radius_m
    angle = np.linspace(0, 2 * np.pi, 361)[:-1]
    reach = plan.edge_radius_m(angle)
    edge = Polygon(np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))
    width = float(np.clip(0.05 * radius, 190, 1100))
    course = float(chance.uniform(-0.6, 0.6))
    river_line = _winding(chance, radius, course, float(chance.choice([-1, 1])) * 0.22 * radius)
    tributary_line = _tributary(chance, river_line, radius)
    return Terrain(
        edge=edge,
        river_line=river_line,
        river=_ribbon(chance, river_line, width).intersection(edge),
        tributary_line=tributary_line,
        tributary=_ribbon(chance, tributary_line, max(width * 0.2, 45.0)).intersection(edge),
        river_width_m=width,
        hills=SmoothNoise(plan.chance("hills"), radius * 0.5),
    )


def _winding(chance: np.random.Generator, radius: float, course: float, aside: float) -> LineString:
    """Return a line through the city in direction ``course``, ``aside`` metres from the centre, that meanders."""
    along = np.linspace(-1.4, 1.4, 281) * radius
    phase = chance.uniform(0, 2 * np.pi, 3)
    sway = 0.15 * np.sin(2 * np.pi * along / (1.5 * radius) + phase[0])
    sway += 0.05 * np.sin(2 * np.pi * along / (0.7 * radius) + phase[1])
    across = aside + radius * (sway - sway[140])
    turn = np.array([[np.cos(course), -np.sin(course)], [np.sin(course), np.cos(course)]])
    return LineString(np.column_stack([along, across]) @ turn.T)


def _tributary(chance: np.random.Generator, river: LineString, radius: float) -> LineString:
    """Return a small river from the far edge to a point of the river a little off the middle."""
    mouth = np.array(river.interpolate(float(chance.uniform(0.36, 0.44)), normalized=True).coords[0])
    before, after = (np.array(river.interpolate(part, normalized=True).coords[0]) for part in (0.38, 0.42))
    downstream = (after - before) / np.hypot(*(after - before))
    normal = np.array([-downstream[1], downstream[0]])
    if normal @ -mouth < 0:
        normal = -normal
    heading = normal * 0.93 - downstream * 0.36
    part = np.linspace(0, 1, 120)
    sway = 0.09 * radius * np.sin(2 * np.pi * part * 2.1 + chance.uniform(0, 6)) * np.minimum(part * 4, 1)
    side = np.array([-heading[1], heading[0]])
    return LineString((mouth + np.outer(part * 2.2 * radius, heading) + np.outer(sway, side))[::-1])


def _ribbon(chance: np.random.Generator, line: LineString, width: float) -> BaseGeometry:
    """Return the line as a band whose width swells and shrinks."""
    stops = np.linspace(0, 1, 160)
    points = shapely.line_interpolate_point(line, stops, normalized=True)
    swell = 1 + 0.22 * np.sin(2 * np.pi * stops * 3.3 + chance.uniform(0, 6))
    swell += 0.1 * np.sin(2 * np.pi * stops * 8.1 + chance.uniform(0, 6))
    discs = shapely.buffer(points, width / 2 * swell, quad_segs=12)
    hulls = [shapely.convex_hull(shapely.union(a, b)) for a, b in pairwise(discs)]
    return shapely.simplify(shapely.union_all(hulls), 3.0)
