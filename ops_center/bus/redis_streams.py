"""The log on Redis Streams (or Valkey): for a single machine, with the guarantees that Kafka gives a city.

One stream per partition, many records per entry (``packing``); a position is ``<entry id>/<index in the entry>``.
Redis has no partition assignment: leases with fencing tokens stand in for it (``redis_scripts``). Entries that all
groups have passed are trimmed after a while; what is unread is never trimmed: the producer is refused instead.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import redis
import structlog
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, OutOfMemoryError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from ops_center.bus.packing import pack, unpack
from ops_center.bus.partitioning import partition_of
from ops_center.bus.port import END, Assignments
from ops_center.bus.redis_scripts import APPEND, DONE, LEAVE, RENEW
from ops_center.domain.errors import BusError, BusFull, BusUnavailable, ConfigurationError, PartitionLost, WireError
from ops_center.domain.messages import Outgoing, RawMessage, TopicPartition
from ops_center.domain.realms import Realm

log = structlog.get_logger(__name__)

_SOCKET_TIMEOUT_S = 10.0
_LEASE_MS = 6_000
_RENEW_EVERY_S = 1.5  # four tries before a lease runs out
_ENTRY_BYTES = 256 * 1024  # an entry is read and sent whole: larger ones delay what lies behind them
_ENTRY_RECORDS = 2_000
_RECORD_BYTES = 16 * 1024 * 1024
_KEEP_S = 600  # entries that everybody has read are kept this long, for whoever wants to look back
_TRIM_EVERY_S = 10.0
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


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of everything the bus keeps on the server, in one realm."""

    realm: Realm

    @property
    def topics(self) -> str:
        """Hash topic → partitions."""
        return self.realm.key("bus:topics")

    @property
    def totals(self) -> str:
        """Hash stream → records ever appended."""
        return self.realm.key("bus:totals")

    @property
    def progress(self) -> str:
        """Hash ``group|stream`` → position that is done."""
        return self.realm.key("bus:progress")

    def stream(self, partition: TopicPartition) -> str:
        """Stream of a partition."""
        return self.realm.key(f"bus:stream:{partition.topic}:{partition.partition}")

    def members(self, group: str) -> str:
        """Sorted set member → end of its life."""
        return self.realm.key(f"bus:members:{group}")

    def leases(self, group: str) -> str:
        """Hash partition → lease."""
        return self.realm.key(f"bus:leases:{group}")


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
            for topic in topics:
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
        leases = Leases(self._connect(), self._keys, group, partitions, self._lease_ms)
        self._register(group, partitions)
        return RedisStreamsConsumer(self._connect(), self._keys, leases, assignments)

    def reader(self, topic: str, after: Mapping[int, str | None] | None = None) -> RedisStreamsConsumer:
        """Return a consumer of all partitions outside any group; without ``after`` from the end."""
        consumer = RedisStreamsConsumer(self._connect(), self._keys, None, None)
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
        with _told_as_ours():
            for partition in partitions:
                self._client.hsetnx(self._keys.progress, f"{group}|{self._keys.stream(partition)}", "0-0/0")


class RedisStreamsProducer:
    """Appends to streams; what ``send`` returned from is on the server."""

    def __init__(self, client: Any, keys: Keys, partitions: Callable[[str], int], backlog_bytes: int) -> None:
        self._client = client
        self._keys = keys
        self._partitions = partitions
        self._backlog_bytes = backlog_bytes
        self._append = client.register_script(APPEND)
        self._room_checked_s: dict[str, float] = {}

    def send(self, topic: str, records: Sequence[Outgoing]) -> None:
        """Append the records. Raises BusFull, BusUnavailable: then some may be there; send all of them again."""
        count = self._partitions(topic)
        by_partition: dict[int, list[tuple[bytes, bytes]]] = {}
        for record in records:
            if len(record.key) + len(record.value) > _RECORD_BYTES:
                raise BusError(f"a record of {len(record.value)} bytes: at most {_RECORD_BYTES}")
            partition = record.partition if record.partition is not None else partition_of(record.key, count)
            by_partition.setdefault(partition, []).append((record.key, record.value))
        with _told_as_ours():
            pipeline = self._client.pipeline(transaction=False)
            for partition, pairs in by_partition.items():
                stream = self._keys.stream(TopicPartition(topic, partition))
                self._check_room(stream)
                for chunk in _chunks(pairs):
                    self._append(keys=[stream, self._keys.totals], args=[pack(chunk), len(chunk)], client=pipeline)
            pipeline.execute()

    def _check_room(self, stream: str) -> None:
        """Refuse more where a stream holds more than its bound; asked once a second, as it costs a command."""
        now_s = time.monotonic()
        if now_s - self._room_checked_s.get(stream, -_CHECK_ROOM_EVERY_S) < _CHECK_ROOM_EVERY_S:
            return
        used = self._client.memory_usage(stream, samples=3) or 0
        if used > self._backlog_bytes:
            raise BusFull(f"{stream} holds {used >> 20} MiB that is not read yet, at most {self._backlog_bytes >> 20}")
        self._room_checked_s[stream] = now_s

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
        if chunk and (size + length > _ENTRY_BYTES or len(chunk) >= _ENTRY_RECORDS):
            yield chunk
            chunk, size = [], 0
        chunk.append(pair)
        size += length
    if chunk:
        yield chunk


class Leases:
    """A member's hold on partitions of its group."""

    def __init__(
        self, client: Any, keys: Keys, group: str, partitions: Sequence[TopicPartition], lease_ms: int
    ) -> None:
        self._client = client
        self._keys = keys
        self._group = group
        self._named = {f"{p.topic}/{p.partition}": p for p in partitions}
        self._lease_ms = lease_ms
        self._member = uuid.uuid4().hex
        self._renew = client.register_script(RENEW)
        self._done = client.register_script(DONE)
        self._leave = client.register_script(LEAVE)
        self._due_s = 0.0
        self.epochs: dict[TopicPartition, int] = {}

    def renew_if_due(self) -> tuple[frozenset[TopicPartition], frozenset[TopicPartition]]:
        """Return what was gained and lost since the last time."""
        now_s = time.monotonic()
        if now_s < self._due_s:
            return frozenset(), frozenset()
        keys = [self._keys.members(self._group), self._keys.leases(self._group)]
        answer = self._renew(keys=keys, args=[self._member, self._lease_ms, *self._named])
        names, epochs = answer[0::2], answer[1::2]
        held = {self._named[name.decode()]: int(epoch) for name, epoch in zip(names, epochs, strict=True)}
        # A partition that came back with another epoch was somebody else's in between.
        kept = {p for p in held.keys() & self.epochs.keys() if held[p] == self.epochs[p]}
        lost, gained = frozenset(self.epochs.keys() - kept), frozenset(held.keys() - kept)
        self.epochs = held
        self._due_s = now_s + min(_RENEW_EVERY_S, self._lease_ms / 4000)
        return gained, lost

    def done(self, positions: Mapping[TopicPartition, str]) -> None:
        """Record positions; raises PartitionLost where another member holds a partition now."""
        args: list[Any] = [self._member, self._group]
        for partition, position in positions.items():
            epoch = self.epochs.get(partition, -1)
            args += [f"{partition.topic}/{partition.partition}", epoch, self._keys.stream(partition), position]
        refused = self._done(keys=[self._keys.leases(self._group), self._keys.progress], args=args)
        if refused:
            self._due_s = 0.0
            raise PartitionLost(f"{', '.join(name.decode() for name in refused)}: another worker has it now")

    def leave(self) -> None:
        """Give everything back."""
        keys = [self._keys.members(self._group), self._keys.leases(self._group)]
        self._leave(keys=keys, args=[self._member, *self._named])
        self.epochs = {}
        self._client.close()


@dataclass(slots=True)
class Cursor:
    """Where a consumer is in one stream."""

    entry: str = "0-0"
    """the last entry read"""
    resumed: str = ""
    """the entry that was left in the middle, after going back"""
    skip: int = 0
    """records of that entry to leave out"""
    read_total: int | None = None
    """records before the end of the last entry read; None: nothing was read yet"""
    waiting: deque[RawMessage] = field(default_factory=deque)
    """read and not yet handed out"""


class RedisStreamsConsumer:
    """Reads the partitions that its leases (or its reader) give it."""

    def __init__(self, client: Any, keys: Keys, leases: Leases | None, assignments: Assignments | None) -> None:
        self._client = client
        self._keys = keys
        self._leases = leases
        self._assignments = assignments
        self._cursors: dict[TopicPartition, Cursor] = {}
        self._records_per_entry = 1.0
        self._trimmed_s = time.monotonic()

    def poll(self, timeout_s: float, max_records: int) -> Sequence[RawMessage]:
        """Return what is there, in order within each partition; () after ``timeout_s``. Raises BusUnavailable."""
        with _told_as_ours():
            self._look_after_leases()
            if not any(cursor.waiting for cursor in self._cursors.values()):
                self._fetch(timeout_s, max_records)
        return self._hand_out(max_records)

    def rewind(self, positions: Mapping[TopicPartition, str | None]) -> None:
        """Go back: the next poll continues after these positions."""
        for partition, position in positions.items():
            self._cursors[partition] = _cursor_after(self._last(partition) if position == END else position)

    def _last(self, partition: TopicPartition) -> str | None:
        """Return a position behind everything that is there now; None where nothing is."""
        with _told_as_ours():
            last = self._client.xrevrange(self._keys.stream(partition), count=1)
        return f"{last[0][0].decode()}/{_ENTRY_RECORDS}" if last else None

    def done(self, positions: Mapping[TopicPartition, str]) -> None:
        """Record what is finished; raises PartitionLost where fenced."""
        if self._leases is None or not positions:
            return
        with _told_as_ours():
            self._leases.done(positions)
            self._trim_if_due(positions)

    def lag(self) -> Mapping[TopicPartition, int]:
        """Return how many records of each partition are not yet handed out."""
        with _told_as_ours():
            return {partition: self._lag(partition, cursor) for partition, cursor in self._cursors.items()}

    def close(self) -> None:
        """Leave the group so that others take over at once."""
        try:
            if self._leases is not None:
                with _told_as_ours():
                    self._leases.leave()
        finally:
            self._client.close()

    def _look_after_leases(self) -> None:
        if self._leases is None or self._assignments is None:
            return
        gained, lost = self._leases.renew_if_due()
        if lost:
            for partition in lost:
                self._cursors.pop(partition, None)
            self._assignments.lost(lost)
        if gained:
            try:
                places = self._assignments.gained(gained)
            except BaseException:
                # Not told where to go on, we hold nothing: the next renewal gains them anew.
                self._leases.epochs = {p: e for p, e in self._leases.epochs.items() if p not in gained}
                raise
            self.rewind({partition: places.get(partition) for partition in gained})

    def _fetch(self, timeout_s: float, max_records: int) -> None:
        if not self._cursors:
            time.sleep(timeout_s)  # nothing is ours: wait for the next renewal without asking the server
            return
        streams = {self._keys.stream(partition): partition for partition in self._cursors}
        places: dict[Any, Any] = {name: self._cursors[partition].entry for name, partition in streams.items()}
        entries = max(1, round(max_records / self._records_per_entry / len(places)))
        found = self._client.xread(places, count=entries, block=max(1, round(timeout_s * 1000)))
        for name, read in found.items() if isinstance(found, dict) else found or ():
            partition = streams[name.decode()]
            # RESP3 wraps the entries of a stream in one more list.
            for entry, fields in read[0] if read and isinstance(read[0], list) else read:
                self._take(partition, entry.decode(), fields)

    def _take(self, partition: TopicPartition, entry: str, fields: Mapping[bytes, bytes]) -> None:
        cursor = self._cursors[partition]
        cursor.entry = entry
        cursor.read_total = int(fields.get(b"e", b"0"))
        time_us = int(entry.partition("-")[0]) * 1000
        topic, number = partition.topic, partition.partition
        try:
            pairs = unpack(fields.get(b"b", b""))
        except WireError as error:
            log.error("bus.damaged_entry", stream=self._keys.stream(partition), entry=entry, error=str(error))
            # Somebody else's bytes in our stream: handed on as one record, which intake quarantines.
            pairs = iter([(b"", b"\n".join(fields.values()))])
        messages = [
            RawMessage(topic, number, f"{entry}/{index}", key, value, time_us)
            for index, (key, value) in enumerate(pairs)
        ]
        self._records_per_entry += 0.2 * (len(messages) - self._records_per_entry)
        # If the entry that was left in the middle is trimmed by now, the next one is read whole.
        cursor.waiting.extend(messages[cursor.skip if entry == cursor.resumed else 0 :])
        cursor.skip = 0

    def _hand_out(self, max_records: int) -> list[RawMessage]:
        handed: list[RawMessage] = []
        for cursor in self._cursors.values():
            room = max_records - len(handed)
            if len(cursor.waiting) <= room:
                handed.extend(cursor.waiting)
                cursor.waiting.clear()
            else:
                handed.extend(cursor.waiting.popleft() for _ in range(room))
        return handed

    def _lag(self, partition: TopicPartition, cursor: Cursor) -> int:
        stream = self._keys.stream(partition)
        total = int(self._client.hget(self._keys.totals, stream) or 0)
        read = cursor.read_total
        if read is None:
            # Right after going back: what lies before the next entry is what was read.
            following = self._client.xrange(stream, min=f"({cursor.entry}", count=1)
            if not following:
                return 0
            fields = following[0][1]
            skipped = cursor.skip if following[0][0].decode() == cursor.resumed else 0
            read = int(fields[b"e"]) - sum(1 for _ in unpack(fields[b"b"])) + skipped
        return total - read + len(cursor.waiting)

    def _trim_if_due(self, positions: Mapping[TopicPartition, str]) -> None:
        now_s = time.monotonic()
        if now_s - self._trimmed_s < _TRIM_EVERY_S:
            return
        self._trimmed_s = now_s
        everybody = self._client.hgetall(self._keys.progress)
        seconds, _ = self._client.time()
        old_enough = f"{(seconds - _KEEP_S) * 1000}-0"
        for partition in positions:
            stream = self._keys.stream(partition)
            passed = [_entry_of(v.decode()) for k, v in everybody.items() if k.decode().partition("|")[2] == stream]
            first_kept = min([*passed, old_enough], key=_order)
            self._client.xtrim(stream, minid=first_kept, approximate=True)


def _cursor_after(position: str | None) -> Cursor:
    """Return the cursor that reads on after ``position``, which may lie in the middle of an entry."""
    if position is None:
        return Cursor()
    entry, _, index = position.partition("/")
    # The entry is read again and its first records are left out: how many it has is not known here.
    return Cursor(entry=_before(entry), resumed=entry, skip=int(index or 0) + 1)


def _before(entry: str) -> str:
    """Return the greatest entry id that is less than ``entry``."""
    milliseconds, _, sequence = entry.partition("-")
    if int(sequence) > 0:
        return f"{milliseconds}-{int(sequence) - 1}"
    return f"{int(milliseconds) - 1}-18446744073709551615" if int(milliseconds) > 0 else "0-0"


def _entry_of(position: str) -> str:
    return position.partition("/")[0]


def _order(entry: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry.partition("-")
    return int(milliseconds), int(sequence)
