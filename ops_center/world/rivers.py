"""Rivers and lakes: upstream flow with the seasons, and the city's own rain through a cascade of linear reservoirs.

Runoff is routed by Nash's instantaneous unit hydrograph (Nash 1957: n equal reservoirs, a gamma density); the stage
follows from the discharge by a rating curve of Manning's form, Q = a·(h - h0)^(5/3). A function of time.
Called by the world for the feed ``weather`` and by ``history``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import HOUR_US, MINUTE_US
from ops_center.world.chance import rough, uniform
from ops_center.world.climate import Climate
from ops_center.world.rain import Rain

STEP_US = 20 * MINUTE_US
_MEMORY_STEPS = 4 * 24 * HOUR_US // STEP_US
_RESERVOIRS = 3
_RUNOFF = 0.45
"""part of the rain on a half built-over catchment that runs off quickly"""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one gauge stands in."""

    name: str
    catchment_km2: float
    lag_h: float
    """mean delay of the unit hydrograph, n times k"""
    base_m3_s: float
    """mean upstream flow"""
    rating_a: float
    zero_m: float
    """stage at which nothing flows, on the gauge's datum"""


def reach(seed: int, name: str, kind: str) -> Reach:
    """Return a reach as usual for its kind, ``river``, ``canal`` or ``lake``: drawn, not surveyed."""
    part = float(uniform(seed, f"reach/{name}", 0))
    if kind == "river":
        return Reach(name, 260.0 + 300.0 * part, 9.0 + 6.0 * part, 180.0 + 140.0 * part, 42.0, 2.0)
    if kind == "canal":
        return Reach(name, 18.0 + 20.0 * part, 2.0 + 2.0 * part, 4.0 + 3.0 * part, 5.0, 1.0)
    return Reach(name, 12.0 + 10.0 * part, 18.0 + 8.0 * part, 1.2, 1.5, 3.0)


class RiverLevels:
    """The stage at every gauge, at any time."""

    def __init__(self, seed: int, reaches: tuple[Reach, ...], rain: Rain, climate: Climate) -> None:
        self._seed = seed
        self.reaches = reaches
        self._rain = rain
        self._climate = climate
        self._kernels = np.stack([_unit_hydrograph(one.lag_h) for one in reaches]) if reaches else np.empty((0, 1))
        self._areal: dict[int, float] = {}

    def at(self, time_us: ArrayLike) -> Float64:
        """Return stages in metres at n times (ascending), float64[n, m], between the steps linearly."""
        times = np.atleast_1d(np.asarray(time_us, np.int64))
        if not self.reaches:
            return np.empty((len(times), 0))
        first, last = int(times[0] // STEP_US), int(times[-1] // STEP_US) + 1
        runoff = self._runoff(first, last)
        knots = np.arange(first, last + 1) * STEP_US
        levels = np.stack([self._stage(number, knots, runoff[number]) for number in range(len(self.reaches))], axis=1)
        return np.stack([np.interp(times, knots, column) for column in levels.T], axis=1)

    def _runoff(self, first: int, last: int) -> Float64:
        """Return quick runoff in m³/s, [m, last - first + 1]."""
        rain = self._areal_steps(np.arange(first - _MEMORY_STEPS + 1, last + 1))
        depth = np.stack([np.convolve(rain, kernel, mode="valid") for kernel in self._kernels])
        areas = np.array([one.catchment_km2 for one in self.reaches])
        return np.asarray(_RUNOFF * depth * areas[:, None] / 3.6)

    def _areal_steps(self, steps: Int64) -> Float64:
        """Return the areal rain of steps, mm/h: each is asked for once, then remembered."""
        missing = np.array([step for step in steps.tolist() if step not in self._areal], dtype=np.int64)
        if len(missing):
            if len(self._areal) > 50_000:
                self._areal.clear()
                missing = steps
            found = self._rain.areal(missing * STEP_US)
            self._areal.update(zip(missing.tolist(), found.tolist(), strict=True))
        return np.array([self._areal[step] for step in steps.tolist()])

    def _stage(self, number: int, times: Int64, runoff_m3_s: Float64) -> Float64:
        one = self.reaches[number]
        seasonal = 1.0 + 0.45 * self._climate.season(times - 20 * 24 * HOUR_US)
        spells = np.exp(0.22 * rough(self._seed, "upstream", times, 9.0 * 86400, octaves=3))
        discharge = one.base_m3_s * seasonal * spells + runoff_m3_s
        return np.asarray(one.zero_m + (discharge / one.rating_a) ** 0.6)


def _unit_hydrograph(lag_h: float) -> Float64:
    """Return Nash's unit hydrograph on the step grid; its ordinates sum to 1."""
    k = lag_h / _RESERVOIRS
    hours = (np.arange(_MEMORY_STEPS) + 0.5) * STEP_US / HOUR_US
    density = hours ** (_RESERVOIRS - 1) * np.exp(-hours / k)
    return np.asarray(density / density.sum())
