"""``run.py bench dispatch``: how good the choice of who goes is, and how fast ways are found on roads that change.

**Good**: random small cases with cover (``benchmarks/dispatch_cases.py``), the sharing out against the best of all
choices there are, and against what is done by hand (the gravest first, each time the nearest). Ratios are of the summed
costs in weighted minutes; ``worst_ratio_to_optimum`` is that of the worst case.

**Fast**: a street grid of 100,000 edges. Before every query all speeds are other ones and a thousandth of the edges is
closed; a query takes speeds as they are measured, makes costs of them, finds a point and 1,000 targets on the roads,
counts the parts of the roads at both ends and answers the seconds of each way. Beside it, in the same run, the least
that it could take: the search alone, from a crossing, over a matrix that lies ready.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from benchmarks.dispatch_cases import brute_force, case
from ops_center.city.road_graph import RoadGraph
from ops_center.domain.place import MetricFrame
from ops_center.incidents.dispatch import cost_of, greedy, share_out
from ops_center.services.routing.network import Costs, Doors, RoadNetwork
from ops_center.services.routing.ways import seconds_between

EDGES = 100_000
TARGETS = 1_000
LEAST_CASES = 200
_LEAST_QUERIES = 20
_STEP_M = 180.0
_METRIC = MetricFrame("EPSG:4549")
_CORNER = np.array([480_000.0, 3_700_000.0])
_CLASSES = np.array(["expressway", "arterial", "collector", "local"], object)
_SPEEDS_KMH = np.array([80.0, 60.0, 50.0, 30.0])

Report = Callable[[float, str], None]


def measure(
    seconds: float = 40.0, report: Report = lambda _done, _what: None, edges: int = EDGES, cases: int = LEAST_CASES
) -> Mapping[str, Any]:
    """Return the figures; a third of the time goes to cases, of which there are at least ``cases``."""
    report(0.0, "sharing out small cases")
    figures: dict[str, Any] = {"machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"}
    figures |= shared_out(seconds / 3, cases)
    report(0.35, "making roads")
    network = grid_city(edges)
    report(0.5, "asking for ways")
    return {**figures, **queried(network, seconds / 2)}


def shared_out(seconds: float, least: int) -> dict[str, Any]:
    """Return the ratios of costs over random small cases."""
    costs: list[tuple[float, float, float]] = []
    until = time.perf_counter() + seconds
    while len(costs) < least or (time.perf_counter() < until and len(costs) < 10 * least):
        units, demands, ways = case(len(costs))
        chosen = (way(units, demands, ways) for way in (share_out, greedy))
        ours, by_hand = (cost_of(one, units, demands, ways) for one in chosen)
        costs.append((ours, brute_force(units, demands, ways), by_hand))
    ours, best, by_hand = np.array(costs).T
    return {
        "cases": len(costs),
        "cost_ratio_to_optimum": round(float(ours.sum() / best.sum()), 6),
        "worst_ratio_to_optimum": round(float((ours / best).max()), 6),
        "cost_ratio_to_greedy": round(float(ours.sum() / by_hand.sum()), 4),
    }


def queried(network: RoadNetwork, seconds: float) -> dict[str, Any]:
    """Return the milliseconds of queries, each on other roads, and of the search alone."""
    chance = np.random.default_rng(5)
    network.snap(*places(network, chance, 1))  # made once: the tree of roads and the order of edges
    spent: list[float] = []
    alone: list[float] = []
    found = 0
    until = time.perf_counter() + seconds
    while len(spent) < _LEAST_QUERIES or time.perf_counter() < until:
        speeds = network.graph.speed_mps * chance.uniform(0.2, 1.0, len(network.graph.road))
        closed = chance.random(len(speeds)) < 0.001
        source, targets = places(network, chance, 1), places(network, chance, TARGETS)
        began = time.perf_counter()
        costs = Costs(network.graph.length_m / speeds, closed)
        answer = seconds_between(network, costs, network.snap(*source), network.snap(*targets))
        spent.append(time.perf_counter() - began)
        found += int(np.isfinite(answer).sum())
        alone.append(_search_alone(network, costs, int(chance.integers(len(network.graph.node_id)))))
    query, limit = _milliseconds(spent), _milliseconds(alone)
    return {
        "edges": len(network.graph.road),
        "nodes": len(network.graph.node_id),
        "targets": TARGETS,
        "queries": len(spent),
        "found": round(found / (len(spent) * TARGETS), 4),
        "query_ms": query,
        "search_alone_ms": limit,
        "ratio_to_search_alone": round(query["p50"] / limit["p50"], 2),
    }


def grid_city(edges: int, seed: int = 7) -> RoadNetwork:
    """Return about so many edges as a grid of bent streets of all classes, a twentieth of them one way."""
    chance = np.random.default_rng(seed)
    size = max(3, round((1 + np.sqrt(1 + 4 * edges / 3.9)) / 2))
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    node = np.column_stack((x.ravel(), y.ravel())) * _STEP_M + chance.normal(0, 25, (size * size, 2)) + _CORNER
    number = np.arange(size * size).reshape(size, size)
    begin = np.concatenate((number[:, :-1].ravel(), number[:-1].ravel()))
    end = np.concatenate((number[:, 1:].ravel(), number[1:].ravel()))
    bend = (node[begin] + node[end]) / 2 + chance.normal(0, 8, (len(begin), 2))
    xy = np.stack((node[begin], bend, node[end]), axis=1)
    lonlat = np.column_stack(_METRIC.to_lonlat(*xy.reshape(-1, 2).T)).reshape(-1, 3, 2)
    rank = chance.choice(4, len(begin), p=[0.05, 0.15, 0.3, 0.5])
    table = {
        "road_id": [f"R{row:06d}" for row in range(len(begin))], "class": _CLASSES[rank], "lanes": 2,
        "oneway": chance.random(len(begin)) < 0.05, "speed_limit_kmh": _SPEEDS_KMH[rank], "from_node": begin,
        "to_node": end, "length_m": shapely.length(shapely.linestrings(xy)),
    }  # fmt: skip
    roads = gpd.GeoDataFrame(table, geometry=shapely.linestrings(lonlat), crs=4326)
    return RoadNetwork(RoadGraph.of_roads(roads, _METRIC), _METRIC)


def places(network: RoadNetwork, chance: np.random.Generator, count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return longitudes and latitudes of places all over the city."""
    low, high = network.graph.node_xy_m.min(axis=0), network.graph.node_xy_m.max(axis=0)
    return network.metric.to_lonlat(*chance.uniform(low, high, (count, 2)).T)


def _search_alone(network: RoadNetwork, costs: Costs, node: int) -> float:
    no_doors = Doors(np.zeros((0, 2), np.int32), np.zeros((0, 2)))
    matrix = network.forward.matrix(costs.entering_s, no_doors)
    began = time.perf_counter()
    dijkstra(matrix, indices=node)
    return time.perf_counter() - began


def _milliseconds(spent: list[float]) -> dict[str, float]:
    return {f"p{share}": round(1000 * float(np.percentile(spent, share)), 1) for share in (50, 95)}
