"""What types over measured values share: a unit, a limit with its deadband, the last times of something."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.bounds import Finite, NotNegative, Parameters
from alerts.contract import Cells, Column, Flags
from ops_center.domain.observations import Float64, Int64
from ops_center.domain.units import UNITS

MOST_TIMES = 32
"""how often something can be asked to happen: so many times are remembered"""

RECENT = {"recent_us": Column(np.int64, -(2**62), (MOST_TIMES,)), "happened": Column(np.int64)}
"""memory of :func:`happens`"""


class Measured(Parameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters in a unit: values are converted into it, whatever compatible unit their datastream has."""

    unit: str
    """UCUM code"""

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"{self.unit!r} is none of the UCUM units that are known here")


class OneLimit(Measured, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A limit on one side."""

    above: Finite | None = None
    below: Finite | None = None
    """exactly one of both: what is greater, or less, lies beyond"""
    deadband: NotNegative = 0.0
    """what lay beyond must come back by so much further than the limit"""

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.above is None) == (self.below is None):
            raise ValueError("exactly one of above and below is wanted")

    def limit(self) -> tuple[float, int]:
        """Return the limit, and 1 where it is above, -1 where it is below."""
        return (self.above, 1) if self.above is not None else (float(self.below or 0.0), -1)


def crossed(value: Float64, limit: Float64, side: NDArray[Any], deadband: Float64, held: Flags) -> Flags:
    """Return what lies beyond a limit on its side; a limit that is NaN is never crossed."""
    bar = limit - side * np.where(held, deadband, 0.0)
    beyond: Flags = np.where(side > 0, value > bar, value < bar)
    return beyond


def happens(memory: Cells, times: Int64, now: Flags, time_us: Int64) -> Int64:
    """Note that something happens where ``now``; return since when it has happened ``times`` times, int64[n]."""
    number = memory["happened"]
    place = number % times
    memory.put("recent_us", place, np.where(now, time_us, memory.at("recent_us", place)))
    number = number + now
    memory["happened"] = number
    return memory.at("recent_us", number % times)
