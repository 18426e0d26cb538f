"""The ways around what is closed, between the ends of what is closed; pure.

For each street that leads in, straight through to where it leads out again: what those do who drove through before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from ops_center.services.routing.closures import Rows
from ops_center.services.routing.network import Costs, Doors, Int, Mask, Real, RoadNetwork
from ops_center.services.routing.ways import LONGEST_S, Way, way_of_nodes

MOST = 6


@dataclass(frozen=True, eq=False)
class Diversion:
    """What becomes of one way through what is closed."""

    begin: int
    """node before the closure"""
    end: int
    """node behind it"""
    roads: tuple[int, int]
    """rows of ``roads``: on which one comes in, and on which one left before"""
    before_s: float
    """how long the way through took"""
    around: Way | None
    """None: there is no way around"""


def diversions(network: RoadNetwork, open_s: Real, closed: Mask, most: int = MOST) -> list[Diversion]:
    """Return the ways around what is closed, those of the larger roads first.

    ``closed``: bool[e], every edge that is closed or lies within what is closed.
    """
    graph = network.graph
    inside = _inside(network, closed)
    entries = np.flatnonzero(closed & ~inside[graph.start])
    exits = np.flatnonzero(closed & ~inside[graph.end])
    if not len(entries) or not len(exits):
        return []
    begins = np.unique(graph.start[entries]).astype(np.int64)
    through, _ = _searched(network, Costs(open_s, np.zeros(len(closed), bool)), begins)
    around, before = _searched(network, Costs(open_s, closed), begins)
    found: list[Diversion] = []
    for entry in entries[np.lexsort((-graph.lanes[entries], graph.road_class[entries]))].tolist():
        row = int(np.searchsorted(begins, graph.start[entry]))
        exit_ = _straight_on(network, entry, exits, through[row], around[row])
        if exit_ is None or any((one.begin, one.end) == (graph.start[entry], graph.end[exit_]) for one in found):
            continue
        end = int(graph.end[exit_])
        nodes = _walk(before[row], int(begins[row]), end)
        way = way_of_nodes(network, Costs(open_s, closed), nodes, float(around[row, end]))
        roads = int(graph.road[entry]), int(graph.road[exit_])
        found.append(Diversion(int(graph.start[entry]), end, roads, float(through[row, end]), way))
        if len(found) == most:
            break
    return found


def _inside(network: RoadNetwork, closed: Mask) -> Mask:
    """Return which nodes can be neither reached nor left any more, bool[n]."""
    graph, nodes = network.graph, len(network.graph.node_id)
    open_ends = np.bincount(graph.start[~closed], minlength=nodes) + np.bincount(graph.end[~closed], minlength=nodes)
    return np.asarray(open_ends == 0)


def _searched(network: RoadNetwork, costs: Costs, sources: Rows) -> tuple[Real, Int]:
    matrix = network.forward.matrix(costs.entering_s, Doors(np.zeros((0, 2), np.int32), np.zeros((0, 2))))
    far, before = dijkstra(matrix, indices=sources, return_predecessors=True)
    return np.asarray(far), np.asarray(before)


def _straight_on(
    network: RoadNetwork,
    entry: int,
    exits: Rows,
    through: Real,
    around: Real,
) -> int | None:
    """Return the edge by which one left who came in by ``entry`` and drove on as straight as possible.

    Only where the way through was the better one: nobody misses another. None: there is none.
    """
    graph = network.graph
    begin, end = graph.start[entry], graph.end[exits]
    missed = (end != begin) & (through[end] < LONGEST_S) & (around[end] > through[end] + 1e-6)
    candidates = exits[missed]
    if not len(candidates):
        return None
    here, there = graph.node_xy_m[begin], graph.node_xy_m[graph.end[candidates]]
    heading = graph.node_xy_m[graph.end[entry]] - here
    ahead = there - here
    straight = (ahead @ heading) / np.maximum(np.hypot(*ahead.T) * np.hypot(*heading), 1e-9)
    same = graph.road_class[candidates] == graph.road_class[entry]
    return int(candidates[np.argmax(straight + 0.3 * same)])


def _walk(before: Int, begin: int, end: int) -> Sequence[int]:
    """Return the nodes from one to another; none: there is no way."""
    nodes = [end]
    while nodes[-1] != begin:
        if before[nodes[-1]] < 0:
            return ()
        nodes.append(int(before[nodes[-1]]))
    return nodes[::-1]
