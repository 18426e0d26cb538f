"""Several limits at once: low-low, low, high, high-high, each a condition of its own (ISA-18.2 calls them alarms)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from alerts.bounds import Finite, NotNegative
from alerts.contract import Cells, Channel, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.measured import Measured, crossed
from ops_center.domain.text import Label

CHANNELS = (
    Channel("LL", Label("低低限", "low-low"), 2),
    Channel("L", Label("低限", "low"), 1),
    Channel("H", Label("高限", "high"), 1),
    Channel("HH", Label("高高限", "high-high"), 2),
)
_SIDES = np.array([-1, -1, 1, 1])


class LimitParameters(Measured, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least one limit, in their order."""

    low_low: Finite | None = None
    low: Finite | None = None
    high: Finite | None = None
    high_high: Finite | None = None
    deadband: NotNegative = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        given = [limit for limit in self.limits() if limit is not None]
        if not given or any(lower >= upper for lower, upper in pairwise(given)):
            raise ValueError("at least one limit is wanted, and low_low < low < high < high_high")

    def limits(self) -> tuple[float | None, ...]:
        """Return them in the order of the channels."""
        return self.low_low, self.low, self.high, self.high_high


@dataclass(frozen=True)
class Limits(Declared):
    """Up to four limits."""

    def columns(self, parameters: LimitParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return each limit, NaN where there is none, and the deadband."""
        names = (channel.code for channel in CHANNELS)
        limits = {
            name: np.nan if limit is None else limit for name, limit in zip(names, parameters.limits(), strict=True)
        }
        return {**limits, "deadband": parameters.deadband}

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say which limits a value lies beyond."""
        limits = np.stack([parameters[channel.code] for channel in CHANNELS], axis=1)
        deadband = parameters["deadband"][:, None]
        beyond = crossed(seen.value[:, None], limits, _SIDES, deadband, memory["beyond"])
        return Verdict(beyond, np.nan_to_num(limits), seen.value)


RULE_TYPE = Limits(
    "limits",
    Label("多级限值", "several limits"),
    LimitParameters,
    {"unit": "m", "low_low": 1, "low": 2, "high": 8, "high_high": 9},
    channels=CHANNELS,
)
