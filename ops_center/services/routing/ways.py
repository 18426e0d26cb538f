"""Times and ways between points on roads, at the costs of a moment; pure.

Many to many is searched from the side with fewer points, each point once (Dijkstra): to one incident from a thousand
units is one search, against the direction of travel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from ops_center.services.routing.network import Costs, Doors, Int, OnRoads, Pattern, Real, RoadNetwork

LONGEST_S = 1e6
"""no way within a city takes longer: what does, is none"""


@dataclass(frozen=True, eq=False)
class Way:
    """A way as parts of edges, in the order of travel."""

    edge: Int
    """int32[k]"""
    begin_m: Real
    """float64[k], metres into the edge, in the direction of travel"""
    end_m: Real
    seconds: float

    @property
    def metres(self) -> float:
        """Return how long it is."""
        return float((self.end_m - self.begin_m).sum())


def seconds_between(network: RoadNetwork, costs: Costs, sources: OnRoads, targets: OnRoads) -> Real:
    """Return the seconds from each source to each target, float64[n, m]; NaN where there is no way."""
    if not len(sources) or not len(targets) or not len(network.graph.road):
        return np.full((len(sources), len(targets)), np.nan)
    leaving, reaching = network.leaving(sources, costs), network.reaching(targets, costs)
    if len(targets) < len(sources):
        found = _through(_searched(network.backward, costs, reaching), leaving).T
    else:
        found = _through(_searched(network.forward, costs, leaving), reaching)
    best = np.minimum(found, _straight(network, costs, sources, targets))
    return np.where(best < LONGEST_S, best, np.nan)


def seconds_from(network: RoadNetwork, costs: Costs, sources: OnRoads, most_s: float = np.inf) -> Real:
    """Return the seconds from each source to each node, float64[n, nodes]; infinite beyond ``most_s``."""
    return _searched(network.forward, costs, network.leaving(sources, costs), most_s)


def seconds_to(network: RoadNetwork, costs: Costs, targets: OnRoads, most_s: float = np.inf) -> Real:
    """Return the seconds from each node to each target, float64[targets, nodes]; infinite beyond ``most_s``."""
    return _searched(network.backward, costs, network.reaching(targets, costs), most_s)


def seconds_through(network: RoadNetwork, costs: Costs, sources: OnRoads, to_target: Real) -> Real:
    """Return the seconds from each source to each target of ``seconds_to``, float64[n, targets]; NaN: no way.

    Two points on one road meet at its ends here: good for covers, not for routes.
    """
    found = _through(to_target, network.leaving(sources, costs)).T
    return np.where(found < LONGEST_S, found, np.nan)


def way_between(network: RoadNetwork, costs: Costs, source: OnRoads, target: OnRoads) -> Way | None:
    """Return the quickest way from one point to another; None: there is none."""
    if not len(network.graph.road) or source.road[0] < 0 or target.road[0] < 0:
        return None
    leaving, reaching = network.leaving(source, costs), network.reaching(target, costs)
    nodes = len(network.graph.node_id)
    matrix = network.forward.matrix(costs.entering_s, leaving)
    far, before = dijkstra(matrix, indices=nodes, return_predecessors=True)
    at_end = far[reaching.node[0]] + reaching.cost[0]
    straight = float(_straight(network, costs, source, target)[0, 0])
    door = int(np.argmin(at_end))
    if min(straight, float(at_end[door])) >= LONGEST_S:
        return None
    if straight <= at_end[door]:
        return _straight_way(network, source, target, straight)
    walked = _walked(before, nodes, int(reaching.node[0, door]))
    return _joined(network, costs, (source, target), walked, door, float(at_end[door]))


def _searched(pattern: Pattern, costs: Costs, doors: Doors, most_s: float = np.inf) -> Real:
    nodes = len(pattern.begins) - 1
    found = dijkstra(pattern.matrix(costs.entering_s, doors), indices=nodes + np.arange(len(doors.node)), limit=most_s)
    return np.asarray(found[:, :nodes], np.float64)


def _through(searched: Real, doors: Doors) -> Real:
    """Return the seconds from each search to each point through the better of its doors, float64[searches, k]."""
    first, second = (searched[:, doors.node[:, door]] + doors.cost[:, door] for door in (0, 1))
    return np.minimum(first, second)


def _straight(network: RoadNetwork, costs: Costs, sources: OnRoads, targets: OnRoads) -> Real:
    """Return the seconds along the road that both are on, float64[n, m]; infinite where they aren't."""
    mine, theirs = sources.road[:, None], targets.road[None]
    road = np.where(mine == theirs, mine, -1)
    ahead = targets.part[None] - sources.part[:, None]
    edge = np.where(ahead >= 0, network.edge_along[road], network.edge_against[road])
    there = (road >= 0) & (edge >= 0)
    return np.where(there, np.abs(ahead) * costs.open_s[edge], np.inf)


def _straight_way(network: RoadNetwork, source: OnRoads, target: OnRoads, seconds: float) -> Way:
    road, begin, end = int(source.road[0]), float(source.part[0]), float(target.part[0])
    ahead = end >= begin
    edge = int((network.edge_along if ahead else network.edge_against)[road])
    length = float(network.graph.length_m[edge])
    parts = (begin, end) if ahead else (1 - begin, 1 - end)
    return Way(np.array([edge], np.int32), np.array([parts[0] * length]), np.array([parts[1] * length]), seconds)


def _walked(before: NDArray[np.int32], source: int, target: int) -> list[int]:
    """Return the nodes from the first behind the source to the target."""
    nodes = [target]
    while before[nodes[-1]] != source:
        nodes.append(int(before[nodes[-1]]))
    return nodes[::-1]


def _joined(
    network: RoadNetwork, costs: Costs, ends: tuple[OnRoads, OnRoads], nodes: list[int], door: int, seconds: float
) -> Way:
    """Return the part of the first road, the edges between the nodes, and the part of the last road."""
    graph = network.graph
    first, begin = _first_edge(network, costs, ends[0], nodes[0])
    last, end = _last_edge(network, ends[1], door)
    edges = [first, *(_cheapest(network.forward, costs, pair) for pair in pairwise(nodes)), last]
    edge = np.array(edges, np.int32)
    begins, lengths = np.zeros(len(edge)), graph.length_m[edge].copy()
    begins[0], lengths[-1] = begin, end
    some = (lengths > begins) & (edge >= 0)  # a point at the end of a one-way road has no edge of its own to drive
    return Way(edge[some], begins[some], lengths[some], seconds)


def _first_edge(network: RoadNetwork, costs: Costs, source: OnRoads, node: int) -> tuple[int, float]:
    """Return the edge from the source to the first node, and where on it the source is."""
    doors = network.leaving(source, costs)
    door = min((d for d in (0, 1) if doors.node[0, d] == node), key=lambda d: doors.cost[0, d])
    return _on_edge(network, source, door)


def _last_edge(network: RoadNetwork, target: OnRoads, door: int) -> tuple[int, float]:
    """Return the edge from the last node to the target, and where on it the target is."""
    edge, at_m = _on_edge(network, target, door)
    return edge, at_m if edge >= 0 else 0.0


def _on_edge(network: RoadNetwork, point: OnRoads, door: int) -> tuple[int, float]:
    """Return a point's edge along (0) or against (1) its road's line, -1 for none, and where on it the point is."""
    road, part = int(point.road[0]), float(point.part[0])
    edge = int((network.edge_along, network.edge_against)[door][road])
    return edge, (part if door == 0 else 1 - part) * float(network.graph.length_m[edge])


def way_of_nodes(network: RoadNetwork, costs: Costs, nodes: Sequence[int], seconds: float) -> Way | None:
    """Return the way over these nodes, by the cheapest edges; None for less than two."""
    if len(nodes) < 2:
        return None
    edge = np.array([_cheapest(network.forward, costs, pair) for pair in pairwise(nodes)], np.int32)
    return Way(edge, np.zeros(len(edge)), network.graph.length_m[edge], seconds)


def _cheapest(pattern: Pattern, costs: Costs, pair: tuple[int, int]) -> int:
    """Return the cheapest of the edges from one node to another."""
    low, high = pattern.begins[pair[0]], pattern.begins[pair[0] + 1]
    place = int(low + np.flatnonzero(pattern.column[low:high] == pair[1])[0])
    last = pattern.first[place + 1] if place + 1 < len(pattern.first) else len(pattern.order)
    edges = pattern.order[pattern.first[place] : last]
    return int(edges[np.argmin(costs.entering_s[edges])])
