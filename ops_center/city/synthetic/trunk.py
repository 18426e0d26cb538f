"""The streets that pipes follow, as a graph whose nodes are crossings. Used by the pipe networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from ops_center.city.synthetic.net import Net
from ops_center.city.synthetic.plan import Real

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Trunk:
    """Lines between crossings, connected, in local metres."""

    nodes_m: Real
    shapes: NDArray[np.object_]
    start: Ints
    end: Ints
    length_m: Real

    def tree(self, roots: Ints, cost: Real | None = None) -> Tree:
        """Return the shortest way of every node to its nearest root; ``cost`` float64[m], default the length."""
        weight = self.length_m if cost is None else cost
        matrix, line = self._matrix(weight)
        reach, before, _ = dijkstra(matrix, directed=False, indices=roots, min_only=True, return_predecessors=True)
        up = np.where(before < 0, -1, before).astype(np.int64)
        low, high = np.minimum(up, np.arange(len(up))), np.maximum(up, np.arange(len(up)))
        by = np.full(len(up), -1, np.int64)
        has = up >= 0
        by[has] = [line[pair] for pair in zip(low[has].tolist(), high[has].tolist(), strict=True)]
        return Tree(up, by, np.asarray(reach))

    def _matrix(self, cost: Real) -> tuple[csr_matrix, dict[tuple[int, int], int]]:
        low, high = np.minimum(self.start, self.end), np.maximum(self.start, self.end)
        order = np.argsort(cost, kind="stable")
        line: dict[tuple[int, int], int] = {}
        for i in order.tolist():
            line.setdefault((int(low[i]), int(high[i])), i)
        chosen = np.array(sorted(line.values()), np.int64)
        shape = (len(self.nodes_m), len(self.nodes_m))
        return csr_matrix((cost[chosen], (low[chosen], high[chosen])), shape=shape), line


@dataclass(frozen=True)
class Tree:
    """For every node of a trunk: the next node on the way to the root and the line to it; -1 at roots."""

    up: Ints
    line: Ints
    reach: Real
    """cost of the whole way"""

    def gathered(self, amount: Real) -> Real:
        """Return what flows through every node if each adds its amount and all goes to the roots."""
        total = amount.astype(float).copy()
        for node in np.argsort(-self.reach, kind="stable").tolist():
            if self.up[node] >= 0:
                total[self.up[node]] += total[node]
        return total


def make_trunk(net: Net, rank: int, shift_m: tuple[float, float]) -> Trunk:
    """Return the streets up to a class, connected, moved aside by ``shift_m`` so that networks don't overlap."""
    chosen = net.shapes[net.ranks <= rank]
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(chosen)))
    lines = shapely.transform(lines, lambda xy: xy + np.array(shift_m))
    lines = lines[np.lexsort(shapely.bounds(lines).T)]
    ends = [shapely.get_coordinates(shapely.get_point(lines, i)) for i in (0, -1)]
    places, numbers = np.unique(np.vstack(ends), axis=0, return_inverse=True)
    start, end = numbers.reshape(2, -1)
    return _largest(places, lines[start != end], start[start != end], end[start != end])


def _largest(places: Real, lines: NDArray[np.object_], start: Ints, end: Ints) -> Trunk:
    graph = csr_matrix((np.ones(len(start)), (start, end)), shape=(len(places), len(places)))
    _, group = connected_components(graph, directed=False)
    keep = group[start] == np.bincount(group[start]).argmax()
    used, numbers = np.unique(np.concatenate([start[keep], end[keep]]), return_inverse=True)
    first, last = numbers.reshape(2, -1)
    shapes = lines[keep]
    return Trunk(places[used], shapes, first, last, np.asarray(shapely.length(shapes)))
