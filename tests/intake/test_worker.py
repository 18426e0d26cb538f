"""The loop that all stream workers share, on a real log, with a handler and a clock that do what the test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.bus.worker import Rhythm, Worker
from ops_center.domain.errors import Fenced, OpsCenterError, StoreUnavailable, WireError
from ops_center.domain.messages import Outgoing, RawMessage, TopicPartition
from ops_center.embedded.valkey import ValkeyServer
from tests.intake.center import LEASE_MS, REALM
from tests.servers.webs import until

RHYTHM = Rhythm(commit_at=10, commit_after_s=1.0, stop_reading_at=25)


@dataclass
class Recorder:
    """A handler that keeps what it was given; ``failing`` is raised by the next commits, ``poison`` by take."""

    name: str = "recorder"
    topics: Sequence[str] = ("raw",)
    committed: dict[TopicPartition, str] = field(default_factory=dict)
    written: list[bytes] = field(default_factory=list)
    waiting: list[RawMessage] = field(default_factory=list)
    failing: list[OpsCenterError] = field(default_factory=list)
    poison: OpsCenterError | None = None
    commits: int = 0
    tried: int = 0

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        return {partition: self.committed.get(partition) for partition in partitions}

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        self.waiting = [m for m in self.waiting if TopicPartition(m.topic, m.partition) not in partitions]

    def reset(self) -> None:
        self.waiting.clear()

    def take(self, messages: Sequence[RawMessage]) -> None:
        if self.poison:
            raise self.poison
        self.waiting += messages

    @property
    def pending(self) -> int:
        return len(self.waiting)

    def commit(self) -> Mapping[TopicPartition, str]:
        self.tried += 1
        if self.failing:
            raise self.failing.pop(0)
        reached = {TopicPartition(m.topic, m.partition): m.position for m in self.waiting}
        self.written += [message.value for message in self.waiting]
        self.committed.update(reached)
        self.waiting.clear()
        self.commits += bool(reached)
        return reached

    def idle(self) -> None:
        pass


@dataclass
class Seconds:
    """A monotonic clock that moves when it is told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def bus(redis_url: str) -> Iterator[RedisStreamsBus]:
    with RedisStreamsBus(redis_url, REALM, lease_ms=LEASE_MS) as opened:
        opened.ensure_topics(["raw"], 1)
        yield opened


def send(bus: RedisStreamsBus, count: int, start: int = 0) -> None:
    with closing(bus.producer()) as producer:
        producer.send("raw", [Outgoing(b"", b"%d" % n, partition=0) for n in range(start, start + count)])


def turns_until_it_took(worker: Worker, handler: Recorder, count: int) -> None:
    until(lambda: (worker.turn(), len(handler.waiting) + len(handler.written) >= count)[1])


def test_much_is_committed_at_once_and_little_after_a_while(bus: RedisStreamsBus) -> None:
    handler, seconds = Recorder(), Seconds()
    worker = Worker(bus, handler, RHYTHM, seconds)
    send(bus, 3)
    turns_until_it_took(worker, handler, 3)
    assert handler.commits == 0
    seconds.now += 1.0
    worker.turn()
    assert handler.commits == 1
    send(bus, 10, start=3)
    turns_until_it_took(worker, handler, 13)
    assert handler.commits == 2
    assert handler.written == [b"%d" % n for n in range(13)]


def test_nothing_is_committed_where_nothing_came(bus: RedisStreamsBus) -> None:
    handler, seconds = Recorder(), Seconds()
    worker = Worker(bus, handler, RHYTHM, seconds)
    for _ in range(5):
        seconds.now += 10
        worker.turn()
    assert handler.tried == 0


def test_while_commits_fail_reading_goes_on_until_there_is_no_room(bus: RedisStreamsBus) -> None:
    handler, seconds = Recorder(failing=[StoreUnavailable("away")] * 3), Seconds()
    with capture_logs() as logged:
        worker = Worker(bus, handler, RHYTHM, seconds)
        for start in range(0, 60, 10):
            send(bus, 10, start)
            for _ in range(5):
                worker.turn()
        assert RHYTHM.stop_reading_at <= len(handler.waiting) < RHYTHM.stop_reading_at + 10
        assert handler.tried == 1, "tried again without a pause"
        while handler.failing:
            seconds.now += 10
            worker.turn()
        seconds.now += 10
        turns_until_it_took(worker, handler, 60)
        seconds.now += 10
        worker.turn()
    assert handler.written == [b"%d" % n for n in range(60)]
    assert _events(logged, "worker.cannot_commit", "worker.commits_again") == [
        "worker.cannot_commit",
        "worker.commits_again",
    ]


def test_a_fenced_worker_drops_everything_and_goes_on_where_the_database_is(bus: RedisStreamsBus) -> None:
    handler, seconds = Recorder(), Seconds()
    worker = Worker(bus, handler, RHYTHM, seconds)
    send(bus, 10)
    turns_until_it_took(worker, handler, 10)
    handler.failing = [Fenced("another worker was here")]
    send(bus, 15, start=10)
    until(lambda: (worker.turn(), not handler.failing)[1])
    assert handler.waiting == []
    turns_until_it_took(worker, handler, 25)
    seconds.now += 2
    worker.turn()
    assert handler.written == [b"%d" % n for n in range(25)]


def test_what_fails_again_and_again_is_told_once_and_tried_ever_more_rarely(bus: RedisStreamsBus) -> None:
    handler, seconds = Recorder(poison=WireError("what it brings is what fails")), Seconds()
    with capture_logs() as logged:
        worker = Worker(bus, handler, RHYTHM, seconds)
        send(bus, 5)
        pauses: list[float] = []
        until(lambda: (pauses.append(worker.turn()), len([p for p in pauses if p > 0.05]) >= 8)[1])
        handler.poison = None
        turns_until_it_took(worker, handler, 5)
        seconds.now += 2
        worker.turn()
    grown = [pause for pause in pauses if pause > 0.05]
    assert grown == sorted(grown)
    assert grown[-1] == 5.0
    assert _events(logged, "worker.failed", "worker.recovered") == ["worker.failed", "worker.recovered"]
    assert handler.written == [b"%d" % n for n in range(5)]


def test_a_log_that_is_away_is_waited_for(own_valkey: ValkeyServer) -> None:
    handler, seconds = Recorder(), Seconds()
    with capture_logs() as logged, RedisStreamsBus(own_valkey.url, REALM, lease_ms=LEASE_MS) as bus:
        bus.ensure_topics(["raw"], 1)
        worker = Worker(bus, handler, RHYTHM, seconds)
        send(bus, 10)
        turns_until_it_took(worker, handler, 10)
        own_valkey.kill()
        assert max(worker.turn() for _ in range(3)) > 0
        own_valkey.start()
        send(bus, 10, start=10)
        turns_until_it_took(worker, handler, 20)
    assert handler.written == [b"%d" % n for n in range(20)]
    assert _events(logged, "worker.failed", "worker.recovered") == ["worker.failed", "worker.recovered"]


def test_it_stops_within_two_seconds_with_everything_committed(bus: RedisStreamsBus) -> None:
    handler = Recorder()
    worker, stop = Worker(bus, handler, Rhythm(1000, 1000.0, 10_000)), threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    send(bus, 5)
    until(lambda: len(handler.waiting) == 5)
    asked_s = time.monotonic()
    stop.set()
    thread.join(20)
    assert time.monotonic() - asked_s < 2.0
    assert handler.written == [b"%d" % n for n in range(5)]


def test_a_successor_takes_over_at_once_when_a_worker_was_stopped(bus: RedisStreamsBus) -> None:
    first, second, stop = Recorder(), Recorder(), threading.Event()
    stop.set()
    worker = Worker(bus, first, RHYTHM)
    send(bus, 10)
    turns_until_it_took(worker, first, 10)
    worker.run(stop)
    second.committed = dict(first.committed)
    send(bus, 10, start=10)
    turns_until_it_took(Worker(bus, second, RHYTHM), second, 10)
    assert second.written == [b"%d" % n for n in range(10, 20)]


def _events(logged: Sequence[Mapping[str, object]], *names: str) -> list[object]:
    return [line["event"] for line in logged if line["event"] in names]
