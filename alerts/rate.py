"""Rate of change: a value that rises or falls by too much within a time.

Lowest and highest of the last time are kept in eight parts of it and the one that runs: the time looked back over is
between ``within_s`` and nine eighths of it, and memory is constant however often a datastream reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from alerts.bounds import Positive
from alerts.contract import Cells, Column, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.measured import Measured
from ops_center.domain.observations import Int64
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US

PARTS = 8
_KEPT = PARTS + 1


class RateParameters(Measured, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By how much within which time."""

    change: Positive
    within_s: Annotated[float, msgspec.Meta(ge=1, le=7 * 86_400)]
    direction: Literal["rises", "falls", "either"] = "either"


@dataclass(frozen=True)
class Rate(Declared):
    """Compares a value with the lowest and highest shortly before."""

    def columns(self, parameters: RateParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return the change, which directions count, and the length of a part."""
        return {
            "change": parameters.change,
            "rises": parameters.direction != "falls",
            "falls": parameters.direction != "rises",
            "part_us": max(round(parameters.within_s * SECOND_US / PARTS), 1),
        }

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where the change from the lowest (or highest) of the last time is too much; the value is the change."""
        part = seen.time_us // parameters["part_us"]
        _remember(memory, part, seen)
        recent = memory["part"] > (part - _KEPT)[:, None]
        rise = seen.value - np.where(recent, memory["lowest"], np.inf).min(axis=1)
        fall = np.where(recent, memory["highest"], -np.inf).max(axis=1) - seen.value
        change = parameters["change"]
        rises, falls = parameters["rises"] & (rise >= change), parameters["falls"] & (fall >= change)
        upward = parameters["rises"] & (~parameters["falls"] | (rise >= fall))
        beyond = rises | falls
        return Verdict(beyond[:, None], np.where(upward, change, -change)[:, None], np.where(upward, rise, -fall))


def _remember(memory: Cells, part: Int64, seen: Seen) -> None:
    """Add a value to the part of time it belongs to."""
    place = part % _KEPT
    same = memory.at("part", place) == part
    memory.put("lowest", place, np.where(same, np.minimum(memory.at("lowest", place), seen.value), seen.value))
    memory.put("highest", place, np.where(same, np.maximum(memory.at("highest", place), seen.value), seen.value))
    memory.put("part", place, part)


RULE_TYPE = Rate(
    "rate",
    Label("变化率", "rate of change"),
    RateParameters,
    {"unit": "kPa", "change": 50, "within_s": 60},
    restarts=frozenset({"unit", "within_s"}),
    memory={
        "part": Column(np.int64, -(2**62), (_KEPT,)),
        "lowest": Column(np.float64, 0.0, (_KEPT,)),
        "highest": Column(np.float64, 0.0, (_KEPT,)),
    },
)
