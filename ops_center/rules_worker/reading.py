"""Records as a rule sees them, and up to when all of the log was read. Called by ``judging``.

The log has several ends: topics and their partitions are read at their own pace, and after a pause some are far behind
others. Time may pass for rules only as far as everything was read, or a sensor whose records lie unread would be
missed as a silent one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import structlog

from ops_center.domain.errors import WireError
from ops_center.domain.messages import RawMessage, TopicPartition
from ops_center.domain.observations import Event, Int32, ObservationBatch, PositionBatch
from ops_center.domain.time import SECOND_US
from ops_center.domain.topics import EVENTS, OBSERVATIONS, POSITIONS
from ops_center.domain.wire import decode_events, decode_observations, decode_positions

log = structlog.get_logger(__name__)

_UNDER_WAY_US = SECOND_US
"""from when intake took a record until it lies on the log, and between two clocks"""


class Batches:
    """The records of one poll, decoded and joined; what is none of ours is counted, quarantine is the writer's."""

    def __init__(self, messages: Sequence[RawMessage]) -> None:
        self._observations: list[tuple[int, ObservationBatch]] = []
        self._positions: list[tuple[int, PositionBatch]] = []
        self.events: list[Event] = []
        self.damaged = 0
        for message in messages:
            try:
                self._add(message)
            except WireError as error:
                self.damaged += 1
                origin = f"{message.topic}/{message.partition}/{message.position}"
                log.debug("rules.record_damaged", origin=origin, why=str(error))

    @property
    def observations(self) -> tuple[ObservationBatch, Int32]:
        """Return all observations in the order they came, and the partition of each."""
        return ObservationBatch.concat([batch for _, batch in self._observations]), _sources(self._observations)

    @property
    def positions(self) -> tuple[PositionBatch, Int32]:
        """Return all fixes in the order they came, and the partition of each."""
        return PositionBatch.concat([batch for _, batch in self._positions]), _sources(self._positions)

    def _add(self, message: RawMessage) -> None:
        match message.topic:
            case topic if topic == OBSERVATIONS:
                self._observations.append((message.partition, decode_observations(message.value)))
            case topic if topic == POSITIONS:
                self._positions.append((message.partition, decode_positions(message.value)))
            case topic if topic == EVENTS:
                self.events += decode_events(message.value)


def _sources(batches: Sequence[tuple[int, ObservationBatch | PositionBatch]]) -> Int32:
    numbers, sizes = [number for number, _ in batches], [len(batch) for _, batch in batches]
    return np.repeat(np.array(numbers, np.int32), sizes)


class Progress:
    """How far each partition was read."""

    def __init__(self, partitions: frozenset[TopicPartition]) -> None:
        self._last_us: dict[TopicPartition, int] = dict.fromkeys(partitions, 0)
        """when the last record that was read had arrived on the log"""

    def saw(self, messages: Sequence[RawMessage]) -> None:
        """Take note of what was read."""
        for message in messages:
            self._last_us[TopicPartition(message.topic, message.partition)] = message.time_us

    def until_us(self, unread: Mapping[TopicPartition, int], asked_us: int) -> int:
        """Return up to when everything was read; 0: unknown, since not all partitions are ours yet.

        ``unread``: how many records of each lay unread at ``asked_us``.
        """
        if any(partition not in unread for partition in self._last_us):
            return 0
        behind = [self._last_us.get(partition, 0) for partition, count in unread.items() if count > 0]
        return max(min([asked_us, *behind]) - _UNDER_WAY_US, 0)

    def lag_s(self, unread: Mapping[TopicPartition, int], asked_us: int) -> float:
        """Return how old the oldest record is that is not read yet, as far as that can be told."""
        behind = [self._last_us.get(partition, 0) for partition, count in unread.items() if count > 0]
        known = [one for one in behind if one]
        return max(asked_us - min(known), 0) / SECOND_US if known else 0.0
