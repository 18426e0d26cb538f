"""The center measures itself and sends that through the log; its rules judge it like a sensor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import alerts
from alerts.loading import shipped_rules
from alerts.stage_one import StageOne
from feeds.center_health import FEED, NAME
from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import RawMessage
from ops_center.domain.realms import Realm
from ops_center.domain.time import SECOND_US, SystemClock
from ops_center.domain.topics import raw
from ops_center.services.center_health import CenterHealth
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_lane_store, open_store, open_stream_store
from ops_center.store.port import FeedCount, Store
from tests.store.shapes import moved

REALM, CLOCK = Realm.SIMULATED, SystemClock()


@pytest.fixture
def store(plain_database: str) -> Iterator[Store]:
    migrate(plain_database)
    opened = open_store(plain_database, REALM)
    yield opened
    opened.close()


@pytest.fixture
def bus(redis_url: str) -> Iterator[RedisStreamsBus]:
    with RedisStreamsBus(redis_url, REALM) as opened:
        opened.ensure_topics([raw(NAME)], 1)
        yield opened


def sent(bus: RedisStreamsBus) -> list[RawMessage]:
    with closing(bus.reader(raw(NAME), {0: None})) as reader:
        found: list[RawMessage] = []
        while any(reader.lag().values()):
            found += reader.poll(0.1, 100)
        return found


def measured(catalog: Catalog, messages: list[RawMessage]) -> dict[tuple[str, str], float]:
    decoded = FEED.decode(messages, catalog, CLOCK.now_us())
    assert decoded.rejected == 0 and decoded.accepted == len(messages)
    streams = [catalog.datastreams[key] for key in decoded.observations.datastream.tolist()]
    names = [(catalog.things[stream.thing].thing_id, stream.observed_property) for stream in streams]
    return dict(zip(names, decoded.observations.result.tolist(), strict=True))


def test_what_it_measures_is_registered_first_and_then_sent_and_accepted(
    store: Store, bus: RedisStreamsBus, plain_database: str, tmp_path: Path
) -> None:
    health = CenterHealth(store, bus, tmp_path, "vm", CLOCK)
    lanes, intake = open_lane_store(plain_database, REALM), open_stream_store(plain_database, REALM)
    lanes.pulse("rules", "one", CLOCK.now_us(), 4000, 50.0)
    lanes.pulse("slow", "two", CLOCK.now_us() - 100 * SECOND_US, 0, 0.0)
    assert health.turn() == 0 and sent(bus) == [], "intake has not heard of them yet"
    intake.commit_intake(moved(None, "1", "intake"), {("traffic", 0): FeedCount(100, 75, 25)}, ())
    assert health.turn() == 4, "the share in quarantine is new"
    assert health.turn() == 5
    lanes.close()
    intake.close()
    found = measured(store.catalog.load(), sent(bus))
    assert found["worker-rules", "worker_lag"] == 50.0 and found["worker-slow", "worker_lag"] == pytest.approx(
        100, abs=30
    )
    assert 0 < found["host-vm", "disk_free"] < 100 and 0 <= found["host-vm", "clock_offset"] < 5
    assert found["intake", "quarantine_share"] == 0.0


def test_its_rules_find_a_worker_that_is_behind_and_nothing_else(
    store: Store, bus: RedisStreamsBus, plain_database: str, tmp_path: Path
) -> None:
    rules = [rule for rule in shipped_rules(alerts.registry()) if rule.scope.feed == NAME]
    assert {rule.name for rule in rules} == {"worker_behind", "disk_low", "clock_off", "quarantine_much"}
    lanes, health = open_lane_store(plain_database, REALM), CenterHealth(store, bus, tmp_path, "vm", CLOCK)
    lanes.pulse("rules", "one", CLOCK.now_us(), 4000, 100.0)
    lanes.close()
    health.turn()
    assert health.turn() == 3
    catalog, stage = store.catalog.load(), StageOne({NAME: FEED.lateness_s})
    stage.rebuild([rule for rule in rules if rule.name != "disk_low"], catalog, CLOCK.now_us())
    batch = FEED.decode(sent(bus), catalog, CLOCK.now_us()).observations
    assert len(stage.observations(batch)) == 0, "not at once"
    later = replace(batch, phenomenon_time_us=batch.phenomenon_time_us + 30 * SECOND_US)
    assert [identity.rule for identity in stage.observations(later).identities()] == ["worker_behind"]
