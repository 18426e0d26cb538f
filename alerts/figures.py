"""How well the alarm system serves its operators: the figures of EEMUA 191 and ISA-18.2, from the journal. Pure.

Sources: EEMUA publication 191 (3rd edition) and ISA-18.2-2016 / IEC 62682, clauses on monitoring and assessment: about
one alarm in ten minutes for each operator is acceptable, two are the most that can be managed; more than ten are a
flood, and floods should take less than 1 % of the time; the ten worst actors should make less than 5 % of all; stale is
what stands longer than 24 hours; priorities should be about 80 % low, 15 % medium, 5 % high and critical.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alerts.alarm import Act, Alarm, Entry, Priority
from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import DAY_US, MINUTE_US, SECOND_US

PERIOD_US = 10 * MINUTE_US
ACCEPTABLE, MANAGEABLE, FLOOD = 1.0, 2.0, 10.0
"""alarms of one operator in ten minutes"""
STALE_US = DAY_US
AT_ONCE_US = 5 * SECOND_US
"""from a raise to lying under another: conditions of one cause come in several transactions (assumed)"""
WORST = 10
WANTED: Mapping[Priority, float] = {
    Priority.CRITICAL: 0.01, Priority.HIGH: 0.04, Priority.MEDIUM: 0.15, Priority.LOW: 0.80,
}  # fmt: skip
"""share of the alarms; the standards have 5 % for the highest of three: a fifth of it is taken for a fourth above"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal with what the figures need of its alarm."""

    alarm: int
    at_us: int
    act: Act
    rule: str
    subject: tuple[int, int]
    """kind and key"""
    priority: Priority
    shown: bool = True
    """of a raise: whether it became a line of its own, and not one under another or set aside"""


@dataclass(frozen=True, slots=True)
class Actor:
    """A rule over one subject, and how much it has to say."""

    rule: str
    subject: tuple[int, int]
    alarms: int
    share: float
    """of all alarms of the span"""


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """The figures of a span. Rates are of one operator."""

    from_us: int
    to_us: int
    operators: int
    alarms: int
    """shown to operators"""
    inhibited: int
    """raised under another alarm or set aside: shown to nobody as a line"""
    average: float
    """alarms of one operator in ten minutes"""
    peak: float
    """most in ten minutes"""
    peak_us: int
    """start of those; 0 without any alarm"""
    over_acceptable: float
    over_manageable: float
    in_flood: float
    """shares of the ten-minute periods, 0 to 1"""
    by_period: Float64
    """float64[n]: alarms of one operator in each ten minutes from ``from_us`` on"""
    standing: int
    """at the end of the span"""
    stale: int
    worst: tuple[Actor, ...]
    worst_share: float
    """of the ten worst together"""
    chattering: int
    """alarms that chattered"""
    acknowledged: int
    acknowledge_p50_s: float
    acknowledge_p95_s: float
    """from the raise to the first acknowledgement after it; NaN without any"""
    priorities: Mapping[Priority, float]
    """share of each"""


def figures(lines: Iterable[Line], standing: Iterable[Alarm], span_us: tuple[int, int], operators: int = 1) -> Figures:
    """Return the figures of [from, to). ``lines`` in the order of time; ``standing`` are the alarms open at its end."""
    from_us, to_us = span_us
    mine = [line for line in lines if from_us <= line.at_us < to_us]
    raised = [line for line in mine if line.act is Act.RAISED]
    shown = [line for line in raised if line.shown]
    by_period = _by_period(np.array([line.at_us for line in shown], np.int64), from_us, to_us, operators)
    open_now = [alarm for alarm in standing if alarm.is_open]
    worst = _worst(shown)
    waits = acknowledge_times_s(mine)
    p50, p95 = np.percentile(waits, [50, 95]).tolist() if len(waits) else (np.nan, np.nan)
    counts = Counter(line.priority for line in shown)
    return Figures(
        from_us, to_us, operators, len(shown), len(raised) - len(shown),
        average=float(by_period.mean()) if len(by_period) else 0.0,
        peak=float(by_period.max(initial=0.0)),
        peak_us=from_us + int(by_period.argmax()) * PERIOD_US if shown else 0,
        over_acceptable=_share(by_period > ACCEPTABLE),
        over_manageable=_share(by_period > MANAGEABLE),
        in_flood=_share(by_period > FLOOD),
        by_period=by_period,
        standing=sum(alarm.stands for alarm in open_now),
        stale=sum(alarm.stands and to_us - _since(alarm) > STALE_US for alarm in open_now),
        worst=worst,
        worst_share=sum(actor.share for actor in worst),
        chattering=sum(alarm.chattering for alarm in open_now),
        acknowledged=len(waits),
        acknowledge_p50_s=p50,
        acknowledge_p95_s=p95,
        priorities={priority: counts[priority] / max(len(shown), 1) for priority in Priority},
    )  # fmt: skip


def lines_of(entries: Sequence[Entry], recorded_us: Sequence[int], alarms: Mapping[int, Alarm]) -> list[Line]:
    """Return the journal's lines with what the figures need, of alarms that are known.

    ``recorded_us``: when each was written. An alarm that was put under another as good as at once is no line of its
    own: nobody had to look at it.
    """
    pairs = list(zip(entries, recorded_us, strict=True))
    hidden: dict[int, list[int]] = {}
    for one, at_us in pairs:
        if one.act is Act.SUPPRESSED:
            hidden.setdefault(one.alarm, []).append(at_us)
    found = []
    for one, at_us in pairs:
        alarm = alarms.get(one.alarm)
        if alarm is not None:
            soon = any(0 <= under_us - at_us <= AT_ONCE_US for under_us in hidden.get(one.alarm, ()))
            shown = one.act is not Act.RAISED or not soon
            subject = (alarm.subject_kind, alarm.subject)
            found.append(Line(one.alarm, one.at_us, one.act, alarm.rule, subject, alarm.priority, shown))
    return found


def acknowledge_times_s(lines: Iterable[Line]) -> Float64:
    """Return seconds from each raise to the first acknowledgement after it, float64[n]."""
    since: dict[int, int] = {}
    found = []
    for line in lines:
        if line.act is Act.RAISED:
            since.setdefault(line.alarm, line.at_us)
        elif line.act is Act.ACKNOWLEDGED and line.alarm in since:
            found.append((line.at_us - since.pop(line.alarm)) / SECOND_US)
        elif line.act is Act.CLOSED:
            since.pop(line.alarm, None)
    return np.array(found, np.float64)


def _by_period(times_us: Int64, from_us: int, to_us: int, operators: int) -> Float64:
    """Return alarms of one operator by ten minutes; a last period that isn't whole is left out, unless it is alone."""
    periods = max((to_us - from_us) // PERIOD_US, 1)
    number = (times_us - from_us) // PERIOD_US
    return np.bincount(number[number < periods], minlength=periods) / max(operators, 1)


def _share(which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    return float(which.mean()) if len(which) else 0.0


def _since(alarm: Alarm) -> int:
    return min((finding.onset_us for finding in alarm.findings), default=alarm.raised_us)


def _worst(shown: Sequence[Line]) -> tuple[Actor, ...]:
    counts = Counter((line.rule, line.subject) for line in shown)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:WORST]
    return tuple(Actor(rule, subject, count, count / len(shown)) for (rule, subject), count in ordered)
