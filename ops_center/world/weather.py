"""The weather as instruments see it: gauges and stations at their places, and warnings of rainstorms.

Feeds observe it through the world; drains, rivers and air take rain and wind from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, MINUTE_US
from ops_center.world.climate import Air, Climate
from ops_center.world.rain import Rain

STEP_US = 10 * MINUTE_US
"""warnings are decided on this grid"""
_LEAD_STEPS = 6
"""a forecaster sees the coming hour on the radar"""
_HOLD_STEPS = 6
"""a warning ends when its threshold has not been met for an hour"""


@dataclass(frozen=True, slots=True)
class WarningLevel:
    """One level of the rainstorm warning signal."""

    name: str
    label: Label
    hours: int
    depth_mm: float


RAINSTORM = (
    WarningLevel("blue", Label("蓝色", "blue"), 12, 50.0),
    WarningLevel("yellow", Label("黄色", "yellow"), 6, 50.0),
    WarningLevel("orange", Label("橙色", "orange"), 3, 50.0),
    WarningLevel("red", Label("红色", "red"), 3, 100.0),
)
"""暴雨预警信号: 气象灾害预警信号发布与传播办法 (CMA order 16 of 2007), annex, part 2. Mildest first."""


@dataclass(frozen=True, slots=True)
class RainstormWarning:
    """A warning that was issued, raised, lowered or ended for one district."""

    district: str
    level: WarningLevel | None
    """None: it was ended"""
    issued_us: int
    valid_until_us: int
    depth_mm: float
    """the rain that decided it: fallen and expected within the level's hours"""


class Weather:
    """What falls and blows over the city."""

    def __init__(self, climate: Climate, rain: Rain, districts: dict[str, tuple[float, float]]) -> None:
        self.climate = climate
        self.rain = rain
        self._districts = tuple(districts)
        self._x = np.array([place[0] for place in districts.values()], dtype=float)
        self._y = np.array([place[1] for place in districts.values()], dtype=float)

    def at(self, time_us: ArrayLike) -> Air:
        """Return temperature, humidity, wind and sun of the city at n times."""
        times = np.atleast_1d(np.asarray(time_us, np.int64))
        return self.climate.at(times, self.rain.areal(times))

    def stations(self, time_us: int, x_m: Float64, y_m: Float64) -> Air:
        """Return what stations at m places have now, float64[m]: the city's weather under the rain of the place."""
        rain = self.rain.intensity(time_us, x_m, y_m)[0]
        return self.climate.at(np.full(len(rain), time_us, np.int64), rain)

    def warnings(self, now_us: int, since_us: int) -> tuple[RainstormWarning, ...]:
        """Return what was issued in (since, now], at most a day back, oldest first."""
        first = max(since_us, now_us - 24 * HOUR_US) // STEP_US
        steps = np.arange(first, now_us // STEP_US + 1)
        if len(steps) < 2 or not self._districts:
            return ()
        levels, depths = self._levels(steps)
        changed = np.argwhere(levels[1:] != levels[:-1]) + np.array((1, 0))
        return tuple(self._warning(int(steps[step]), levels[step, d], depths[step, d], d) for step, d in changed)

    def _levels(self, steps: Int64) -> tuple[Int64, Float64]:
        """Return level (0: none, 1: blue … 4: red) and deciding depth by step and district, [s, d]."""
        longest = 6 * max(level.hours for level in RAINSTORM)
        window = np.arange(steps[0] - longest - _HOLD_STEPS, steps[-1] + _LEAD_STEPS + 1)
        fallen = np.cumsum(self.rain.intensity(window * STEP_US, self._x, self._y) / 6.0, axis=0)
        raw = np.zeros((len(steps) + _HOLD_STEPS, len(self._districts)), np.int64)
        depth = np.zeros(raw.shape)
        ends = np.arange(len(raw)) + longest + _LEAD_STEPS
        for number, level in enumerate(RAINSTORM, start=1):
            within = fallen[ends] - fallen[ends - 6 * level.hours]
            met = within >= level.depth_mm
            raw[met] = number
            depth[met] = within[met]
        held = np.stack([raw[_HOLD_STEPS - k : len(raw) - k] for k in range(_HOLD_STEPS + 1)])
        return held.max(axis=0), depth[_HOLD_STEPS:]

    def _warning(self, step: int, level: int, depth_mm: float, district: int) -> RainstormWarning:
        issued_us = step * STEP_US
        found = RAINSTORM[level - 1] if level else None
        hours = found.hours if found else 0
        name = self._districts[district]
        return RainstormWarning(name, found, issued_us, issued_us + hours * HOUR_US, float(depth_mm))
