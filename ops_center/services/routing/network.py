"""The road graph made ready for costs that change all the time, and points on it; pure.

Sorting edges takes longer than searching among them, so it is done once (``Pattern``); a search only puts the costs of
the moment in. Points are somewhere along a road: the part of it to its next crossing counts at both ends of a way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from ops_center.city.road_graph import RoadGraph
from ops_center.domain.place import MetricFrame

Int = NDArray[np.int32]
Real = NDArray[np.float64]
Mask = NDArray[np.bool_]

FARTHEST_M = 2000.0
"""a point that is farther from any road is on none"""


@dataclass(frozen=True, eq=False)
class Costs:
    """What edges cost now."""

    open_s: Real
    """float64[e], seconds as the traffic is, closures left aside"""
    closed: Mask
    """bool[e], whether nobody may enter it"""

    @cached_property
    def entering_s(self) -> Real:
        """Return the seconds for who comes from elsewhere: infinite where it is closed, float64[e]."""
        return np.where(self.closed, np.inf, self.open_s)


@dataclass(frozen=True, eq=False)
class Pattern:
    """Where the costs stand in the matrix of one direction of search, without the costs."""

    order: NDArray[np.int64]
    """int64[e], edges by the nodes they join: parallel ones follow each other"""
    first: NDArray[np.int64]
    """int64[p], where each pair of nodes begins in ``order``"""
    column: Int
    """int32[p]"""
    begins: Int
    """int32[n + 1], as in a CSR matrix"""

    @classmethod
    def of(cls, start: Int, end: Int, nodes: int) -> Pattern:
        """Return the pattern of edges from ``start`` to ``end``."""
        order = np.lexsort((end, start))
        pairs = start[order].astype(np.int64) * nodes + end[order]
        first = np.flatnonzero(np.diff(pairs, prepend=-1))
        rows = start[order][first]
        begins = np.searchsorted(rows, np.arange(nodes + 1)).astype(np.int32)
        return cls(order, first, end[order][first].astype(np.int32), begins)

    def matrix(self, cost: Real, doors: Doors) -> csr_matrix:
        """Return the cheapest edge between every two nodes, and behind the nodes a row for each point's doors."""
        nodes, points = len(self.begins) - 1, len(doors.node)
        cheapest = np.minimum.reduceat(cost[self.order], self.first) if len(self.first) else np.zeros(0)
        begins = np.concatenate((self.begins, self.begins[-1] + 2 * np.arange(1, points + 1, dtype=np.int32)))
        column = np.concatenate((self.column, doors.node.ravel()))
        return csr_matrix(
            (np.concatenate((cheapest, doors.cost.ravel())), column, begins), shape=(nodes + points, nodes + points)
        )


@dataclass(frozen=True, eq=False)
class Doors:
    """The two crossings through which points on roads are left or reached, with the cost of the part in between."""

    node: Int
    """int32[k, 2]"""
    cost: Real
    """float64[k, 2]; infinite where it can't be driven"""


@dataclass(frozen=True, eq=False)
class OnRoads:
    """k points as places along roads."""

    road: Int
    """int32[k], row of the layer ``roads``; -1: no road is near"""
    part: Real
    """float64[k], 0 at the start of the road's line, 1 at its end"""
    off_m: Real
    """float64[k], how far the point is from there"""

    def __len__(self) -> int:
        return len(self.road)

    def __getitem__(self, rows: NDArray[Any] | slice) -> OnRoads:
        return OnRoads(self.road[rows], self.part[rows], self.off_m[rows])


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """The roads of a city, with all that doesn't depend on the traffic. Safe to use from any thread."""

    graph: RoadGraph
    metric: MetricFrame

    @cached_property
    def forward(self) -> Pattern:
        """Return the pattern to search from where ways begin."""
        return Pattern.of(self.graph.start, self.graph.end, len(self.graph.node_id))

    @cached_property
    def backward(self) -> Pattern:
        """Return the pattern to search from where ways end."""
        return Pattern.of(self.graph.end, self.graph.start, len(self.graph.node_id))

    @cached_property
    def edge_along(self) -> Int:
        """Return each road's edge along its line, int32[r]."""
        return self._edges(reverse=False)

    @cached_property
    def edge_against(self) -> Int:
        """Return each road's edge against its line, int32[r]; -1 where it is one way."""
        return self._edges(reverse=True)

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """Return the roads as lines in metres, object[r]."""
        shape = self.graph.shape
        owner = np.repeat(np.arange(len(shape.first) - 1), np.diff(shape.first))
        return np.asarray(shapely.linestrings(shape.xy_m, indices=owner))

    @cached_property
    def all_lines(self) -> shapely.STRtree:
        """Return what finds roads by place; its rows are those of the layer ``roads``."""
        return shapely.STRtree(self.lines)

    def snap(self, lon: ArrayLike, lat: ArrayLike) -> OnRoads:
        """Return the nearest place on a road that leads everywhere, for each point."""
        x, y = (np.atleast_1d(axis) for axis in self.metric.to_metres(lon, lat))
        known = np.isfinite(x) & np.isfinite(y)
        points = np.asarray(shapely.points(np.where(known, x, 0.0), np.where(known, y, 0.0)))
        tree, roads = self._tree
        road = np.full(len(points), -1, np.int32)
        part, off = np.zeros(len(points)), np.full(len(points), np.inf)
        if not len(roads):
            return OnRoads(road, part, off)
        (row, found), far = tree.query_nearest(points, max_distance=FARTHEST_M, return_distance=True, all_matches=False)
        road[row], off[row] = roads[found], far
        part[row] = shapely.line_locate_point(self.lines[road[row]], points[row], normalized=True)
        road[~known], off[~known] = -1, np.inf
        return OnRoads(road, part, off)

    def leaving(self, points: OnRoads, costs: Costs) -> Doors:
        """Return the doors of points that ways begin at: who stands on a closed road may leave it."""
        along, against = self._both(points, costs.open_s)
        ends = self._ends(points)
        return _doors(points, ends[:, ::-1], (1 - points.part) * along, points.part * against)

    def reaching(self, points: OnRoads, costs: Costs) -> Doors:
        """Return the doors of points that ways end at."""
        along, against = self._both(points, costs.entering_s)
        return _doors(points, self._ends(points), points.part * along, (1 - points.part) * against)

    def _both(self, points: OnRoads, cost: Real) -> tuple[Real, Real]:
        """Return the cost of the points' whole roads along and against their lines; infinite where there is none."""
        edges = (ways[points.road] for ways in (self.edge_along, self.edge_against))
        along, against = (np.where(edge < 0, np.inf, cost[edge]) for edge in edges)
        # Nothing times infinity is no number: who stands at the very end of a closed road has left it.
        return np.minimum(along, _NEVER_S), np.minimum(against, _NEVER_S)

    def _ends(self, points: OnRoads) -> Int:
        """Return the nodes where the points' roads start and end, int32[k, 2]."""
        edge = self.edge_along[points.road]
        return np.column_stack((self.graph.start[edge], self.graph.end[edge]))

    def _edges(self, reverse: bool) -> Int:
        edge = np.full(len(self.graph.road_id), -1, np.int32)
        chosen = np.flatnonzero(self.graph.reverse == reverse)
        edge[self.graph.road[chosen]] = chosen
        return edge

    @cached_property
    def _tree(self) -> tuple[shapely.STRtree, NDArray[np.int64]]:
        """Return the roads from which and to which there is a way: a point beside a cut-off yard is on the street."""
        edge = self.edge_along
        reached = (self.graph.component[self.graph.start] == 0) & (self.graph.component[self.graph.end] == 0)
        roads = np.flatnonzero(reached[edge]) if len(edge) else np.zeros(0, np.int64)
        return shapely.STRtree(self.lines[roads]), roads


def _doors(points: OnRoads, node: Int, *cost: Real) -> Doors:
    return Doors(node, np.where(points.road[:, None] < 0, np.inf, np.column_stack(cost)))


_NEVER_S = 1e15
"""stands for infinity where a part of it is taken; what is anywhere near it has no way (``ways.LONGEST_S``)"""
