"""A stream worker that says how it is: alive, and how far behind the log.

A wrapper around the worker's handler, on the worker's own thread: a worker that hangs, in a commit or anywhere else,
falls silent, and its silence is what health pages and the rules for the center itself (``services.center_health``) see.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from ops_center.bus.port import Bus
from ops_center.bus.worker import Handler, Rhythm, Worker
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.messages import RawMessage, TopicPartition
from ops_center.domain.time import SECOND_US, Clock
from ops_center.store.port import StreamStore
from ops_center.store.pulses import this_process
from ops_center.store.rule_port import Pulse

log = structlog.get_logger(__name__)

_SPEAKS_EVERY_S = 2.0
_AFTER_A_FAILURE_S = 10.0
"""where the database is away: to ask it costs time in which nothing is read"""


def speaking_worker(bus: Bus, handler: Handler, rhythm: Rhythm, store: StreamStore, clock: Clock) -> Worker:
    """Return a worker whose handler speaks through ``store``, which is used by the worker's thread alone."""
    speaking = Speaking(handler, store.speak, clock)
    worker = Worker(bus, speaking, rhythm)
    speaking.unread = worker.unread
    return worker


class Speaking:
    """Does what ``handler`` does, and speaks when it is idle. ``unread`` is the loop's."""

    def __init__(
        self,
        handler: Handler,
        speak: Callable[[Pulse], None],
        clock: Clock,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._handler = handler
        self._speak = speak
        self._clock = clock
        self._now_s = monotonic_s
        self._instance = this_process()
        self._read_us: dict[tuple[str, int], int] = {}
        """topic and partition → when the last record that was read had arrived on the log"""
        self._waits_since_s: float | None = None
        self._due_s = 0.0
        self.name = handler.name
        self.topics = handler.topics
        self.unread: Callable[[], Mapping[TopicPartition, int]] = dict

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Go on where the handler says."""
        return self._handler.gained(partitions)

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        """Hear of what others have now."""
        for partition in partitions:
            self._read_us.pop((partition.topic, partition.partition), None)
        self._handler.lost(partitions)
        self._look_what_waits()

    def reset(self) -> None:
        """Start over."""
        self._read_us.clear()
        self._waits_since_s = None
        self._handler.reset()

    def take(self, messages: Sequence[RawMessage]) -> None:
        """Hand the messages on."""
        self._read_us.update({(message.topic, message.partition): message.time_us for message in messages})
        self._handler.take(messages)
        self._look_what_waits()

    @property
    def pending(self) -> int:
        """Return how much the handler holds."""
        return self._handler.pending

    def commit(self) -> Mapping[TopicPartition, str]:
        """Have the handler commit."""
        positions = self._handler.commit()
        self._look_what_waits()
        return positions

    def idle(self) -> None:
        """Speak, where it is time to, and let the handler look after its own."""
        self._handler.idle()
        now_s = self._now_s()
        if now_s < self._due_s:
            return
        self._due_s = now_s + _SPEAKS_EVERY_S
        try:
            self._speak(self._pulse(now_s))
        except OpsCenterError as error:
            if not error.retriable:
                raise
            log.debug("worker.cannot_speak", worker=self.name, why=str(error))
            self._due_s = self._now_s() + _AFTER_A_FAILURE_S

    def _look_what_waits(self) -> None:
        if not self._handler.pending:
            self._waits_since_s = None
        elif self._waits_since_s is None:
            self._waits_since_s = self._now_s()

    def _pulse(self, now_s: float) -> Pulse:
        """How old is the oldest that isn't read, or is read and not committed, as far as that can be told?"""
        now_us, unread = self._clock.now_us(), self.unread()
        behind = [self._read_us.get((place.topic, place.partition), now_us) for place, count in unread.items() if count]
        unread_s = max((now_us - read_us) / SECOND_US for read_us in [*behind, now_us])
        waits_s = now_s - self._waits_since_s if self._waits_since_s is not None else 0.0
        return Pulse(self.name, self._instance, now_us, sum(unread.values()), max(unread_s, waits_s, 0.0))
