"""The road graph: directions, ways and places along them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_center.city.road_graph import RoadGraph
from ops_center.domain.place import MetricFrame

METRIC = MetricFrame("EPSG:4549")
EAST, NORTH = 480_000.0, 3_700_000.0


def road(name, start, end, xy, *, oneway=False, speed=36.0):
    east, north = np.array(xy, float).T
    lon, lat = METRIC.to_lonlat(east + EAST, north + NORTH)
    line = shapely.LineString(np.column_stack([lon, lat]))
    length = shapely.LineString(xy).length
    return (name, start, end, oneway, speed, length, line)


def graph_of(*roads):
    names = ["road_id", "from_node", "to_node", "oneway", "speed_limit_kmh", "length_m", "geometry"]
    frame = gpd.GeoDataFrame([dict(zip(names, row, strict=True)) for row in roads], geometry="geometry", crs=4326)
    return RoadGraph.of_roads(frame.assign(**{"class": "arterial", "lanes": 2}), METRIC)


@pytest.fixture(scope="module")
def square():
    """Return a square of 100 m, node 10 to 40 around, its last side one way and slow."""
    return graph_of(
        road("south", 10, 20, [(0, 0), (50, 0), (100, 0)]),
        road("east", 20, 30, [(100, 0), (100, 100)]),
        road("north", 30, 40, [(100, 100), (0, 100)]),
        road("west", 40, 10, [(0, 100), (0, 0)], oneway=True, speed=9.0),
    )


def test_a_road_has_two_edges_and_a_one_way_road_one(square):
    assert len(square.road) == 7
    assert square.twin[square.edge_of("south")] == square.edge_of("south", reverse=True)
    assert square.twin[square.edge_of("west")] == -1
    with pytest.raises(KeyError, match="west against"):
        square.edge_of("west", reverse=True)


def test_edges_are_sorted_by_their_start(square):
    for node in range(len(square.node_id)):
        leaving = slice(square.first_edge[node], square.first_edge[node + 1])
        assert (square.start[leaving] == node).all()
    assert square.first_edge[-1] == len(square.road)


def test_the_quickest_way_is_found_and_respects_one_way_roads(square):
    names = lambda edges: square.road_id[square.road[edges]].tolist()  # noqa: E731
    ten, forty = (int(np.searchsorted(square.node_id, node)) for node in (10, 40))
    assert names(square.shortest_path(ten, forty)) == ["south", "east", "north"]
    assert names(square.shortest_path(forty, ten)) == ["north", "east", "south"]  # 30 s against 40 s
    assert names(square.shortest_path(forty, ten, square.length_m)) == ["west"]
    assert len(square.shortest_path(ten, ten)) == 0


def test_a_closed_road_is_gone_round_and_a_cut_off_place_has_no_way(square):
    ten, forty = (int(np.searchsorted(square.node_id, node)) for node in (10, 40))
    cost = square.length_m.copy()
    cost[square.edge_of("east")] = np.inf
    assert len(square.shortest_path(ten, forty, cost)) == 0
    assert np.isinf(square.costs_from([ten], cost)[0, forty])


def test_the_cheaper_of_two_parallel_roads_is_taken():
    graph = graph_of(road("long", 1, 2, [(0, 0), (50, 80), (100, 0)]), road("short", 1, 2, [(0, 0), (100, 0)]))
    assert graph.road_id[graph.road[graph.shortest_path(0, 1)]].tolist() == ["short"]
    assert graph.costs_from([0])[0, 1] == pytest.approx(10.0)


def test_places_along_an_edge_follow_the_line_in_both_directions(square):
    edges = [square.edge_of("south"), square.edge_of("south", reverse=True), square.edge_of("west")]
    lon, lat, heading = square.place(edges, [25.0, 25.0, 10.0])
    x, y = METRIC.to_metres(lon, lat)
    assert np.allclose(np.column_stack([x - EAST, y - NORTH]), [[25, 0], [75, 0], [0, 90]], atol=0.01)
    assert np.allclose(heading, [90, 270, 180], atol=0.5)


@settings(max_examples=50)
@given(st.floats(-50, 500), st.integers(0, 6))
def test_a_place_is_always_on_its_road(along, edge):
    graph = graph_of(
        road("a", 1, 2, [(0, 0), (30, 40), (60, 0)]),
        road("b", 2, 3, [(60, 0), (100, 0)]),
        road("c", 3, 1, [(100, 0), (100, -50), (0, 0)]),
        road("d", 1, 3, [(0, 0), (0, -90), (100, 0)], oneway=True),
    )
    lon, lat, heading = graph.place([edge], [along])
    x, y = METRIC.to_metres(lon, lat)
    first, last = graph.shape.first[graph.road[edge]], graph.shape.first[graph.road[edge] + 1]
    line = shapely.LineString(graph.shape.xy_m[first:last])
    assert line.distance(shapely.Point(x[0], y[0])) < 0.01
    assert 0 <= heading[0] < 360


def test_nodes_lie_where_their_roads_meet(small_city):
    graph = RoadGraph.of_roads(small_city.features("roads"), small_city.metric)
    lon, lat, _ = graph.place(np.arange(len(graph.road)), np.zeros(len(graph.road)))
    there = np.column_stack(small_city.metric.to_metres(lon, lat))
    assert np.abs(there - graph.node_xy_m[graph.start]).max() < 1.0


def test_the_nearest_node_is_found(square):
    lon, lat = METRIC.to_lonlat(EAST + 95, NORTH + 4)
    assert square.node_id[square.nearest_node(lon, lat, METRIC)] == 20


def test_a_way_across_a_made_city_is_connected_edge_by_edge(small_city):
    graph = RoadGraph.of_roads(small_city.features("roads"), small_city.metric)
    west, east = np.argmin(graph.node_xy_m[:, 0]), np.argmax(graph.node_xy_m[:, 0])
    way = graph.shortest_path(int(west), int(east))
    assert graph.start[way[0]] == west
    assert graph.end[way[-1]] == east
    assert (graph.end[way[:-1]] == graph.start[way[1:]]).all()
    assert graph.travel_time_s[way].sum() == pytest.approx(graph.costs_from([int(west)])[0, east])
