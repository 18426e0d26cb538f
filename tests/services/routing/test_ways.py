"""Times and ways between points on roads: against Floyd and Warshall's table, in which every point is a crossing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_center.services.routing.network import Costs, OnRoads, RoadNetwork
from ops_center.services.routing.shapes import line_of
from ops_center.services.routing.ways import Way, seconds_between, way_between
from tests.services.routing.towns import METRIC, grid, places, town

CORNERS = [(0, 0), (900, 100), (1000, 1100), (-100, 900), (450, 500), (1500, 400)]
PARTS = st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0])


@st.composite
def towns(draw: st.DrawFn) -> tuple[RoadNetwork, Costs, OnRoads, OnRoads]:
    """A few roads, some twice, some one way, some closed, with points somewhere along them."""
    pair = st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda ends: ends[0] != ends[1])
    roads = draw(st.lists(pair, min_size=1, max_size=9))
    oneway = draw(st.lists(st.booleans(), min_size=len(roads), max_size=len(roads)))
    network = town(CORNERS, roads, oneway)
    edges = len(network.graph.road)
    cost = draw(st.lists(st.integers(1, 50), min_size=edges, max_size=edges))
    closed = draw(st.lists(st.sampled_from([False, False, False, True]), min_size=edges, max_size=edges))
    costs = Costs(np.array(cost, float), np.array(closed))
    return network, costs, draw(points(len(roads))), draw(points(len(roads)))


@st.composite
def points(draw: st.DrawFn, roads: int) -> OnRoads:
    found = draw(st.lists(st.tuples(st.integers(0, roads - 1), PARTS), min_size=1, max_size=4))
    return OnRoads(np.array([r for r, _ in found], np.int32), np.array([p for _, p in found]), np.zeros(len(found)))


def by_hand(network: RoadNetwork, costs: Costs, sources: OnRoads, targets: OnRoads) -> np.ndarray:
    """Floyd and Warshall: nodes, then sources, then targets."""
    graph, nodes = network.graph, len(network.graph.node_id)
    count = nodes + len(sources) + len(targets)
    far = np.full((count, count), np.inf)
    np.fill_diagonal(far, 0.0)

    def drive(begin: int, end: int, seconds: float) -> None:
        far[begin, end] = min(far[begin, end], seconds)

    for edge in range(len(graph.road)):
        if not costs.closed[edge]:
            drive(graph.start[edge], graph.end[edge], costs.open_s[edge])
        at = lambda part, edge=edge: 1 - part if graph.reverse[edge] else part  # noqa: E731
        for s in np.flatnonzero(sources.road == graph.road[edge]):
            here = at(sources.part[s])
            drive(nodes + s, graph.end[edge], (1 - here) * costs.open_s[edge])
            for t in np.flatnonzero(targets.road == graph.road[edge]):
                ahead = at(targets.part[t]) - here
                if ahead >= 0:
                    drive(nodes + s, nodes + len(sources) + t, ahead * costs.open_s[edge])
        for t in np.flatnonzero(targets.road == graph.road[edge]):
            if not costs.closed[edge]:
                drive(graph.start[edge], nodes + len(sources) + t, at(targets.part[t]) * costs.open_s[edge])
    for points_, first, leaves in ((sources, nodes, True), (targets, nodes + len(sources), False)):
        for k in range(len(points_)):
            at_node = {0.0: graph.start, 1.0: graph.end}.get(float(points_.part[k]))
            if at_node is not None:
                node = at_node[network.edge_along[points_.road[k]]]
                far[(first + k, node) if leaves else (node, first + k)] = 0.0
    for k in range(count):
        far = np.minimum(far, far[:, k : k + 1] + far[k : k + 1])
    found = far[nodes : nodes + len(sources), nodes + len(sources) :]
    return np.where(np.isinf(found), np.nan, found)


@settings(max_examples=150, deadline=None)
@given(towns())
def test_times_are_those_of_the_whole_table(given_town: tuple[RoadNetwork, Costs, OnRoads, OnRoads]) -> None:
    network, costs, sources, targets = given_town
    expected = by_hand(network, costs, sources, targets)
    np.testing.assert_allclose(seconds_between(network, costs, sources, targets), expected, atol=1e-6)
    # From the other side the search goes against the direction of travel.
    one = sources[:1]
    np.testing.assert_allclose(seconds_between(network, costs, one, targets), expected[:1], atol=1e-6)
    np.testing.assert_allclose(
        seconds_between(network, costs, sources, targets[:1]), expected[:, :1], atol=1e-6
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(towns())
def test_a_way_is_driven_in_the_time_it_says_and_hangs_together(
    given_town: tuple[RoadNetwork, Costs, OnRoads, OnRoads],
) -> None:
    network, costs, sources, targets = given_town
    expected = by_hand(network, costs, sources[:1], targets[:1])[0, 0]
    way = way_between(network, costs, sources[:1], targets[:1])
    if np.isnan(expected):
        assert way is None
        return
    assert way is not None
    assert way.seconds == pytest.approx(expected, abs=1e-6)
    graph = network.graph
    share = (way.end_m - way.begin_m) / graph.length_m[way.edge]
    assert ((share > 0) | (len(share) == 1)).all() and (share <= 1 + 1e-9).all(), "no edge of nothing"
    assert (share * costs.open_s[way.edge]).sum() == pytest.approx(expected, abs=1e-6)
    assert (graph.end[way.edge[:-1]] == graph.start[way.edge[1:]]).all(), "every edge begins where the last one ends"
    passed = way.edge[1:]
    assert not costs.closed[passed].any(), "only what one stands on may be closed"


def test_the_line_of_a_way_begins_and_ends_at_its_points_and_is_as_long_as_it_says() -> None:
    network = town(*grid(4))
    costs = Costs(network.graph.travel_time_s, np.zeros(len(network.graph.road), bool))
    begin, end = places((30, 0), (300, 260))
    way = way_between(network, costs, network.snap(*begin), network.snap(*end))
    assert isinstance(way, Way)
    line = line_of(network, way)
    np.testing.assert_allclose(line[[0, -1]], [begin, end], atol=1e-6)
    x, y = METRIC.to_metres(line[:, 0], line[:, 1])
    assert np.hypot(np.diff(x), np.diff(y)).sum() == pytest.approx(way.metres, abs=0.1)
    assert way.metres == pytest.approx(270 + 260, abs=0.1)
    assert way.seconds == pytest.approx(53, abs=0.1)


def test_points_are_on_the_nearest_road_that_leads_everywhere_and_far_ones_on_none() -> None:
    nodes, roads = grid(3)
    network = town([*nodes, (140, 50), (160, 50)], [*roads, (9, 10)])
    found = network.snap([places((150, 50))[0][0], 0.0], [places((150, 50))[0][1], 0.0])
    assert found.road[1] == -1 and np.isinf(found.off_m[1])
    assert found.road[0] != len(roads), "not the yard that is cut off"
    assert found.off_m[0] == pytest.approx(50, abs=0.1)
    nowhere = network.snap([np.nan], [np.nan])
    costs = Costs(network.graph.travel_time_s, np.zeros(len(network.graph.road), bool))
    assert np.isnan(seconds_between(network, costs, nowhere, found)).all()
    assert way_between(network, costs, nowhere, found[:1]) is None


def test_a_city_without_roads_has_no_ways() -> None:
    network = town(*grid(2))
    empty = RoadNetwork(type(network.graph).of_roads(_no_roads(), METRIC), METRIC)
    costs = Costs(np.zeros(0), np.zeros(0, bool))
    one = empty.snap(*places((0, 0))[0])
    assert np.isnan(seconds_between(empty, costs, one, one)).all()
    assert way_between(empty, costs, one, one) is None


def _no_roads():
    from tests.services.routing.towns import frame_of

    return frame_of(*grid(2)).iloc[:0]
