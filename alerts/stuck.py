"""Stuck value: a datastream that goes on reporting, and always the same. Zero can be a lasting truth (no rain)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from alerts.bounds import NotNegative
from alerts.contract import Cells, Column, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.measured import Measured
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US


class StuckParameters(Measured, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how long, and how exactly, a value must be the same."""

    after_s: Annotated[float, msgspec.Meta(ge=1, le=31 * 86_400)]
    tolerance: NotNegative = 0.0
    """around the first value of the run"""
    zeros: bool = False
    """whether a zero can be stuck, too"""


@dataclass(frozen=True)
class Stuck(Declared):
    """Measures how long a run of the same value is."""

    def columns(self, parameters: StuckParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return the parameters."""
        return {
            "after_us": round(parameters.after_s * SECOND_US),
            "tolerance": parameters.tolerance,
            "zeros": parameters.zeros,
        }

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where the run has gone on for too long; the limit is the value it began with."""
        same = np.abs(seen.value - memory["first"]) <= parameters["tolerance"]
        first = np.where(same, memory["first"], seen.value)
        since = np.where(same, memory["run_us"], seen.time_us)
        memory["first"], memory["run_us"] = first, since
        beyond = (seen.time_us - since >= parameters["after_us"]) & (parameters["zeros"] | (seen.value != 0.0))
        return Verdict(beyond[:, None], first[:, None], seen.value)


RULE_TYPE = Stuck(
    "stuck",
    Label("数值不变", "stuck value"),
    StuckParameters,
    {"unit": "m", "after_s": 20},
    restarts=frozenset({"unit", "tolerance"}),
    memory={"first": Column(np.float64, np.nan), "run_us": Column(np.int64)},
)
