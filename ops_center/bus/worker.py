"""The loop that all stream workers share: read, take, commit, and live through whatever fails.

A :class:`Handler` says what a worker does; the loop knows when. Reading goes on while a commit fails, as long as the
handler has room; then it stops (back-pressure). Whatever can't be repaired in place starts over from the positions
that the database holds: everything behind the log recognises repeats.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from ops_center.bus.port import Bus, Consumer
from ops_center.domain.errors import BusError, Fenced, OpsCenterError
from ops_center.domain.messages import RawMessage, TopicPartition

log = structlog.get_logger(__name__)

_POLL_S = 0.05
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_QUIET_S = 30.0
"""without a failure for so long, a worker that has nothing to commit counts as recovered"""


class Handler(Protocol):
    """What one kind of worker does with messages. Called by one thread."""

    @property
    def name(self) -> str:
        """Return the consumer group, which is also the worker's name in the database and the logs."""
        ...

    @property
    def topics(self) -> Sequence[str]:
        """Return what it reads."""
        ...

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Return where to go on in partitions that are new to it (None: from the beginning)."""
        ...

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        """Drop what was taken from them and not committed."""
        ...

    def reset(self) -> None:
        """Drop everything that was taken and not committed: the worker starts over."""
        ...

    def take(self, messages: Sequence[RawMessage]) -> None:
        """Take messages in; what it raises makes the worker start over from the committed positions."""
        ...

    @property
    def pending(self) -> int:
        """Return how much was taken and is not committed, in the handler's own unit."""
        ...

    def commit(self) -> Mapping[TopicPartition, str]:
        """Make everything taken durable and return how far that is; {} where there is nothing.

        A retriable error leaves everything pending: it is tried again. Fenced starts over.
        """
        ...

    def idle(self) -> None:
        """Do what is to be done now and then: look at the catalog's version. Called about once a second."""
        ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a worker commits and when it stops reading."""

    commit_at: int
    """pending that makes a commit due at once"""
    commit_after_s: float
    """age of the oldest pending that makes a commit due"""
    stop_reading_at: int
    """pending that stops reading: back-pressure instead of growth"""
    poll_records: int = 5_000
    """most records taken at a time"""
    poll_bytes: int = 2 << 20
    """about how much is taken at a time: some records hold one observation, some thousands. Small enough that those
    behind have something to do meanwhile and a backlog never comes as one giant transaction"""
    idle_every_s: float = 1.0


@dataclass(slots=True)
class Pause:
    """A pause that grows with each failure in a row."""

    length_s: float = 0.0

    def grow(self) -> float:
        """Return how long to wait after one more failure."""
        self.length_s = min(max(_FIRST_PAUSE_S, 2 * self.length_s), _LONGEST_PAUSE_S)
        return self.length_s

    def reset(self) -> bool:
        """Forget the failures; return whether there were any."""
        failed, self.length_s = self.length_s > 0, 0.0
        return failed


@dataclass(slots=True)
class Portion:
    """How many records to ask for, by the size of those that came last."""

    rhythm: Rhythm
    records: int = 100

    def learn(self, messages: Sequence[RawMessage]) -> None:
        """Look at what came; grows slowly, shrinks at once."""
        mean_bytes = sum(len(message.value) for message in messages) / len(messages)
        fitting = int(self.rhythm.poll_bytes / max(mean_bytes, 1.0))
        self.records = max(1, min(fitting, 4 * self.records, self.rhythm.poll_records))


class Worker:
    """Runs one handler on one bus until it is stopped."""

    def __init__(
        self, bus: Bus, handler: Handler, rhythm: Rhythm, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._bus = bus
        self._handler = handler
        self._rhythm = rhythm
        self._now_s = monotonic_s
        self._consumer: Consumer | None = None
        self._portion = Portion(rhythm)
        self._reading = Pause()
        self._failed_s = 0.0
        self._committing = Pause()
        self._commit_not_before_s = 0.0
        self._pending_since_s: float | None = None
        self._idle_due_s = 0.0
        self._log = log.bind(worker=handler.name)

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop``; then commit what is pending, once, and leave the group."""
        while not stop.is_set():
            stop.wait(self.turn())
        self.leave()

    def turn(self) -> float:
        """Read, commit if it is due; return how many seconds to wait before the next turn."""
        try:
            self._read()
            self._commit_if_due()
            self._idle_if_due()
        except OpsCenterError as error:
            return self._start_over(error)
        if self._now_s() >= self._failed_s + _QUIET_S:
            self._recovered()
        return 0.0 if self._handler.pending < self._rhythm.stop_reading_at else _POLL_S

    def unread(self) -> Mapping[TopicPartition, int]:
        """Return how many records of each partition that is ours are not read yet. Raises BusUnavailable."""
        return {} if self._consumer is None else self._consumer.lag()

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Answer the bus where to go on."""
        self._log.info("worker.gained", partitions=_named(partitions))
        return self._handler.gained(partitions)

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        """Hear from the bus that others own the partitions now."""
        self._log.info("worker.lost", partitions=_named(partitions))
        self._handler.lost(partitions)
        if not self._handler.pending:
            self._pending_since_s = None

    def _read(self) -> None:
        if self._handler.pending >= self._rhythm.stop_reading_at:
            return
        if self._consumer is None:
            self._consumer = self._bus.consumer(self._handler.name, self._handler.topics, self)
        messages = self._consumer.poll(_POLL_S, self._portion.records)
        if messages:
            self._portion.learn(messages)
            self._handler.take(messages)
            if self._pending_since_s is None:
                self._pending_since_s = self._now_s()

    def _commit_if_due(self) -> None:
        now_s = self._now_s()
        since_s = self._pending_since_s
        if since_s is None or now_s < self._commit_not_before_s:
            return
        if self._handler.pending >= self._rhythm.commit_at or now_s - since_s >= self._rhythm.commit_after_s:
            self._commit()

    def _commit(self) -> None:
        try:
            positions = self._handler.commit()
        except OpsCenterError as error:
            if not error.retriable or isinstance(error, BusError):
                raise
            self._postpone(error)
            return
        self._pending_since_s = None
        if self._committing.reset():
            self._log.info("worker.commits_again")
        if positions and self._consumer is not None:
            self._consumer.done(positions)
            self._recovered()

    def _recovered(self) -> None:
        """A poll that worked proves little, as what it brings may be what fails; a commit does, or a quiet while."""
        if self._reading.reset():
            self._log.info("worker.recovered")

    def _postpone(self, error: OpsCenterError) -> None:
        if not self._committing.length_s:
            self._log.warning("worker.cannot_commit", error=str(error), pending=self._handler.pending)
        self._commit_not_before_s = self._now_s() + self._committing.grow()

    def _idle_if_due(self) -> None:
        now_s = self._now_s()
        if now_s >= self._idle_due_s:
            self._idle_due_s = now_s + self._rhythm.idle_every_s
            self._handler.idle()

    def _start_over(self, error: OpsCenterError) -> float:
        """Leave the group, drop everything and join again after a pause: the database knows where to go on."""
        if not self._reading.length_s:
            kind = "worker.fenced" if isinstance(error, Fenced) else "worker.failed"
            self._log.warning(kind, error=str(error), retriable=error.retriable)
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            _close_quietly(consumer)
        self._handler.reset()
        self._pending_since_s = None
        self._failed_s = self._now_s()
        return self._reading.grow()

    def leave(self) -> None:
        """Commit what is pending, once, and leave the group."""
        try:
            if self._pending_since_s is not None:
                self._commit()
        except OpsCenterError as error:
            self._log.warning("worker.left_uncommitted", error=str(error), pending=self._handler.pending)
        if self._consumer is not None:
            _close_quietly(self._consumer)
        self._log.info("worker.stopped")


def _close_quietly(consumer: Consumer) -> None:
    try:
        consumer.close()
    except OpsCenterError as error:
        log.debug("worker.close_failed", error=str(error))


def _named(partitions: frozenset[TopicPartition]) -> str:
    return " ".join(f"{partition.topic}/{partition.partition}" for partition in sorted(partitions)) or "none"
