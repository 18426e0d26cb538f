"""One anomaly detector, with one setting, for every kind of series: online, vectorised, fixed memory per datastream.

An observation is looked at in six ways (``alerts.anomaly_views``). Each asks how far this is from everything this
series has shown so far (novelty by prototypes), and how improbable that much novelty is for this series (a
peaks-over-threshold tail, ``alerts.anomaly_tail``). With v the six values of -log10 p
(``max`` also takes in how improbable the run of equal values is, so that a stuck sensor is found):

    surprise  S = (max v + mean v) / 2 - 0.6 log10(1 h / interval) - 0.4 log10(max(n, 100) / 1000)
    score     S / (S + THRESHOLD_SURPRISE), 0 for S <= 0

The second term counts chances per time and not per observation (an operator has the same day for a series that
speaks every minute; neighbours in time are not independent, hence 0.6 and not 1; interval cut to 1 min … 1 h). The
third spends less chance the longer a series goes on, so that a long series does not raise alarms for ever. That a raw
deviation becomes comparable between series only as a tail probability of its own history is the idea of the anomaly
likelihood of Lavin and Ahmad (ICMLA 2015) and Ahmad, Lavin, Purdy and Agha (Neurocomputing 262, 2017).

A score of THRESHOLD or more is a finding. It is said once: until something more surprising comes, or the bar that the
finding left has sunk (half of it in 41 observations), what follows stays just below the threshold, in its order.

No clock, no chance, no global: the same observations in the same order give the same scores. They don't change when a
series is multiplied by a power of two or moved by a constant (other factors: up to rounding). How it was chosen, what
it was measured on and what it is bad at: ``docs/anomaly.md``. Called by the worker that steps rules over partitions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts import anomaly_views as views
from alerts.anomaly_memory import SCALARS, VIEWS, AnomalyMemory
from alerts.anomaly_tail import surprise

Float = NDArray[np.float64]
Index = NDArray[np.int64]

THRESHOLD = 0.5
"""score from which an observation is a finding, for every series"""
THRESHOLD_SURPRISE = 1.8
"""surprise at ``THRESHOLD``: an hour of a normal series would have shown this with a probability of 10 ** -1.8"""
BAND_DEVIATIONS = 4.0
"""half width of the band, in mean absolute deviations (3.2 standard deviations of a normal distribution)"""

_LARGEST, _SMALLEST = 1e30, 1e-30
"""values are cut to this, and differences from the first value below this are none: single precision holds them"""
_LEARN_TAIL = 20
_SPEAK = 60
"""observations before novelty is learned from, and before anything is scored above 0"""
_GAP = 12.0
"""intervals without an observation after which the short memory starts anew"""
_LATE = 16
"""observations in a row with earlier times after which the series' clock is believed to have been set back"""
_PER_HOUR, _PER_LENGTH = 0.6, 0.4
_HOLD = 1 - 1 / 60
_SAME, _RARELY, _OFTEN, _FADE_RUN = 1e-3, 1e-3, 0.2, 0.9998
"""a series that repeats itself more often than one time in five (counts, switches) is never stuck"""
_PER_RECORD, _RUN, _STUCK_MOST = 3.0, 12.0, 6.0
"""decades per multiple of the longest run before; shorter runs than this are none; beyond so many decades no news"""
_BELOW = 1e-3
_RESTLESS_FLOOR = 1e-3
_AT = {name: place for place, name in enumerate(SCALARS)}
_CHUNK = 2048
"""datastreams worked on at once: their prototypes then stay in the processor's cache"""


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What was found per observation, in the order given."""

    score: Float
    """0 to 1; a finding from ``THRESHOLD``"""
    expected: Float
    """value the series was expected to have; the value itself while nothing is known"""
    low: Float
    high: Float
    """band around ``expected`` that the series seldom leaves"""
    cause: NDArray[np.int8]
    """the view that was most surprised, an index of ``CAUSES``; -1 where nothing is"""


def step(
    memory: AnomalyMemory, keys: NDArray[np.int32], time_us: Index, value: Float, utc_offset_us: int = 0
) -> Findings:
    """Score n observations and learn them; ``memory`` is changed in place and must have a row for every key.

    ``time_us`` is µs since the epoch, UTC; ``utc_offset_us`` shifts it to the city's day and week. A key that comes
    more than once is taken in order. A time that is not later than the last is scored 0 and not learned, unless it is
    the 16th in a row: then the series' clock was set back. Values that are not finite are scored 0 and not learned.
    """
    size = len(keys)
    found = Findings(
        np.zeros(size), np.array(value, np.float64), np.array(value, np.float64), np.array(value, np.float64),
        np.full(size, -1, np.int8),
    )  # fmt: skip
    for rows in _rounds(keys):
        for begin in range(0, len(rows), _CHUNK):
            part = rows[begin : begin + _CHUNK]
            part = part[_accepted(memory, keys[part], time_us[part], value[part])]
            if len(part):
                _step_some(memory, found, part, keys[part].astype(np.int64), time_us[part], value[part], utc_offset_us)
    return found


def _rounds(keys: NDArray[np.int32]) -> list[Index]:
    """Return positions in rounds, so that no key comes twice in a round and its order is kept."""
    order = np.argsort(keys, kind="stable")
    begins = np.flatnonzero(np.diff(keys[order], prepend=keys[order][:1] - 1))
    sizes = np.diff(begins, append=len(keys))
    if len(keys) == 0 or sizes.max() == 1:
        return [order]
    turn = np.arange(len(keys)) - np.repeat(begins, sizes)
    by_turn = np.argsort(turn, kind="stable")
    return np.split(order[by_turn], np.cumsum(np.bincount(turn))[:-1])


def _accepted(memory: AnomalyMemory, keys: NDArray[np.int32], time_us: Index, value: Float) -> NDArray[np.bool_]:
    """Return which observations are to be learned; count those that come late."""
    finite = np.isfinite(value)
    late = finite & (memory.count[keys] > 0) & (time_us <= memory.time_us[keys])
    row = memory.late[keys] + late
    reset = late & (row >= _LATE)
    memory.late[keys] = np.where(finite & (~late | reset), 0, row)
    return finite & (~late | reset)


def _step_some(
    memory: AnomalyMemory, found: Findings, rows: Index, keys: Index, time_us: Index, value: Float, utc_offset_us: int
) -> None:
    """Score and learn accepted observations of distinct keys."""
    count = memory.count[keys].astype(np.float64)
    first = count == 0
    value = np.clip(value, -_LARGEST, _LARGEST)
    memory.anchor[keys] = np.where(first, value, memory.anchor[keys])
    offset = memory.anchor[keys]
    x = value - offset
    x[np.abs(x) < _SMALLEST] = 0.0
    scalars = memory.scalars[keys]
    seconds = np.maximum(time_us - memory.time_us[keys], 1) / 1e6
    _forget_over_gaps(scalars, x, count, seconds)
    season, visits = memory.season[keys], memory.visits[keys]
    usual = views.course(season, visits, time_us, utc_offset_us)
    lift, mean8 = scalars[:, _AT["lift"]], scalars[:, _AT["mean8"]]
    expected, spread = _expectation(memory.scales[keys], usual, lift, mean8, scalars[:, _AT["mean50"]])

    looked_at, deviation = _look(scalars, memory.scales[keys], x, usual, count)
    unit, scales = _units(memory.scales[keys], deviation, count)
    prototypes, uses = memory.prototypes[keys], memory.uses[keys]
    novelty = views.novelty(prototypes, uses, looked_at.astype(np.float32), unit)
    tails = memory.tails[keys].astype(np.float64)
    v, tails = surprise(tails, np.log(novelty), count - _LEARN_TAIL)
    stuck = _stuck(scalars, looked_at[:, VIEWS.index("jump")], unit[:, VIEWS.index("jump")], count)
    v[count < _SPEAK] = 0.0
    stuck[count < _SPEAK] = 0.0

    views.learn_course(season, visits, usual, x)
    _learn_scalars(scalars, x, usual, looked_at[:, VIEWS.index("season")], count)
    _learn_interval(scalars, count, seconds)
    found.score[rows] = _held(scalars, _in_time(v, stuck, scalars, count))
    surprises = np.column_stack([v, stuck])
    found.cause[rows] = np.where(surprises.any(axis=1), surprises.argmax(axis=1), -1)
    middle = np.where(first, value, expected + offset)
    found.expected[rows], found.low[rows], found.high[rows] = middle, middle - spread, middle + spread

    memory.season[keys], memory.visits[keys] = season, visits
    memory.prototypes[keys], memory.uses[keys] = prototypes, uses
    memory.tails[keys], memory.scales[keys], memory.scalars[keys] = tails, scales, scalars
    memory.count[keys] += memory.count[keys] < np.iinfo(np.int32).max
    memory.time_us[keys] = time_us


def _forget_over_gaps(scalars: Float, x: Float, count: Float, seconds: Float) -> None:
    """Let the short memory start anew with ``x`` at the beginning and after a gap."""
    gap = (count > 1) & (seconds > _GAP * np.exp(np.minimum(scalars[:, _AT["interval"]], 30.0)))
    for name in ("last", "mean4", "mean8"):
        scalars[:, _AT[name]] = np.where(gap | (count == 0), x, scalars[:, _AT[name]])
    scalars[:, _AT["mean50"]] = np.where(count == 0, x, scalars[:, _AT["mean50"]])


def _expectation(
    scales: NDArray[np.float32], usual: views.Course, lift: Float, mean8: Float, mean50: Float
) -> tuple[Float, Float]:
    """Return expected value and half width of the band: by the course of the day where that has served better."""
    by_level, by_season = scales[:, VIEWS.index("change")], scales[:, VIEWS.index("season")]
    daily = usual.known & (by_season < by_level)
    expected = np.where(daily, usual.mean + lift, mean8)
    return expected, BAND_DEVIATIONS * np.where(daily, by_season, by_level).astype(np.float64)


def _look(
    scalars: Float, scales: NDArray[np.float32], x: Float, usual: views.Course, count: Float
) -> tuple[Float, Float]:
    """Return what each view looks at and how far it is from its ordinary, both (k, view)."""
    mean4 = scalars[:, _AT["mean4"]] + (x - scalars[:, _AT["mean4"]]) / 4
    around = scalars[:, _AT["mean50"]]
    change = x - scalars[:, _AT["mean8"]]
    season = np.where(usual.known, x - usual.mean - scalars[:, _AT["lift"]], x - around)
    jump = x - scalars[:, _AT["last"]]
    restless = scalars[:, _AT["restless"]]
    restless += (np.abs(jump) - restless) / 10
    ordinary = scales[:, VIEWS.index("jump")].astype(np.float64)
    ratio = np.maximum(restless / np.where(ordinary > 0, ordinary, 1.0), _RESTLESS_FLOOR)
    variability = np.where(ordinary > 0, np.log(ratio), 0.0)
    looked_at = np.stack([x, mean4, change, season, jump, variability], axis=1)
    deviation = np.abs(np.stack([x - around, mean4 - around, change, season, jump, np.ones_like(x)], axis=1))
    return looked_at, deviation


def _units(scales: NDArray[np.float32], deviation: Float, count: Float) -> tuple[Float, Float]:
    """Return the unit of each view, never 0, and the scales after learning."""
    before = scales.astype(np.float64)
    unit = np.where(before > 0, before, np.where(deviation > 0, deviation, 1.0))
    unit[:, VIEWS.index("variability")] = 1.0
    return unit, views.learn_scales(before, deviation, count)


def _stuck(scalars: Float, jump: Float, unit: Float, count: Float) -> Float:
    """Return how improbable the run of equal values is, in decades: by chance, and by the longest run there was."""
    repeats, run, longest = (scalars[:, _AT[name]] for name in ("repeats", "run", "longest_run"))
    same = (np.abs(jump) <= _SAME * unit) & (count > 0)
    longest[:] = np.where(same, longest, np.maximum(longest * _FADE_RUN, run))
    run[:] = np.where(same, run + 1, 0.0)
    by_chance = -np.log10(np.maximum(repeats, _RARELY)) * run
    by_record = _PER_RECORD * (run / np.maximum(longest, _RUN) - 1)
    repeats += views.pace(count, 1000.0) * (same - repeats)
    news = (repeats <= _OFTEN) & (by_record <= _STUCK_MOST)
    return np.where(news, np.maximum(np.minimum(by_chance, by_record), 0.0), 0.0)


def _learn_scalars(scalars: Float, x: Float, usual: views.Course, deviation: Float, count: Float) -> None:
    for name, length in (("mean4", 4.0), ("mean8", 8.0), ("mean50", 50.0)):
        scalars[:, _AT[name]] += views.pace(count, length) * (x - scalars[:, _AT[name]])
    scalars[:, _AT["last"]] = x
    scalars[:, _AT["lift"]] = views.lift(scalars[:, _AT["lift"]], deviation, usual.known)


def _learn_interval(scalars: Float, count: Float, seconds: Float) -> None:
    """Follow the logarithm of the interval; the first observation has none."""
    now = np.log(np.clip(seconds, 1e-3, 1e7))
    interval = scalars[:, _AT["interval"]]
    weight = np.maximum(1 / np.maximum(count, 1), 1 / 50)
    scalars[:, _AT["interval"]] = np.where(count == 0, 0.0, interval + weight * (now - interval))


def _in_time(v: Float, stuck: Float, scalars: Float, count: Float) -> Float:
    """Return the surprise S: the views together, per time and length of the series."""
    per_hour = np.clip((np.log(3600.0) - scalars[:, _AT["interval"]]) / np.log(10), 0.0, np.log10(60.0))
    length = np.log10(np.maximum(count, 100.0) / 1000.0)
    together = (np.maximum(v.max(axis=1), stuck) + v.mean(axis=1)) / 2
    return np.where(together > 0, together - _PER_HOUR * per_hour - _PER_LENGTH * length, 0.0)


def _held(scalars: Float, surprised: Float) -> Float:
    """Return scores; what is no more surprising than the last finding stays below the threshold."""
    bar = scalars[:, _AT["hold"]]
    told = surprised > bar
    said = np.where(told, surprised, np.minimum(surprised, THRESHOLD_SURPRISE - _BELOW))
    scalars[:, _AT["hold"]] = np.where(said >= THRESHOLD_SURPRISE, said, bar * _HOLD)
    positive = np.maximum(said, 0.0)
    return positive / (positive + THRESHOLD_SURPRISE)
