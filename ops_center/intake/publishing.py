"""The live worker: canonical records become the latest values that every screen mirrors.

Run by ``run.py live`` through bootstrap, on the loop that all stream workers share. It starts near the end of the
log: from its own mark if that is fresh, else from now on with the store's latest values beneath; days of log are never
read again. Values are taken in as they come and published by a thread of their own, at once when it was quiet, then at
least 200 ms apart, so that a slow cache never holds up the reading.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import structlog

from ops_center.bus.port import END, Bus
from ops_center.bus.worker import Rhythm, Worker
from ops_center.domain.errors import LiveUnavailable, OpsCenterError, WireError
from ops_center.domain.messages import RawMessage, TopicPartition
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.time import HOUR_US, MINUTE_US, Clock
from ops_center.domain.topics import CANONICAL, EVENTS, OBSERVATIONS, POSITIONS
from ops_center.domain.wire import decode_events, decode_observations, decode_positions
from ops_center.live.port import LiveWriter, Mark
from ops_center.store.port import HistoryStore

log = structlog.get_logger(__name__)

RHYTHM = Rhythm(commit_at=50_000, commit_after_s=1.0, stop_reading_at=1_000_000)
APART_S = 0.2
"""least time between two flushes"""
_TICK_S = 1.0
"""a flush without news says that the worker is alive"""
_FRESH_US = 5 * MINUTE_US
"""a mark older than this is not gone on from: the store knows what came meanwhile, and reads faster than the log"""
_REBUILD_PAUSE_TURNS = 5
"""idle turns (about a second each) between two tries to read the store"""


def run_live(bus: Bus, writer: LiveWriter, history: HistoryStore, clock: Clock, stop: threading.Event) -> None:
    """Run the live worker until ``stop``. ``writer`` is closed at the end; bus and store are the caller's."""
    handler = LiveHandler(writer, history, clock)
    handler.begin()
    flusher = Flusher(writer, handler.changed)
    flusher.start()
    try:
        Worker(bus, handler, RHYTHM).run(stop)
    finally:
        flusher.stop()
        writer.close()


class LiveHandler:
    """Takes canonical records into the live values."""

    name = "live"
    topics = CANONICAL

    def __init__(self, writer: LiveWriter, history: HistoryStore, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        self._rebuild = Rebuild(writer, history, clock)
        self._read: dict[TopicPartition, Mark] = {}
        self._taken = 0
        self._damaged = 0
        self.changed = threading.Event()
        """set when there is something to flush"""

    def begin(self) -> None:
        """Take in what the cache holds; where that is nothing, or it doesn't answer, ask the store."""
        try:
            whole = self._writer.load()
        except LiveUnavailable as error:
            log.warning("live.cache_unavailable", reason=str(error))
            whole = False
        if not whole:
            self._rebuild.need()

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Go on from a fresh mark; else from now on, and let the store tell what came before."""
        try:
            marks = self._writer.marks()
        except LiveUnavailable:
            marks = {}
        oldest_us = self._clock.now_us() - _FRESH_US
        fresh = {p: marks[p].position for p in partitions if p in marks and marks[p].time_us >= oldest_us}
        if len(fresh) < len(partitions):
            self._rebuild.need()
        return {partition: fresh.get(partition, END) for partition in partitions}

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        """Forget how far they were read; values stay, newer ones win wherever they come from."""
        for partition in partitions:
            self._read.pop(partition, None)

    def reset(self) -> None:
        """Start over; taking the same records again changes nothing."""
        self._read.clear()
        self._taken = 0

    def take(self, messages: Sequence[RawMessage]) -> None:
        """Take records in; damaged ones are passed over."""
        batches = Batches()
        for message in messages:
            try:
                batches.add(message)
            except WireError as error:
                self._passed_over(message, error)
        self._writer.apply(*batches.joined())
        marks = {TopicPartition(m.topic, m.partition): Mark(m.position, m.time_us) for m in messages}
        self._writer.mark(marks)
        self._read.update(marks)
        self._taken += len(messages)
        self.changed.set()

    @property
    def pending(self) -> int:
        """Return how many records were taken since the last commit."""
        return self._taken

    def commit(self) -> Mapping[TopicPartition, str]:
        """Return how far everything was taken: the writer keeps its own marks, with the blocks."""
        read = {partition: mark.position for partition, mark in self._read.items()}
        self._read.clear()
        self._taken = 0
        return read

    def idle(self) -> None:
        """Rebuild from the store when that is needed."""
        self._rebuild.try_if_due(self.changed)

    def _passed_over(self, message: RawMessage, error: WireError) -> None:
        self._damaged += 1
        if self._damaged == 1:
            origin = f"{message.topic}/{message.partition}/{message.position}"
            log.error("live.record_damaged", origin=origin, reason=str(error))


class Batches:
    """Canonical records of several partitions, decoded, to be applied at once."""

    def __init__(self) -> None:
        self._observations: list[ObservationBatch] = []
        self._positions: list[PositionBatch] = []
        self._events: list[Event] = []

    def add(self, message: RawMessage) -> None:
        """Decode one record; raises WireError."""
        match message.topic:
            case topic if topic == OBSERVATIONS:
                self._observations.append(decode_observations(message.value))
            case topic if topic == POSITIONS:
                self._positions.append(decode_positions(message.value))
            case topic if topic == EVENTS:
                self._events += decode_events(message.value)

    def joined(self) -> tuple[ObservationBatch, PositionBatch, Sequence[Event]]:
        """Return everything as one batch of each kind, in the order it came."""
        return ObservationBatch.concat(self._observations), PositionBatch.concat(self._positions), self._events


class Rebuild:
    """Brings the store's latest values into the live ones, in a thread of its own, until it has worked once."""

    def __init__(self, writer: LiveWriter, history: HistoryStore, clock: Clock) -> None:
        self._writer = writer
        self._history = history
        self._clock = clock
        self._needed = threading.Event()
        self._thread: threading.Thread | None = None
        self._turns_to_wait = 0
        self._failing = False

    def need(self) -> None:
        """Say that the latest values may lack something."""
        self._needed.set()
        self._turns_to_wait = 0

    def try_if_due(self, changed: threading.Event) -> None:
        """Begin, unless it is running, not needed, or was tried just now."""
        if not self._needed.is_set() or (self._thread is not None and self._thread.is_alive()):
            return
        if self._turns_to_wait:
            self._turns_to_wait -= 1
            return
        self._needed.clear()
        self._thread = threading.Thread(target=self._run, args=(changed,), name="live rebuild", daemon=True)
        self._thread.start()

    def _run(self, changed: threading.Event) -> None:
        try:
            observations, positions = self._history.latest(), self._history.latest_positions()
            events = self._history.events_since(self._clock.now_us() - HOUR_US)
        except OpsCenterError as error:
            self._failed(error)
            return
        self._writer.apply(observations, positions, events)
        self._failing = False
        changed.set()
        log.info(
            "live.rebuilt_from_store", observations=len(observations), positions=len(positions), events=len(events)
        )

    def _failed(self, error: OpsCenterError) -> None:
        if not self._failing:
            log.warning("live.store_unavailable", reason=str(error))
        self._failing = True
        self._turns_to_wait = _REBUILD_PAUSE_TURNS
        self._needed.set()


class Flusher:
    """Publishes: at once when it was quiet, then at least 200 ms apart, and once a second in any case."""

    def __init__(self, writer: LiveWriter, changed: threading.Event) -> None:
        self._writer = writer
        self._changed = changed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live flusher", daemon=True)
        self._failing = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the flush that is under way."""
        self._stop.set()
        self._changed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._changed.wait(_TICK_S)
            self._changed.clear()
            self._flush()
            self._stop.wait(APART_S)

    def _flush(self) -> None:
        try:
            self._writer.flush()
        except LiveUnavailable as error:
            if not self._failing:
                log.warning("live.cannot_publish", reason=str(error))
            self._failing = True
            # Keep trying without waiting for news: everything is to be published when the cache is back.
            self._changed.set()
        else:
            if self._failing:
                log.info("live.publishes_again")
            self._failing = False
