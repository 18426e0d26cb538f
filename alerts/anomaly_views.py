"""Six views of a series, and how far each is from everything it has seen before.

A view is one number per observation: the value; the mean of the last four; the step away from the mean of the last
eight; the deviation from the usual course of the day; the jump from the observation before; the logarithm of how
restless the series is. Each view remembers up to 32 prototypes, values it has met. *Novelty* is the distance to the
nearest of them in units of the view's own mean deviation. An observation farther than half a unit becomes a prototype
and takes the place of the one least seen, a nearer one moves its prototype a little: leader clustering (Hartigan 1975),
the one-dimensional case of adaptive resonance (Carpenter, Grossberg, Rosen 1991), a cheap cousin of conformal
nearest neighbours (Burnaev and Ishimtsev 2016). So a spike that comes every day stops being news, and one that is
half as high again is news. Called by ``alerts.anomaly``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.anomaly_memory import BINS

Float = NDArray[np.float64]
Index = NDArray[np.int64]

_NOVEL = 0.5
"""units of mean deviation beyond which an observation founds a prototype; 0.25 finds more in hourly series and raises
false findings elsewhere, 1.0 finds less everywhere"""
_MOVE = 0.1
_FADE = 0.999
"""of how often a prototype was seen, per observation: with whole numbers, halved when full, more false findings"""
_LEAST = 0.05
"""novelty below this is no novelty"""
_FORGET = 1000.0
"""observations after which deviations are forgotten"""
_SEASON_FORGET = 1 / 33
_LIFT = 0.02
_KNOWN = 2
_OWN = 3
"""visits before a half hour is known at all, and before its kind of day counts by itself"""
_DAY_US = 86_400_000_000


def pace(count: Float, length: float) -> Float:
    """Return the weight of the newest in a running mean that forgets after ``length``."""
    return np.maximum(1 / (count + 1), 1 / length)


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The usual course of the day, looked up for k observations."""

    kind: Index
    """0 on workdays, 1 on weekends"""
    bin: Index
    mean: Float
    """usual value at this half hour, relative to the anchor; 0 where nothing is known"""
    known: NDArray[np.bool_]
    own_mean: Float
    own_visits: Float


def course(season: NDArray[np.float32], visits: NDArray[np.uint8], time_us: Index, utc_offset_us: int) -> Course:
    """Return what the half hours of ``time_us`` usually see; ``season`` and ``visits`` are (k, 2, BINS)."""
    local = time_us + utc_offset_us
    row = np.arange(len(time_us))
    kind = ((local // _DAY_US + 3) % 7 >= 5).astype(np.int64)  # day 0 of the epoch was a Thursday
    part = local % _DAY_US * BINS // _DAY_US
    means = season[row, :, part].astype(np.float64)
    seen = visits[row, :, part].astype(np.float64)
    total = seen.sum(axis=1)
    joint = (means * seen).sum(axis=1) / np.maximum(total, 1)
    own_mean, own_visits = means[row, kind], seen[row, kind]
    mean = np.where(own_visits >= _OWN, own_mean, joint)
    return Course(kind, part, mean, total >= _KNOWN, own_mean, own_visits)


def learn_course(season: NDArray[np.float32], visits: NDArray[np.uint8], found: Course, value: Float) -> None:
    """Take ``value`` into the means of its half hours, in place."""
    row = np.arange(len(value))
    weight = np.maximum(1 / (found.own_visits + 1), _SEASON_FORGET)
    season[row, found.kind, found.bin] = found.own_mean + weight * (value - found.own_mean)
    visits[row, found.kind, found.bin] = np.minimum(found.own_visits + 1, 255)


def lift(before: Float, deviation: Float, known: NDArray[np.bool_]) -> Float:
    """Return how far the series lies above its usual course, followed slowly, so that drift is no anomaly."""
    return before + _LIFT * np.where(known, deviation, 0.0)


def novelty(
    prototypes: NDArray[np.float32], uses: NDArray[np.float16], looked_at: NDArray[np.float32], unit: Float
) -> Float:
    """Return the distance of each view to what it has seen, in ``unit``, (k, view); learn it, in place.

    ``prototypes`` and ``uses`` are (k, view, PROTOTYPES), ``looked_at`` and ``unit`` (k, view).
    """
    apart = np.abs(prototypes - looked_at[..., None])
    nearest = apart.argmin(axis=2)[..., None]
    distance = np.take_along_axis(apart, nearest, 2)[..., 0].astype(np.float64) / unit
    new = (distance > _NOVEL)[..., None]
    faded = uses.astype(np.float32) * np.float32(_FADE)
    place = np.where(new, faded.argmin(axis=2)[..., None], nearest)
    old = np.take_along_axis(prototypes, place, 2)
    fresh = looked_at[..., None]
    moved = np.where(new, fresh, old + np.float32(_MOVE) * (fresh - np.where(np.isfinite(old), old, fresh)))
    np.put_along_axis(prototypes, place, moved, 2)
    seen = np.where(new, 1, np.take_along_axis(faded, place, 2) + 1)
    np.put_along_axis(faded, place, seen.astype(np.float32), 2)
    uses[...] = faded
    return np.maximum(np.where(np.isfinite(distance), distance, 1.0), _LEAST)


def learn_scales(scales: Float, deviation: Float, count: Float) -> Float:
    """Return the running mean of absolute deviations after these, (k, view)."""
    return scales + pace(count, _FORGET)[:, None] * (deviation - scales)
