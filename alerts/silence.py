"""Silence: nothing has come for too long, from a datastream, a thing or a whole feed.

Members of a feed are judged by the feed's own time: while the feed brings nothing its time stands still, so that a dead
broker is one silent feed and not a hundred thousand silent sensors, and after it came back each member gets its full
time again (``alerts/clocks.py``). A feed itself is judged by the wall clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from alerts.bounds import Parameters
from alerts.contract import Cells, Seen, Subjects, Verdict
from alerts.declared import Declared
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US


class SilenceParameters(Parameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long is too long: the longer of both."""

    intervals: Annotated[float, msgspec.Meta(ge=1, le=1000)] = 3.0
    """of the datastream's own, where it has one"""
    at_least_s: Annotated[float, msgspec.Meta(ge=1, le=31 * 86_400)] = 60.0

    def __post_init__(self) -> None:
        if self.on_delay_s or self.off_delay_s or self.max_gap_s is not None:
            raise ValueError("silence has no delays: intervals and at_least_s say after how long it is entered")


@dataclass(frozen=True)
class Silence(Declared):
    """What follows the last observation."""

    anew: bool = True

    def columns(self, parameters: SilenceParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return after how long a subject is silent: its on-delay."""
        after_s = np.fmax(subjects.interval_s * parameters.intervals, parameters.at_least_s)
        return {"on_delay_us": np.minimum(np.rint(after_s * SECOND_US), 2.0**60).astype(np.int64)}

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say nothing of what was seen but what it was; the limit is after how many seconds it is missed."""
        limit = parameters["on_delay_us"] / SECOND_US
        return Verdict(np.zeros((len(seen), 1), bool), limit[:, None], seen.value)


RULE_TYPE = Silence(
    "silence",
    Label("无数据", "silence"),
    SilenceParameters,
    {"intervals": 3, "at_least_s": 30},
    subjects=frozenset({"datastream", "thing", "feed"}),
    restarts=frozenset(),
)
