"""Warnings of rainstorms: four levels by the rain that has fallen and that is about to fall, district by district.

Called by ``weather``; the feed ``weather`` sends them as events ``warning.rainstorm``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, MINUTE_US
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


class RainstormWarnings:
    """Decides which warning is in force where, on a grid of ten minutes."""

    def __init__(self, rain: Rain, districts: Mapping[str, tuple[float, float]]) -> None:
        """``districts``: id → a place inside it, in the city's metric frame."""
        self._rain = rain
        self._districts = tuple(districts)
        self._x = np.array([place[0] for place in districts.values()], dtype=float)
        self._y = np.array([place[1] for place in districts.values()], dtype=float)

    def in_force(self, now_us: int) -> Mapping[str, WarningLevel]:
        """Return district → level of the warnings in force."""
        levels, _ = self._levels(np.array([now_us // STEP_US]))
        return {name: RAINSTORM[n - 1] for name, n in zip(self._districts, levels[0], strict=True) if n}

    def issued(self, since_us: int, now_us: int) -> tuple[RainstormWarning, ...]:
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
        fallen = np.cumsum(self._rain.intensity(window * STEP_US, self._x, self._y) / 6.0, axis=0)
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
