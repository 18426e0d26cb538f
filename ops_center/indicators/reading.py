"""One input of an indicator, read for one area: its value, how old it is, and what it was taken from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import MINUTE_US, SECOND_US
from ops_center.indicators.evidence import Area, Evidence, OpenAlarm
from ops_center.indicators.form import Alarms, Figure, Incidents, Input, Live, Statistic, StatisticForm
from ops_center.indicators.response import found_in

FIGURES = "city_figures"
OWN_RULES = "vital_"
"""alarms that an indicator raised make no indicator worse: nothing feeds on itself"""
_MOST_NAMED = 5
_RATE_US = 10 * MINUTE_US
_NO_SENSES = ("vital_signs", "city_figures", "center_health")
"""feeds that the center makes of itself"""


class State(StrEnum):
    """How well something is known."""

    KNOWN = "known"
    AGED = "aged"
    """there is a value, but it is too old"""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found."""

    name: str
    value: float
    """NaN: none"""
    state: State
    time_us: int = 0
    """of the value: the newest, or of several the median; 0: none"""
    known: int = 0
    total: int = 0
    """how many of how many datastreams are in time; of alarms: how many meet it of how many are open in the area"""
    streams: tuple[int, ...] = ()
    """keys of up to five datastreams that it comes from, those that decide first"""
    alarms: tuple[int, ...] = ()
    """ids of up to five alarms, the most urgent first"""
    statistic: tuple[str, str] | None = None
    """(name, district)"""
    incidents: tuple[int, ...] = ()
    """ids of up to five incidents, those that decide first"""


def read(name: str, given: Input, area: Area, evidence: Evidence, statistic: StatisticForm | None) -> Reading:
    """Return the input ``name`` for ``area``."""
    if isinstance(given, Figure):
        return _figure(name, given, area, evidence)
    if isinstance(given, Live):
        return _live(name, given, area, evidence)
    if isinstance(given, Alarms):
        return _alarms(name, given, area, evidence)
    if isinstance(given, Incidents):
        return _incidents(name, given, area, evidence)
    return _statistic(name, given, area, evidence, statistic)


def subject_of(given: Figure, area: Area) -> str:
    """Return the id of the aggregate that a figure is asked of."""
    return given.subject or (area.kind if area.kind == "city" else area.id)


def _figure(name: str, given: Figure, area: Area, evidence: Evidence) -> Reading:
    key = evidence.catalog.datastream_keys(FIGURES, given.property).get(subject_of(given, area), -1)
    if not 0 <= key < len(evidence.time_us) or evidence.time_us[key] == 0:
        return Reading(name, math.nan, State.UNKNOWN, total=1 if key >= 0 else 0, streams=(key,) if key >= 0 else ())
    time_us, value = int(evidence.time_us[key]), float(evidence.result[key])
    aged = evidence.now_us - time_us > int(evidence.catalog.lifetime_us[key])
    return Reading(name, value, State.AGED if aged else State.KNOWN, time_us, 0 if aged else 1, 1, (key,))


def _live(name: str, given: Live, area: Area, evidence: Evidence) -> Reading:
    streams = evidence.index.streams(given.property, given.feeds, given.kinds, area)
    received = streams[evidence.time_us[streams] > 0]
    if not len(received):
        return Reading(name, math.nan, State.UNKNOWN, total=len(streams))
    times = evidence.time_us[received]
    in_time = evidence.now_us - times <= evidence.catalog.lifetime_us[received]
    current = received[in_time]
    if given.take == "share_in_time":
        return _share_in_time(name, received, in_time, evidence)
    enough = len(current) >= given.least_in_time * len(received) and len(current) > 0
    if not enough:
        newest = int(times.max())
        return Reading(name, math.nan, State.AGED, newest, len(current), len(received))
    value, order = _taken(given, current, evidence)
    found = math.isfinite(value)
    time_us = int(np.median(times[in_time]))
    named = tuple(current[order[:_MOST_NAMED]].tolist())
    return Reading(name, value, State.KNOWN if found else State.UNKNOWN, time_us, len(current), len(received), named)


def _share_in_time(name: str, received: Int64, in_time: NDArray[np.bool_], evidence: Evidence) -> Reading:
    counted = ~evidence.index.among("feed", _NO_SENSES)[received]
    total, known = int(counted.sum()), int((counted & in_time).sum())
    if not total:
        return Reading(name, math.nan, State.UNKNOWN)
    late = received[counted & ~in_time]
    named = tuple(late[np.argsort(evidence.time_us[late], kind="stable")][:_MOST_NAMED].tolist())
    return Reading(name, 100.0 * known / total, State.KNOWN, evidence.now_us, known, total, named)


def _taken(given: Live, streams: Int64, evidence: Evidence) -> tuple[float, Int64]:
    """Return the number, and the datastreams in the order in which they decide it."""
    values: Float64 = evidence.result[streams]
    if given.take == "greatest_above":
        zero = [evidence.thing_of(key).attributes.get(given.attribute or "") for key in streams.tolist()]
        values = values - np.array([np.nan if one is None else float(one) for one in zero])
    known = np.isfinite(values)
    if not known.any():
        return math.nan, np.arange(0)
    if given.take in {"greatest", "greatest_above"}:
        return float(np.nanmax(values)), np.argsort(np.where(known, -values, np.inf), kind="stable")
    if given.take == "least":
        return float(np.nanmin(values)), np.argsort(np.where(known, values, np.inf), kind="stable")
    if given.take == "mean":
        mean = float(np.nanmean(values))
        return mean, np.argsort(np.where(known, -np.abs(values - mean), np.inf), kind="stable")
    low, high = (-np.inf if given.low is None else given.low), (np.inf if given.high is None else given.high)
    good = (values >= low) & (values <= high)
    return 100.0 * float(good[known].mean()), np.argsort(good | ~known, kind="stable")


def _alarms(name: str, given: Alarms, area: Area, evidence: Evidence) -> Reading:
    if evidence.alarms is None:
        return Reading(name, math.nan, State.UNKNOWN)
    mine = [alarm for alarm in evidence.alarms if _belongs(alarm, area) and not alarm.rule.startswith(OWN_RULES)]
    meant = [alarm for alarm in mine if _is_meant(alarm, given)]
    if given.take in {"waiting", "longest_wait_min"}:
        meant = sorted((one for one in meant if one.waiting_us), key=lambda one: one.waiting_us)
    elif given.take == "raised_10min":
        meant = [one for one in meant if one.raised_us > evidence.now_us - _RATE_US]
    value = float(len(meant))
    if given.take == "longest_wait_min":
        value = max(evidence.now_us - meant[0].waiting_us, 0) / SECOND_US / 60.0 if meant else 0.0
    else:
        meant = sorted(meant, key=lambda one: (one.priority, one.raised_us))
    named = tuple(one.id for one in meant[:_MOST_NAMED])
    return Reading(name, value, State.KNOWN, evidence.now_us, len(meant), len(mine), alarms=named)


def _belongs(alarm: OpenAlarm, area: Area) -> bool:
    return area.kind == "city" or area.code == (alarm.district if area.kind == "district" else alarm.department)


def _is_meant(alarm: OpenAlarm, given: Alarms) -> bool:
    return (
        (given.priorities is None or alarm.priority in given.priorities)
        and (given.rules is None or _fits(alarm.rule, given.rules))
        and not _fits(alarm.rule, given.but)
    )


def _fits(rule: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(rule, pattern) for pattern in patterns)


def _incidents(name: str, given: Incidents, area: Area, evidence: Evidence) -> Reading:
    if evidence.response is None:
        return Reading(name, math.nan, State.UNKNOWN)
    found = found_in(given, area, evidence.response, evidence.now_us)
    state = State.KNOWN if math.isfinite(found.value) else State.UNKNOWN
    counted, named = found.counted, found.incidents[:_MOST_NAMED]
    return Reading(name, found.value, state, evidence.now_us, counted, counted, incidents=named)


def _statistic(name: str, given: Statistic, area: Area, evidence: Evidence, form: StatisticForm | None) -> Reading:
    asked = (given.name, area.code if area.kind == "district" else "")
    found = None if evidence.statistics is None else evidence.statistics.get(asked)
    if found is None or form is None:
        return Reading(name, math.nan, State.UNKNOWN, total=1, statistic=asked)
    aged = evidence.now_us - found.ended_us > form.aged_days * 86_400 * SECOND_US
    return Reading(
        name, found.value, State.AGED if aged else State.KNOWN, found.ended_us, 0 if aged else 1, 1, statistic=asked
    )
