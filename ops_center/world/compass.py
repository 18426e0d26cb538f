"""The way to a few places from everywhere: at each node, which edge to take. Used by ``vehicles``.

A shortest path for each journey costs a search of the whole graph; vehicles share their targets (stations, depots,
hubs), so that one search backwards from each target serves all of them for ever.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from ops_center.city.road_graph import RoadGraph

Real = NDArray[np.float64]
NOWHERE = -1
"""there is no way, or one is there"""


class Compass:
    """Which edge leads from each node towards a target, at the times the edges take."""

    def __init__(self, graph: RoadGraph, time_s: Real) -> None:
        size = len(graph.node_id)
        pair = graph.start.astype(np.int64) * size + graph.end
        order = np.lexsort((time_s, pair))
        self._pairs, first = np.unique(pair[order], return_index=True)
        self._edges = order[first].astype(np.int32)  # the fastest of parallel edges: scipy would add them up
        chosen = self._edges
        self._backwards = csr_matrix((time_s[chosen], (graph.end[chosen], graph.start[chosen])), shape=(size, size))
        self._size = size

    def towards(self, targets: Sequence[int]) -> tuple[NDArray[np.int32], Real]:
        """Return the edge to take at each node, int32[targets, n], and the seconds it takes, float64[targets, n]."""
        if not len(targets):
            return np.empty((0, self._size), np.int32), np.empty((0, self._size))
        seconds, after = dijkstra(self._backwards, indices=list(targets), return_predecessors=True)
        node = np.arange(self._size)
        found = np.full(after.shape, NOWHERE, np.int32)
        reachable = after >= 0
        pairs = (np.broadcast_to(node, after.shape)[reachable]).astype(np.int64) * self._size + after[reachable]
        found[reachable] = self._edges[np.searchsorted(self._pairs, pairs)]
        return found, seconds
