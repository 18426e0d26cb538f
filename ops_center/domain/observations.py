"""The unit of work: batches of observations and positions as a struct of arrays, and single events.

From intake to the pixel observations travel in these arrays: Python runs once per batch, numpy once per
observation. COPY buffers, rule memories, live values and frames are made from them. What is rare and rich
(camera events, warnings) are objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]
UInt8 = NDArray[np.uint8]


class Quality(IntFlag):
    """What is odd about a stored value; 0 is good. Impossible values are quarantined instead."""

    GOOD = 0
    OUT_OF_RANGE = 1
    """beyond what is plausible for its datastream"""
    STUCK = 2
    """unchanged for longer than its datastream ever stays"""
    JUMP = 4
    """moved faster than its datastream can"""
    LATE = 8
    """arrived later than its feed allows"""
    SUSPECT = 16
    """the source itself doubts it"""
    ESTIMATED = 32
    """filled in by the source or by a model"""
    SIMULATED = 64
    """made by the model city"""


@dataclass(frozen=True, slots=True, eq=False)
class ObservationBatch:
    """n observations; arrays share one length and are never changed in place.

    Order matters: of two equal (datastream, phenomenon time) the one with the later result time counts.
    """

    datastream: Int32
    """key of the datastream, given by the catalog"""
    phenomenon_time_us: Int64
    """µs since the epoch, UTC: the instant, or the start of the interval (the datastream says which)"""
    result: Float64
    """in the datastream's unit; never NaN or infinite"""
    quality: UInt8
    """flags of :class:`Quality`"""
    result_time_us: Int64
    """µs since the epoch, UTC: when the source made the result; the bus's time of arrival if it doesn't say"""
    received_us: int
    """µs since the epoch, UTC: when intake took the batch"""

    def __len__(self) -> int:
        return len(self.datastream)

    @classmethod
    def empty(cls, received_us: int = 0) -> Self:
        """Return a batch of no observations."""
        return cls(
            np.empty(0, np.int32),
            np.empty(0, np.int64),
            np.empty(0, np.float64),
            np.empty(0, np.uint8),
            np.empty(0, np.int64),
            received_us,
        )

    @classmethod
    def concat(cls, batches: Sequence[ObservationBatch]) -> ObservationBatch:
        """Return the batches in order as one; received is the latest of theirs."""
        if len(batches) == 1:
            return batches[0]
        if not batches:
            return ObservationBatch.empty()
        return ObservationBatch(
            np.concatenate([b.datastream for b in batches]),
            np.concatenate([b.phenomenon_time_us for b in batches]),
            np.concatenate([b.result for b in batches]),
            np.concatenate([b.quality for b in batches]),
            np.concatenate([b.result_time_us for b in batches]),
            max(b.received_us for b in batches),
        )

    def take(self, index: NDArray[Any]) -> ObservationBatch:
        """Return the rows of ``index`` (a mask or positions)."""
        return ObservationBatch(
            self.datastream[index],
            self.phenomenon_time_us[index],
            self.result[index],
            self.quality[index],
            self.result_time_us[index],
            self.received_us,
        )


@dataclass(frozen=True, slots=True, eq=False)
class PositionBatch:
    """n fixes of things that move; arrays share one length."""

    thing: Int32
    """key of the thing, given by the catalog"""
    phenomenon_time_us: Int64
    """µs since the epoch, UTC"""
    longitude: Float64
    """degrees east, WGS 84"""
    latitude: Float64
    """degrees north, WGS 84"""
    speed_mps: Float64
    heading_deg: Float64
    """clockwise from north, 0 to 360"""
    quality: UInt8
    """flags of :class:`Quality`"""
    received_us: int
    """µs since the epoch, UTC: when intake took the batch"""

    def __len__(self) -> int:
        return len(self.thing)

    @classmethod
    def empty(cls, received_us: int = 0) -> Self:
        """Return a batch of no fixes."""
        return cls(
            np.empty(0, np.int32),
            np.empty(0, np.int64),
            np.empty(0, np.float64),
            np.empty(0, np.float64),
            np.empty(0, np.float64),
            np.empty(0, np.float64),
            np.empty(0, np.uint8),
            received_us,
        )

    @classmethod
    def concat(cls, batches: Sequence[PositionBatch]) -> PositionBatch:
        """Return the batches in order as one; received is the latest of theirs."""
        if len(batches) == 1:
            return batches[0]
        if not batches:
            return PositionBatch.empty()
        return PositionBatch(
            np.concatenate([b.thing for b in batches]),
            np.concatenate([b.phenomenon_time_us for b in batches]),
            np.concatenate([b.longitude for b in batches]),
            np.concatenate([b.latitude for b in batches]),
            np.concatenate([b.speed_mps for b in batches]),
            np.concatenate([b.heading_deg for b in batches]),
            np.concatenate([b.quality for b in batches]),
            max(b.received_us for b in batches),
        )

    def take(self, index: NDArray[Any]) -> PositionBatch:
        """Return the rows of ``index`` (a mask or positions)."""
        return PositionBatch(
            self.thing[index],
            self.phenomenon_time_us[index],
            self.longitude[index],
            self.latitude[index],
            self.speed_mps[index],
            self.heading_deg[index],
            self.quality[index],
            self.received_us,
        )


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened once: a camera saw smoke, the weather office warns of a storm."""

    event_id: str
    """the source's identifier; unique per feed, so that a repeated delivery is recognised"""
    feed: str
    thing: int
    """key of the thing that reports it (the camera, the weather office)"""
    kind: str
    """dotted, e.g. ``video.stopped_vehicle``, ``warning.rainstorm``"""
    phenomenon_time_us: int
    received_us: int
    longitude: float
    latitude: float
    confidence: float
    """0 to 1"""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """JSON values: snapshot reference, level, area, valid until"""
