"""Count in a window: values beyond a limit so many times within a time, one after another or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from alerts.contract import NEVER_US, Cells, Column, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.measured import MOST_TIMES, RECENT, OneLimit, crossed, happens
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US


class CountParameters(OneLimit, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often within which time."""

    times: Annotated[int, msgspec.Meta(ge=2, le=MOST_TIMES)]
    within_s: Annotated[float, msgspec.Meta(ge=1, le=31 * 86_400)]


@dataclass(frozen=True)
class Count(Declared):
    """Counts values beyond a limit."""

    def columns(self, parameters: CountParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return limit, side, how often and within which time."""
        limit, side = parameters.limit()
        within_us = round(parameters.within_s * SECOND_US)
        return {
            "limit": limit,
            "side": side,
            "deadband": parameters.deadband,
            "times": parameters.times,
            "within_us": within_us,
        }

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where it was often enough; it ends by itself when the first of them is too long ago."""
        limit = parameters["limit"]
        now = crossed(seen.value, limit, parameters["side"], parameters["deadband"], memory["within_deadband"])
        memory["within_deadband"] = now
        since = happens(memory, parameters["times"], now, seen.time_us)
        ends = since + parameters["within_us"]
        beyond = ends > seen.time_us
        until = np.where(beyond, ends, NEVER_US)
        return Verdict(beyond[:, None], limit[:, None], seen.value, until[:, None])


RULE_TYPE = Count(
    "count",
    Label("窗口内计数", "count in a window"),
    CountParameters,
    {"unit": "%", "above": 80, "times": 3, "within_s": 60},
    restarts=frozenset({"unit", "above", "below", "times"}),
    memory={**RECENT, "within_deadband": Column(np.bool_, False)},
)
