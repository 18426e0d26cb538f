"""From drawn lines to a net: noded, classified, thinned, connected. Last step of the streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ops_center.city.synthetic.lines import ARTERIAL, COLLECTOR, EDGE, LOCAL, Lines, pieces
from ops_center.city.synthetic.plan import Plan, Real
from ops_center.city.synthetic.streets import spacing_m

_SNAP_M = 1.0
_SHORT_M = 30.0
"""nodes closer than this on a road become one crossing"""
_OMITTED = 0.15
"""part of the lanes that were never built"""
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Net:
    """Lines between nodes, in local metres. Banks and borders (rank EDGE) are kept for the blocks."""

    shapes: NDArray[np.object_]
    ranks: Ints
    streets: Ints
    start: Ints
    end: Ints
    nodes_m: Real
    """float64[n, 2]"""

    def take(self, index: NDArray[np.bool_]) -> Net:
        """Return the lines of a mask; the nodes keep their numbers."""
        return Net(
            self.shapes[index], self.ranks[index], self.streets[index], self.start[index], self.end[index], self.nodes_m
        )

    @property
    def length_m(self) -> Real:
        """Return the lengths, float64[m]."""
        return np.asarray(shapely.length(self.shapes))

    def middle_m(self) -> Real:
        """Return the middles of the lines, float64[m, 2]."""
        return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(self.shapes, 0.5, normalized=True)))


def make_net(plan: Plan, lines: Lines) -> Net:
    """Return the net of all drawn lines."""
    net = _noded(lines)
    net = _without_doubles(plan, net)
    net = _thinned(plan, net)
    net = _contracted(net)
    return _compact(_connected(_pruned(net)))


def _noded(lines: Lines) -> Net:
    """Cut all lines at their crossings and give each piece the class of the best line it lies on."""
    parts = shapely.get_parts(shapely.union_all(np.array(lines.shapes, object), grid_size=_SNAP_M))
    parts = parts[shapely.length(parts) > 0]
    parts = parts[np.lexsort(shapely.bounds(parts).T)]
    straight, owner = pieces(lines)
    order = np.argsort(np.array(lines.ranks)[owner], kind="stable")
    straight, owner = straight[order], owner[order]
    middles = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    near, found = shapely.STRtree(straight).query(middles, predicate="dwithin", distance=2.5 * _SNAP_M)
    best = np.full(len(parts), len(straight))
    np.minimum.at(best, near, found)
    known = best < len(straight)
    parts, line = parts[known], owner[best[known]]
    return _with_nodes(parts, np.array(lines.ranks)[line], np.array(lines.streets)[line])


def _with_nodes(shapes: NDArray[np.object_], ranks: Ints, streets: Ints) -> Net:
    first = shapely.get_coordinates(shapely.get_point(shapes, 0))
    last = shapely.get_coordinates(shapely.get_point(shapes, -1))
    places, numbers = np.unique(np.round(np.vstack([first, last])), axis=0, return_inverse=True)
    numbers = numbers.reshape(-1)
    return Net(shapes, ranks, streets, numbers[: len(shapes)], numbers[len(shapes) :], np.asarray(places, np.float64))


def _without_doubles(plan: Plan, net: Net) -> Net:
    """Drop lanes that run close along a greater road."""
    main = net.shapes[net.ranks < LOCAL]
    lane = np.flatnonzero((net.ranks == LOCAL) | (net.ranks == COLLECTOR))
    middles = net.middle_m()[lane]
    near = 0.3 * spacing_m(plan, middles)
    greater = net.ranks[net.ranks < LOCAL]
    found_lane, found_main = shapely.STRtree(main).query(shapely.points(middles), predicate="dwithin", distance=near)
    above = greater[found_main] < net.ranks[lane[found_lane]]
    double = np.zeros(len(net.shapes), bool)
    double[lane[found_lane[above]]] = True
    return net.take(~(double & (net.length_m > 45.0)))


def _thinned(plan: Plan, net: Net) -> Net:
    """Leave out lanes at random, more of them towards the edge, so that blocks differ."""
    middles = net.middle_m()
    outward = np.clip(np.hypot(*middles.T) / plan.radius_m, 0, 1)
    omitted = plan.chance("thin").random(len(net.shapes)) < _OMITTED + 0.25 * np.clip(outward - 0.55, 0, 1) / 0.45
    return net.take(~(omitted & (net.ranks == LOCAL)))


def _contracted(net: Net) -> Net:
    """Make one crossing of nodes that a short road joins."""
    count = len(net.nodes_m)
    short = (net.length_m < _SHORT_M) & (net.ranks != EDGE)
    joined = coo_matrix((np.ones(short.sum()), (net.start[short], net.end[short])), shape=(count, count))
    _, group = connected_components(joined, directed=False)
    rank = np.full(count, EDGE + 1)
    for ends in (net.start, net.end):
        np.minimum.at(rank, ends, net.ranks)
    order = np.lexsort((np.arange(count), rank, group))
    chief = order[np.unique(group[order], return_index=True)[1]]
    places = net.nodes_m[chief]
    moved = _move_ends(net, places[group[net.start]], places[group[net.end]])
    result = Net(
        moved, net.ranks, net.streets, group[net.start].astype(np.int64), group[net.end].astype(np.int64), places
    )
    return _single(result.take((result.start != result.end) | ((result.length_m > 200) & (net.ranks == EDGE))))


def _move_ends(net: Net, first: Real, last: Real) -> NDArray[np.object_]:
    coordinates, owner = shapely.get_coordinates(net.shapes, return_index=True)
    starts = np.searchsorted(owner, np.arange(len(net.shapes)))
    ends = np.searchsorted(owner, np.arange(len(net.shapes)), side="right") - 1
    coordinates[starts], coordinates[ends] = first, last
    return np.asarray(shapely.set_coordinates(net.shapes.copy(), coordinates))


def _single(net: Net) -> Net:
    """Keep one of several roads between the same nodes, the greatest, if they are about as long; and all banks."""
    low, high = np.minimum(net.start, net.end), np.maximum(net.start, net.end)
    order = np.lexsort((net.length_m, net.ranks, high, low))
    same = (np.diff(low[order]) == 0) & (np.diff(high[order]) == 0)
    keep = np.ones(len(order), bool)
    keep[order[1:][same]] = net.length_m[order[1:][same]] > 1.6 * net.length_m[order[:-1][same]]
    return net.take(keep | (net.ranks == EDGE))


def _pruned(net: Net) -> Net:
    """Take away stubs: short dead ends, again and again."""
    for _ in range(6):
        roads = net.ranks != EDGE
        degree = np.bincount(np.concatenate([net.start[roads], net.end[roads]]), minlength=len(net.nodes_m))
        dead = roads & ((degree[net.start] == 1) | (degree[net.end] == 1))
        limit = np.where(net.ranks <= ARTERIAL, 400.0, 260.0)
        stub = dead & (net.length_m < limit)
        if not stub.any():
            return net
        net = net.take(~stub)
    return net


def _connected(net: Net) -> Net:
    """Keep the roads that can be reached from most places, and all EDGE lines."""
    roads = net.ranks != EDGE
    count = len(net.nodes_m)
    graph = coo_matrix((np.ones(roads.sum()), (net.start[roads], net.end[roads])), shape=(count, count))
    _, group = connected_components(graph, directed=False)
    largest = np.bincount(group[net.start[roads]]).argmax()
    return net.take(~roads | (group[net.start] == largest))


def _compact(net: Net) -> Net:
    """Number the nodes that are left from 0 on."""
    used, numbers = np.unique(np.concatenate([net.start, net.end]), return_inverse=True)
    half = len(net.start)
    return Net(net.shapes, net.ranks, net.streets, numbers[:half], numbers[half:], net.nodes_m[used])
