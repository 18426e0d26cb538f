"""Traffic: laws of flow, the rhythm of a day, queues that grow upstream of a disruption and go away again."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from ops_center.world import traffic_flow as law
from ops_center.world.occurrences import Kind
from ops_center.world.scenario import Beat, Scenario
from ops_center.world.story import Story
from ops_center.world.traffic import TrafficModel
from ops_center.world.world import World
from tests.feeds import cities

NOON_US = cities.START_US + 4 * HOUR_US
NIGHT_US = cities.START_US - 5 * HOUR_US


def disrupted(kind: Kind, magnitude: float, start_us: int = cities.START_US, lasts_s: float = 1200) -> World:
    """Return a city where one thing happens to traffic, a minute after its start."""
    scenario = Scenario(
        "made", cities.label("made"), "arterial", DAY_US / SECOND_US, (Beat(kind, 60, lasts_s, magnitude),)
    )
    return World.from_pack(cities.city(), seed=7, start_us=start_us, scenario=scenario)


def live(world: World, seconds: int, step_s: int = 10) -> None:
    start_us = world.now_us
    for elapsed_s in range(step_s, seconds + 1, step_s):
        world.traffic.step(replace(world.moment, previous_us=world.now_us, now_us=start_us + elapsed_s * SECOND_US))
        world.moment = replace(world.moment, previous_us=world.now_us, now_us=start_us + elapsed_s * SECOND_US)


def hit(world: World) -> list[int]:
    """Return the links that the story's disruption is on."""
    (occurrence,) = [one for one in world.ground.story.between(world.ground.start_us, world.ground.start_us + HOUR_US)
                     if one.story == "made"]  # fmt: skip
    return world.traffic.edges_of(occurrence)


def upstream_of(model: TrafficModel, edge: int) -> np.ndarray:
    graph = model.graph
    return np.flatnonzero((graph.end == graph.start[edge]) & (graph.road != graph.road[edge]))


def test_speed_falls_and_occupancy_rises_with_flow() -> None:
    ratio = np.linspace(0, 1.0, 20)
    for road_class in range(4):
        speed = law.free_speed(20.0, ratio, road_class)
        flow = ratio * law.CAPACITY_PER_LANE_VPH[road_class]
        occupancy = law.Stream(flow, speed, flow / 3600 / speed).occupancy_percent
        assert speed[0] == 20.0
        assert (np.diff(speed) < 0).all()
        assert (np.diff(occupancy) > 0).all()
        assert occupancy[-1] < 100


def test_a_queue_that_hardly_moves_covers_the_detector() -> None:
    dense = law.queued_density(np.array([0.0, 0.1, 0.5]))
    occupancy = law.Stream(np.zeros(3), np.ones(3), dense).occupancy_percent
    assert occupancy[0] == pytest.approx(92.4, abs=0.1)
    assert (np.diff(occupancy) < 0).all()


def test_rain_takes_speed_and_capacity_and_never_more_than_a_fifth() -> None:
    rain = [law.rain_factors(mm) for mm in (0.0, 1.0, 5.0, 30.0, 300.0)]
    assert rain[0] == (1.0, 1.0)
    assert all(later <= sooner for sooner, later in pairwise(rain))
    assert min(rain[-1]) > 0.8


def test_mornings_are_slower_than_nights() -> None:
    morning, night = cities.world(), cities.world(start_us=NIGHT_US)
    assert morning.traffic.speed_mps.mean() < 0.93 * night.traffic.speed_mps.mean()
    assert morning.traffic.flow_vph.sum() > 5 * night.traffic.flow_vph.sum()


def test_the_morning_drives_in_and_the_evening_out() -> None:
    demand = cities.world().traffic.demand
    inwards = demand.inwards > 0.7
    share = [
        demand.at(us)[inwards].sum() / demand.at(us).sum() for us in (cities.START_US, cities.START_US + 10 * HOUR_US)
    ]
    assert share[0] > 1.1 * share[1]


def test_a_blocked_road_queues_and_the_queue_reaches_the_links_before_it() -> None:
    world, calm = disrupted("road_closed", 0.98), disrupted("response", 1.0)
    live(world, 900)
    live(calm, 900)
    edge = max(hit(world), key=lambda one: world.traffic.queue[one])
    model = world.traffic
    assert model.queue_m[edge] > 0.95 * model.graph.length_m[edge], "the link is full"
    assert model.speed_mps[edge] < 0.3 * calm.traffic.speed_mps[edge]
    before = upstream_of(model, edge)
    assert (model.queue[before] > calm.traffic.queue[before] + 1).any(), "nothing spilled back"
    assert (model.queue <= model._storage + 1e-9).all()


def test_after_the_disruption_the_queue_goes_away() -> None:
    world = disrupted("crash", 0.95, start_us=NOON_US, lasts_s=600)
    (edge,) = hit(world)
    live(world, 600)
    held = world.traffic.queue[edge]
    live(world, 1800)
    assert held > 5
    assert world.traffic.queue[edge] < 0.1 * held


def test_a_long_step_ends_about_where_short_ones_do() -> None:
    short, long = (disrupted("crash", 0.95) for _ in range(2))
    live(short, 600, 10)
    live(long, 600, 600)
    assert np.abs(short.traffic.speed_mps - long.traffic.speed_mps).mean() < 0.5


def test_sensors_measure_the_traffic_at_their_place() -> None:
    world = cities.world()
    model = world.traffic
    live(world, 10)
    sound = model.sensors.state[model.sensors.due] == 5
    edge = model._at_edge[model.sensors.due]
    seen = model.sensors.readings["vehicle_speed"][sound] / 3.6
    truth = model._at_sensors().speed_mps[model.sensors.due][sound]
    assert len(edge) > 0.95 * len(model.things), "hardly any is silent"
    assert np.median(np.abs(seen - truth) / truth) < 0.06
    flow = model.sensors.readings["vehicle_flow"][sound]
    assert np.corrcoef(flow, model.flow_vph[edge][sound])[0, 1] > 0.98


def test_typical_traffic_of_13_months_is_quick_and_agrees_with_the_live_model() -> None:
    model = cities.world(start_us=NOON_US).traffic
    times = NOON_US - np.arange(13 * 31 * 24) * HOUR_US
    typical = model.typical(times)
    by_class = typical["road_class"]
    assert by_class.speed_mps.shape == (len(times), 4)
    assert typical["district"].speed_mps.shape == (len(times), len(model.districts))
    assert np.isfinite(by_class.speed_mps).all()
    weight = model.graph.length_m * model.graph.lanes
    for code in range(4):
        mine = model.graph.road_class == code
        live_mps = np.average(model.speed_mps[mine], weights=weight[mine])
        assert by_class.speed_mps[0, code] == pytest.approx(live_mps, rel=0.1)
    assert (by_class.occupancy_percent <= 100).all()
    morning = (cities.START_US - times) % DAY_US == 0
    assert by_class.speed_mps[morning, 1].mean() < by_class.speed_mps[:, 1].mean()


def test_the_same_seed_makes_the_same_traffic_and_another_another() -> None:
    one, same, other = cities.world(), cities.world(), cities.world(seed=8)
    for world in (one, same, other):
        live(world, 60)
    assert (one.traffic.speed_mps == same.traffic.speed_mps).all()
    assert (one.traffic.speed_mps != other.traffic.speed_mps).any()


def test_every_story_finds_a_place_on_a_road() -> None:
    for name in ("burst", "crash", "chemical", "storm"):
        story: Story = cities.world(name).ground.story
        sites = [
            one.site for one in story.between(cities.START_US, cities.START_US + 10 * MINUTE_US) if one.story == name
        ]
        assert sites and all(site.road_id for site in sites)
