"""Who is near whom: by distance in the city's metres, or by steps along a network given as arrays.

Called when rules of the second stage meet the catalog. The worker gives the city's CRS and its networks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from shapely import Point, STRtree

from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Float64, Int32, Int64
from ops_center.domain.place import MetricFrame

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A network and the things on it."""

    edges: Int32
    """int32[m, 2]: pairs of nodes"""
    thing: Int32
    """int32[n]: keys of things"""
    node: Int32
    """int32[n]: the node that each is at"""

    def within(self, things: Int64, hops: int) -> Pairs:
        """Return pairs (i, j) of ``things`` at most ``hops`` steps apart, each with itself."""
        starts, ends = _both_ways(self.edges)
        node_of = dict(zip(self.thing.tolist(), self.node.tolist(), strict=True))
        nodes = [node_of.get(key, -1) for key in things.tolist()]
        at: dict[int, list[int]] = {}
        for place, node in enumerate(nodes):
            at.setdefault(node, []).append(place)
        pairs = []
        for place, node in enumerate(nodes):
            near = {node} if node < 0 else _around(node, hops, starts, ends)
            others = [place] if node < 0 else [other for one in near for other in at.get(one, ())]
            pairs += [(place, other) for other in others]
        found = np.array(sorted(pairs), np.intp).reshape(-1, 2)
        return found[:, 0], found[:, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What a city gives to rules over neighbours."""

    frame: MetricFrame | None = None
    """None: no rule can ask for a distance"""
    networks: Mapping[str, Network] = field(default_factory=dict)

    def near(self, longitude: Float64, latitude: Float64, distance_m: float) -> Pairs:
        """Return pairs (i, j) of places at most ``distance_m`` apart, each with itself; none without a frame."""
        if self.frame is None or len(longitude) == 0:
            nobody = np.empty(0, np.intp)
            return nobody, nobody
        x, y = self.frame.to_metres(longitude, latitude)
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        places = [Point(*place) for place in zip(x[known].tolist(), y[known].tolist(), strict=True)]
        one, other = STRtree(places).query(places, predicate="dwithin", distance=distance_m)
        return known[one], known[other]


SurroundingsOf = Callable[[Catalog], Surroundings]
"""what a city gives under this catalog"""


def nowhere(_catalog: Catalog) -> Surroundings:
    """Return the surroundings of no city: nobody is near anybody."""
    return Surroundings()


def _both_ways(edges: Int32) -> tuple[Int64, Int32]:
    """Return the neighbours of node i as ``ends[starts[i]:starts[i + 1]]``."""
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    starts = np.zeros(int(both.max(initial=-1)) + 2, np.int64)
    np.cumsum(np.bincount(both[:, 0], minlength=len(starts) - 1), out=starts[1:])
    return starts, both[:, 1]


def _around(node: int, hops: int, starts: Int64, ends: Int32) -> set[int]:
    near, edge = {node}, {node}
    for _ in range(hops):
        further = {
            other for one in edge if one < len(starts) - 1 for other in ends[starts[one] : starts[one + 1]].tolist()
        }
        edge = further - near
        near |= edge
    return near
