"""What the cache of live values can do.

The live worker applies batches and flushes; every web process mirrors the blocks and follows the flushes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from ops_center.domain.messages import TopicPartition
from ops_center.domain.observations import (
    Event,
    Float64,
    Int32,
    Int64,
    ObservationBatch,
    PositionBatch,
    UInt8,
)


@dataclass(slots=True, eq=False)
class LatestValues:
    """Latest observation by datastream key; arrays grow with the catalog."""

    time_us: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    """0: never received"""
    result: Float64 = field(default_factory=lambda: np.zeros(0, np.float64))
    quality: UInt8 = field(default_factory=lambda: np.zeros(0, np.uint8))
    result_time_us: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    """decides which of two results for the same phenomenon time counts: the later one"""


@dataclass(slots=True, eq=False)
class LatestPositions:
    """Latest fix by thing key; arrays grow with the catalog, time 0 where a thing never sent one."""

    time_us: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    longitude: Float64 = field(default_factory=lambda: np.zeros(0, np.float64))
    latitude: Float64 = field(default_factory=lambda: np.zeros(0, np.float64))
    speed_mps: Float64 = field(default_factory=lambda: np.zeros(0, np.float64))
    heading_deg: Float64 = field(default_factory=lambda: np.zeros(0, np.float64))
    quality: UInt8 = field(default_factory=lambda: np.zeros(0, np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """What a flush brought: which keys changed, for marking cells."""

    datastreams: Int32
    """int32[n], sorted, unique"""
    things: Int32
    """int32[m], sorted, unique"""
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a live worker has read a partition."""

    position: str
    """as the bus counts"""
    time_us: int
    """the bus's time of the record there: tells whether going on from it is worth while"""


@dataclass(frozen=True, slots=True)
class LiveHealth:
    """How well this process is connected to the live values."""

    status: Literal["ok", "aged", "lost"]
    """``aged``: no live worker speaks; ``lost``: the cache doesn't answer. What is shown is then what it was."""
    age_s: float | None
    """since a live worker last spoke (it does every second, even without news); None: never"""


class LiveWriter(Protocol):
    """What the live worker writes to. Thread-safe: one thread applies, another flushes."""

    def load(self) -> bool:
        """Take in what the cache holds; False where it is empty or damaged, so that the store must help.

        Raises LiveUnavailable.
        """
        ...

    def apply(self, observations: ObservationBatch, positions: PositionBatch, events: Sequence[Event]) -> None:
        """Take newer values into the arrays; older ones, and the same again, change nothing."""
        ...

    def mark(self, marks: Mapping[TopicPartition, Mark]) -> None:
        """Note how far what was applied reaches; kept in the cache once the blocks hold it."""
        ...

    def marks(self) -> Mapping[TopicPartition, Mark]:
        """Return what is kept; raises LiveUnavailable."""
        ...

    def flush(self) -> int:
        """Publish what changed since the last flush; return how many rows and events.

        Raises LiveUnavailable: everything is kept, and the next flush that succeeds publishes it all again.
        """
        ...

    def close(self) -> None:
        """Save what is not yet saved, if the cache answers, and let go of the connection."""
        ...


class LiveMirror(Protocol):
    """What a web process reads: its own copy of the arrays, changed only by ``load`` and ``follow``."""

    @property
    def values(self) -> LatestValues:
        """Return the latest observations."""
        ...

    @property
    def positions(self) -> LatestPositions:
        """Return the latest fixes."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """Return the events of the last hour, oldest first."""
        ...

    def load(self) -> Changed:
        """Read all blocks and return what they brought; raises LiveUnavailable."""
        ...

    def follow(self, timeout_s: float) -> Changed | None:
        """Wait for the next flush and take it in; None after ``timeout_s``; raises LiveUnavailable."""
        ...

    def health(self) -> LiveHealth:
        """Return how old what it holds is; never waits."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...
