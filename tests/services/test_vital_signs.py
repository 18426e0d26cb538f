"""Vital signs are recorded like what sensors send, by one process at a time, and have a past by the same formulas."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

import alerts
from alerts.loading import shipped_rules
from feeds.vital_signs import FEED, NAME
from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.messages import RawMessage
from ops_center.domain.observations import ObservationBatch
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, MINUTE_US, ManualClock, SystemClock
from ops_center.domain.topics import raw
from ops_center.indicators.evidence import CITY, Area
from ops_center.indicators.loading import shipped_tree
from ops_center.live.mirror import RedisLiveMirror
from ops_center.live.writer import RedisLiveWriter
from ops_center.services.vital_past import write_past
from ops_center.services.vital_signs import VitalSigns
from ops_center.services.vitals import may_see
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import RollupRows, Store
from ops_center.store.turns import PostgresTurn
from tests.servers.webs import until

REALM, TREE = Realm.SIMULATED, shipped_tree()
NAMES = Names({}, {"D1": Label("东城", "East")})
NOW_US = SystemClock().now_us()  # what is old goes to quarantine
FIGURES = {
    "city": ("congestion_index", "aqi", "mean_pm25"),
    "district:D1": ("congestion_index",),
    "road_class:arterial": ("mean_speed",),
    "road_class:expressway": ("mean_speed",),
}


@pytest.fixture
def store(plain_database: str) -> Iterator[Store]:
    migrate(plain_database)
    opened = open_store(plain_database, REALM)
    things, streams = [], []
    for subject, observed in FIGURES.items():
        district = subject.partition(":")[2] if subject.startswith("district") else ""
        label = Label("汇总", "aggregate")
        things.append(Thing(-1, "city_figures", subject, "aggregate", "city_figures", label, 118.7, 32.0, district))
        streams += [("city_figures", subject, Datastream(-1, -1, name, "1", "city_figures", 60.0)) for name in observed]
    opened.catalog.register(things, streams, "test")
    yield opened
    opened.close()


def key_of(catalog: Catalog, subject: str, observed: str) -> int:
    return catalog.datastream_keys("city_figures", observed)[subject]


def observe(redis_url: str, catalog: Catalog, **values: float) -> None:
    """Put the latest figures into the cache, as the live worker does."""
    writer = RedisLiveWriter(redis_url, REALM, ManualClock(NOW_US))
    keys = [key_of(catalog, subject, name) for subject, observed in FIGURES.items() for name in observed]
    results = np.array([values.get(name, 1.2) for observed in FIGURES.values() for name in observed])
    times = np.full(len(keys), NOW_US - MINUTE_US)
    batch = ObservationBatch(np.array(keys, np.int32), times, results, np.zeros(len(keys), np.uint8), times, NOW_US)
    writer.load()
    writer.apply(batch, *no_more())
    writer.flush()
    writer.close()


def no_more() -> tuple[object, ...]:
    from ops_center.domain.observations import PositionBatch

    return PositionBatch.empty(NOW_US), ()


@pytest.fixture
def signs(store: Store, redis_url: str, plain_database: str) -> Iterator[VitalSigns]:
    with RedisStreamsBus(redis_url, REALM) as bus:
        bus.ensure_topics([raw(NAME)], 1)
        mirror = RedisLiveMirror(redis_url, REALM, ManualClock(NOW_US))
        turn = PostgresTurn(plain_database, REALM, "vital signs")
        yield VitalSigns(TREE, store, mirror, bus, turn, NAMES, ManualClock(NOW_US))
        turn.close()
        mirror.close()


def sent(redis_url: str) -> list[RawMessage]:
    with RedisStreamsBus(redis_url, REALM) as bus, closing(bus.reader(raw(NAME), {0: None})) as reader:
        found: list[RawMessage] = []
        while any(reader.lag().values()):
            found += reader.poll(0.1, 100)
        return found


def test_what_is_known_is_registered_sent_and_accepted_and_what_is_not_is_not(
    store: Store, signs: VitalSigns, redis_url: str
) -> None:
    observe(redis_url, store.catalog.load(), congestion_index=1.9, aqi=80.0)
    assert signs.turn() == 0 and sent(redis_url) == [], "intake has not heard of them yet"
    many = signs.turn()
    catalog = store.catalog.load()
    found = FEED.decode(sent(redis_url), catalog, NOW_US)
    assert found.rejected == 0 and found.accepted == many > 20
    batch = found.observations
    named = {}
    for key, value in zip(batch.datastream.tolist(), batch.result.tolist(), strict=True):
        stream = catalog.datastreams[key]
        named[catalog.things[stream.thing].thing_id, stream.observed_property] = value
    assert named["congestion@city", "indicator_value"] == 1.9
    assert named["congestion@city", "indicator_level"] == 4.0
    assert named["congestion@district:D1", "indicator_value"] == 1.9
    assert named["critical_alarms@city", "indicator_value"] == 0.0, "the book was asked, and has none"
    assert ("sensors_in_time@city", "indicator_value") not in named, "nothing ever reported: not known, not 0"
    assert ("gdp@city", "indicator_value") not in named
    assert set(batch.phenomenon_time_us.tolist()) == {NOW_US // MINUTE_US * MINUTE_US}
    thing = next(thing for thing in catalog.things.values() if thing.thing_id == "congestion@district:D1")
    assert (thing.district, thing.name.en) == ("D1", "congestion index, East")


def test_one_of_two_processes_has_the_turn_until_it_ends(store: Store, plain_database: str) -> None:
    first, second = (PostgresTurn(plain_database, REALM, "vital signs") for _ in range(2))
    assert first.is_mine() and first.is_mine() and not second.is_mine()
    first.close()
    until(second.is_mine)  # the server ends the first connection when it gets to it
    second.close()


def test_the_past_comes_through_the_same_formulas_and_only_of_what_has_one(store: Store) -> None:
    catalog = store.catalog.load()
    hours = np.arange(48) * HOUR_US + (NOW_US // HOUR_US - 48) * HOUR_US
    slow = np.linspace(1.0, 2.4, 48)
    for subject, observed in FIGURES.items():
        for name in observed:
            values = slow if name == "congestion_index" else np.full(48, 60.0)
            key = np.full(48, key_of(catalog, subject, name), np.int32)
            count, quality = np.full(48, 60), np.zeros(48, np.uint8)
            store.history.backfill("1h", RollupRows(key, hours, values, values, values, count, quality))
    assert write_past(TREE, store, NAMES, NOW_US) > 0
    assert write_past(TREE, store, NAMES, NOW_US) == 0, "nothing is done twice"
    known = store.catalog.load()

    def past(thing: str, observed: str) -> np.ndarray:
        key = known.datastream_keys(NAME, observed)[thing]
        return store.history.series(key, int(hours[0]), NOW_US, "1h").mean

    assert past("congestion@city", "indicator_value") == pytest.approx(slow)
    assert past("congestion@district:D1", "indicator_value") == pytest.approx(slow)
    assert past("traffic@city", "indicator_known") == pytest.approx(np.full(48, 80.0)), "no past of alarms"
    assert "critical_alarms@city" not in known.thing_keys[NAME]
    assert "city@city" not in known.thing_keys[NAME], "too little of it is known"


def test_rules_that_ship_listen_to_levels() -> None:
    names = {rule.name: rule for rule in shipped_rules(alerts.registry())}
    assert {"vital_domain", "vital_indicator"} <= names.keys()
    wanted = names["vital_indicator"].form.scope.attributes["indicator"]
    assert isinstance(wanted, list) and set(map(str, wanted)) <= TREE.indicators.keys()


@pytest.mark.parametrize(
    ("grant", "seen"),
    [
        (Grant(Role.LEADER), {"city", "district:D1", "department:fire"}),
        (Grant(Role.LEADER, None, "D1"), {"district:D1"}),
        (Grant(Role.DEPARTMENT, "fire"), {"department:fire"}),
        (Grant(Role.LEADER, "fire", "D1"), set()),
        (Grant(Role.AUDITOR), set()),
    ],
)
def test_areas_are_cut_by_grants(grant: Grant, seen: set[str]) -> None:
    areas = (CITY, Area("district", "D1"), Area("department", "fire"))
    assert {area.id for area in areas if may_see(Asker("x", (grant,)), area)} == seen
