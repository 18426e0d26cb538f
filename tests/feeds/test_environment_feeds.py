"""Air, water, weather and city figures: what the model city's devices send is decoded to what they measured."""

import dataclasses
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from feeds import air, city_figures, water, weather
from feeds.aqi import edition_at, hourly_index
from ops_center.city.kinds import THING_KINDS
from ops_center.city.make import make_city
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import RawMessage
from ops_center.domain.observations import Quality
from ops_center.domain.time import MINUTE_US
from ops_center.services.history import _editions, aggregates_of, history_rows
from ops_center.services.registration import _datastreams_of, things_of
from ops_center.world.world import World

START_US = 1_795_000_000_000_000
FEEDS = {module.FEED.name: module.FEED for module in (air, water, weather, city_figures)}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CityPack:
    return make_city(7, 700, tmp_path_factory.mktemp("feeds") / "city")


@pytest.fixture(scope="module")
def catalog(city: CityPack) -> Catalog:
    things, streams = aggregates_of(city)
    things = [*things_of(city), *things]
    named = [(thing_id, stream) for thing_id, stream in _datastreams_of(city)]
    named += [(thing_id, stream) for _, thing_id, stream in streams]
    key = {thing.thing_id: number for number, thing in enumerate(things)}
    return Catalog(
        1,
        [dataclasses.replace(thing, key=number) for number, thing in enumerate(things)],
        [dataclasses.replace(stream, key=n, thing=key[thing_id]) for n, (thing_id, stream) in enumerate(named)],
    )


@pytest.mark.parametrize("scenario", ["calm", "storm", "chemical", "burst"])
def test_everything_sent_is_accepted_or_refused_for_a_fault_of_the_device(
    city: CityPack, catalog: Catalog, scenario: str
) -> None:
    world = World.from_pack(city, seed=7, start_us=START_US, scenario=scenario)
    accepted = dict.fromkeys(FEEDS, 0)
    for second in range(5, 900, 45):
        world.step(START_US + second * 1_000_000)
        for name, feed in FEEDS.items():
            sent = feed.observe(world, world.now_us)
            raw = [RawMessage(f"raw.{name}", 0, str(n), o.key, o.value, world.now_us) for n, o in enumerate(sent)]
            decoded = feed.decode(raw, catalog, world.now_us)
            assert decoded.accepted + decoded.rejected == sum(o.count for o in sent)
            accepted[name] += decoded.accepted
            reasons = {reject.reason.value for reject in decoded.rejects}
            assert reasons <= {"beyond_physics", "not_a_number"}, decoded.rejects
            assert np.all(decoded.observations.quality & int(Quality.SIMULATED))
            flagged = decoded.observations.quality & int(Quality.OUT_OF_RANGE | Quality.LATE)
            assert np.mean(flagged > 0) < 0.02 if len(flagged) > 500 else True
    assert all(accepted.values()), accepted


def test_feeds_declare_what_the_packs_things_observe() -> None:
    for kind in THING_KINDS.values():
        if kind.feed in FEEDS:
            declared = {one.observed_property: one for one in FEEDS[kind.feed].kinds}
            assert kind.name in FEEDS[kind.feed].thing_kinds
            for stream in kind.streams:
                assert declared[stream.observed_property].unit == stream.unit


def test_a_storm_brings_warnings_with_level_area_and_validity(city: CityPack, catalog: Catalog) -> None:
    world = World.from_pack(city, seed=7, start_us=START_US, scenario="storm")
    events = []
    for minute in range(1, 60, 5):
        world.step(START_US + minute * MINUTE_US)
        sent = weather.FEED.observe(world, world.now_us)
        raw = [RawMessage("raw.weather", 0, str(n), o.key, o.value, world.now_us) for n, o in enumerate(sent)]
        events += weather.FEED.decode(raw, catalog, world.now_us).events
    assert events and len({event.event_id for event in events}) == len(events)
    warning = events[0]
    assert warning.kind == "warning.rainstorm"
    assert warning.attributes["level"] in {"blue", "yellow", "orange", "red"}
    assert warning.attributes["issued"] < warning.attributes["valid_until"]
    known = set(city.table("districts")["district_id"])
    assert set(warning.attributes["area"]["districts"]) <= known
    assert city.manifest.bounds.contains(warning.longitude, warning.latitude)


def test_the_index_sent_for_a_district_is_that_of_its_last_hour(city: CityPack) -> None:
    world = World.from_pack(city, seed=7, start_us=START_US)
    world.step(START_US + 1_000_000)
    sent = [json.loads(o.value) for o in city_figures.FEED.observe(world, world.now_us)]
    body = next(one for one in sent if "aqi" in one and one["things"][0].startswith("district:"))
    index = dict(zip(body["things"], body["aqi"], strict=True))
    expected = hourly_index(edition_at(date(2026, 11, 18)), world.figures.pollutants).value
    assert list(index.values()) == expected.tolist()
    assert all(0 < value <= 500 and value == int(value) for value in index.values())


def test_history_becomes_rows_of_known_datastreams(city: CityPack, catalog: Catalog, tmp_path: Path) -> None:
    world = World.from_pack(city, seed=7, start_us=START_US)
    rows = list(history_rows(world, catalog, {"1h": 10, "15m": 2}))
    assert {grain for grain, _ in rows} == {"1h", "15m"}
    seen = set()
    for grain, chunk in rows:
        size = {"1h": 3600, "15m": 900}[grain] * 1_000_000
        assert len({len(column) for column in dataclasses.asdict(chunk).values()}) == 1
        assert np.all(chunk.bucket_us % size == 0) and chunk.bucket_us.max() < START_US
        assert np.all(np.isfinite(chunk.mean)) and np.all(chunk.quality == int(Quality.SIMULATED))
        pairs = set(zip(chunk.datastream.tolist(), chunk.bucket_us.tolist(), strict=True))
        assert len(pairs) == len(chunk.mean)
        assert not seen & {(grain, *pair) for pair in pairs}
        seen |= {(grain, *pair) for pair in pairs}
        assert set(chunk.datastream.tolist()) <= set(catalog.datastreams)
    named = {catalog.datastreams[key].observed_property for _, key, _ in seen}
    assert {"aqi", "mean_speed", "pm25", "inflow", "mean_river_level", "people_present"} <= named


def test_history_is_judged_by_the_edition_of_its_day() -> None:
    midnight_us = 1_772_294_400_000_000  # 2026-03-01 00:00 in the city
    buckets = midnight_us + np.arange(-48, 24) * 3_600_000_000
    judged = [(edition.standard, part) for edition, part in _editions(buckets, "Asia/Shanghai")]
    assert judged == [("HJ 633-2012", slice(0, 48)), ("HJ 633-2026", slice(48, 72))]
    assert [edition.standard for edition, _ in _editions(buckets[:5], "Asia/Shanghai")] == ["HJ 633-2012"]
    assert [edition.standard for edition, _ in _editions(buckets[-5:], "Asia/Shanghai")] == ["HJ 633-2026"]
