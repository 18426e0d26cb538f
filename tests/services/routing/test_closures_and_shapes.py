"""What is closed by a drawing, the ways around it, what is reached in so many minutes, speeds spread from sensors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from ops_center.domain.catalog import Catalog, Datastream, Thing, TimeKind
from ops_center.domain.text import Label
from ops_center.services.routing.closures import Closure, closed_edges, touched_roads
from ops_center.services.routing.diversions import diversions
from ops_center.services.routing.network import Costs, RoadNetwork
from ops_center.services.routing.shapes import isochrones
from ops_center.services.routing.speeds import UNKNOWN_SHARE, Spread, urgent_mps
from ops_center.services.routing.ways import seconds_between
from tests.layers import tiny_city
from tests.services.routing.towns import METRIC, grid, places, town

NETWORK = town(*grid(5))
FREE = Costs(NETWORK.graph.travel_time_s, np.zeros(len(NETWORK.graph.road), bool))


def area(*xy: tuple[float, float]) -> Closure:
    return Closure("area", tuple(places(*xy)))


def line(*xy: tuple[float, float]) -> Closure:
    return Closure("line", tuple(places(*xy)))


def minutes_between(costs: Costs, begin: tuple[float, float], end: tuple[float, float]) -> float:
    ends = (NETWORK.snap(*places(point)[0]) for point in (begin, end))
    return float(seconds_between(NETWORK, costs, *ends)[0, 0])


def test_nobody_passes_a_closed_area_and_who_is_within_leaves_it() -> None:
    block = area((150, 150), (250, 150), (250, 250), (150, 250))  # the crossing in the middle
    costs = Costs(FREE.open_s, closed_edges(NETWORK, [block]))
    through, inside = ((100, 200), (300, 200)), (210, 200)
    assert minutes_between(FREE, *through) == pytest.approx(20)
    assert minutes_between(costs, *through) == pytest.approx(40), "around the block"
    assert np.isnan(minutes_between(costs, (0, 0), inside))
    assert minutes_between(costs, inside, (0, 0)) == pytest.approx(41), "out, and on"
    assert len(touched_roads(NETWORK, [block])) == 4


def test_a_line_closes_the_street_it_runs_along_and_not_those_it_ends_at() -> None:
    along = line((98, 203), (205, 197))
    assert [sorted(_ends(road)) for road in touched_roads(NETWORK, [along])] == [[(100, 200), (200, 200)]]
    across = line((150, 170), (150, 230))
    assert [sorted(_ends(road)) for road in touched_roads(NETWORK, [across])] == [[(100, 200), (200, 200)]]
    costs = Costs(FREE.open_s, closed_edges(NETWORK, [along]))
    assert minutes_between(costs, (110, 200), (200, 300)) == pytest.approx(9 + 10), "who stands on it leaves it"
    assert np.isnan(minutes_between(costs, (0, 0), (150, 200))), "nobody comes in"


def _ends(road: int) -> list[tuple[int, int]]:
    edge = NETWORK.edge_along[road]
    xy = NETWORK.graph.node_xy_m[[NETWORK.graph.start[edge], NETWORK.graph.end[edge]]] - (480_000, 3_700_000)
    return [(round(x), round(y)) for x, y in xy]


def test_a_diversion_leads_from_one_end_of_what_is_closed_to_the_other() -> None:
    closed = np.isin(NETWORK.graph.road, touched_roads(NETWORK, [line((110, 200), (190, 200))]))
    found = diversions(NETWORK, FREE.open_s, closed)
    assert len(found) == 2, "one for each direction"
    for one in found:
        assert one.before_s == pytest.approx(10)
        assert one.around is not None and one.around.seconds == pytest.approx(30)
        assert not closed[one.around.edge].any()
        assert (NETWORK.graph.start[one.around.edge[0]], NETWORK.graph.end[one.around.edge[-1]]) == (one.begin, one.end)
    assert {(one.begin, one.end) for one in found} == {(one.end, one.begin) for one in found}


def test_what_has_no_way_around_says_so_and_what_nobody_needs_has_none() -> None:
    bridge = town([(0, 0), (100, 0), (200, 0), (300, 0)], [(0, 1), (1, 2), (2, 3)])
    free = bridge.graph.travel_time_s
    found = diversions(bridge, free, bridge.graph.road == 1)
    assert [one.around for one in found] == [None, None]
    assert diversions(bridge, free, bridge.graph.road == 2) == [], "an end: nobody drove through"
    assert diversions(bridge, free, np.zeros(len(free), bool)) == []


def test_an_isochrone_holds_what_is_reached_and_grows_with_its_time() -> None:
    begin = places((200, 200))[0]
    found = isochrones(NETWORK, FREE, NETWORK.snap(*begin), (10 / 60, 20 / 60))
    small, large = (_shape(found[limit]) for limit in (10 / 60, 20 / 60))
    assert large.covers(small) and large.area > 1.5 * small.area
    x = np.arange(1, 400, 9.0)
    for limit, shape in ((10, small), (20, large)):
        for at, reached in zip(x, abs(x - 200) / 10 <= limit, strict=True):
            if abs(abs(at - 200) - 10 * limit) > 65:  # what lies beside the last metres counts too
                assert shape.covers(shapely.Point(at + 480_000, 200 + 3_700_000)) == reached, (limit, at)
    assert isochrones(NETWORK, FREE, NETWORK.snap(0.0, 0.0), (5,)) == {5: []}


def _shape(areas: list[list[np.ndarray]]) -> shapely.Geometry:
    shapes = [shapely.Polygon(*(_metres(rings[0]), [_metres(hole) for hole in rings[1:]])) for rings in areas]
    return shapely.union_all(shapes)


def _metres(ring: np.ndarray) -> np.ndarray:
    return np.column_stack(METRIC.to_metres(ring[:, 0], ring[:, 1]))


def sensors(*on: tuple[str, bool, float, float]) -> Catalog:
    """A catalog with a traffic sensor for each (road, reverse, x, y)."""
    label = Label("检测器", "sensor")
    things = [
        Thing(k, "traffic", f"s{k}", "traffic_sensor", "traffic", label, *places((x, y))[0],
              attributes={"road_id": road, "reverse": back})
        for k, (road, back, x, y) in enumerate(on)
    ]  # fmt: skip
    streams = [
        Datastream(k, k, "vehicle_speed", "km/h", "traffic", 10.0, TimeKind.INTERVAL) for k in range(len(things))
    ]
    return Catalog(1, things, streams)


def test_speeds_are_measured_where_there_are_sensors_and_spread_to_the_rest() -> None:
    catalog = sensors(("R0", False, 50, 0), ("R0", True, 50, 0), ("no such road", False, 0, 0))
    frame = replace(tiny_city.frame(catalog), result=np.array([18.0, 9.0, 3.0]))
    speeds = Spread.of(NETWORK, catalog).speeds_mps(NETWORK, frame)
    assert speeds[NETWORK.edge_along[0]] == pytest.approx(5.0)
    assert speeds[NETWORK.edge_against[0]] == pytest.approx(2.5)
    others = np.delete(speeds, [NETWORK.edge_along[0], NETWORK.edge_against[0]])
    assert np.allclose(others, 10 * 0.375), "the mean of both, everywhere near"
    assert urgent_mps(np.array([2.0, 10.0])).tolist() == [5.0, 12.5]


def test_what_is_measured_near_counts_more_and_of_what_nobody_measures_the_class_or_the_limit_tells() -> None:
    far = town([(0, 0), (100, 0), (0, 9000), (100, 9000)], [(0, 1), (1, 2), (2, 3)])
    catalog = sensors(("R0", False, 50, 0))
    frame = replace(tiny_city.frame(catalog), result=np.array([18.0]))
    spread = Spread.of(far, catalog)
    assert spread.speeds_mps(far, frame)[far.edge_along[2]] == pytest.approx(5.0), "as its class is in the city"
    aged = replace(frame, now_us=frame.now_us + 3_600_000_000)
    assert np.allclose(spread.speeds_mps(far, aged), 10 * UNKNOWN_SHARE)
    nothing = Spread.of(far, Catalog.empty())
    assert np.allclose(nothing.speeds_mps(far, tiny_city.frame(Catalog.empty())), 10 * UNKNOWN_SHARE)
    two = sensors(("R0", False, 50, 0), ("R1", False, 50, 4500))
    near = replace(tiny_city.frame(two), result=np.array([36.0, 3.6]))
    against = Spread.of(far, two).speeds_mps(far, near)[far.edge_against[0]]
    assert 9.0 < against < 10.0, "the other direction of a road with a sensor is nearly as fast"


def test_no_open_road_takes_for_ever() -> None:
    catalog = sensors(("R0", False, 50, 0))
    frame = replace(tiny_city.frame(catalog), result=np.array([0.0]))
    network: RoadNetwork = NETWORK
    assert (Spread.of(network, catalog).speeds_mps(network, frame) >= 1.0).all()
