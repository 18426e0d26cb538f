"""Mutations all the way: a real log, intake, writer, live worker and registrar, a real database and cache."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from random import Random

import psycopg
import pytest
import redis
import structlog

from feeds import all_feeds
from ops_center.bus.port import Bus
from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.bus.worker import Rhythm, Worker
from ops_center.domain.messages import Outgoing, TopicPartition
from ops_center.domain.realms import Realm
from ops_center.domain.time import SECOND_US, SystemClock
from ops_center.domain.topics import CANONICAL, CATALOG, EVENTS, OBSERVATIONS, POSITIONS, raw
from ops_center.domain.wire import decode_events, decode_observations, decode_positions
from ops_center.intake import decoding, publishing, registering, storing
from ops_center.live.mirror import RedisLiveMirror
from ops_center.live.port import Mark
from ops_center.live.writer import RedisLiveWriter
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store, open_stream_store
from ops_center.store.port import FeedCount, Store
from tests.fuzz import targets, valid
from tests.fuzz.mutating import Mutator, mutated_bytes
from tests.live.batches import event, fixes, observations
from tests.servers.webs import until

REALM = Realm.SIMULATED
CLOCK = SystemClock()
EACH = 150
"""messages to each topic"""


@pytest.fixture
def store(plain_database: str) -> Iterator[Store]:
    migrate(plain_database)
    with closing(open_store(plain_database, REALM)) as opened:
        known = valid.catalog()
        streams = [
            (known.things[s.thing].producer, known.things[s.thing].thing_id, s) for s in known.datastreams.values()
        ]
        opened.catalog.register(list(known.things.values()), streams, "test")
        for thing in known.things.values():
            if thing.retired:
                opened.catalog.retire(thing.producer, thing.thing_id, "test")
        yield opened


@pytest.fixture
def bus(redis_url: str) -> Iterator[Bus]:
    with RedisStreamsBus(redis_url, REALM) as opened:
        opened.ensure_topics([*map(raw, all_feeds()), CATALOG, *CANONICAL], 1)
        yield opened


def workers(stack: ExitStack, url: str, redis_url: str, bus: Bus, store: Store) -> Mapping[str, Worker]:
    doors = {name: open_stream_store(url, REALM, name) for name in ("intake", "registrar", "writer")}
    for door in doors.values():
        stack.enter_context(closing(door))
    live = RedisLiveWriter(redis_url, REALM, CLOCK, save_every_s=0)
    handlers = {
        "registrar": (registering.RegisteringHandler(doors["registrar"], store.catalog), registering.RHYTHM),
        "intake": (decoding.Intake(all_feeds(), bus, doors["intake"], store.catalog, CLOCK), decoding.RHYTHM),
        "writer": (storing.StoringHandler(doors["writer"]), storing.RHYTHM),
        "live": (publishing.LiveHandler(live, store.history, CLOCK), publishing.RHYTHM),
    }
    return {name: Worker(bus, handler, _eager(rhythm)) for name, (handler, rhythm) in handlers.items()}


def _eager(rhythm: Rhythm) -> Rhythm:
    return Rhythm(commit_at=1, commit_after_s=0.0, stop_reading_at=rhythm.stop_reading_at)


def send(bus: Bus, now_us: int) -> Counter[str]:
    """Send mutations of every feed's messages, as if they were of now; return how many of each."""
    sent: Counter[str] = Counter()
    with closing(bus.producer()) as producer:
        for name, values in valid.messages().items():
            topic = name if name == CATALOG else raw(name)
            mutator = Mutator([_of_now(value, now_us) for value in values], Random(f"{name} 7"))
            producer.send(topic, [Outgoing(b"key", mutator.next()) for _ in range(EACH)])
            sent[name] += EACH
            producer.flush()
    return sent


def _of_now(value: bytes, now_us: int) -> bytes:
    """Return the message with its times in µs (those of the model city's morning) as much before now."""
    later_us = now_us - valid.ARRIVED_US - 10 * SECOND_US
    return re.sub(rb"\b1795[34]\d{11}\b", lambda found: b"%d" % (int(found[0]) + later_us), value)


@pytest.mark.timeout(300)
def test_what_others_send_stops_no_worker_and_adds_up(
    store: Store, bus: Bus, plain_database: str, redis_url: str
) -> None:
    with ExitStack() as stack, structlog.testing.capture_logs() as logs:
        running = workers(stack, plain_database, redis_url, bus, store)
        _turn(running)
        sent = send(bus, CLOCK.now_us())
        until(lambda: _turn(running) and _received(store, sent), 120)
        until(lambda: _turn(running) and not _behind(bus, plain_database), 60)
    said = Counter(log["event"] for log in logs)
    assert not said.keys() & {"worker.failed", "worker.fenced", "worker.cannot_commit", "feed.broken"}
    assert not said.keys() & {"writer.record_quarantined", "live.record_damaged"}
    counts = store.health.feed_counts()
    assert all(count.received == count.accepted + count.quarantined for count in counts.values())
    assert sum(count.accepted for count in counts.values()) > 500
    assert _rows(plain_database) == _published(bus)


def _turn(running: Mapping[str, Worker]) -> bool:
    for worker in running.values():
        worker.turn()
    return True


def _received(store: Store, sent: Mapping[str, int]) -> bool:
    counts = store.health.feed_counts()
    return all(counts.get(name, FeedCount()).received >= count for name, count in sent.items())


def _behind(bus: Bus, url: str) -> int:
    """Return how many canonical records the writer has not committed."""
    partitions = [TopicPartition(topic, 0) for topic in CANONICAL]
    with closing(open_stream_store(url, REALM)) as door:
        positions = door.positions(storing.WORKER, partitions)
    behind = 0
    for partition in partitions:
        with closing(bus.reader(partition.topic, {0: positions[partition]})) as reader:
            behind += sum(reader.lag().values())
    return behind


def _published(bus: Bus) -> Mapping[str, int]:
    """Return how many different observations, positions and events lie on the log."""
    found: dict[str, set[object]] = {topic: set() for topic in CANONICAL}
    for topic in CANONICAL:
        with closing(bus.reader(topic, {0: None})) as reader:
            while any(reader.lag().values()):
                for message in reader.poll(0.1, 1000):
                    found[topic].update(_identities(topic, message.value))
    return {topic: len(identities) for topic, identities in found.items()}


def _identities(topic: str, record: bytes) -> Iterator[object]:
    if topic == OBSERVATIONS:
        observed = decode_observations(record)
        yield from zip(observed.datastream.tolist(), observed.phenomenon_time_us.tolist(), strict=True)
    elif topic == POSITIONS:
        fixes = decode_positions(record)
        yield from zip(fixes.thing.tolist(), fixes.phenomenon_time_us.tolist(), strict=True)
    else:
        yield from ((event.feed, event.event_id) for event in decode_events(record))


def _rows(url: str) -> Mapping[str, int]:
    tables = {OBSERVATIONS: "observation", POSITIONS: "position", EVENTS: "event"}
    with psycopg.connect(url) as connection:
        return {
            topic: connection.execute(f"SELECT count(*) FROM {REALM.schema}.{table}").fetchone()[0]  # type: ignore[index]
            for topic, table in tables.items()
        }


@pytest.mark.parametrize("kind", ["blocks", "notices", "events", "marks"])
def test_a_damaged_cache_stops_neither_mirror_nor_writer(redis_url: str, kind: str) -> None:
    chance = Random(kind)
    with redis.Redis.from_url(redis_url) as client:
        mirror = RedisLiveMirror(redis_url, REALM, CLOCK)
        for _ in range(60):
            writer = RedisLiveWriter(redis_url, REALM, CLOCK, save_every_s=0)
            writer.load()
            _observe(writer)
            mirror.follow(0.0)
            _damage(client, kind, chance)
            writer.load()
            writer.marks()
            _observe(writer)
            mirror.load()
            writer.close()
        assert until(lambda: (_observe_anew(redis_url), mirror.follow(0.1), mirror.values.result[:1].tolist())[2]) == [
            1.5
        ]
        mirror.close()


def _observe(writer: RedisLiveWriter) -> None:
    writer.apply(observations([0, 1], [0, 1], [1.5, 2.5]), fixes([2], [0], [118.0]), (event("a"),))
    writer.mark({TopicPartition(OBSERVATIONS, 0): Mark("1-0/0", 5)})
    writer.flush()


def _observe_anew(redis_url: str) -> None:
    writer = RedisLiveWriter(redis_url, REALM, CLOCK, save_every_s=0)
    _observe(writer)
    writer.close()


def _damage(client: redis.Redis, kind: str, chance: Random) -> None:
    """Put mutations in the place of what lies in the cache, or say one to everybody who listens."""
    if kind == "notices":
        notice = targets.inside()["live.notices"]()
        client.publish(REALM.key("live:notices"), Mutator(notice.values, chance).next())
        return
    for key in client.keys(f"*live:{kind.removesuffix('s')}*"):
        name = key.decode()
        if client.type(name) == b"hash":
            kept = client.hgetall(name)
            client.delete(name)
            for field, value in kept.items():
                client.hset(name, mutated_bytes(field, [field], chance), mutated_bytes(value, [value], chance))
        elif client.type(name) == b"string":
            value = client.get(name)
            client.set(name, mutated_bytes(value, [value], chance))
        else:
            client.sadd(name, mutated_bytes(b"V0", [b"P1"], chance), b"V" + b"9" * chance.randrange(1, 5000))
            client.set(f"{name.removesuffix('s')}:V{'9' * 9}", b"OPLB")
