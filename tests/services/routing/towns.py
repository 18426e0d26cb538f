"""Small towns made here: a grid of streets, or whatever hypothesis thinks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ops_center.city.road_graph import RoadGraph
from ops_center.domain.place import MetricFrame
from ops_center.services.routing.network import RoadNetwork

METRIC = MetricFrame("EPSG:4549")
EAST, NORTH = 480_000.0, 3_700_000.0


def lonlat(xy: Any) -> tuple[np.ndarray, np.ndarray]:
    """Degrees of metres from the town's corner."""
    east, north = np.asarray(xy, float).reshape(-1, 2).T
    return METRIC.to_lonlat(east + EAST, north + NORTH)


def places(*xy: tuple[float, float]) -> list[tuple[float, float]]:
    return [(float(lon), float(lat)) for lon, lat in zip(*lonlat(xy), strict=True)]


def frame_of(
    nodes: Sequence[tuple[float, float]], roads: Sequence[tuple[int, int]], oneway: Sequence[bool] = (), **columns: Any
) -> gpd.GeoDataFrame:
    """Straight roads between nodes; 36 km/h, so that a second is ten metres."""
    xy = np.asarray(nodes, float)
    ends = np.asarray(roads, int).reshape(-1, 2)
    lines = shapely.linestrings(np.column_stack(lonlat(xy[ends].reshape(-1, 2))).reshape(-1, 2, 2))
    table = {
        "road_id": [f"R{number}" for number in range(len(ends))],
        "class": "arterial",
        "name_zh": "路",
        "name_en": "Road",
        "lanes": 2,
        "oneway": list(oneway) or [False] * len(ends),
        "speed_limit_kmh": 36.0,
        "from_node": ends[:, 0],
        "to_node": ends[:, 1],
        "length_m": np.maximum(np.hypot(*(xy[ends[:, 1]] - xy[ends[:, 0]]).T), 0.01),
    }
    return gpd.GeoDataFrame({**table, **columns}, geometry=lines, crs=4326)


def town(*given: Any, **columns: Any) -> RoadNetwork:
    return RoadNetwork(RoadGraph.of_roads(frame_of(*given, **columns), METRIC), METRIC)


def grid(size: int, step_m: float = 100.0) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    """Nodes and roads of a square of streets; road of node k to the east first, then to the north."""
    nodes = [(x * step_m, y * step_m) for y in range(size) for x in range(size)]
    roads = []
    for node in range(size * size):
        if node % size < size - 1:
            roads.append((node, node + 1))
        if node < size * (size - 1):
            roads.append((node, node + size))
    return nodes, roads
