"""Chance as a function: the same seed, name and moment always give the same number, asked in any order.

A random walk has to be walked from its start; the world must answer for any past hour (history) and go on from it
live. So every irregular quantity here is a hash of (seed, name, number of a knot), smoothed between knots.
Called by the models of weather, rain, air and water.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ops_center.domain.observations import Float64
from ops_center.domain.time import SECOND_US

UInt64 = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_KNOT_VARIANCE = 0.7429
"""mean over a knot interval of w² + (1 - w)², w the smooth step: what blending two knots leaves of their variance"""


def uniform(seed: int, name: str, number: ArrayLike) -> Float64:
    """Return a number in [0, 1) for each whole ``number``, float64 of its shape (splitmix64, Steele et al. 2014)."""
    keys = np.asarray(number, np.int64).astype(np.uint64)
    return np.asarray((_mixed(keys, seed, name) >> np.uint64(11)) * 2.0**-53)


def normal(seed: int, name: str, number: ArrayLike) -> Float64:
    """Return a standard normal number for each whole ``number`` (Box-Muller)."""
    first = uniform(seed, name + "/r", number)
    second = uniform(seed, name + "/phi", number)
    return np.asarray(np.sqrt(-2.0 * np.log1p(-first)) * np.cos(2.0 * np.pi * second))


def wander(seed: int, name: str, time_us: ArrayLike, period_s: float) -> Float64:
    """Return a smooth standard normal process at each time, float64 of the shape of ``time_us``.

    Values one ``period_s`` apart are independent; nearer ones are alike, as in an AR(1) process.
    """
    knots = np.asarray(time_us, np.float64) / (period_s * SECOND_US)
    before = np.floor(knots)
    part = knots - before
    weight = part * part * (3.0 - 2.0 * part)
    number = before.astype(np.int64)
    blend = (1.0 - weight) * normal(seed, name, number) + weight * normal(seed, name, number + 1)
    return np.asarray(blend / np.sqrt(_KNOT_VARIANCE))


def rough(seed: int, name: str, time_us: ArrayLike, period_s: float, octaves: int = 3) -> Float64:
    """Return :func:`wander` with finer movement on top: each octave four times faster and half as strong."""
    strengths = 0.5 ** np.arange(octaves)
    parts = [
        strength * wander(seed, f"{name}/{octave}", time_us, period_s / 4.0**octave)
        for octave, strength in enumerate(strengths)
    ]
    return np.asarray(sum(parts) / np.sqrt(np.sum(strengths**2)))


def _mixed(keys: UInt64, seed: int, name: str) -> UInt64:
    with np.errstate(over="ignore"):
        state = keys * _GOLDEN + np.uint64(seed * 0x1000193 + zlib.crc32(name.encode())) * _MIX_2
        state = (state ^ (state >> np.uint64(30))) * _MIX_1
        state = (state ^ (state >> np.uint64(27))) * _MIX_2
        return np.asarray(state ^ (state >> np.uint64(31)))
