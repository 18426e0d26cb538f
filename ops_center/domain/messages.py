"""What travels on the bus, what a feed makes of it, and why something is refused.

The bus and intake exchange :class:`RawMessage`; a feed turns messages into :class:`Decoded`; the world is
observed as :class:`Outgoing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.text import Label


@dataclass(frozen=True, slots=True, order=True)
class TopicPartition:
    """One partition of one topic."""

    topic: str
    partition: int


class RawMessage(NamedTuple):
    """One record as read from the bus. A tuple: it is made once per record on the hot path."""

    topic: str
    partition: int
    position: str
    """where it lies in its partition, as the bus counts (Kafka: offset; Redis Streams: entry id)"""
    key: bytes
    value: bytes
    time_us: int
    """the bus's own time of arrival, the same however often it is delivered"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to be sent; its key decides the partition."""

    key: bytes
    value: bytes
    count: int = 1
    """how many observations, fixes and events it carries: what `sent` counts"""
    partition: int | None = None
    """the partition, where it is not the key that decides"""


class RejectReason(Enum):
    """Why something is impossible and goes to quarantine."""

    NOT_DECODABLE = "not_decodable"
    UNKNOWN_DATASTREAM = "unknown_datastream"
    NOT_A_NUMBER = "not_a_number"
    BEYOND_PHYSICS = "beyond_physics"
    OVERSIZED = "oversized"
    OUTSIDE_TIME_WINDOW = "outside_time_window"

    @property
    def label(self) -> Label:
        """Return the reason as operators read it."""
        return _REASONS[self]

    @property
    def releasable(self) -> bool:
        """Return whether registering a thing can make it acceptable."""
        return self is RejectReason.UNKNOWN_DATASTREAM


_REASONS = {
    RejectReason.NOT_DECODABLE: Label("无法解码", "not decodable"),
    RejectReason.UNKNOWN_DATASTREAM: Label("未登记的数据流", "unknown datastream"),
    RejectReason.NOT_A_NUMBER: Label("不是数值", "not a number"),
    RejectReason.BEYOND_PHYSICS: Label("超出物理可能", "beyond physics"),
    RejectReason.OVERSIZED: Label("消息过大", "oversized"),
    RejectReason.OUTSIDE_TIME_WINDOW: Label("时间超出窗口", "time outside the window"),
}


@dataclass(frozen=True, slots=True)
class Reject:
    """What was refused of one message; one for each (message, reason)."""

    message: int
    """index of the message within the batch given to ``decode``"""
    reason: RejectReason
    count: int
    """how many observations, fixes or events of the message; 1 where it can't be told"""
    detail: str
    """for the one who can act: the field, the value, the id (bounded to 200 characters)"""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a feed made of some messages. Sent = accepted + rejected, always."""

    observations: ObservationBatch = field(default_factory=ObservationBatch.empty)
    positions: PositionBatch = field(default_factory=PositionBatch.empty)
    events: tuple[Event, ...] = ()
    rejects: tuple[Reject, ...] = ()

    @property
    def accepted(self) -> int:
        """Return how many observations, fixes and events were accepted."""
        return len(self.observations) + len(self.positions) + len(self.events)

    @property
    def rejected(self) -> int:
        """Return how many observations, fixes and events were refused."""
        return sum(reject.count for reject in self.rejects)
