"""Intake on a real log and database: whatever is sent is accepted or quarantined, once, and nobody is stopped."""

from __future__ import annotations

import random
from collections.abc import Sequence

import psycopg
import pytest

from feeds import all_feeds
from feeds.contract import Feed
from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import Decoded, RawMessage
from ops_center.domain.time import DAY_US
from ops_center.embedded.postgres import PostgresServer
from ops_center.embedded.valkey import ValkeyServer
from tests.intake.center import FEED, REALM, SPEED, THINGS, Center
from tests.servers.webs import until


def arrived(center: Center, received: int, feed: str = FEED) -> None:
    """Wait until as many observations were received; nothing may be left out on the way."""
    until(lambda: center.counts(feed).received >= received, 40)
    counts = center.counts(feed)
    assert counts.received == received
    assert counts.accepted + counts.quarantined == received
    assert sum(center.quarantined(feed).values()) == counts.quarantined


def test_observations_are_published_and_counted(center: Center) -> None:
    with center.intake():
        center.send(*[center.speeds(THINGS) for _ in range(30)])
        arrived(center, 600)
    assert center.counts().accepted == 600
    assert center.counts().last_time_us > 0
    assert len(center.published()) == center.distinct() == 600


def test_every_kind_of_hostile_message_is_quarantined_with_its_reason(center: Center) -> None:
    good = center.speeds(THINGS[:1])
    hostile: list[bytes | dict[str, object]] = [
        b"",
        b"\xff\xfe\x00",
        b"{" * 5000,
        b"[1, 2]",
        good | {"things": ["nobody"]},
        good | {SPEED: [None]},
        good | {SPEED: [-1e9]},
        good | {"t": good["t"] + DAY_US},
        good | {"t": "yesterday"},
        b'{"v":1,"t":1,"things":["' + b"x" * (2 << 20) + b'"]}',
    ]
    with center.intake():
        center.send(*hostile, good)
        arrived(center, len(hostile) + 1)
    assert center.quarantined() == {
        "not_decodable": 5,
        "unknown_datastream": 1,
        "not_a_number": 1,
        "beyond_physics": 1,
        "outside_time_window": 1,
        "oversized": 1,
    }
    assert len(center.published()) == 1


def test_sums_hold_under_a_storm_of_mutilated_messages(center: Center) -> None:
    chance = random.Random(7)
    messages = []
    for _ in range(400):
        whole = bytearray(str(center.speeds(chance.sample(THINGS, 3))).replace("'", '"').encode())
        for _ in range(chance.randint(0, 2)):
            whole[chance.randrange(len(whole))] = chance.randrange(256)
        messages.append(bytes(whole))
    with center.intake():
        for start in range(0, 400, 40):
            center.send(*messages[start : start + 40])
        marker = center.speeds(THINGS[:1])
        center.send(marker)
        until(lambda: center.distinct() and _has(center, marker["t"]), 40)
        until(lambda: center.counts().accepted >= len(center.published()), 20)
    counts = center.counts()
    assert counts.received == counts.accepted + counts.quarantined >= 400
    assert counts.accepted == len(center.published())
    assert counts.quarantined == sum(center.quarantined().values()) > 0


class Broken:
    """A feed with a bug: it stumbles over one word. Everything else it leaves to the real one."""

    def __init__(self, real: Feed) -> None:
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def decode(self, messages: Sequence[RawMessage], catalog: Catalog, now_us: int) -> Decoded:
        if any(b"stumble" in message.value for message in messages):
            raise ZeroDivisionError("a bug")
        return self._real.decode(messages, catalog, now_us)


def test_a_feed_with_a_bug_stops_neither_others_nor_its_own_good_messages(center: Center) -> None:
    feeds = {name: Broken(feed) if name == FEED else feed for name, feed in all_feeds().items()}
    other = next(name for name in feeds if name != FEED)
    with center.intake(feeds):  # type: ignore[arg-type]
        center.send(center.speeds(THINGS[:2]), b'"stumble"', center.speeds(THINGS[:2]))
        center.send(b"{}", feed=other)
        arrived(center, 5)
        arrived(center, 1, other)
    assert center.quarantined() == {"not_decodable": 1}
    with psycopg.connect(center.database_url) as connection:
        detail = connection.execute(f"SELECT detail FROM {REALM.schema}.quarantine WHERE feed = %s", (FEED,)).fetchone()
    assert detail is not None and "ZeroDivisionError" in detail[0]


def test_what_was_published_but_not_committed_is_delivered_again_and_counted_once(center: Center) -> None:
    center.send(*[center.speeds(THINGS) for _ in range(5)])
    with center.open_bus() as bus:
        crashed = center.worker(bus)
        until(lambda: (crashed.turn(), center.published())[1].datastream.size == 100)
        assert center.counts().received == 0
        _take_leases_away(center)  # it dies here: published, and nothing of it in the database
        with center.intake():
            arrived(center, 100)
    assert center.distinct() == 100
    assert center.counts().accepted == 100


def test_two_workers_share_the_work_and_count_everything_once(center: Center) -> None:
    with center.intake(), center.intake():
        for _ in range(20):
            center.send(*[center.speeds(THINGS) for _ in range(10)])
        arrived(center, 4000)
    assert center.distinct() == 4000


def test_a_worker_that_lost_its_partitions_counts_nothing_twice(center: Center) -> None:
    """A zombie took messages in, slept past its lease, and goes on as if nothing had happened."""
    center.send(*[center.speeds(THINGS) for _ in range(10)])
    with center.open_bus() as bus:
        zombie = center.worker(bus)
        until(lambda: (zombie.turn(), center.published())[1].datastream.size == 200)
        _take_leases_away(center)
        with center.intake():
            arrived(center, 200)
            for _ in range(50):
                zombie.turn()
            arrived(center, 200)
    assert center.counts().accepted == 200


def test_while_the_database_is_away_the_live_picture_goes_on_and_nothing_is_lost(
    postgres: PostgresServer, redis_url: str
) -> None:
    with Center(postgres.url, redis_url) as center, center.intake():
        center.send(center.speeds(THINGS), b"no JSON")
        arrived(center, 21)
        postgres.kill()
        for _ in range(5):
            center.send(center.speeds(THINGS), b"no JSON either")
        until(lambda: len(center.published()) == 120, 20)
        postgres.start()
        arrived(center, 126)
        assert center.quarantined() == {"not_decodable": 6}
        assert center.counts().accepted == center.distinct() == 120


def test_after_the_log_was_away_intake_goes_on(plain_center_url: str, own_valkey: ValkeyServer) -> None:
    with Center(plain_center_url, own_valkey.url) as center, center.intake():
        center.send(center.speeds(THINGS))
        arrived(center, 20)
        own_valkey.kill()
        own_valkey.start()
        center.send(center.speeds(THINGS))
        arrived(center, 40)
    with Center(plain_center_url, own_valkey.url) as center:
        assert center.distinct() == 40


@pytest.fixture
def plain_center_url(center: Center) -> str:
    return center.database_url


def _has(center: Center, time_us: int) -> bool:
    return bool((center.published().phenomenon_time_us == time_us).any())


def _take_leases_away(center: Center) -> None:
    """As if the worker had died or slept: its leases are over and it is no member any more."""
    from redis import Redis

    with Redis.from_url(center.bus_url) as client:
        client.delete(f"{REALM.value}:bus:members:intake")
