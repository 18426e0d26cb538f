"""Vehicles: on roads, at the speed of the traffic, to where help is needed, and home again."""

from __future__ import annotations

import numpy as np
import pytest

from ops_center.domain.time import HOUR_US, MINUTE_US, SECOND_US
from ops_center.world.compass import NOWHERE, Compass
from ops_center.world.vehicles import AMBULANCE, BUS, FIRE, KINDS, POLICE, TRUCK
from ops_center.world.world import World
from tests.feeds import cities


def live(world: World, seconds: int, step_s: int = 1) -> None:
    start_us = world.now_us
    for elapsed_s in range(step_s, seconds + 1, step_s):
        world.step(start_us + elapsed_s * SECOND_US)


def places(world: World) -> np.ndarray:
    lon, lat, _ = world.ground.graph.place(world.vehicles.edge, world.vehicles.along_m)
    return np.column_stack(world.ground.metric.to_metres(lon, lat))


@pytest.fixture(scope="module")
def calm() -> World:
    world = cities.world()
    live(world, 120)
    return world


def test_every_vehicle_of_the_pack_drives_or_waits_on_a_road(calm: World) -> None:
    vehicles, graph = calm.vehicles, calm.ground.graph
    assert len(vehicles.kind) == calm.ground.pack.table("things")["kind"].isin(KINDS).sum() > 0
    assert (vehicles.along_m >= 0).all()
    assert (vehicles.along_m <= graph.length_m[vehicles.edge] + 1e-6).all()
    assert (vehicles.speed_mps <= 40).all()


def test_buses_and_trucks_get_somewhere_and_fire_engines_stay_at_home(calm: World) -> None:
    before = places(calm)
    live(calm, 180)
    moved_m = np.hypot(*(places(calm) - before).T)
    kind = calm.vehicles.kind
    assert np.median(moved_m[kind == BUS]) > 100
    assert np.median(moved_m[kind == TRUCK]) > 100
    assert (calm.vehicles.speed_mps[kind == FIRE] == 0).all()


def test_nobody_jumps(calm: World) -> None:
    for _ in range(30):
        before = places(calm)
        live(calm, 1)
        assert np.hypot(*(places(calm) - before).T).max() < 45


def test_each_sends_a_fix_every_five_seconds_with_a_few_metres_of_error(calm: World) -> None:
    sent = np.zeros(len(calm.vehicles.kind), int)
    errors: list[float] = []
    for _ in range(20):
        live(calm, 1)
        bank, fixes = calm.vehicles.bank, calm.vehicles.fixes
        sent[bank.due] += 1
        sound = bank.state[bank.due] == 5
        x, y = calm.ground.metric.to_metres(fixes["longitude"][sound], fixes["latitude"][sound])
        true = places(calm)[bank.due[sound]]
        errors += np.hypot(x - true[:, 0], y - true[:, 1]).tolist()
    assert np.median(sent) == 4
    assert 2 < np.median(errors) < 6


def test_the_nearest_answer_a_call_arrive_stay_and_go_home() -> None:
    world = cities.world("crash")
    call = next(
        one
        for one in world.ground.story.between(world.now_us, world.now_us + HOUR_US)
        if one.kind == "response" and one.story
    )
    world.step(call.start_us - SECOND_US)
    assert not world.vehicles.urgent.any()
    live(world, 600, 2)
    sent = np.flatnonzero(world.vehicles.urgent)
    kinds = [int(kind) for kind in world.vehicles.kind[sent]]
    assert set(kinds) == {POLICE, FIRE, AMBULANCE}
    assert max(map(kinds.count, kinds)) <= 2
    site = np.array([float(a) for a in world.ground.metric.to_metres(call.site.longitude, call.site.latitude)])
    assert (np.hypot(*(places(world)[sent] - site).T) < 600).all(), "they are there or nearly so"
    world.step(call.end_us + SECOND_US)
    assert not world.vehicles.urgent.any()


def test_buses_rest_at_night() -> None:
    world = cities.world(start_us=cities.START_US - 6 * HOUR_US)  # two in the morning
    live(world, 7200, 30)
    buses = world.vehicles.kind == BUS
    assert (world.vehicles.waits_until_us[buses] > world.now_us + HOUR_US).mean() > 0.7


def test_a_pause_of_hours_leaves_everybody_on_the_road() -> None:
    world = cities.world()
    for pause_us in (HOUR_US, 24 * HOUR_US, 0, MINUTE_US):
        world.step(world.now_us + pause_us)
        graph = world.ground.graph
        assert (world.vehicles.along_m <= graph.length_m[world.vehicles.edge] + 1e-6).all()


def test_the_compass_takes_the_fastest_way(calm: World) -> None:
    graph = calm.ground.graph
    reachable = np.flatnonzero(graph.component == 0)
    target, source = int(reachable[3]), int(reachable[-5])
    way, seconds = Compass(graph, graph.travel_time_s).towards([target])
    node, took = source, 0.0
    while node != target:
        edge = int(way[0, node])
        assert graph.start[edge] == node
        took += graph.travel_time_s[edge]
        node = int(graph.end[edge])
    assert took == pytest.approx(seconds[0, source])
    assert took == pytest.approx(graph.travel_time_s[graph.shortest_path(source, target)].sum())
    assert way[0, target] == NOWHERE
