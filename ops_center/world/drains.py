"""Storm drains: rational method, a linear reservoir for each catchment, a pipe that fills and then surcharges.

Runoff Q = C·i·A (Kuichling 1889; GB 50014-2021, 4.1.7), routed through a linear reservoir, drawn off by the full
capacity of a circular pipe (Manning); what the pipe can't take rises in the manhole until it stands in the street.
A function of time: a day is stepped through from six dry hours before it, which is longer than any drain remembers.
Called by the world for the feed ``weather`` and by ``history``.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US
from ops_center.world.chance import uniform
from ops_center.world.rain import Rain

Float32 = NDArray[np.float32]

STEP_US = 5 * MINUTE_US
_SPIN_UP_STEPS = 6 * HOUR_US // STEP_US
_DAY_STEPS = DAY_US // STEP_US
_DAYS_KEPT = 2
_RAIN_GRID_M = 1000.0
"""drains of one square kilometre share its rain"""
_FULLNESS = np.array([0.0, 0.021, 0.088, 0.196, 0.337, 0.5, 0.672, 0.837, 0.977, 1.0])
_DEPTH_PART = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.82])
"""discharge over full discharge against depth over diameter of a circular pipe (Chow 1959, figure 6-5)"""


@dataclass(frozen=True, slots=True, eq=False)
class Drains:
    """Where levels are measured and what drains there; arrays float64[m]."""

    x_m: Float64
    y_m: Float64
    depth_m: Float64
    """from the street to the bottom of the pipe"""
    diameter_m: Float64
    area_ha: Float64
    runoff: Float64
    """runoff coefficient, 0 to 1"""
    lag_s: Float64
    """time constant of the catchment"""
    capacity_m3_s: Float64
    manhole_m2: Float64
    """area on which surcharge rises: manholes and gullies upstream"""
    dry_m: Float64
    """level in dry weather"""

    def take(self, index: Int64) -> Drains:
        """Return the drains of ``index``."""
        return Drains(*(getattr(self, one.name)[index] for one in fields(self)))


def drawn(seed: int, x_m: Float64, y_m: Float64, depth_m: Float64, diameter_m: Float64) -> Drains:
    """Return drains whose catchments, not surveyed, are drawn within the usual (GB 50014-2021, 3.2.2 and 4.1.8).

    Capacity is what a storm of a return period of 2 to 5 years brings (45 to 60 mm/h over the lag), so that
    ordinary rain runs off and a cloudburst doesn't. NaN in ``depth_m`` or ``diameter_m`` is filled in.
    """
    number = np.arange(len(x_m))
    part = {name: uniform(seed, f"drain/{name}", number) for name in ("area", "runoff", "lag", "capacity", "dry")}
    area = 3.0 + 17.0 * part["area"]
    runoff = 0.55 + 0.3 * part["runoff"]
    capacity = runoff * (45.0 + 15.0 * part["capacity"]) * area / 360.0
    diameter = np.where(np.isfinite(diameter_m), diameter_m, _diameter_for(capacity))
    depth = np.maximum(np.where(np.isfinite(depth_m), depth_m, 2.5), diameter + 0.8)
    lag = 60.0 * (8.0 + 14.0 * part["lag"])
    dry = diameter * (0.04 + 0.06 * part["dry"])
    return Drains(x_m, y_m, depth, diameter, area, runoff, lag, capacity, area * 25.0, dry)


class DrainLevels:
    """The level over the pipe's bottom at every drain, at any time."""

    def __init__(self, drains: Drains, rain: Rain) -> None:
        self.drains = drains
        self._rain = rain
        self._days: OrderedDict[int, Float32] = OrderedDict()
        cells = np.stack([drains.x_m // _RAIN_GRID_M, drains.y_m // _RAIN_GRID_M], axis=1)
        unique, inverse = np.unique(cells, axis=0, return_inverse=True)
        self._cell_of = inverse.reshape(-1)
        self._cells = (unique + 0.5) * _RAIN_GRID_M

    def at(self, time_us: int) -> Float64:
        """Return levels in metres, float64[m], between the steps linearly."""
        step, part = time_us // STEP_US, (time_us % STEP_US) / STEP_US
        return np.asarray((1.0 - part) * self._step(step) + part * self._step(step + 1))

    def of_day(self, day: int) -> Float32:
        """Return the levels at every step of a UTC day (days since 1970), float32[288, m]: a large city has many."""
        if day not in self._days:
            self._days[day] = self._run(day)
            while len(self._days) > _DAYS_KEPT:
                self._days.popitem(last=False)
        return self._days[day]

    def _step(self, step: int) -> Float64:
        return np.asarray(self.of_day(step // _DAY_STEPS)[step % _DAY_STEPS])

    def _run(self, day: int) -> Float32:
        steps = np.arange(day * _DAY_STEPS - _SPIN_UP_STEPS, (day + 1) * _DAY_STEPS)
        rain = self._rain.intensity(steps * STEP_US, self._cells[:, 0], self._cells[:, 1])
        if not rain.any():
            dry = self.drains.dry_m.astype(np.float32)
            return np.broadcast_to(dry, (_DAY_STEPS, len(dry)))
        return self._route(rain)[_SPIN_UP_STEPS:]

    def _route(self, rain: Float64) -> Float32:
        """Return levels by step: exact linear reservoir within a step, then the pipe, then the manhole."""
        drains = self.drains
        seconds = STEP_US / 1e6
        keep = np.exp(-seconds / drains.lag_s)
        flow = np.zeros(len(drains.dry_m))
        stored = np.zeros(len(drains.dry_m))
        levels = np.empty((len(rain), len(drains.dry_m)), np.float32)
        for step, intensity in enumerate(rain):
            inflow = drains.runoff * intensity[self._cell_of] * drains.area_ha / 360.0
            flow = keep * flow + (1.0 - keep) * inflow
            stored = np.maximum(stored + (flow - drains.capacity_m3_s) * seconds, 0.0)
            levels[step] = self._level(flow, stored)
        return levels

    def _level(self, flow: Float64, stored_m3: Float64) -> Float64:
        drains = self.drains
        part = np.interp(flow / drains.capacity_m3_s, _FULLNESS, _DEPTH_PART)
        free = np.maximum(part * drains.diameter_m, drains.dry_m)
        head = drains.diameter_m + stored_m3 / drains.manhole_m2
        street = drains.depth_m + 0.3 * np.tanh(np.maximum(head - drains.depth_m, 0.0) / 3.0)
        return np.where(stored_m3 > 0.0, np.minimum(head, street), free)


def _diameter_for(capacity_m3_s: Float64) -> Float64:
    """Return the circular pipe that carries it full at a slope of 3 per mille, n = 0.013 (Manning), metres."""
    full: Float64 = (capacity_m3_s * 0.013 * 4.0 ** (5.0 / 3.0) / (np.pi * np.sqrt(0.003))) ** 0.375
    return full
