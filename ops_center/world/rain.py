"""Rain: events that come with the seasons, made of steady rain and of cells that the wind carries over the city.

A function of time and place, so that every gauge, drain and river sees the same rain. Called by ``weather``,
``drains``, ``rivers`` and ``air`` (washing out). Cells as moving Gaussian fields with a life of less than an hour
follow Northrop (1998) and the cluster models before him; monthly depths and days are Nanjing's normals 1991-2020.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US, to_datetime
from ops_center.world.chance import uniform

MONTH_MM = (45.0, 53.0, 81.0, 81.0, 94.0, 166.0, 214.0, 147.0, 77.0, 56.0, 52.0, 35.0)
MONTH_DAYS = (9.0, 9.0, 12.0, 10.0, 10.0, 11.0, 12.0, 12.0, 8.0, 8.0, 8.0, 7.0)
"""days with 0.1 mm or more"""
CONVECTIVE = (0.1, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.8, 0.55, 0.3, 0.15, 0.1)
"""part of the depth that falls from cells"""
_LONGEST_US = 30 * HOUR_US
_MOST_CELLS = 80
_STAYS = 0.85
"""part of the cells' rain that falls inside the square they cross; the rest leaks over its edges"""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Rain cells of one event; arrays float64[c]."""

    born_us: Float64
    life_us: Float64
    x_m: Float64
    y_m: Float64
    """centre when born"""
    radius_m: Float64
    peak_mm_h: Float64


@dataclass(frozen=True, slots=True, eq=False)
class RainEvent:
    """One event: [start, end), steady rain everywhere and cells carried by one wind."""

    start_us: int
    end_us: int
    steady_mm_h: float
    velocity_mps: tuple[float, float]
    """east, north: of the cells"""
    cells: Cells


@dataclass(frozen=True, slots=True)
class Storm:
    """A cloudburst that a scenario wants: strongest at one place, rising and fading."""

    start_us: int
    end_us: int
    rise_us: int
    peak_mm_h: float
    x_m: float
    y_m: float
    radius_m: float


Storms = Callable[[int, int], Sequence[Storm]]
"""[first, last) in µs → the storms that touch it"""


def _no_storms(_first_us: int, _last_us: int) -> Sequence[Storm]:
    return ()


class Rain:
    """Where and how hard it rains, in mm/h."""

    def __init__(self, seed: int, centre_m: tuple[float, float], radius_m: float, storms: Storms = _no_storms) -> None:
        self._seed = seed
        self._storms = storms
        self._centre = centre_m
        self._radius_m = radius_m
        self._events: dict[int, RainEvent | None] = {}
        spots = np.array([(0.0, 0.0)] + [(np.cos(a), np.sin(a)) for a in np.arange(8) * np.pi / 4]) * 0.6 * radius_m
        self._spots_x, self._spots_y = spots[:, 0] + centre_m[0], spots[:, 1] + centre_m[1]

    def intensity(self, time_us: ArrayLike, x_m: ArrayLike, y_m: ArrayLike) -> Float64:
        """Return mm/h at n times (ascending) and m places, float64[n, m]; places in the city's metric frame."""
        times = np.atleast_1d(np.asarray(time_us, np.int64))
        x, y = np.atleast_1d(np.asarray(x_m, float)), np.atleast_1d(np.asarray(y_m, float))
        total = np.zeros((len(times), len(x)))
        for event in self._between(int(times[0]), int(times[-1])):
            first, last = np.searchsorted(times, (event.start_us, event.end_us))
            if first < last:
                total[first:last] += _of_event(event, times[first:last], x, y)
        for storm in self._storms(int(times[0]), int(times[-1]) + 1):
            total += _of_storm(storm, times, x, y)
        return total

    def areal(self, time_us: ArrayLike) -> Float64:
        """Return the mean over nine spots of the city, mm/h, float64[n]."""
        return np.asarray(self.intensity(time_us, self._spots_x, self._spots_y).mean(axis=1))

    def _between(self, first_us: int, last_us: int) -> list[RainEvent]:
        days = range((first_us - _LONGEST_US) // DAY_US, last_us // DAY_US + 1)
        found = [event for event in map(self._of_day, days) if event is not None]
        return [event for event in found if event.start_us <= last_us and first_us < event.end_us]

    def _of_day(self, day: int) -> RainEvent | None:
        if day not in self._events:
            self._events[day] = self._drawn(day)
        return self._events[day]

    def _drawn(self, day: int) -> RainEvent | None:
        month = to_datetime(day * DAY_US).month - 1
        if self._chance("rains", day) >= MONTH_DAYS[month] / 30.4:
            return None
        start_us = day * DAY_US + int(self._chance("starts", day) * DAY_US)
        length = (2.0 + 14.0 * self._chance("lasts", day) ** 2) * HOUR_US
        depth = -np.log1p(-self._chance("depth", day)) * MONTH_MM[month] / MONTH_DAYS[month]
        return self._made(day, start_us, start_us + int(length), float(depth), CONVECTIVE[month])

    def _made(self, number: int, start_us: int, end_us: int, depth_mm: float, convective: float) -> RainEvent:
        hours = (end_us - start_us) / HOUR_US
        heading = 2.0 * np.pi * (0.05 + 0.2 * self._chance("heading", number))  # towards the north-east, mostly
        speed = 5.0 + 8.0 * self._chance("speed", number)
        velocity = (float(speed * np.cos(heading)), float(speed * np.sin(heading)))
        cells = self._cells(number, (start_us, end_us), velocity, depth_mm * convective)
        return RainEvent(start_us, end_us, depth_mm * (1.0 - convective) / hours, velocity, cells)

    def _cells(self, number: int, span: tuple[int, int], velocity: tuple[float, float], depth_mm: float) -> Cells:
        """Return cells that together bring ``depth_mm`` to the disc of twice the city's radius that they cross."""
        count = int(np.clip(depth_mm * 4.0, 1, _MOST_CELLS))
        draw = {
            name: uniform(self._seed, f"cell/{name}/{number}", np.arange(count))
            for name in ("born", "life", "x", "y", "radius", "peak")
        }
        life_us = (35.0 + 40.0 * draw["life"]) * MINUTE_US
        radius = (0.10 + 0.16 * draw["radius"]) * self._radius_m + 1000.0
        weight = 0.3 + draw["peak"] ** 2 * 2.0
        volume = np.sum(weight * 2.0 * np.pi * radius**2 * 0.5 * life_us / HOUR_US)
        peak = weight * depth_mm * (4.0 * self._radius_m**2) / (_STAYS * volume)
        half_path = 0.5 * life_us / 1e6
        x = self._centre[0] + 2.0 * (draw["x"] - 0.5) * self._radius_m - velocity[0] * half_path
        y = self._centre[1] + 2.0 * (draw["y"] - 0.5) * self._radius_m - velocity[1] * half_path
        born_us = span[0] + draw["born"] * np.maximum(span[1] - span[0] - life_us, 0.0)
        return Cells(born_us, life_us, x, y, radius, peak)

    def _chance(self, name: str, number: int) -> float:
        return float(uniform(self._seed, f"rain/{name}", number))


def _of_event(event: RainEvent, times: Int64, x: Float64, y: Float64) -> Float64:
    total = np.full((len(times), len(x)), event.steady_mm_h)
    cells = event.cells
    for cell in range(len(cells.born_us)):
        first, last = np.searchsorted(times, (cells.born_us[cell], cells.born_us[cell] + cells.life_us[cell]))
        if first < last:
            total[first:last] += _of_cell(event, cell, times[first:last], x, y)
    return total


def _of_cell(event: RainEvent, cell: int, times: Int64, x: Float64, y: Float64) -> Float64:
    cells = event.cells
    age_us = times - cells.born_us[cell]
    strength = cells.peak_mm_h[cell] * np.sin(np.pi * age_us / cells.life_us[cell]) ** 2
    centre_x = cells.x_m[cell] + event.velocity_mps[0] * age_us / 1e6
    centre_y = cells.y_m[cell] + event.velocity_mps[1] * age_us / 1e6
    square = (x[None, :] - centre_x[:, None]) ** 2 + (y[None, :] - centre_y[:, None]) ** 2
    return np.asarray(strength[:, None] * np.exp(-square / (2.0 * cells.radius_m[cell] ** 2)))


def _of_storm(storm: Storm, times: Int64, x: Float64, y: Float64) -> Float64:
    """Return two fifths of the storm everywhere and the rest around its centre, which drifts at 2 m/s."""
    edge = np.minimum(times - storm.start_us, storm.end_us - times) / max(storm.rise_us, 1)
    strength = storm.peak_mm_h * np.clip(edge, 0.0, 1.0)
    drift_m = 2.0 * (times - (storm.start_us + storm.end_us) / 2) / 1e6
    square = (x[None, :] - storm.x_m - drift_m[:, None]) ** 2 + (y[None, :] - storm.y_m) ** 2
    return np.asarray(strength[:, None] * (0.4 + 0.65 * np.exp(-square / (2.0 * storm.radius_m**2))))
