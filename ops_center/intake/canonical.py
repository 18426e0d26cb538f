"""From what feeds decoded to canonical records, in the partition of the raw ones. Used by intake and releasing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from ops_center.bus.port import Producer
from ops_center.domain.messages import Decoded, Outgoing
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.topics import EVENTS, OBSERVATIONS, POSITIONS
from ops_center.domain.wire import encode_events, encode_observations, encode_positions

B = TypeVar("B", ObservationBatch, PositionBatch)

_ROWS_PER_RECORD = 16_384
"""29 bytes each: half of the largest record that Kafka takes by default"""
_EVENTS_PER_RECORD = 200


def publish(producer: Producer, found: Sequence[tuple[int, Decoded]]) -> None:
    """Send everything, by partition number, and return when it is durable. Raises BusFull, BusUnavailable."""
    by_partition: dict[int, list[Decoded]] = {}
    for partition, decoded in found:
        by_partition.setdefault(partition, []).append(decoded)
    records: dict[str, list[Outgoing]] = {}
    for partition, parts in by_partition.items():
        for topic, record in _records(partition, parts):
            records.setdefault(topic, []).append(record)
    for topic, outgoing in records.items():
        producer.send(topic, outgoing)
    if records:
        producer.flush()


def _records(partition: int, parts: Sequence[Decoded]) -> Iterator[tuple[str, Outgoing]]:
    observations = ObservationBatch.concat([part.observations for part in parts if len(part.observations)])
    positions = PositionBatch.concat([part.positions for part in parts if len(part.positions)])
    for rows in _cut(observations):
        yield OBSERVATIONS, Outgoing(b"", encode_observations(rows), len(rows), partition)
    for fixes in _cut(positions):
        yield POSITIONS, Outgoing(b"", encode_positions(fixes), len(fixes), partition)
    for events in _groups([event for part in parts for event in part.events]):
        yield EVENTS, Outgoing(b"", encode_events(events), len(events), partition)


def _cut(batch: B) -> Iterator[B]:
    if len(batch) <= _ROWS_PER_RECORD:
        if len(batch):
            yield batch
        return
    for start in range(0, len(batch), _ROWS_PER_RECORD):
        yield batch.take(np.arange(start, min(start + _ROWS_PER_RECORD, len(batch))))


def _groups(events: Sequence[Event]) -> Iterator[tuple[Event, ...]]:
    for start in range(0, len(events), _EVENTS_PER_RECORD):
        yield tuple(events[start : start + _EVENTS_PER_RECORD])
