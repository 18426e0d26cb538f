"""The live worker whole: a real log on Valkey, the real store, its own loop; what a mirror then sees."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import redis

from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.messages import Outgoing, TopicPartition
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US, SystemClock
from ops_center.domain.topics import CANONICAL, EVENTS, OBSERVATIONS, POSITIONS
from ops_center.domain.wire import encode_events, encode_observations, encode_positions
from ops_center.embedded.valkey import ValkeyServer
from ops_center.intake.publishing import APART_S, Flusher, run_live
from ops_center.live.mirror import RedisLiveMirror
from ops_center.live.notices import decode_notice
from ops_center.live.port import Mark
from ops_center.live.writer import RedisLiveWriter
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store, open_stream_store
from ops_center.store.port import Advance, Store
from tests.live.batches import event, fixes
from tests.servers.webs import until

REALM = Realm.SIMULATED
PARTITIONS = 2
CLOCK = SystemClock()


def observed(keys: list[int], result: float, age_s: float = 0.0) -> ObservationBatch:
    n = len(keys)
    times = np.full(n, CLOCK.now_us() - round(age_s * SECOND_US), np.int64)
    values = np.full(n, result)
    return ObservationBatch(np.array(keys, np.int32), times, values, np.zeros(n, np.uint8), times, int(times[0]))


@pytest.fixture
def store(plain_database: str) -> Iterator[Store]:
    migrate(plain_database)
    opened = open_store(plain_database, REALM)
    yield opened
    opened.close()


@pytest.fixture
def bus(redis_url: str) -> Iterator[RedisStreamsBus]:
    with RedisStreamsBus(redis_url, REALM) as opened:
        opened.ensure_topics(CANONICAL, PARTITIONS)
        yield opened


@pytest.fixture
def mirror(redis_url: str) -> Iterator[RedisLiveMirror]:
    made = RedisLiveMirror(redis_url, REALM, CLOCK)
    yield made
    made.close()


@contextmanager
def live_worker(bus_url: str, cache_url: str, store: Store) -> Iterator[None]:
    stop = threading.Event()
    writer = RedisLiveWriter(cache_url, REALM, CLOCK, save_every_s=0)
    with RedisStreamsBus(bus_url, REALM) as bus:
        thread = threading.Thread(target=run_live, args=(bus, writer, store.history, CLOCK, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(20)
        assert not thread.is_alive()


def send(bus: RedisStreamsBus, topic: str, record: bytes, partition: int = 0) -> None:
    producer = bus.producer()
    producer.send(topic, [Outgoing(b"", record, partition=partition)])
    producer.close()


def becomes(mirror: RedisLiveMirror, key: int, result: float) -> None:
    """Follow until the value is there; sees what a mirror saw at any time, not only what lies in blocks."""

    def is_there() -> bool:
        mirror.follow(0.2)
        return len(mirror.values.result) > key and bool(mirror.values.result[key] == result)

    until(is_there)


def test_canonical_records_become_live_values(
    bus: RedisStreamsBus, redis_url: str, store: Store, mirror: RedisLiveMirror
) -> None:
    mirror.load()
    with live_worker(redis_url, redis_url, store):
        joined(bus, mirror)
        send(bus, OBSERVATIONS, encode_observations(observed([1, 7], 5.0)))
        send(bus, OBSERVATIONS, b"not a record")
        send(bus, OBSERVATIONS, encode_observations(observed([8], 6.0)))
        becomes(mirror, 7, 5.0)
        becomes(mirror, 8, 6.0)

        def moved_and_happened() -> bool:
            send(bus, POSITIONS, encode_positions(with_time_now(fixes([3], [0], [118.5]))))
            send(bus, EVENTS, encode_events((event("e1", CLOCK.now_us() / SECOND_US - 1_700_000_000),)))
            mirror.follow(0.2)
            return len(mirror.events) == 1 and len(mirror.positions.longitude) > 3

        until(moved_and_happened)
        assert mirror.positions.longitude[3] == 118.5


def joined(bus: RedisStreamsBus, mirror: RedisLiveMirror) -> None:
    """Wait until every partition is read: a worker begins at the end of the log, and what came before is lost on it."""
    probes = [900 + partition for partition in range(PARTITIONS)]
    mark = float(CLOCK.now_us())

    def arrived() -> bool:
        for partition, key in enumerate(probes):
            send(bus, OBSERVATIONS, encode_observations(observed([key], mark)), partition)
        mirror.follow(0.1)
        return len(mirror.values.result) > probes[-1] and bool((mirror.values.result[probes] == mark).all())

    until(arrived)


def with_time_now(batch: PositionBatch) -> PositionBatch:
    times = np.full(len(batch), CLOCK.now_us(), np.int64)
    return PositionBatch(
        batch.thing,
        times,
        batch.longitude,
        batch.latitude,
        batch.speed_mps,
        batch.heading_deg,
        batch.quality,
        int(times[0]),
    )


def test_an_empty_cache_is_filled_from_the_store(
    bus: RedisStreamsBus, redis_url: str, store: Store, plain_database: str, mirror: RedisLiveMirror
) -> None:
    label = Label("井", "well")
    store.catalog.register(
        [Thing(-1, "p", "t1", "well", "water", label, 118.0, 32.0)],
        [("p", "t1", Datastream(-1, -1, "level", "m", "water", 60.0))],
        "test",
    )
    key = next(iter(store.catalog.load().datastreams))
    writing = open_stream_store(plain_database, REALM)
    here = TopicPartition(OBSERVATIONS, 0)
    writing.commit_data(
        Advance("writer", {here: None}, {here: "1-0/0"}), observed([key], 42.0, age_s=30), PositionBatch.empty(), ()
    )
    writing.close()
    mirror.load()
    with live_worker(redis_url, redis_url, store):
        becomes(mirror, key, 42.0)


def test_a_restarted_worker_goes_on_from_its_mark(
    bus: RedisStreamsBus, redis_url: str, store: Store, mirror: RedisLiveMirror
) -> None:
    mirror.load()
    with live_worker(redis_url, redis_url, store):
        joined(bus, mirror)
        for partition in range(PARTITIONS):
            send(bus, OBSERVATIONS, encode_observations(observed([partition], 1.0)), partition)
        becomes(mirror, 0, 1.0)
        becomes(mirror, 1, 1.0)
    send(bus, OBSERVATIONS, encode_observations(observed([0], 2.0)))
    with live_worker(redis_url, redis_url, store):
        becomes(mirror, 0, 2.0)


def test_two_workers_share_the_partitions_and_each_others_blocks(
    bus: RedisStreamsBus, redis_url: str, store: Store, mirror: RedisLiveMirror
) -> None:
    mirror.load()
    with live_worker(redis_url, redis_url, store), live_worker(redis_url, redis_url, store):
        joined(bus, mirror)
        for turn in range(20):
            for partition in range(PARTITIONS):
                send(bus, OBSERVATIONS, encode_observations(observed([partition], 100.0 * partition + turn)), partition)
        becomes(mirror, 0, 19.0)
        becomes(mirror, 1, 119.0)
    late = RedisLiveMirror(redis_url, REALM, CLOCK)
    late.load()
    assert late.values.result[:2].tolist() == [19.0, 119.0]
    late.close()


def test_values_go_on_while_the_cache_is_away_and_are_published_when_it_is_back(
    bus: RedisStreamsBus, redis_url: str, store: Store, tmp_path: Path
) -> None:
    """The log on one Valkey, the cache on another, which is killed and comes back empty."""
    with ValkeyServer(tmp_path / "one") as cache:
        port, url = cache.port, cache.url
        following = RedisLiveMirror(url, REALM, CLOCK)
        following.load()
        with live_worker(redis_url, url, store):
            joined(bus, following)
            send(bus, OBSERVATIONS, encode_observations(observed([5], 1.0)))
            becomes(following, 5, 1.0)
            cache.stop()
            send(bus, OBSERVATIONS, encode_observations(observed([5], 2.0)))
            (tmp_path / "two").mkdir()
            (tmp_path / "two" / "password").write_text((tmp_path / "one" / "password").read_text())
            with ValkeyServer(tmp_path / "two", port):
                fresh = RedisLiveMirror(url, REALM, CLOCK)
                becomes(fresh, 5, 2.0)
                fresh.close()
        following.close()


def test_marks_are_kept_with_the_blocks(redis_url: str) -> None:
    writer = RedisLiveWriter(redis_url, REALM, CLOCK, save_every_s=0)
    here = TopicPartition(OBSERVATIONS, 3)
    writer.mark({here: Mark("17-4/2", 99)})
    assert writer.marks() == {}
    writer.flush()
    assert writer.marks() == {here: Mark("17-4/2", 99)}
    with redis.Redis.from_url(redis_url) as client:
        client.hset("simulated:live:marks", "observations/1", "rubbish")
    assert writer.marks() == {here: Mark("17-4/2", 99)}
    writer.close()


def test_flushes_keep_their_distance_and_the_first_goes_at_once(redis_url: str) -> None:
    writer = RedisLiveWriter(redis_url, REALM, CLOCK)
    writer.flush()
    changed = threading.Event()
    sent_s: list[float] = []
    with redis.Redis.from_url(redis_url) as client:
        ear = client.pubsub()
        ear.subscribe("simulated:live:notices")
        assert ear.get_message(timeout=5)["type"] == "subscribe"
        flusher = Flusher(writer, changed)
        flusher.start()
        began_s = time.monotonic()
        while len(sent_s) < 6:
            writer.apply(observed([1], time.monotonic()), PositionBatch.empty(), ())
            changed.set()
            if (said := ear.get_message(timeout=0.01)) is not None:
                sent_s.append(decode_notice(said["data"]).time_us / SECOND_US)
            assert time.monotonic() - began_s < 20
        flusher.stop()
        ear.close()
    writer.close()
    assert min(np.diff(sent_s)) > APART_S - 0.02
    assert sent_s[-1] - sent_s[0] >= 5 * APART_S - 0.02
