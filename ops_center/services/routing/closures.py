"""Which edges are closed by what is drawn on the map, and the ways around; pure.

An area closes every edge that leads into it from outside, and those it cuts: whoever is within may still leave, nobody
gets through. A line closes the roads that it runs along or crosses, a few metres to both sides; not those that only
begin where it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from ops_center.services.routing.network import Mask, RoadNetwork

Rows = NDArray[np.int64]

LINE_M = 10.0
"""how far beside a drawn line the middle of a road may lie that it is meant for"""
_CROSSING_M = 15.0
"""at both ends of a road: the crossing, which belongs to no road alone"""


@dataclass(frozen=True, slots=True)
class Closure:
    """Where nobody may pass."""

    kind: Literal["line", "area"]
    coordinates: tuple[tuple[float, float], ...]
    """WGS 84; an area's ring, closed or not"""
    incident: int = 0
    """whose it is: those who are sent there pass"""


def closed_edges(network: RoadNetwork, closures: Iterable[Closure]) -> Mask:
    """Return which edges are closed, bool[e]."""
    closed = np.zeros(len(network.graph.road), bool)
    for one in closures:
        closed |= _closed_by(network, one)
    return closed


def touched_roads(network: RoadNetwork, closures: Sequence[Closure]) -> Rows:
    """Return the rows of the roads of which something is closed, those within an area too."""
    return np.unique(np.concatenate([np.zeros(0, np.int64), *(_touched(network, one) for one in closures)]))


def _closed_by(network: RoadNetwork, closure: Closure) -> Mask:
    graph = network.graph
    roads = np.zeros(len(graph.road_id), bool)
    roads[_touched(network, closure)] = True
    closed = roads[graph.road]
    if closure.kind == "area":
        within = np.zeros(len(graph.node_id), bool)
        ends = np.unique(graph.start[closed])
        within[ends] = shapely.contains_xy(shape_of(network, closure), graph.node_xy_m[ends])
        closed &= ~within[graph.start]
    return closed


def _touched(network: RoadNetwork, closure: Closure) -> Rows:
    """Return the rows of the roads that a closure touches."""
    shape = shape_of(network, closure)
    roads = np.sort(network.all_lines.query(shape, predicate="intersects"))
    if closure.kind == "area" or not len(roads):
        return np.asarray(roads, np.int64)
    lines = network.lines[roads]
    reach_m = np.minimum(_CROSSING_M, 0.3 * shapely.length(lines))
    ends = [shapely.buffer(shapely.get_point(lines, vertex), reach_m) for vertex in (0, -1)]
    between = shapely.difference(lines, shapely.union(ends[0], ends[1]))
    return np.asarray(roads[shapely.intersects(between, shape)], np.int64)


def shape_of(network: RoadNetwork, closure: Closure) -> shapely.Geometry:
    """Return a closure as an area in metres."""
    lon, lat = np.array(closure.coordinates, float).T
    corners = list(zip(*(axis.tolist() for axis in network.metric.to_metres(lon, lat)), strict=True))
    if closure.kind == "line":
        return (shapely.LineString(corners) if len(corners) > 1 else shapely.Point(corners[0])).buffer(LINE_M)
    return shapely.make_valid(shapely.Polygon(corners))
