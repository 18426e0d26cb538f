"""The writer: canonical records become rows, each exactly once.

Run by ``run.py writer`` through bootstrap, on the loop that all stream workers share. Records of all partitions are
joined into parts of a size that COPY likes, and each part is one transaction together with the positions it reaches.
While the database is away everything taken waits, and when that is much, reading stops; nothing is dropped. A record
that is none, or holds rows that no table can, goes to quarantine in the transaction of its neighbours.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from ops_center.bus.port import Bus
from ops_center.bus.worker import Rhythm
from ops_center.domain.errors import WireError
from ops_center.domain.messages import RawMessage, RejectReason, TopicPartition
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.text import shown
from ops_center.domain.time import Clock
from ops_center.domain.topics import CANONICAL, EVENTS, OBSERVATIONS, POSITIONS
from ops_center.domain.wire import decode_events, decode_observations, decode_positions
from ops_center.intake.speaking import speaking_worker
from ops_center.store.limits import fault_of_events, fault_of_observations, fault_of_positions
from ops_center.store.port import Advance, Quarantined, StreamStore

log = structlog.get_logger(__name__)

WORKER = "writer"
RHYTHM = Rhythm(commit_at=20_000, commit_after_s=0.2, stop_reading_at=200_000)
PART_ROWS = 50_000
"""rows to a transaction: beyond this COPY gets no faster, and after an outage the backlog becomes visible bit by bit"""


def run_writer(bus: Bus, store: StreamStore, clock: Clock, stop: threading.Event) -> None:
    """Run the writer until ``stop``. ``store`` is closed at the end; the bus is the caller's."""
    try:
        speaking_worker(bus, StoringHandler(store), RHYTHM, store, clock).run(stop)
    finally:
        store.close()


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it waits to be stored; only one of its kinds is filled."""

    message: RawMessage
    observations: ObservationBatch | None = None
    positions: PositionBatch | None = None
    events: tuple[Event, ...] = ()
    damaged: Quarantined | None = None

    @property
    def rows(self) -> int:
        """Return how many rows it brings; at least 1, since its position has to be moved past it as well."""
        return max(1, len(self.observations or ()) + len(self.positions or ()) + len(self.events))

    @property
    def partition(self) -> TopicPartition:
        """Return where it was read."""
        return TopicPartition(self.message.topic, self.message.partition)


class StoringHandler:
    """Takes canonical records and writes them."""

    name = WORKER
    topics = CANONICAL

    def __init__(self, store: StreamStore) -> None:
        self._store = store
        self._waiting: deque[Record] = deque()
        self._rows = 0
        self._committed: dict[TopicPartition, str | None] = {}
        self._done: dict[TopicPartition, str] = {}

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Go on where the database says. Raises StoreUnavailable."""
        found = self._store.positions(WORKER, partitions)
        self._committed.update(found)
        return found

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        """Drop what others will write now."""
        self._waiting = deque(record for record in self._waiting if record.partition not in partitions)
        self._rows = sum(record.rows for record in self._waiting)
        for partition in partitions:
            self._committed.pop(partition, None)
            self._done.pop(partition, None)

    def reset(self) -> None:
        """Drop everything; the database knows how far it is."""
        self._waiting.clear()
        self._rows = 0
        self._committed.clear()
        self._done.clear()

    def take(self, messages: Sequence[RawMessage]) -> None:
        """Decode records and let them wait for the next commit."""
        for message in messages:
            record = _decoded(message)
            self._waiting.append(record)
            self._rows += record.rows

    @property
    def pending(self) -> int:
        """Return how many rows wait."""
        return self._rows

    def commit(self) -> Mapping[TopicPartition, str]:
        """Write everything that waits, part by part; return how far that is.

        A part that was written stays written when a later one fails. Raises Fenced, StoreUnavailable, StoreError.
        """
        while self._waiting:
            self._commit_part(self._next_part())
        done, self._done = self._done, {}
        return done

    def idle(self) -> None:
        """Do nothing: records carry keys, the catalog isn't needed to write them."""

    def _next_part(self) -> list[Record]:
        part: list[Record] = []
        rows = 0
        for record in self._waiting:
            if part and rows + record.rows > PART_ROWS:
                break
            part.append(record)
            rows += record.rows
        return part

    def _commit_part(self, part: list[Record]) -> None:
        after = {record.partition: record.message.position for record in part}
        before = {partition: self._committed.get(partition) for partition in after}
        observations, positions, events = _joined(part)
        if fault_of_observations(observations) or fault_of_positions(positions) or fault_of_events(events):
            part = [_judged(record) for record in part]
            observations, positions, events = _joined(part)
        damaged = [record.damaged for record in part if record.damaged is not None]
        self._store.commit_data(Advance(WORKER, before, after), observations, positions, events, damaged)
        for record in damaged:
            log.error("writer.record_quarantined", origin=record.message.position, topic=record.feed, why=record.detail)
        self._committed.update(after)
        self._done.update(after)
        for _ in part:
            self._rows -= self._waiting.popleft().rows


def _decoded(message: RawMessage) -> Record:
    try:
        match message.topic:
            case topic if topic == OBSERVATIONS:
                return Record(message, observations=decode_observations(message.value))
            case topic if topic == POSITIONS:
                return Record(message, positions=decode_positions(message.value))
            case topic if topic == EVENTS:
                return Record(message, events=decode_events(message.value))
            case _:
                raise WireError(f"the writer does not know the topic {message.topic!r}")
    except WireError as error:
        return Record(message, damaged=_refused(message, 1, str(error)))


def _judged(record: Record) -> Record:
    """Return the record, or what goes to quarantine in its place if any of its rows can't be stored."""
    fault = (
        (fault_of_observations(record.observations) if record.observations is not None else None)
        or (fault_of_positions(record.positions) if record.positions is not None else None)
        or fault_of_events(record.events)
    )
    if fault is None:
        return record
    refused = _refused(record.message, record.rows, fault)
    return replace(record, observations=None, positions=None, events=(), damaged=refused)


def _refused(message: RawMessage, count: int, why: str) -> Quarantined:
    return Quarantined(message.topic, message, RejectReason.NOT_DECODABLE, count, shown(why))


def _joined(part: Sequence[Record]) -> tuple[ObservationBatch, PositionBatch, Sequence[Event]]:
    observations = [r.observations for r in part if r.observations is not None]
    positions = [r.positions for r in part if r.positions is not None]
    return (
        ObservationBatch.concat(observations),
        PositionBatch.concat(positions),
        [event for record in part for event in record.events],
    )
