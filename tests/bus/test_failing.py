"""A bus that is away, comes back, is full or is given too much: told as our errors, and nothing is lost."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from ops_center.bus.port import Bus, Producer
from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.domain.errors import BusError, BusFull, BusUnavailable
from ops_center.domain.messages import Outgoing, TopicPartition
from ops_center.domain.realms import Realm
from ops_center.embedded.kafka import KafkaServer
from ops_center.embedded.ports import free_port
from ops_center.embedded.processes import ServerProcess
from ops_center.embedded.valkey import ValkeyServer
from tests.bus.subjects import LEASE_MS, PATIENCE_S, Ledger, Subject, numbered, receive, send, values

MIB = 1024 * 1024

# kafka-python forgets to close the sockets of connections that a dead broker refused; the collector does.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Let the forgotten sockets be collected here, not in the midst of another test."""
    yield
    gc.collect()


@pytest.fixture(params=["redis", pytest.param("kafka", marks=pytest.mark.kafka)])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that the test may kill; clients find it again at the same address."""
    if request.param == "kafka":
        yield request.getfixturevalue("kafka")
    else:
        with ValkeyServer(tmp_path / "valkey", port=free_port()) as started:
            yield started


@pytest.fixture
def subject(server: ServerProcess) -> Subject:
    kind = "kafka" if isinstance(server, KafkaServer) else "redis"
    return Subject(kind, server.url, f"t{time.monotonic_ns()}.")


def test_a_server_that_is_away_is_unavailable_and_nothing_is_lost_when_it_is_back(
    server: ServerProcess, subject: Subject, bus: Bus, topic: str, ledger: Ledger
) -> None:
    send(bus, topic, numbered(10))
    producer = bus.producer()
    with closing(bus.consumer(subject.group, [topic], ledger)) as consumer:
        ledger.keep(receive(consumer, 5))
        server.kill()
        with pytest.raises(BusUnavailable):
            bus.ping()
        with pytest.raises(BusUnavailable):
            producer.send(topic, numbered(5, start=10))
            producer.flush(3)
        server.start()
        _send_until_confirmed(producer, topic, numbered(5, start=10))
        with suppress(BusError):
            consumer.close()
    producer.close()
    successor = Ledger(dict(ledger.positions))
    seen: set[int] = set()
    with closing(bus.consumer(subject.group, [topic], successor)) as consumer:
        deadline = time.monotonic() + PATIENCE_S
        while seen != set(range(5, 15)):  # what was sent but not confirmed may be there twice
            assert time.monotonic() < deadline, f"{sorted(seen)} came"
            seen.update(values(consumer.poll(0.1, 100)))


def test_a_worker_goes_on_after_a_restart(
    server: ServerProcess, subject: Subject, bus: Bus, topic: str, ledger: Ledger
) -> None:
    send(bus, topic, numbered(10))
    consumer = bus.consumer(subject.group, [topic], ledger)
    ledger.keep(receive(consumer, 10))
    server.kill()
    server.start()
    with closing(bus.producer()) as producer:
        _send_until_confirmed(producer, topic, numbered(1, start=10))
    seen: list[int] = []
    deadline = time.monotonic() + 2 * PATIENCE_S
    while 10 not in seen:
        assert time.monotonic() < deadline, f"{seen} came"
        try:
            seen += values(consumer.poll(0.05, 100))
        except BusUnavailable:  # as a worker does: leave, and join again
            with suppress(BusError):
                consumer.close()
            ledger.held.clear()
            with suppress(BusUnavailable):
                consumer = bus.consumer(subject.group, [topic], ledger)
    assert set(seen) == {10}
    with suppress(BusError):
        consumer.close()


def test_a_producer_and_a_consumer_let_go_while_the_server_is_away(
    server: ServerProcess, subject: Subject, bus: Bus, topic: str, ledger: Ledger
) -> None:
    producer, consumer = bus.producer(), bus.consumer(subject.group, [topic], ledger)
    send(bus, topic, numbered(1))
    receive(consumer, 1)
    server.kill()
    with suppress(BusUnavailable):
        producer.send(topic, numbered(1))
    began_s = time.monotonic()
    try:
        producer.close()
        with suppress(BusError):
            consumer.close()
        spent_s = time.monotonic() - began_s
    finally:
        server.start()  # others need it, whatever became of this
    assert spent_s < 20


def test_a_record_beyond_every_bound_is_refused_and_the_next_one_passes(bus: Bus, topic: str) -> None:
    with closing(bus.producer()) as producer:
        with pytest.raises(BusError) as refused:
            producer.send(topic, [Outgoing(b"", bytes(17 * MIB), partition=0)])
            producer.flush()
        assert not refused.value.retriable
        producer.send(topic, numbered(1))
        producer.flush()
    with closing(bus.reader(topic, {0: None})) as reader:
        assert values(receive(reader, 1)) == [0]


class TestRedisAlone:
    """Kafka keeps by time and size; on Redis what is unread is never dropped: the producer waits instead."""

    @pytest.fixture
    def small(self, redis_url: str) -> Iterator[RedisStreamsBus]:
        with RedisStreamsBus(redis_url, Realm.LIVE, lease_ms=LEASE_MS, backlog_bytes=2 * MIB) as opened:
            opened.ensure_topics(["raw"], 1)
            yield opened

    def test_a_full_stream_refuses_more_until_it_is_read(self, small: RedisStreamsBus) -> None:
        place = TopicPartition("raw", 0)
        producer = small.producer()
        with closing(small.consumer("writer", ["raw"], Ledger())) as consumer:
            accepted = _fill(producer)
            found = receive(consumer, accepted)
            with pytest.raises(BusFull):
                producer.send("raw", _megabyte())  # handed out, but nobody said that it is done
            consumer.done({place: found[-1].position})
            producer.send("raw", _megabyte())
            receive(consumer, 10)
        producer.close()

    def test_nothing_is_dropped_for_a_group_that_is_behind(self, small: RedisStreamsBus) -> None:
        place = TopicPartition("raw", 0)
        producer = small.producer()
        with (
            closing(small.consumer("fast", ["raw"], Ledger())) as fast,
            closing(small.consumer("slow", ["raw"], Ledger())) as slow,
        ):
            accepted = _fill(producer)
            fast.done({place: receive(fast, accepted)[-1].position})
            with pytest.raises(BusFull):
                producer.send("raw", _megabyte())
            slow.done({place: receive(slow, accepted)[-1].position})
            producer.send("raw", _megabyte())
        producer.close()

    def test_a_stream_that_nobody_reads_yet_is_kept_whole(self, small: RedisStreamsBus) -> None:
        producer = small.producer()
        accepted = _fill(producer)
        producer.close()
        with closing(small.consumer("late", ["raw"], Ledger())) as consumer:
            assert len(receive(consumer, accepted)) == accepted

    def test_a_server_without_memory_refuses_and_recovers(self, tmp_path: Path) -> None:
        with (
            ValkeyServer(tmp_path / "valkey", max_memory_mb=24) as server,
            RedisStreamsBus(server.url, Realm.LIVE, lease_ms=LEASE_MS) as bus,
        ):
            bus.ensure_topics(["raw"], 1)
            producer = bus.producer()
            with closing(bus.consumer("writer", ["raw"], Ledger())) as consumer:
                accepted = _fill(producer)
                found = receive(consumer, accepted)
                consumer.done({TopicPartition("raw", 0): found[-1].position})
                _send_until_confirmed(producer, "raw", _megabyte())  # the first refusal frees what was read
                assert {len(message.value) for message in receive(consumer, 10)} == {100 * 1024}
            producer.close()

    def test_foreign_bytes_in_a_stream_are_one_record_for_intake_to_judge(self, small: RedisStreamsBus) -> None:
        from redis import Redis

        with Redis.from_url(small._url) as client:
            client.xadd("live:bus:stream:raw:0", {"anything": b"not ours"})
        send(small, "raw", numbered(1))
        with closing(small.reader("raw", {0: None})) as reader:
            assert [message.value for message in receive(reader, 2)] == [b"not ours", b"0"]

    def test_a_long_backlog_is_read_in_bounded_pieces(self, small: RedisStreamsBus) -> None:
        with closing(small.producer()) as producer:
            for start in range(0, 20_000, 2_000):
                producer.send("raw", numbered(2_000, start=start))
        with closing(small.reader("raw", {0: None})) as reader:
            assert len(reader.poll(1.0, 100)) == 100
            waiting = sum(len(cursor.waiting) for cursor in reader._cursors.values())
        assert waiting <= 2_000


def _megabyte() -> list[Outgoing]:
    return [Outgoing(b"", bytes(100 * 1024), partition=0) for _ in range(10)]


def _fill(producer: Producer) -> int:
    """Send until the bus is full; return how many records it took."""
    accepted = 0
    deadline = time.monotonic() + PATIENCE_S
    while True:
        assert time.monotonic() < deadline, "it is never full"
        try:
            producer.send("raw", _megabyte()[:1])
        except BusFull as error:
            assert error.retriable
            return accepted
        accepted += 1


def _send_until_confirmed(producer: Producer, topic: str, records: list[Outgoing]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            producer.send(topic, records)
            producer.flush(5)
            return
        except BusError as error:
            assert error.retriable
            assert time.monotonic() < deadline, f"the bus did not come back: {error}"
