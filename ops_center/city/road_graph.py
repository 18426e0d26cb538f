"""The road graph as arrays: who is where on a road, and the way from here to there.

Called by the world (vehicles, traffic) and by dispatch. Made from the layer ``roads`` of a pack. An edge is a
road in one direction; a road that isn't one way has two. Edges are sorted by the node they start from (CSR).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from ops_center.city.columns_networks import ROAD_CLASSES
from ops_center.domain.place import MetricFrame

Int = NDArray[np.int32]
Real = NDArray[np.float64]
CLASS_NAMES: tuple[str, ...] = tuple(ROAD_CLASSES)
"""``road_class`` is an index into it: 0 expressway, 1 arterial, 2 collector, 3 local"""


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """n nodes, e edges, r roads; all arrays are of one edge, node or road per element and never changed."""

    node_id: NDArray[np.int64]
    """int64[n], ascending: the numbers in ``from_node`` and ``to_node`` of the pack"""
    node_xy_m: Real
    """float64[n, 2], metres in the city's projected CRS"""
    first_edge: Int
    """int32[n + 1]: the edges that leave node i are first_edge[i] to first_edge[i + 1]"""
    start: Int
    """int32[e], index of a node"""
    end: Int
    """int32[e], index of a node"""
    road: Int
    """int32[e], row of the layer ``roads``"""
    reverse: NDArray[np.bool_]
    """bool[e], whether the edge runs against the line of its road"""
    length_m: Real
    """float64[e]"""
    speed_mps: Real
    """float64[e], the speed limit"""
    road_class: NDArray[np.uint8]
    """uint8[e], index into CLASS_NAMES"""
    lanes: Int
    """int32[e]"""
    road_id: NDArray[Any]
    """object[r], text"""
    shape: RoadShapes

    @classmethod
    def of_roads(cls, roads: gpd.GeoDataFrame, metric: MetricFrame) -> RoadGraph:
        """Return the graph of the layer ``roads``."""
        shape = RoadShapes.of(roads, metric)
        node_id, ends = np.unique(roads[["from_node", "to_node"]].to_numpy(), return_inverse=True)
        ends = np.asarray(ends.reshape(-1, 2), np.int32)
        xy = _node_places(len(node_id), ends, shape)
        both = np.flatnonzero(~roads["oneway"].to_numpy(bool))
        road = np.concatenate([np.arange(len(roads)), both]).astype(np.int32)
        reverse = np.arange(len(road)) >= len(roads)
        start = np.where(reverse, ends[road, 1], ends[road, 0])
        order = np.lexsort((road, start))
        road, reverse, start = road[order], reverse[order], start[order].astype(np.int32)
        classes = {name: code for code, name in enumerate(CLASS_NAMES)}
        return cls(
            node_id=node_id,
            node_xy_m=xy,
            first_edge=np.searchsorted(start, np.arange(len(node_id) + 1)).astype(np.int32),
            start=start,
            end=np.where(reverse, ends[road, 0], ends[road, 1]).astype(np.int32),
            road=road,
            reverse=reverse,
            length_m=roads["length_m"].to_numpy(float)[road],
            speed_mps=roads["speed_limit_kmh"].to_numpy(float)[road] / 3.6,
            road_class=roads["class"].map(classes).to_numpy(np.uint8)[road],
            lanes=roads["lanes"].to_numpy(np.int32)[road],
            road_id=roads["road_id"].to_numpy(object),
            shape=shape,
        )

    @cached_property
    def travel_time_s(self) -> Real:
        """Return the seconds an edge takes at its speed limit, float64[e]."""
        return self.length_m / self.speed_mps

    @cached_property
    def twin(self) -> Int:
        """Return the edge of the same road in the other direction, int32[e]; -1 where it is one way."""
        by_road = np.full((len(self.road_id), 2), -1, np.int32)
        by_road[self.road, self.reverse.astype(int)] = np.arange(len(self.road))
        return np.asarray(by_road[self.road, 1 - self.reverse.astype(int)], np.int32)

    @cached_property
    def component(self) -> Int:
        """Return the strongly connected component of every node, int32[n]; 0 is the largest."""
        # Made from pairs, not from first_edge: scipy's search never ends on rows with unsorted or repeated columns.
        matrix = csr_matrix((np.ones(len(self.end)), (self.start, self.end)), shape=(self._n, self._n))
        _, labels = connected_components(matrix, directed=True, connection="strong")
        rank = np.argsort(np.argsort(-np.bincount(labels), kind="stable"), kind="stable")
        return np.asarray(rank[labels], np.int32)

    def edge_of(self, road_id: str, reverse: bool = False) -> int:
        """Return the edge of a road in one direction; KeyError if there is none."""
        found = self._edge_index.get((road_id, reverse))
        if found is None:
            raise KeyError(f"{road_id} {'against' if reverse else 'along'} its line")
        return found

    def nearest_node(self, lon: ArrayLike, lat: ArrayLike, metric: MetricFrame) -> NDArray[np.int64]:
        """Return the index of the nearest node of the largest component to each point, int64[k]."""
        reachable = np.flatnonzero(self.component == 0)
        points = np.column_stack([np.atleast_1d(axis) for axis in metric.to_metres(lon, lat)])
        return np.asarray(reachable[self._tree.query(points)[1]], np.int64)

    def shortest_path(self, source: int, target: int, cost: Real | None = None) -> Int:
        """Return the edges of the cheapest way from node to node, int32[k]; empty if there is none or they are one.

        ``cost``: float64[e], positive; default the travel time at the speed limit. An infinite cost closes an edge.
        """
        matrix, edges = self._matrix(self.travel_time_s if cost is None else cost)
        _, before = dijkstra(matrix, indices=source, return_predecessors=True)
        return self._walk(before, source, target, edges)

    def costs_from(self, sources: Sequence[int], cost: Real | None = None) -> Real:
        """Return the cost from each source to each node, float64[len(sources), n]; infinite where there is no way."""
        matrix, _ = self._matrix(self.travel_time_s if cost is None else cost)
        return np.asarray(dijkstra(matrix, indices=list(sources)), np.float64)

    def place(self, edge: ArrayLike, along_m: ArrayLike) -> tuple[Real, Real, Real]:
        """Return longitude, latitude and heading (degrees from north) ``along_m`` metres into each edge."""
        edges, along = np.asarray(edge), np.asarray(along_m, float)
        backwards = self.reverse[edges]
        lon, lat, heading = self.shape.place(self.road[edges], np.where(backwards, self.length_m[edges] - along, along))
        return lon, lat, np.where(backwards, (heading + 180.0) % 360.0, heading)

    @property
    def _n(self) -> int:
        return len(self.node_id)

    @cached_property
    def _edge_index(self) -> dict[tuple[str, bool], int]:
        names = self.road_id[self.road].tolist()
        return {(name, bool(back)): i for i, (name, back) in enumerate(zip(names, self.reverse, strict=True))}

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.node_xy_m[self.component == 0])

    def _matrix(self, cost: Real) -> tuple[csr_matrix, dict[tuple[int, int], int]]:
        """Return the cheapest edge between every two nodes: parallel edges would be added up by scipy."""
        open_edges = np.flatnonzero(np.isfinite(cost))
        order = open_edges[np.lexsort((cost[open_edges], self.end[open_edges], self.start[open_edges]))]
        pairs = self.start[order].astype(np.int64) * self._n + self.end[order]
        chosen = order[np.unique(pairs, return_index=True)[1]]
        matrix = csr_matrix((cost[chosen], (self.start[chosen], self.end[chosen])), shape=(self._n, self._n))
        return matrix, _EdgeLookup(self, chosen)

    def _walk(self, before: Int, source: int, target: int, edges: dict[tuple[int, int], int]) -> Int:
        way: list[int] = []
        node = target
        while node != source and before[node] >= 0:
            way.append(edges[int(before[node]), node])
            node = int(before[node])
        return np.array(way[::-1] if node == source else [], np.int32)


class _EdgeLookup(dict[tuple[int, int], int]):
    """(start, end) → edge, found when asked for: a path needs a few of many."""

    def __init__(self, graph: RoadGraph, chosen: NDArray[Any]) -> None:
        super().__init__()
        self._pairs = graph.start[chosen].astype(np.int64) * len(graph.node_id) + graph.end[chosen]
        self._chosen, self._n = chosen, len(graph.node_id)

    def __missing__(self, pair: tuple[int, int]) -> int:
        return int(self._chosen[np.searchsorted(self._pairs, pair[0] * self._n + pair[1])])


@dataclass(frozen=True, eq=False)
class RoadShapes:
    """The lines of all roads as one ragged array, for places along them."""

    first: NDArray[np.int64]
    """int64[r + 1]: the vertices of road i are first[i] to first[i + 1]"""
    xy_m: Real
    """float64[v, 2]"""
    lonlat: Real
    """float64[v, 2]"""
    base_m: Real
    """float64[r]: sum of the lengths of the roads before"""
    at_m: Real
    """float64[v], ascending: base of the road plus distance from its start"""

    @classmethod
    def of(cls, roads: gpd.GeoDataFrame, metric: MetricFrame) -> RoadShapes:
        """Return the shapes; distances are scaled so that each road is as long as its ``length_m``."""
        lines = np.asarray(roads.geometry)
        counts = shapely.get_num_coordinates(lines)
        lonlat = shapely.get_coordinates(lines)
        xy = np.column_stack(metric.to_metres(lonlat[:, 0], lonlat[:, 1]))
        first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        step = np.concatenate([[0.0], np.hypot(*np.diff(xy, axis=0).T)]) if len(xy) else np.zeros(0)
        step[first[:-1]] = 0.0
        run = np.cumsum(step)
        along = run - np.repeat(run[first[:-1]], counts)
        drawn = np.maximum(along[first[1:] - 1], 1e-9)
        lengths = roads["length_m"].to_numpy(float)
        base = np.concatenate([[0.0], np.cumsum(lengths)])[:-1]
        at = np.repeat(base, counts) + along * np.repeat(lengths / drawn, counts)
        return cls(first, xy, lonlat, base, at)

    def place(self, road: NDArray[Any], along_m: Real) -> tuple[Real, Real, Real]:
        """Return longitude, latitude, heading at a distance from the start of each road; clipped to its ends."""
        at = self.base_m[road] + np.maximum(along_m, 0.0)
        left = np.searchsorted(self.at_m, at, side="right") - 1
        left = np.clip(left, self.first[road], self.first[np.asarray(road) + 1] - 2)
        gap = np.maximum(self.at_m[left + 1] - self.at_m[left], 1e-9)
        part = np.clip((at - self.at_m[left]) / gap, 0.0, 1.0)[..., None]
        place = self.lonlat[left] * (1 - part) + self.lonlat[left + 1] * part
        east, north = np.moveaxis(self.xy_m[left + 1] - self.xy_m[left], -1, 0)
        return place[..., 0], place[..., 1], np.degrees(np.arctan2(east, north)) % 360.0


def _node_places(count: int, ends: NDArray[Any], shape: RoadShapes) -> Real:
    xy = np.zeros((count, 2))
    xy[ends[:, 0]] = shape.xy_m[shape.first[:-1]]
    xy[ends[:, 1]] = shape.xy_m[shape.first[1:] - 1]
    return xy
