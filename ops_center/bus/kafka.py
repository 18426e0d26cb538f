"""The log on Apache Kafka, with kafka-python: the only file that knows it.

The group protocol assigns partitions; where to go on in them is the worker's word (the database's positions), not
the group's committed offsets, which only tell others how far we are. A position is the offset of the last record.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

import kafka
import structlog
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    MessageSizeTooLargeError,
    RebalanceInProgressError,
    TopicAlreadyExistsError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata

from ops_center.bus.partitioning import chosen_partition
from ops_center.bus.port import END, Assignments
from ops_center.domain.errors import BusError, BusUnavailable, ConfigurationError, PartitionLost
from ops_center.domain.messages import Outgoing, RawMessage, TopicPartition
from ops_center.domain.realms import Realm

log = structlog.get_logger(__name__)

_FENCING = (CommitFailedError, IllegalGenerationError, UnknownMemberIdError, RebalanceInProgressError)
_SESSION_TIMEOUT_MS = 10_000  # a worker that froze is replaced after this time
_RETENTION_MS = 24 * 3600 * 1000
_REQUEST_TIMEOUT_MS = 15_000
_BOOTSTRAP_TIMEOUT_MS = 5_000  # who waits for a broker wants to be able to stop in between
_RECONNECT_MAX_MS = 1_000  # the client's own half minute would be ours as well, after every restart of a broker
# A member that assigns partitions before it has heard of a new topic leaves it out until it asks again.
_METADATA_MAX_AGE_MS = 5_000
_UNCONFIRMED_RECORDS = 100_000  # the client's own buffer has no bound: without this a dead broker fills our memory
_VISIBLE_AFTER_S = 10.0


@contextmanager
def _told_as_ours() -> Iterator[None]:
    try:
        yield
    except _FENCING as error:
        raise PartitionLost(f"another worker has the partition now: {error}") from error
    except MessageSizeTooLargeError as error:
        raise BusError(f"a record is too large for the topic: {error}") from error
    except KafkaError as error:
        # Kafka's own word on what a repetition can mend is about single requests; a broker that is away raises many
        # kinds of errors, and starting over is right for all of them.
        raise BusUnavailable(f"Kafka: {error}") from error
    except OSError as error:
        raise BusUnavailable(f"Kafka can't be reached: {error}") from error


class KafkaBus:
    """The bus of one realm on one Kafka."""

    name = "kafka"

    def __init__(self, bootstrap: str, realm: Realm, *, session_timeout_ms: int = _SESSION_TIMEOUT_MS) -> None:
        self._bootstrap = bootstrap.split(",")
        self._realm = realm
        self._session_timeout_ms = session_timeout_ms
        self._counts: dict[str, int] = {}

    def ensure_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Make the topics that don't exist; raises ConfigurationError where one has another partition count."""
        names = {self._realm.topic(topic): topic for topic in topics}
        with _told_as_ours(), self._admin() as admin:
            for name in names.keys() - set(admin.list_topics()):
                _make_topic(admin, name, partitions)
            found = _counts_when_visible(admin, list(names))
        for name, count in found.items():
            self._counts[names[name]] = count
            if count != partitions:
                raise ConfigurationError(
                    f"OPS_PARTITIONS={partitions}: topic {names[name]} was made with {count} partitions, which is fixed"
                )

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        admin = KafkaAdminClient(
            bootstrap_servers=self._bootstrap,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
            bootstrap_timeout_ms=_BOOTSTRAP_TIMEOUT_MS,
        )
        try:
            yield admin
        finally:
            admin.close()

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has; raises BusError for one that doesn't exist."""
        if topic not in self._counts:
            with _told_as_ours(), self._admin() as admin:
                count = _counts(admin, [self._realm.topic(topic)]).get(self._realm.topic(topic))
            if not count:
                raise BusError(f"there is no topic {topic}: it has to be made first")
            self._counts[topic] = count
        return self._counts[topic]

    def producer(self) -> KafkaProducer:
        """Return a new producer."""
        with _told_as_ours():
            client = kafka.KafkaProducer(
                bootstrap_servers=self._bootstrap,
                acks="all",
                # Few and large requests: one batch per partition and send, whatever the size of the records.
                batch_size=512 * 1024,
                linger_ms=2,
                bootstrap_timeout_ms=_BOOTSTRAP_TIMEOUT_MS,
                reconnect_backoff_max_ms=_RECONNECT_MAX_MS,
                request_timeout_ms=_REQUEST_TIMEOUT_MS,
                delivery_timeout_ms=2 * _REQUEST_TIMEOUT_MS,
                max_block_ms=_REQUEST_TIMEOUT_MS,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        return KafkaProducer(client, self._realm, self.partitions)

    def consumer(self, group: str, topics: Sequence[str], assignments: Assignments) -> KafkaConsumer:
        """Return a new member of ``group``."""
        with _told_as_ours():
            client = self._consumer_client(
                # Groups of different realms never meet.
                group_id=self._realm.topic(group),
                session_timeout_ms=self._session_timeout_ms,
                heartbeat_interval_ms=self._session_timeout_ms // 4,
            )
            names = [self._realm.topic(topic) for topic in topics]
            changes = _Changes(self._realm, 3 * self._session_timeout_ms / 1000)
            client.subscribe(names, listener=changes)
            _await_topics(client, names)
        return KafkaConsumer(client, self._realm, assignments, changes)

    def reader(self, topic: str, after: Mapping[int, str | None] | None = None) -> KafkaConsumer:
        """Return a consumer of all partitions outside any group; without ``after`` from the end."""
        partitions = [TopicPartition(topic, number) for number in range(self.partitions(topic))]
        with _told_as_ours():
            client = self._consumer_client(group_id=None)
            client.assign([_theirs(self._realm, partition) for partition in partitions])
            consumer = KafkaConsumer(client, self._realm, None, None)
        consumer.rewind({p: END if after is None else after.get(p.partition) for p in partitions})
        return consumer

    def _consumer_client(self, **more: Any) -> Any:
        return kafka.KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            bootstrap_timeout_ms=_BOOTSTRAP_TIMEOUT_MS,
            reconnect_backoff_max_ms=_RECONNECT_MAX_MS,
            metadata_max_age_ms=_METADATA_MAX_AGE_MS,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **more,
        )

    def ping(self) -> None:
        """Return if a broker answers, else raise BusUnavailable."""
        with _told_as_ours(), self._admin() as admin:
            admin.list_topics()

    def close(self) -> None:
        """Nothing is held between calls."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _counts(admin: Any, names: list[str]) -> dict[str, int]:
    """Return name → partitions of the topics that exist."""
    described = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics(names)}
    return {name: count for name, count in described.items() if count}


def _counts_when_visible(admin: Any, names: list[str]) -> dict[str, int]:
    """Return name → partitions; brokers hear of a new topic one after the other, a moment after it was made."""
    deadline_s = time.monotonic() + _VISIBLE_AFTER_S
    while len(found := _counts(admin, names)) < len(names):
        if time.monotonic() > deadline_s:
            raise BusUnavailable(f"Kafka does not show new topics: {', '.join(sorted(set(names) - found.keys()))}")
        time.sleep(0.05)
    return found


def _await_topics(client: Any, names: list[str]) -> None:
    """Have the client hear of its topics before it joins its group.

    A client that hears of them while it is joining joins a second time, and with polls shorter than a join it forgets
    to finish that (kafka-python 3.0.12, docs/adr/0003-bus.md): it would sit there without partitions for ever.
    """
    deadline_s = time.monotonic() + _VISIBLE_AFTER_S
    while missing := set(names) - client.topics():
        if time.monotonic() > deadline_s:
            client.close(autocommit=False, timeout_ms=0)
            raise BusError(f"there is no topic {', '.join(sorted(missing))}: it has to be made first")
        time.sleep(0.05)


def _make_topic(admin: Any, name: str, partitions: int) -> None:
    # The broker's own time of arrival: the producer's would change nothing about when we could know.
    configs = {"message.timestamp.type": "LogAppendTime", "retention.ms": str(_RETENTION_MS)}
    try:
        admin.create_topics([NewTopic(name, partitions, -1, topic_configs=configs)])
    except TopicAlreadyExistsError:
        return  # somebody else was quicker


class KafkaProducer:
    """Appends to topics; durable after ``flush``."""

    def __init__(self, client: Any, realm: Realm, partitions: Any) -> None:
        self._client = client
        self._realm = realm
        self._partitions = partitions
        self._unconfirmed: list[Any] = []

    def send(self, topic: str, records: Sequence[Outgoing]) -> None:
        """Hand the records to the client's own thread. Raises BusUnavailable when it can take no more."""
        name, count, send = self._realm.topic(topic), self._partitions(topic), self._client.send
        with _told_as_ours():
            if len(self._unconfirmed) > _UNCONFIRMED_RECORDS:
                self._client.flush(_REQUEST_TIMEOUT_MS / 1000)
                # What failed stays, for the next flush to tell.
                self._unconfirmed = [future for future in self._unconfirmed if not future.succeeded()]
            for record in records:
                partition = chosen_partition(record, count)
                self._unconfirmed.append(send(name, value=record.value, key=record.key, partition=partition))

    def flush(self, timeout_s: float = 30.0) -> None:
        """Return when everything sent is on the broker; else raises BusUnavailable: send it again."""
        unconfirmed, self._unconfirmed = self._unconfirmed, []
        with _told_as_ours():
            self._client.flush(timeout_s)
        failed = next((future for future in unconfirmed if not future.succeeded()), None)
        if failed is not None:
            error = failed.exception
            if isinstance(error, MessageSizeTooLargeError):
                raise BusError(f"a record is too large for the topic: {error}")
            raise BusUnavailable(f"Kafka did not confirm a record: {error}")

    def close(self) -> None:
        """Let go of the connection; what was not flushed may be lost."""
        try:
            self._client.close(timeout=1)
        except KafkaError:
            # It doesn't let go of what it holds before that has expired: don't make the caller wait for it.
            patience_s = 3 * _REQUEST_TIMEOUT_MS / 1000
            threading.Thread(target=_close_later, args=(self._client, patience_s), daemon=True).start()


def _close_later(client: Any, patience_s: float) -> None:
    with suppress(KafkaError):
        client.close(timeout=patience_s)


class _Changes(ConsumerRebalanceListener):  # type: ignore[misc]
    """Notes what the group protocol gives and takes, on the client's own thread; the worker's thread acts on it."""

    def __init__(self, realm: Realm, patience_s: float) -> None:
        self._realm = realm
        self._patience_s = patience_s
        self._waiting_since_s: float | None = time.monotonic()
        self._lock = threading.Lock()
        self._gained: set[TopicPartition] = set()
        self._lost: set[TopicPartition] = set()

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Note what was taken; what was given and not yet acted on was never ours."""
        partitions = {_ours(self._realm, partition) for partition in revoked}
        with self._lock:
            if self._waiting_since_s is None:
                self._waiting_since_s = time.monotonic()
            self._lost |= partitions - self._gained
            self._gained -= partitions

    def on_partitions_assigned(self, assigned: Any) -> None:
        """Note what was given."""
        with self._lock:
            self._waiting_since_s = None
            self._gained |= {_ours(self._realm, partition) for partition in assigned}

    def on_partitions_lost(self, lost: Any) -> None:
        """Note what was taken while we were away."""
        self.on_partitions_revoked(lost)

    def check(self) -> None:
        """Raise BusUnavailable where the group has taken partitions and not given any for too long: join anew."""
        since_s = self._waiting_since_s
        if since_s is not None and time.monotonic() - since_s > self._patience_s:
            raise BusUnavailable(f"the Kafka group has given no partitions for {self._patience_s:.0f} s")

    def take(self) -> tuple[frozenset[TopicPartition], frozenset[TopicPartition]]:
        """Return what was gained and lost since the last time."""
        with self._lock:
            gained, lost = frozenset(self._gained), frozenset(self._lost)
            self._gained.clear()
            self._lost.clear()
        return gained, lost


class KafkaConsumer:
    """Reads the partitions that the group (or its reader) gives it."""

    def __init__(self, client: Any, realm: Realm, assignments: Assignments | None, changes: _Changes | None) -> None:
        self._client = client
        self._realm = realm
        self._assignments = assignments
        self._changes = changes

    def poll(self, timeout_s: float, max_records: int) -> Sequence[RawMessage]:
        """Return what is there, in order within each partition; () after ``timeout_s``. Raises BusUnavailable."""
        with _told_as_ours():
            found = self._client.poll(timeout_ms=round(timeout_s * 1000), max_records=max_records)
        # What was read of a partition that came in this very call began where the group said, not where we did.
        strangers = self._look_after_changes()
        messages: list[RawMessage] = []
        prefix = len(self._realm.topic(""))
        for place, records in found.items():
            topic, number = place.topic[prefix:], place.partition
            if TopicPartition(topic, number) in strangers:
                continue
            messages += [
                RawMessage(topic, number, str(r.offset), r.key or b"", r.value or b"", r.timestamp * 1000)
                for r in records
            ]
        return messages

    def rewind(self, positions: Mapping[TopicPartition, str | None]) -> None:
        """Go back: the next poll continues after these positions."""
        with _told_as_ours():
            for partition, position in positions.items():
                place = _theirs(self._realm, partition)
                if position == END:
                    self._client.seek_to_end(place)
                    self._client.position(place)  # seeking is lazy: now is the moment that counts as the end
                else:
                    self._client.seek(place, 0 if position is None else int(position) + 1)

    def done(self, positions: Mapping[TopicPartition, str]) -> None:
        """Commit offsets, for whoever looks at the lag; raises PartitionLost where fenced."""
        if self._assignments is None or not positions:
            return
        offsets = {
            _theirs(self._realm, partition): OffsetAndMetadata(int(position) + 1, "", -1)
            for partition, position in positions.items()
        }
        with _told_as_ours():
            self._client.commit(offsets)

    def lag(self) -> Mapping[TopicPartition, int]:
        """Return how many records of each partition are not yet handed out."""
        with _told_as_ours():
            places = list(self._client.assignment())
            ends = self._client.end_offsets(places) if places else {}
            return {_ours(self._realm, place): ends[place] - self._client.position(place) for place in places}

    def close(self) -> None:
        """Leave the group so that others take over at once."""
        with _told_as_ours():
            self._client.close(autocommit=False, timeout_ms=3000)

    def _look_after_changes(self) -> frozenset[TopicPartition]:
        """Tell the worker what changed and go where it says; return the partitions that moved."""
        if self._changes is None or self._assignments is None:
            return frozenset()
        self._changes.check()
        gained, lost = self._changes.take()
        if lost:
            self._assignments.lost(lost)
        if gained:
            places = self._assignments.gained(gained)
            self.rewind({partition: places.get(partition) for partition in gained})
        return gained | lost


def _theirs(realm: Realm, partition: TopicPartition) -> Any:
    return kafka.TopicPartition(realm.topic(partition.topic), partition.partition)


def _ours(realm: Realm, partition: Any) -> TopicPartition:
    return TopicPartition(partition.topic.removeprefix(realm.topic("")), partition.partition)
