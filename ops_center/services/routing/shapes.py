"""Ways and what is reached, as shapes on the map; pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from ops_center.services.routing.network import Costs, OnRoads, Real, RoadNetwork
from ops_center.services.routing.ways import Way, seconds_from

BESIDE_M = 60.0
"""how far beside a road counts as reached with it: half a block (assumed)"""
_LEAST_HOLE_M2 = 60_000.0
"""smaller ones are yards, not places that can't be reached"""
_SIMPLER_M = 12.0

Ring = NDArray[np.float64]


def line_of(network: RoadNetwork, way: Way) -> Real:
    """Return longitude and latitude of a way's vertices, float64[n, 2]."""
    if not len(way.edge):
        return np.empty((0, 2))
    pieces = [_piece(network, *one) for one in zip(way.edge.tolist(), way.begin_m, way.end_m, strict=True)]
    line = np.concatenate(pieces)
    apart = np.append(True, (np.abs(np.diff(line, axis=0)) > 1e-9).any(axis=1))
    return np.asarray(line[apart])


def _piece(network: RoadNetwork, edge: int, begin_m: float, end_m: float) -> Real:
    """Return the vertices of a part of an edge, in the direction of travel."""
    graph, shape = network.graph, network.graph.shape
    road, length = int(graph.road[edge]), float(graph.length_m[edge])
    low, high = (length - end_m, length - begin_m) if graph.reverse[edge] else (begin_m, end_m)
    own = slice(int(shape.first[road]), int(shape.first[road + 1]))
    at_m = shape.at_m[own] - shape.base_m[road]
    within = shape.lonlat[own][(at_m > low) & (at_m < high)]
    lon, lat, _ = shape.place(np.array([road, road]), np.array([low, high]))
    line = np.vstack(([lon[0], lat[0]], within, [lon[1], lat[1]]))
    return line[::-1] if graph.reverse[edge] else line


def isochrones(
    network: RoadNetwork, costs: Costs, source: OnRoads, minutes: Sequence[float]
) -> dict[float, list[list[Ring]]]:
    """Return what is reached from a point within so many minutes: areas, each its outer ring and its holes, WGS 84.

    Of each road the part that is reached counts, and what lies beside it.
    """
    if not len(network.graph.road) or source.road[0] < 0:
        return {limit: [] for limit in minutes}
    far = seconds_from(network, costs, source, max(minutes, default=0.0) * 60.0)[0]
    return {limit: _rings(network, _reached(network, costs, source, far, limit * 60.0)) for limit in minutes}


def _reached(network: RoadNetwork, costs: Costs, source: OnRoads, far: Real, limit_s: float) -> NDArray[np.object_]:
    """Return the roads and parts of roads that are reached, as lines in metres."""
    graph = network.graph
    left = limit_s - far[graph.start]
    with np.errstate(invalid="ignore"):
        share = np.clip(np.where(left > 0, left / costs.entering_s, 0.0), 0.0, 1.0)
    along, against = np.zeros(len(graph.road_id)), np.zeros(len(graph.road_id))
    along[graph.road[~graph.reverse]] = share[~graph.reverse]
    against[graph.road[graph.reverse]] = share[graph.reverse]
    whole = along + against >= 1.0
    parts = [(road, 0.0, along[road]) for road in np.flatnonzero(~whole & (along > 0)).tolist()]
    parts += [(road, 1 - against[road], 1.0) for road in np.flatnonzero(~whole & (against > 0)).tolist()]
    parts.append(_own_part(network, costs, source, limit_s))
    cut = [substring(network.lines[road], low, high, normalized=True) for road, low, high in parts]
    return np.concatenate((network.lines[whole], np.array(cut, object)))


def _own_part(network: RoadNetwork, costs: Costs, source: OnRoads, limit_s: float) -> tuple[int, float, float]:
    """Return what is reached of the road that one starts on, as road and parts of its line."""
    road, part = int(source.road[0]), float(source.part[0])
    ahead, back = (int(edges[road]) for edges in (network.edge_along, network.edge_against))
    high = min(1.0, part + limit_s / float(costs.open_s[ahead]))
    low = part if back < 0 else max(0.0, part - limit_s / float(costs.open_s[back]))
    return road, low, high


def _rings(network: RoadNetwork, lines: NDArray[np.object_]) -> list[list[Ring]]:
    """Return the areas along lines; small holes are filled."""
    merged = shapely.union_all(shapely.buffer(shapely.simplify(lines, _SIMPLER_M), BESIDE_M, quad_segs=2))
    found = []
    for area in shapely.get_parts(shapely.simplify(merged, _SIMPLER_M)):
        holes = [hole for hole in area.interiors if shapely.area(shapely.Polygon(hole)) >= _LEAST_HOLE_M2]
        found.append([_degrees(network, ring) for ring in (area.exterior, *holes)])
    return found


def _degrees(network: RoadNetwork, ring: shapely.LinearRing) -> Ring:
    xy = shapely.get_coordinates(ring)
    return np.column_stack(network.metric.to_lonlat(xy[:, 0], xy[:, 1]))
