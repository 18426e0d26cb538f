"""The adapters under test, each on its real server, and what a worker keeps while it is tested."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ops_center.bus.kafka import KafkaBus
from ops_center.bus.port import Bus, Consumer
from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.domain.messages import Outgoing, RawMessage, TopicPartition
from ops_center.domain.realms import Realm

LEASE_MS = 1_500
SESSION_MS = 6_000
"""the least that a broker allows"""
PATIENCE_S = 40.0


def open_bus(kind: str, url: str, realm: Realm = Realm.LIVE) -> Bus:
    if kind == "kafka":
        return KafkaBus(url, realm, session_timeout_ms=SESSION_MS)
    return RedisStreamsBus(url, realm, lease_ms=LEASE_MS)


@dataclass(frozen=True)
class Subject:
    """One adapter on a running server; names are the test's own."""

    kind: str
    url: str
    prefix: str

    def open(self, realm: Realm = Realm.LIVE) -> Bus:
        return open_bus(self.kind, self.url, realm)

    def topic(self, name: str = "raw") -> str:
        return f"{self.prefix}{name}"

    @property
    def group(self) -> str:
        return f"{self.prefix}group"


@dataclass
class Ledger:
    """The positions as a worker's database keeps them, and what the bus has told so far."""

    positions: dict[TopicPartition, str | None] = field(default_factory=dict)
    held: set[TopicPartition] = field(default_factory=set)
    told: list[tuple[str, frozenset[TopicPartition]]] = field(default_factory=list)

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        assert not partitions & self.held, "given what is held already"
        self.held |= partitions
        self.told.append(("gained", partitions))
        return {partition: self.positions.get(partition) for partition in partitions}

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        assert partitions <= self.held, "took what was not held"
        self.held -= partitions
        self.told.append(("lost", partitions))

    def keep(self, messages: Sequence[RawMessage]) -> Mapping[TopicPartition, str]:
        moved = {TopicPartition(m.topic, m.partition): m.position for m in messages}
        self.positions.update(moved)
        return moved


def numbered(count: int, partition: int | None = 0, start: int = 0) -> list[Outgoing]:
    """``count`` records whose values are their numbers."""
    return [Outgoing(b"k", str(start + n).encode(), partition=partition) for n in range(count)]


def send(bus: Bus, topic: str, records: Sequence[Outgoing]) -> None:
    producer = bus.producer()
    try:
        producer.send(topic, records)
        producer.flush()
    finally:
        producer.close()


def receive(consumer: Consumer, count: int, patience_s: float = PATIENCE_S) -> list[RawMessage]:
    """Poll until ``count`` records have come; fail when they don't, or when more come."""
    found: list[RawMessage] = []
    deadline = time.monotonic() + patience_s
    while len(found) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count} records came"
        found += consumer.poll(0.05, count - len(found))
    assert len(found) == count
    return found


def poll_until(consumers: Sequence[Consumer], condition: Callable[[], bool], what: str) -> list[RawMessage]:
    """Poll all in turn until ``condition`` holds; return what came meanwhile."""
    found: list[RawMessage] = []
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not in {PATIENCE_S:.0f} s: {what}"
        for consumer in consumers:
            found += consumer.poll(0.05, 1000)
    return found


def values(messages: Sequence[RawMessage]) -> list[int]:
    return [int(message.value) for message in messages]
