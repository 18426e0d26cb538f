"""What the cache of live values can do.

The live worker applies batches and flushes; every web process mirrors the blocks and follows the flushes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ops_center.domain.observations import (
    Event,
    Float64,
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

    datastreams: np.ndarray
    """int32[n], sorted, unique"""
    things: np.ndarray
    """int32[m], sorted, unique"""
    events: tuple[Event, ...]


class LiveWriter(Protocol):
    """What the live worker writes to."""

    def apply(self, observations: ObservationBatch, positions: PositionBatch, events: Sequence[Event]) -> None:
        """Take newer values into the arrays; older ones change nothing."""
        ...

    def flush(self) -> int:
        """Publish everything that changed since the last flush as packed blocks; return how many blocks."""
        ...


class LiveMirror(Protocol):
    """What a web process reads: its own copy of the arrays."""

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

    def load(self) -> None:
        """Read all blocks; raises LiveUnavailable."""
        ...

    def follow(self, timeout_s: float) -> Changed | None:
        """Wait for the next flush and take it in; None after ``timeout_s``; raises LiveUnavailable."""
        ...
