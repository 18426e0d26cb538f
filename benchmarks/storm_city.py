"""Ten thousand conditions in ten seconds from two causes that the model city really has, and five that are unrelated.

What a burst main and a crash do is computed by the city's own models, once with and once without them: which nodes of
the water network lose pressure, which roads queue, whose cameras look there. Devices are as dense there as ten thousand
conditions need: loggers at customers of a node, detectors in every lane. The truth is which cause each condition has.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import alerts
from alerts.city_networks import surroundings_of
from alerts.conditions import ConditionBatch, RuleVersion
from alerts.contract import SubjectKind
from alerts.facts import Facts
from alerts.loading import shipped_rules
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, MINUTE_US, SECOND_US
from ops_center.services.registration import things_of
from ops_center.world.cameras import CameraModel
from ops_center.world.ground import Ground, Moment
from ops_center.world.occurrences import Kind, Occurrence, Site
from ops_center.world.scenario import SCENARIOS, Beat, Scenario
from ops_center.world.story import Story
from ops_center.world.traffic import TrafficModel
from ops_center.world.water import KPA_PER_M, WaterModel
from ops_center.world.weather import WeatherModel

START_US = 1_795_392_000_000_000
"""Monday 2026-11-23, 8:00 in the city: the morning peak"""
AFTER_MIN = 45
CONDITIONS = 10_000
LASTS_S = 10.0
_LABEL = Label("受灾", "struck")
_BURST = Scenario("burst", _LABEL, "pipe", 7200.0, (
    Beat("pipe_burst", 60, 7000.0, 250.0, rise_s=20), Beat("street_flood", 150, 6900.0, 0.35, rise_s=360, radius_m=150),
))  # fmt: skip
_CRASH = Scenario("crash", _LABEL, "expressway", 7200.0, (
    Beat("crash", 60, 7000.0, 0.97, radius_m=60), Beat("road_closed", 60, 7000.0, 0.99),
))  # fmt: skip
_UNRELATED = (
    ("camera_intrusion", "camera"), ("air_sensor_silent", "air_micro"), ("traffic_sensor_stuck", "traffic_sensor"),
    ("vehicle_lost", "police"), ("truck_speeding", "truck"), ("camera_wrong_way", "camera"),
    ("traffic_slow", "traffic_sensor"), ("drain_rising", "drain_sensor"), ("camera_crowding", "camera"),
    ("water_sensor_silent", "water_flow_meter"), ("camera_silent", "camera"), ("camera_smoke_fire", "camera"),
)  # fmt: skip
"""(rule, kind of thing) of which five are drawn"""


@dataclass(frozen=True)
class Struck:
    """One condition that a cause makes."""

    rule: str
    channel: str
    thing: int
    cause: int
    """0 and 1; from 2 on the unrelated"""
    nearness: float
    """less is felt earlier"""


@dataclass(frozen=True)
class Storm:
    """The storm and its truth."""

    facts: Facts
    batches: Sequence[ConditionBatch]
    """in the order in which they come, half a second each"""
    cause: dict[tuple[str, int], int]
    """(rule, thing) → cause"""
    apart_m: float
    """between the two causes"""
    sizes: tuple[int, ...]
    """conditions by cause"""


class Several:
    """Several stories told at once, without the everyday."""

    scenario = SCENARIOS["calm"]

    def __init__(self, *stories: Story) -> None:
        self._stories = stories

    def active(self, now_us: int, *kinds: Kind) -> tuple[Occurrence, ...]:
        return tuple(one for story in self._stories for one in story.active(now_us, *kinds) if one.story)

    def between(self, start_us: int, end_us: int) -> tuple[Occurrence, ...]:
        return tuple(one for story in self._stories for one in story.between(start_us, end_us) if one.story)


def make_storm(
    pack: CityPack, seed: int, causes: str = "burst+crash", apart_m: tuple[float, float] = (0, 1e9)
) -> Storm:
    """Return a storm of two causes whose distance lies in a range; ValueError if the city has no such places."""
    names = causes.split("+")
    first = _told(pack, seed, names[0])
    other = next(
        (
            story
            for number in range(200)
            if apart_m[0] <= _apart(pack, first, story := _told(pack, 1000 * seed + number, names[1])) <= apart_m[1]
        ),
        None,
    )
    if other is None:
        raise ValueError(f"no two places of {causes} {apart_m} m apart with seed {seed}")
    city = _City(pack, seed)
    struck = list(city.struck([first, other]))
    struck = city.cut(struck, CONDITIONS - 5) + list(city.unrelated())
    return city.storm(struck, _apart(pack, first, other))


def _told(pack: CityPack, seed: int, name: str) -> Story:
    return Story(pack, seed, START_US, {"burst": _BURST, "crash": _CRASH}[name])


def _site(story: Story) -> Site:
    return next(one.site for one in story.between(START_US, START_US + HOUR_US) if one.story)


def _apart(pack: CityPack, one: Story, other: Story) -> float:
    (x, y), (u, v) = (pack.metric.to_metres(site.longitude, site.latitude) for site in (_site(one), _site(other)))
    return float(np.hypot(x - u, y - v))


class _City:
    """The city's models with and without the causes, and devices where they are felt."""

    def __init__(self, pack: CityPack, seed: int) -> None:
        self._pack, self._seed = pack, seed
        self._chance = np.random.default_rng([seed, 4])
        self._things = [*things_of(pack)]
        self._known = len(self._things)

    def struck(self, stories: Sequence[Story]) -> Iterator[Struck]:
        """Yield what the causes do, each condition with the cause that has the greater part in it."""
        now_us = START_US + AFTER_MIN * MINUTE_US
        calm = Story(self._pack, self._seed, START_US, SCENARIOS["calm"])
        alone = [Several(story) for story in stories]
        pressure = [self._pressure(story) for story in (Several(calm), *alone, Several(*stories))]
        speed = [self._speed(story, now_us) for story in (Several(calm), *alone, Several(*stories))]
        elsewhere = [*self._traffic(speed)]
        for cause, story in enumerate(stories):
            elsewhere += self._seen(story, cause)
        yield from self._water(pressure, max(1.05 * CONDITIONS - len(elsewhere), 0.5 * CONDITIONS))
        yield from elsewhere

    def cut(self, struck: Sequence[Struck], size: int) -> list[Struck]:
        """Return so many of them, drawn by chance."""
        if len(struck) < size:
            raise ValueError(f"the causes make {len(struck)} conditions only")
        chosen = np.sort(self._chance.choice(len(struck), size, replace=False))
        return [struck[number] for number in chosen.tolist()]

    def unrelated(self) -> Iterator[Struck]:
        """Yield five conditions of different rules somewhere in the city, each a cause of its own."""
        kinds = [thing.kind for thing in self._things[: self._known]]
        for number, chosen in enumerate(self._chance.choice(len(_UNRELATED), 5, replace=False).tolist()):
            rule, kind = _UNRELATED[chosen]
            places = [place for place, one in enumerate(kinds) if one == kind]
            yield Struck(rule, "on", int(self._chance.choice(places)), 2 + number, float(self._chance.uniform()))

    def storm(self, struck: Sequence[Struck], apart_m: float) -> Storm:
        """Return the conditions in the order in which they come."""
        things = [_keyed(thing, key) for key, thing in enumerate(self._things)]
        catalog = Catalog(1, things, ())
        rules = shipped_rules(alerts.registry())
        facts = Facts.of(rules, catalog, surroundings_of(self._pack, catalog))
        rank = np.argsort(np.argsort([one.nearness for one in struck], kind="stable"), kind="stable")
        # What is near feels it first, on the whole: devices report at phases of their own.
        at_s = np.clip(rank / len(struck) * LASTS_S + self._chance.normal(0.0, 1.0, len(struck)), 0, LASTS_S - 0.001)
        batches = [
            _batch([struck[n] for n in np.flatnonzero(at_s // 0.5 == half).tolist()], at_s[at_s // 0.5 == half], facts)
            for half in range(round(LASTS_S / 0.5))
        ]
        sizes = np.bincount([one.cause for one in struck])
        cause = {(one.rule, one.thing): one.cause for one in struck}
        return Storm(facts, batches, cause, apart_m, tuple(int(size) for size in sizes))

    def _pressure(self, story: Several) -> Any:
        ground = Ground(self._pack, self._seed, START_US, story)  # type: ignore[arg-type]
        model = WaterModel(ground, WeatherModel(ground))
        model.step(Moment(START_US, START_US))
        model.step(Moment(START_US, START_US + 5 * MINUTE_US))
        assert model.state is not None and model.running is not None
        self._nodes = model.running.network.node_ids
        return KPA_PER_M * model.state.pressure_m

    def _speed(self, story: Several, now_us: int) -> Any:
        ground = Ground(self._pack, self._seed, START_US, story)  # type: ignore[arg-type]
        model = TrafficModel(ground, lambda _: 0.0)
        for at_us in range(START_US, now_us, 30 * SECOND_US):
            model.step(Moment(at_us, at_us + 30 * SECOND_US))
        self._graph = model.graph
        return 3.6 * model.speed_mps

    def _water(self, pressure: Sequence[Any], wanted: float) -> Iterator[Struck]:
        """Loggers at the customers of every node that loses 10 kPa, as the rule has it, two conditions each."""
        calm, *alone, both = pressure
        drops = [calm - one for one in alone]
        frame = self._pack.features("pipe_nodes").set_index("node_id")
        felt = [n for n in np.flatnonzero(calm - both > 10.0).tolist() if self._nodes[n] in frame.index]
        each = math.ceil(wanted / 2 / max(len(felt), 1))
        for node in felt:
            cause = int(np.argmax([drop[node] for drop in drops]))
            point = frame.geometry.loc[self._nodes[node]]
            for _ in range(each):
                thing = self._device(
                    "water_pressure_sensor", "water", point.x, point.y, 60.0, pipe_node=self._nodes[node]
                )
                nearness = 1.0 / (calm[node] - both[node])
                yield Struck("water_pressure_drop", "on", thing, cause, nearness)
                yield Struck("water_burst", "on", thing, cause, nearness * 1.3)
                if both[node] < 140.0:
                    yield Struck("water_pressure_low", "L", thing, cause, nearness * 1.5)

    def _traffic(self, speed: Sequence[Any]) -> Iterator[Struck]:
        """Detectors in every lane, some metres apart, of every link that is 15 km/h slower than without the causes."""
        calm, *alone, both = speed
        graph = self._graph
        slower = [calm - one for one in alone]
        felt = np.flatnonzero(calm - both > 15.0)
        length_m = float((graph.length_m * graph.lanes)[felt].sum())
        step_m = max(length_m * 3.5 / (0.5 * CONDITIONS), 0.3)
        for edge in felt.tolist():
            cause = int(np.argmax([one[edge] for one in slower]))
            for lane in range(int(graph.lanes[edge])):
                for along in np.arange(step_m / 2, graph.length_m[edge], step_m).tolist():
                    yield from self._lane(edge, lane, along, cause, float(calm[edge] - both[edge]), float(both[edge]))

    def _lane(self, edge: int, lane: int, along: float, cause: int, slower: float, speed: float) -> Iterator[Struck]:
        graph = self._graph
        lon, lat, _ = graph.place([edge], [along])
        road = str(graph.road_id[graph.road[edge]])
        thing = self._device(
            "traffic_sensor", "traffic", float(lon[0]), float(lat[0]), 0.0, road_id=road, along_m=along
        )
        nearness = 1.0 / slower
        yield Struck("traffic_occupied", "on", thing, cause, nearness * 1.2)
        if slower > 30.0:
            yield Struck("traffic_breakdown", "on", thing, cause, nearness)
            yield Struck("traffic_disruption", "on", thing, cause, nearness * 1.3)
        if speed < 15.0:
            yield Struck("traffic_slow", "on", thing, cause, nearness * 1.4)

    def _seen(self, story: Story, cause: int) -> Iterator[Struck]:
        """Cameras of the city that have what happens in sight, as the model has it."""
        ground = Ground(self._pack, self._seed, START_US, story)
        cameras = CameraModel(ground)
        key_of = {thing.thing_id: key for key, thing in enumerate(self._things[: self._known])}
        for one in story.between(START_US, START_US + HOUR_US):
            if one.story and one.kind in {"street_flood", "crash"}:
                rule = "camera_flooding" if one.kind == "street_flood" else "camera_stopped_vehicle"
                for row in cameras.watching(one):
                    yield Struck(rule, "on", key_of[str(cameras.things["thing_id"].iloc[row])], cause, 0.5)

    def _device(self, kind: str, feed: str, lon: float, lat: float, spread_m: float, **attributes: Any) -> int:
        off = self._chance.normal(0.0, 1.0, 2) * spread_m / 111_320.0
        key = len(self._things)
        name = f"storm-{key}"
        self._things.append(
            Thing(key, feed, name, kind, feed, Label(name, name), lon + off[0], lat + off[1], attributes=attributes)
        )
        return key


def _keyed(thing: Thing, key: int) -> Thing:
    return Thing(
        key, thing.producer, thing.thing_id, thing.kind, thing.feed, thing.name, thing.longitude, thing.latitude,
        thing.district, thing.department, thing.attributes,
    )  # fmt: skip


def _batch(struck: Sequence[Struck], at_s: Any, facts: Facts) -> ConditionBatch:
    names = sorted({one.rule for one in struck})
    versions = [RuleVersion(name, 1, tuple(c.code for c in facts.rules[name].type.channels)) for name in names]
    place = {name: number for number, name in enumerate(names)}
    size = len(struck)
    channel = np.array([versions[place[one.rule]].channels.index(one.channel) for one in struck], np.uint8)
    time_us = START_US + np.rint(np.asarray(at_s) * SECOND_US).astype(np.int64)
    nan = np.full(size, np.nan)
    level = np.array(
        [facts.rules[one.rule].type.channels[c].level for one, c in zip(struck, channel, strict=True)], np.uint8
    )
    return ConditionBatch(
        tuple(versions), np.array([place[one.rule] for one in struck], np.int32), channel, level,
        np.ones(size, np.uint8),
        np.zeros(size, np.uint8), np.full(size, SubjectKind.THING, np.uint8),
        np.array([one.thing for one in struck], np.int64), time_us, time_us, np.zeros(size), np.zeros(size), nan, nan,
    ).ordered()  # fmt: skip
