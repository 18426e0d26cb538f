"""Comparison with the same hour of the week: a streaming baseline of 168 hours, each a mean and a usual deviation.

The mean of an hour is learned when the hour is over, as an exponential mean over about ``weeks`` weeks; what lay beyond
is learned only up to the edge of what is usual, so that one bad night does not become the rule. 1.5 KB a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from alerts.bounds import NotNegative, Positive
from alerts.contract import Cells, Column, Flags, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.measured import Measured
from ops_center.domain.observations import Float64, Int64
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US, HOUR_US

HOURS = 168
_MONDAY_US = 4 * DAY_US
"""1970-01-05 was a Monday"""


class SeasonalParameters(Measured, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far from the usual is too far."""

    deviations: Positive = 4.0
    """usual deviations from the usual mean of the hour"""
    at_least: NotNegative = 0.0
    """and by at least so much, in the unit"""
    direction: Literal["above", "below", "either"] = "either"
    weeks: Annotated[int, msgspec.Meta(ge=2, le=52)] = 6
    """over about so many weeks is learned"""
    after_weeks: Annotated[int, msgspec.Meta(ge=2, le=52)] = 2
    """nothing is judged before an hour has been seen in so many weeks"""
    utc_offset_h: Annotated[float, msgspec.Meta(ge=-12, le=14)] = 8.0
    """of the city's time; weeks of cities that change their clocks shift by an hour twice a year"""
    hours: list[Annotated[int, msgspec.Meta(ge=0, le=23)]] | None = None
    """hours of the day that are judged; None: all. ``[2, 3]`` is the night flow from two to four"""


@dataclass(frozen=True)
class Seasonal(Declared):
    """Compares with what this hour of the week usually brings."""

    def columns(self, parameters: SeasonalParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return the parameters as numbers; the judged hours of the day as bits."""
        hours = range(24) if parameters.hours is None else parameters.hours
        return {
            "deviations": parameters.deviations,
            "at_least": parameters.at_least,
            "above": parameters.direction != "below",
            "below": parameters.direction != "above",
            "share": 1.0 / parameters.weeks,
            "after_weeks": parameters.after_weeks,
            "offset_us": round(parameters.utc_offset_h * HOUR_US) - _MONDAY_US,
            "hours": sum(1 << hour for hour in set(hours)),
        }

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say what lies too far from the usual; learn the hour that is over."""
        hour = (seen.time_us + parameters["offset_us"]) // HOUR_US
        _learn(parameters, memory, hour)
        place = hour % HOURS
        mean, usual = memory.at("mean", place), memory.at("usual", place)
        known = memory.at("weeks", place) >= parameters["after_weeks"]
        known &= (parameters["hours"] >> (hour % 24)) & 1 == 1
        edge = np.maximum(parameters["deviations"] * usual, parameters["at_least"])
        above = parameters["above"] & (seen.value > mean + edge)
        below = parameters["below"] & (seen.value < mean - edge)
        upward = parameters["above"] & (~parameters["below"] | (seen.value >= mean))
        _add(memory, seen.value, known, mean, edge)
        limit = np.where(upward, mean + edge, mean - edge)
        return Verdict((known & (above | below))[:, None], limit[:, None], seen.value)


def _add(memory: Cells, value: Float64, known: Flags, mean: Float64, edge: Float64) -> None:
    """Add a value to the hour that runs, cut to the edge of what is usual."""
    cut = np.where(known, np.clip(value, mean - edge, mean + edge), value)
    memory["sum"] = memory["sum"] + cut
    memory["count"] = memory["count"] + 1


def _learn(parameters: Cells, memory: Cells, hour: Int64) -> None:
    """Where another hour has begun, learn the one that is over and begin to add anew."""
    before, count = memory["hour"], memory["count"]
    over = hour != before
    done = over & (count > 0)
    place = before % HOURS
    result = memory["sum"] / np.maximum(count, 1)
    weeks, mean, usual = memory.at("weeks", place), memory.at("mean", place), memory.at("usual", place)
    weight = np.maximum(1.0 / (weeks + 1.0), parameters["share"])
    off = np.abs(result - mean)
    spread_weight = np.where(weeks < 2, 1.0, np.maximum(1.0 / np.maximum(weeks, 1), parameters["share"]))
    memory.put("usual", place, np.where(done & (weeks > 0), usual + spread_weight * (off - usual), usual))
    memory.put("mean", place, np.where(done, mean + weight * (result - mean), mean))
    memory.put("weeks", place, np.where(done, np.minimum(weeks + 1, 255), weeks))
    memory["hour"] = hour
    memory["sum"], memory["count"] = np.where(over, 0.0, memory["sum"]), np.where(over, 0, count)


RULE_TYPE = Seasonal(
    "seasonal",
    Label("同期对比", "same hour of the week"),
    SeasonalParameters,
    {"unit": "L/s", "deviations": 4, "at_least": 5},
    restarts=frozenset({"unit", "utc_offset_h"}),
    memory={
        "mean": Column(np.float32, 0.0, (HOURS,)),
        "usual": Column(np.float32, 0.0, (HOURS,)),
        "weeks": Column(np.uint8, 0, (HOURS,)),
        "hour": Column(np.int64),
        "sum": Column(np.float64),
        "count": Column(np.int64),
    },
)
