"""A replay sends all of a series, re-timed, through a real log, and what arrives is what the source says."""

import dataclasses
import threading

import numpy as np
import pytest

from feeds.air import FEED
from feeds.replay import Series, read_beijing_air
from ops_center.bus.port import Bus
from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.city.make import generate
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.messages import RawMessage
from ops_center.domain.realms import Realm
from ops_center.domain.time import HOUR_US, SECOND_US, ManualClock, SystemClock
from ops_center.domain.topics import raw
from ops_center.services.replay import Replay, entries_of, read_series, replay_series

HEADER = "No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,station"
ROWS = [
    f"{hour},2016,10,1,{hour},{'NA' if hour == 3 else 50 + hour},90,9,40,{800 + hour},60,{station}"
    for station in ("Aotizhongxin", "Dingling", "Shunyi")
    for hour in range(8)
]
SERIES = read_beijing_air("\n".join([HEADER, *ROWS]))
OBSERVATIONS = 3 * 8 * 6 - 3


@pytest.fixture
def bus(redis_url: str) -> Bus:
    bus = RedisStreamsBus(redis_url, Realm.REPLAY)
    bus.ensure_topics([raw("air")], 2)
    return bus


def arrived(bus: Bus) -> list[RawMessage]:
    """Return everything in the log, from its beginning."""
    reader = bus.reader(raw("air"), {0: None, 1: None})
    found: list[RawMessage] = []
    while messages := reader.poll(0.2, 1000):
        found += messages
    reader.close()
    return found


def catalog_of(things: list[Thing], datastreams: list[tuple[str, str, Datastream]]) -> Catalog:
    keyed = [dataclasses.replace(thing, key=number) for number, thing in enumerate(things)]
    key = {thing.thing_id: thing.key for thing in keyed}
    streams = [dataclasses.replace(s, key=n, thing=key[name]) for n, (_, name, s) in enumerate(datastreams)]
    return Catalog(1, keyed, streams)


def test_the_whole_series_arrives_on_the_clock_of_the_realm(bus: Bus) -> None:
    speed = 60.0
    clock = ManualClock(SystemClock().now_us() - 600 * SECOND_US)  # the log stamps with the machine's time
    start = clock.now_us()
    replay = Replay(SERIES, start, speed)
    producer = bus.producer()
    stop = threading.Event()
    assert replay.send_due(producer, clock.now_us(), stop) == 0, "the first hour isn't over yet"
    clock.advance(60)
    assert replay.send_due(producer, clock.now_us(), stop) == 18
    clock.advance(7 * 60)
    replay.send_due(producer, clock.now_us(), stop)
    assert replay.is_over and replay.sent == OBSERVATIONS
    catalog = catalog_of(*entries_of(SERIES, generate(7, 500), speed))
    decoded = FEED.decode(arrived(bus), catalog, clock.now_us())
    assert (decoded.accepted, decoded.rejects) == (OBSERVATIONS, ())
    dingling = catalog.datastream_keys(SERIES.producer, "pm25")["Dingling"]
    mine = decoded.observations.take(decoded.observations.datastream == dingling)
    order = np.argsort(mine.phenomenon_time_us)
    np.testing.assert_array_equal(mine.result[order], [50, 51, 52, 54, 55, 56, 57])
    expected = start + np.array([0, 1, 2, 4, 5, 6, 7]) * HOUR_US // 60
    np.testing.assert_array_equal(mine.phenomenon_time_us[order], expected)


class Doors:
    """Takes registrations, as a catalog store does."""

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.datastreams: list[tuple[str, str, Datastream]] = []

    def register(self, things: list[Thing], datastreams: list[tuple[str, str, Datastream]], origin: str) -> int:
        self.things, self.datastreams = things, datastreams
        return 1


def test_a_replay_registers_its_things_and_ends_with_the_series(bus: Bus) -> None:
    doors = Doors()
    pack = generate(7, 500)
    sent = replay_series(SERIES, bus, doors, pack, SystemClock(), 1e6, threading.Event())  # type: ignore[arg-type]
    assert sent == OBSERVATIONS
    decoded = FEED.decode(arrived(bus), catalog_of(doors.things, doors.datastreams), SystemClock().now_us())
    assert decoded.accepted == OBSERVATIONS
    assert {thing.thing_id for thing in doors.things} == set(SERIES.thing_ids)
    assert len(doors.datastreams) == 18
    for thing in doors.things:
        assert "CC BY 4.0" in thing.attributes["attribution"]
        assert thing.attributes["placed_by_rule"]
        assert pack.manifest.bounds.contains(thing.longitude, thing.latitude)


def test_loops_are_placed_on_different_main_roads() -> None:
    pack = generate(7, 500)
    loops = Series(
        "x", SERIES.label, "traffic", "x", "traffic_sensor", "somebody", tuple(map(str, range(40))), SERIES.columns,
        SERIES.time_us, SERIES.interval_us, {},
    )  # fmt: skip
    things, _ = entries_of(loops, pack, 1.0)
    assert len({(thing.longitude, thing.latitude) for thing in things}) == 40


def test_a_missing_folder_and_an_unknown_series_are_named() -> None:
    with pytest.raises(ConfigurationError, match="OPS_TRIAL_DATA"):
        read_series("beijing-air", None)
    with pytest.raises(ConfigurationError, match="los-angeles-loops"):
        read_series("berlin", None)
    with pytest.raises(ConfigurationError, match="speed"):
        Replay(SERIES, 0, 0.0)
