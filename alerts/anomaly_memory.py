"""What the anomaly detector remembers: a struct of arrays, one row per datastream, of fixed size.

Made and grown by the worker that owns a partition, changed in place by ``alerts.anomaly.step``, committed with the
worker's offsets as plain numpy arrays (``to_arrays``) and read back (``from_arrays``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

VIEWS = ("value", "level", "change", "season", "jump", "variability")
"""the ways the detector looks at a series (``alerts.anomaly_views``); the order of the axis ``view`` below"""
CAUSES = (*VIEWS, "stuck")
"""what a finding can be put down to"""
PROTOTYPES = 32
"""values remembered per view: with 16 the score on the development kinds fell by a tenth, with 64 it didn't rise"""
BINS = 48
"""bins of the day: half hours"""

SCALARS = (
    *("last", "mean4", "mean8", "mean50", "lift", "restless", "interval", "hold"),
    *("repeats", "run", "longest_run"),
)
"""last value; running means over 4, 8, 50 observations; how far the last day lies above its usual course; running
mean of the absolute step; of the log of the interval in seconds; the bar that the last finding left behind; share of
observations that repeat the one before; repeats in a row now; most that there were before"""


@dataclass(frozen=True, slots=True, eq=False)
class AnomalyMemory:
    """n datastreams; the arrays are changed in place by ``step`` and must not be shared."""

    count: NDArray[np.int32]
    """(n,) observations learned so far"""
    time_us: NDArray[np.int64]
    """(n,) phenomenon time of the last observation learned, µs since the epoch, UTC"""
    late: NDArray[np.uint8]
    """(n,) observations in a row that were not later than ``time_us``"""
    anchor: NDArray[np.float64]
    """(n,) the first value; everything else is kept relative to it, so that single precision is enough"""
    scalars: NDArray[np.float64]
    """(n, len(SCALARS)) relative to ``anchor`` where it is a value"""
    scales: NDArray[np.float32]
    """(n, view) running mean of the absolute deviation of what a view looks at"""
    prototypes: NDArray[np.float32]
    """(n, view, PROTOTYPES) what a view has seen; infinite where a place is free"""
    uses: NDArray[np.float16]
    """(n, view, PROTOTYPES) how often each has been seen, fading"""
    season: NDArray[np.float32]
    """(n, 2, BINS) mean by half hour of the day, on workdays and on weekends"""
    visits: NDArray[np.uint8]
    """(n, 2, BINS) observations in ``season``, up to 255"""
    tails: NDArray[np.float32]
    """(n, view, 3) the tail of the logarithm of novelty: threshold, mean excess, number of excesses
    (``alerts.anomaly_tail``)"""

    @classmethod
    def empty(cls, size: int) -> Self:
        """Return the memory of ``size`` datastreams that have sent nothing yet."""
        views = len(VIEWS)
        tails = np.zeros((size, views, 3), np.float32)
        return cls(
            np.zeros(size, np.int32),
            np.zeros(size, np.int64),
            np.zeros(size, np.uint8),
            np.zeros(size),
            np.zeros((size, len(SCALARS))),
            np.zeros((size, views), np.float32),
            np.full((size, views, PROTOTYPES), np.inf, np.float32),
            np.zeros((size, views, PROTOTYPES), np.float16),
            np.zeros((size, 2, BINS), np.float32),
            np.zeros((size, 2, BINS), np.uint8),
            tails,
        )

    def __len__(self) -> int:
        return len(self.count)

    @property
    def bytes_per_datastream(self) -> int:
        """Return the size of one row."""
        return sum(array[:1].nbytes for array in self.empty(1).to_arrays().values())

    def grown(self, size: int) -> Self:
        """Return a memory of ``size`` datastreams, at least as many as now, that begins with these."""
        if size <= len(self):
            return self
        more = type(self).empty(size - len(self)).to_arrays()
        return self.from_arrays({name: np.concatenate([old, more[name]]) for name, old in self.to_arrays().items()})

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name: these themselves, not copies."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the memory that ``to_arrays`` was taken of."""
        return cls(**{field.name: arrays[field.name] for field in fields(cls)})
