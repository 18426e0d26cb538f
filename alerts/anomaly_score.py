"""Anomaly: a value that surprises the detector, whatever kind of series it is (``alerts.anomaly``).

The detector has one setting for every series and says a finding once; the condition stands for a while after the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from alerts import anomaly
from alerts.anomaly_memory import AnomalyMemory
from alerts.contract import NEVER_US, Cells, Column, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.measured import Measured
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, SECOND_US

_BLANK = AnomalyMemory.empty(1).to_arrays()
_PREFIX = "anomaly_"


class AnomalyParameters(Measured, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how long a finding counts, and whose day it is."""

    lasts_s: Annotated[float, msgspec.Meta(ge=1, le=31 * 86_400)] = 900.0
    """after the last finding"""
    utc_offset_h: Annotated[float, msgspec.Meta(ge=-12, le=14)] = 8.0
    """of the city's time"""


@dataclass(frozen=True)
class Anomaly(Declared):
    """Asks the detector; its memory is a few columns of the rows' own."""

    def columns(self, parameters: AnomalyParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return the parameters in µs."""
        return {
            "lasts_us": round(parameters.lasts_s * SECOND_US),
            "offset_us": round(parameters.utc_offset_h * HOUR_US),
        }

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where a value was found surprising just now, or a while ago; the limit is the nearer edge of its band."""
        rows = memory.rows.astype(np.int32)
        detector = AnomalyMemory.from_arrays({name: memory.columns[f"{_PREFIX}{name}"] for name in _BLANK})
        local_us = seen.time_us + parameters["offset_us"]  # each rule may have an offset of its own
        found = anomaly.step(detector, rows, local_us, seen.value)
        now = found.score >= anomaly.THRESHOLD
        beyond = now | memory["beyond"][:, 0]
        ends = np.where(now, seen.time_us + parameters["lasts_us"], memory["until_us"][:, 0])
        limit = np.where(seen.value < found.expected, found.low, found.high)
        return Verdict(beyond[:, None], limit[:, None], seen.value, np.where(beyond, ends, NEVER_US)[:, None])


RULE_TYPE = Anomaly(
    "anomaly",
    Label("异常检测", "anomaly"),
    AnomalyParameters,
    {"unit": "L/s", "lasts_s": 900},
    restarts=frozenset({"unit", "utc_offset_h"}),
    memory={f"{_PREFIX}{name}": Column(array.dtype, array.flat[0], array.shape[1:]) for name, array in _BLANK.items()},
)
