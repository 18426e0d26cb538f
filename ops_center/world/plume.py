"""Gaussian plumes: what a stack or a release brings to a place downwind.

Steady plume with reflection at the ground; dispersion by Briggs' urban formulas (Briggs 1973, ATDL 79; as in EPA's
ISC3 user's guide, volume II, table 1-4); stability classes by wind and sun (Pasquill 1961, in Turner's form of 1964).
A release that began or ended a while ago is seen where the air of that time has got to. Called by ``air``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ops_center.domain.observations import Float64, Int64

_SIGMA_Y = np.array([0.32, 0.32, 0.22, 0.16, 0.11, 0.11])
_SIGMA_Z = np.array([0.24, 0.24, 0.20, 0.14, 0.08, 0.08])
_SIGMA_Z_BEND = np.array([0.001, 0.001, 0.0, 0.0003, 0.0015, 0.0015])
_SIGMA_Z_POWER = np.array([0.5, 0.5, 0.0, -0.5, -0.5, -0.5])
_RECEPTOR_M = 2.0
_NEAREST_M = 30.0
"""nearer than this the formulas mean nothing"""
_CALM_MPS = 0.8


@dataclass(frozen=True, slots=True)
class Source:
    """Something that emits 1 unit a second, as :func:`dilution` sees it."""

    x_m: float
    y_m: float
    height_m: float
    """of the stack and the plume's rise; 0 to 5 for a release on the ground"""


def stability(wind_mps: Float64, sun: Float64) -> Int64:
    """Return the class, 0 (A, very unstable) to 5 (F, stable), int64[n]. ``sun``: 0 at night to 1."""
    by_day = np.select(
        [wind_mps < 2.0, wind_mps < 3.0, wind_mps < 5.0, wind_mps < 6.0],
        [np.where(sun > 0.5, 0, 1), np.where(sun > 0.5, 1, 2), np.where(sun > 0.5, 1, 2), np.full(len(sun), 2)],
        3,
    )
    by_night = np.select([wind_mps < 2.0, wind_mps < 3.0], [5, 4], 3)
    return np.asarray(np.where(sun > 0.08, by_day, by_night), np.int64)


def downwind(
    source: Source, x_m: Float64, y_m: Float64, wind_mps: Float64, wind_from_deg: Float64
) -> tuple[Float64, Float64]:
    """Return metres along and across the wind from the source, float64[n, m] for n times and m places."""
    towards = np.radians(wind_from_deg + 180.0)[:, None]
    east, north = (x_m - source.x_m)[None, :], (y_m - source.y_m)[None, :]
    return east * np.sin(towards) + north * np.cos(towards), east * np.cos(towards) - north * np.sin(towards)


def dilution(
    source: Source, x_m: Float64, y_m: Float64, wind_mps: Float64, wind_from_deg: Float64, sun: Float64
) -> tuple[Float64, Float64]:
    """Return concentration over emission, s/m³, and travel time, s: float64[n, m] each; 0 upwind.

    An emission in g/s times this is a concentration in g/m³.
    """
    along, across = downwind(source, x_m, y_m, wind_mps, wind_from_deg)
    speed = np.maximum(wind_mps, _CALM_MPS)[:, None]
    kind = stability(wind_mps, sun)[:, None]
    far = np.maximum(along, _NEAREST_M)
    sigma_y = _SIGMA_Y[kind] * far / np.sqrt(1.0 + 0.0004 * far)
    sigma_z = _SIGMA_Z[kind] * far * (1.0 + _SIGMA_Z_BEND[kind] * far) ** _SIGMA_Z_POWER[kind]
    lateral = np.exp(-0.5 * (across / sigma_y) ** 2)
    vertical = np.exp(-0.5 * ((_RECEPTOR_M - source.height_m) / sigma_z) ** 2)
    vertical += np.exp(-0.5 * ((_RECEPTOR_M + source.height_m) / sigma_z) ** 2)
    # Around the source itself, where nothing is downwind yet, the plume is as wide as it is long.
    there = along > -_NEAREST_M
    return np.where(there, lateral * vertical / (2.0 * np.pi * speed * sigma_y * sigma_z), 0.0), far / speed


def released(
    source: Source,
    strength: Callable[[Int64], Float64],
    time_us: Int64,
    places: tuple[Float64, Float64],
    wind: tuple[Float64, Float64],
    sun: Float64,
) -> Float64:
    """Return concentration over the full emission, s/m³, float64[n, m], of a release that comes and goes.

    ``strength``: times (µs) → part of the full emission, 0 to 1, then; ``wind``: speed and direction now, taken
    as constant over the travel time.
    """
    thinned, travel_s = dilution(source, *places, *wind, sun)
    emitted_us = time_us[:, None] - (travel_s * 1e6).astype(np.int64)
    return np.asarray(thinned * strength(emitted_us))
