"""The log on Redis Streams (or Valkey): for a single machine, with the guarantees that Kafka gives a city.

One stream per partition, many records per entry (``packing``); a position is ``<entry id>/<index in the entry>``.
Redis has no partition assignment: leases with fencing tokens stand in for it (``redis_leases``). Entries that all
groups have passed are trimmed after a while; what is unread is never trimmed: the producer is refused instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import redis
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, OutOfMemoryError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from ops_center.bus.packing import pack
from ops_center.bus.partitioning import chosen_partition
from ops_center.bus.port import END, Assignments
from ops_center.bus.redis_consumer import ENTRY_RECORDS, RedisStreamsConsumer
from ops_center.bus.redis_keys import Keys
from ops_center.bus.redis_leases import Leases
from ops_center.bus.redis_scripts import APPEND, REGISTER
from ops_center.bus.redis_trimming import Trimmer
from ops_center.domain.errors import BusError, BusFull, BusUnavailable, ConfigurationError
from ops_center.domain.messages import Outgoing, TopicPartition
from ops_center.domain.realms import Realm

_SOCKET_TIMEOUT_S = 10.0
_LEASE_MS = 6_000
_ENTRY_BYTES = 256 * 1024  # an entry is read and sent whole: larger ones delay what lies behind them
_RECORD_BYTES = 16 * 1024 * 1024
_CHECK_ROOM_EVERY_S = 1.0
_TRANSIENT = (RedisConnectionError, RedisTimeoutError, BusyLoadingError)


@contextmanager
def _told_as_ours() -> Iterator[None]:
    try:
        yield
    except OutOfMemoryError as error:
        raise BusFull(f"Redis has no memory left for the bus: {error}") from error
    except _TRANSIENT as error:
        raise BusUnavailable(f"Redis does not answer: {error}") from error
    except RedisError as error:
        raise BusError(f"Redis refused: {error}") from error


class RedisStreamsBus:
    """The bus of one realm on one Redis. ``backlog_bytes`` bounds what one stream may hold unread."""

    name = "redis-streams"

    def __init__(
        self, url: str, realm: Realm, *, lease_ms: int = _LEASE_MS, backlog_bytes: int = 512 * 1024 * 1024
    ) -> None:
        self._url = url
        self._keys = Keys(realm)
        self._lease_ms = lease_ms
        self._backlog_bytes = backlog_bytes
        self._client = self._connect()
        self._counts: dict[str, int] = {}

    def _connect(self) -> Any:
        # One try per command: who calls knows better than the client whether to repeat. Any: the client's own
        # types can't tell its blocking from its asynchronous form, nor bytes from text.
        retry = Retry(NoBackoff(), 0)
        return redis.Redis.from_url(
            self._url, socket_timeout=_SOCKET_TIMEOUT_S, socket_connect_timeout=5.0, retry=retry
        )

    def ensure_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Make the topics that don't exist; raises ConfigurationError where one has another partition count."""
        with _told_as_ours():
            there = set(self._client.hkeys(self._keys.topics))
            for topic in topics:
                if topic.encode() not in there:  # a full server refuses to set even what is set
                    self._client.hsetnx(self._keys.topics, topic, str(partitions))
        for topic in topics:
            found = self.partitions(topic)
            if found != partitions:
                raise ConfigurationError(
                    f"OPS_PARTITIONS={partitions}: topic {topic} was made with {found} partitions, which is fixed"
                )

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has; raises BusError for one that doesn't exist."""
        if topic not in self._counts:
            with _told_as_ours():
                found = self._client.hget(self._keys.topics, topic)
            if found is None:
                raise BusError(f"there is no topic {topic}: it has to be made first")
            self._counts[topic] = int(found)
        return self._counts[topic]

    def producer(self) -> RedisStreamsProducer:
        """Return a new producer."""
        return RedisStreamsProducer(self._connect(), self._keys, self.partitions, self._backlog_bytes)

    def consumer(self, group: str, topics: Sequence[str], assignments: Assignments) -> RedisStreamsConsumer:
        """Return a new member of ``group``."""
        partitions = self._all_partitions(topics)
        self._register(group, partitions)
        leases = Leases(self._connect(), self._keys, group, partitions, self._lease_ms, _told_as_ours)
        return RedisStreamsConsumer(self._connect(), self._keys, _told_as_ours, leases, assignments)

    def reader(self, topic: str, after: Mapping[int, str | None] | None = None) -> RedisStreamsConsumer:
        """Return a consumer of all partitions outside any group; without ``after`` from the end."""
        consumer = RedisStreamsConsumer(self._connect(), self._keys, _told_as_ours, None, None)
        partitions = self._all_partitions([topic])
        places = {p: after.get(p.partition) if after is not None else END for p in partitions}
        consumer.rewind(places)
        return consumer

    def ping(self) -> None:
        """Return if Redis answers, else raise BusUnavailable."""
        with _told_as_ours():
            self._client.ping()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _all_partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        return sorted(TopicPartition(topic, number) for topic in topics for number in range(self.partitions(topic)))

    def _register(self, group: str, partitions: Iterable[TopicPartition]) -> None:
        """Say that the group exists, so that nothing is trimmed before it has read it."""
        fields = [f"{group}|{self._keys.stream(partition)}" for partition in partitions]
        with _told_as_ours():
            self._client.register_script(REGISTER)(keys=[self._keys.progress], args=fields)


class RedisStreamsProducer:
    """Appends to streams; what ``send`` returned from is on the server."""

    def __init__(self, client: Any, keys: Keys, partitions: Callable[[str], int], backlog_bytes: int) -> None:
        self._client = client
        self._keys = keys
        self._partitions = partitions
        self._backlog_bytes = backlog_bytes
        self._append = client.register_script(APPEND)
        self._trimmer = Trimmer(client, keys)
        self._room_checked_s: dict[str, float] = {}

    def send(self, topic: str, records: Sequence[Outgoing]) -> None:
        """Append the records. Raises BusFull, BusUnavailable: then some may be there; send all of them again."""
        by_stream = self._by_stream(topic, records)
        with _told_as_ours():
            for stream in by_stream:
                self._check_room(stream)
            pipeline = self._client.pipeline(transaction=False)
            for stream, pairs in by_stream.items():
                for chunk in _chunks(pairs):
                    self._append(keys=[stream, self._keys.totals], args=[pack(chunk), len(chunk)], client=pipeline)
            try:
                pipeline.execute()
            except OutOfMemoryError:
                self._trimmer.trim_all()
                raise

    def _by_stream(self, topic: str, records: Sequence[Outgoing]) -> dict[str, list[tuple[bytes, bytes]]]:
        count = self._partitions(topic)
        by_partition: dict[int, list[tuple[bytes, bytes]]] = {}
        for record in records:
            if len(record.key) + len(record.value) > _RECORD_BYTES:
                raise BusError(f"a record of {len(record.value)} bytes: at most {_RECORD_BYTES}")
            partition = chosen_partition(record, count)
            by_partition.setdefault(partition, []).append((record.key, record.value))
        return {self._keys.stream(TopicPartition(topic, number)): pairs for number, pairs in by_partition.items()}

    def _check_room(self, stream: str) -> None:
        """Refuse more where a stream holds more than its bound; asked once a second, as it costs a command.

        What all have read and is only kept to look back goes first: it must never block the log.
        """
        now_s = time.monotonic()
        if now_s - self._room_checked_s.get(stream, -_CHECK_ROOM_EVERY_S) < _CHECK_ROOM_EVERY_S:
            return
        if self._is_over(stream):
            self._trimmer.trim([stream], keep_s=0)
            if self._is_over(stream):
                raise BusFull(f"{stream} holds more than {self._backlog_bytes >> 20} MiB that is not read yet")
        self._room_checked_s[stream] = now_s

    def _is_over(self, stream: str) -> bool:
        return (self._client.memory_usage(stream, samples=3) or 0) > self._backlog_bytes

    def flush(self, timeout_s: float = 30.0) -> None:
        """Return at once: ``send`` waits for the server, which writes to its append-only file before it answers."""

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()


def _chunks(pairs: list[tuple[bytes, bytes]]) -> Iterator[list[tuple[bytes, bytes]]]:
    """Cut records into entries of bounded size."""
    chunk: list[tuple[bytes, bytes]] = []
    size = 0
    for pair in pairs:
        length = len(pair[0]) + len(pair[1])
        if chunk and (size + length > _ENTRY_BYTES or len(chunk) >= ENTRY_RECORDS):
            yield chunk
            chunk, size = [], 0
        chunk.append(pair)
        size += length
    if chunk:
        yield chunk
