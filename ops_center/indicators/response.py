"""How incidents are responded to: open ones, and how long it took to verify, accept, arrive and be done; pure.

A step is known once it happened, or, where it had a time, once that was over. So the same steps tell what was known at
any hour of the past: those of the window before it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import DAY_US
from ops_center.indicators.evidence import Area
from ops_center.indicators.form import Incidents

StepKind = Literal["verify", "accept", "arrive", "task"]
_KINDS = {"verify_min": "verify", "accept_min": "accept", "arrive_min": "arrive", "tasks_in_time": "task"}


@dataclass(frozen=True, slots=True)
class Span:
    """An incident from its report to its end."""

    incident: int
    level: int
    district: str
    departments: tuple[str, ...]
    reported_us: int
    closed_us: int
    """0: it is open"""
    handled: bool
    """not a false report, not merged into another"""


@dataclass(frozen=True, slots=True)
class Step:
    """Something of an incident that took its time."""

    incident: int
    kind: StepKind
    district: str
    departments: tuple[str, ...]
    at_us: int
    """when it became known"""
    value: float
    """minutes; of a task 100 in time, 0 late"""


@dataclass(frozen=True, slots=True)
class Response:
    """Everything about incidents that an indicator may ask for."""

    spans: tuple[Span, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What was found."""

    value: float
    """NaN: nothing of it happened in the window"""
    counted: int
    """incidents or steps that it is made of"""
    incidents: tuple[int, ...]
    """those that decide, first the one that does most"""


def found_in(given: Incidents, area: Area, response: Response, now_us: int) -> Found:
    """Return a number as it is at ``now_us``, with the incidents that make it."""
    if given.take in _KINDS:
        steps = [one for one in _steps(given, area, response) if _since(given, now_us) < one.at_us <= now_us]
        order = sorted(steps, key=lambda one: one.value, reverse=given.take != "tasks_in_time")
        incidents = tuple(dict.fromkeys(one.incident for one in order))
        return Found(_made(given, [one.value for one in steps]), len(steps), incidents)
    spans = [one for one in _spans(given, area, response) if one.reported_us <= now_us]
    if given.take == "open":
        meant = [one for one in spans if not 0 < one.closed_us <= now_us]
        meant.sort(key=lambda one: (one.level, one.reported_us))
    else:
        meant = [one for one in spans if _since(given, now_us) < one.closed_us <= now_us]
        meant.sort(key=lambda one: -one.closed_us)
    return Found(float(len(meant)), len(meant), tuple(one.incident for one in meant))


def past_in(given: Incidents, area: Area, response: Response, hours: Int64) -> Float64:
    """Return a number as it was known at each of ``hours``, NaN where nothing of it had happened."""
    if given.take in _KINDS:
        steps = sorted(_steps(given, area, response), key=lambda one: one.at_us)
        at_us, values = _column(one.at_us for one in steps), [one.value for one in steps]
        first = np.searchsorted(at_us, hours - round(given.days * DAY_US), "right")
        last = np.searchsorted(at_us, hours, "right")
        made = {
            span: _made(given, values[slice(*span)]) for span in set(zip(first.tolist(), last.tolist(), strict=True))
        }
        return np.array([made[span] for span in zip(first.tolist(), last.tolist(), strict=True)])
    spans = _spans(given, area, response)
    closed = np.sort(_column(one.closed_us for one in spans if one.closed_us))
    ended = np.searchsorted(closed, hours, "right")
    if given.take == "closed":
        return (ended - np.searchsorted(closed, hours - round(given.days * DAY_US), "right")).astype(np.float64)
    begun = np.searchsorted(np.sort(_column(one.reported_us for one in spans)), hours, "right")
    return (begun - ended).astype(np.float64)


def _made(given: Incidents, values: Sequence[float]) -> float:
    if not values:
        return math.nan
    return float(np.mean(values) if given.take == "tasks_in_time" else np.median(values))


def _since(given: Incidents, now_us: int) -> int:
    return now_us - round(given.days * DAY_US)


def _steps(given: Incidents, area: Area, response: Response) -> list[Step]:
    return [one for one in response.steps if one.kind == _KINDS[given.take] and _belongs(one, area)]


def _spans(given: Incidents, area: Area, response: Response) -> list[Span]:
    meant = [one for one in response.spans if given.levels is None or one.level in given.levels]
    return [one for one in meant if _belongs(one, area) and (given.take == "open" or one.handled)]


def _belongs(one: Span | Step, area: Area) -> bool:
    if area.kind == "district":
        return one.district == area.code
    return area.kind == "city" or area.code in one.departments


def _column(times: object) -> NDArray[np.int64]:
    return np.fromiter(times, np.int64)  # type: ignore[call-overload,no-any-return]
