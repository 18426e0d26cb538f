"""The water supply on typical days, solved once: a table by demand, kind of day and hour, from which months follow.

EPANET would take ten seconds for 13 months of hours; a workday and a weekend at three levels of demand take a fifth
of one, and pressure is smooth in demand. Called by ``history``.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import DAY_US, HOUR_US
from ops_center.world.climate import Climate
from ops_center.world.ground import Ground
from ops_center.world.hydraulics import RunningNetwork
from ops_center.world.subjects import GROUPS
from ops_center.world.water import figures_of
from ops_center.world.water_demand import city_factor, is_weekend

_FACTORS = np.array([0.8, 1.0, 1.25])
_STEP_S = 1800
_DAY_STEPS = 24 * 3600 // _STEP_S


class SupplyDays:
    """Figures of the network at any time, without bursts."""

    def __init__(self, ground: Ground, climate: Climate) -> None:
        self._seed, self._climate = ground.seed, climate
        model = ground.pack.water_model
        self._table = None if model is None else self._solved(RunningNetwork(ground, climate, model, lambda _: ()))

    def at(self, time_us: Int64) -> dict[str, Float64]:
        """Return the figures of GROUPS["water"] at n times, float64[n]; {} in a city without a water model."""
        if self._table is None:
            return {}
        factor = np.clip(city_factor(self._climate, self._seed, time_us), _FACTORS[0], _FACTORS[-1])
        weekend = is_weekend(self._climate, time_us).astype(float)
        found = self._table(np.column_stack([factor, weekend, self._climate.local_hours(time_us)]))
        return {name: found[:, column] for column, name in enumerate(GROUPS["water"])}

    def _solved(self, running: RunningNetwork) -> RegularGridInterpolator:
        """Return [factor, weekend, hour] → figures; each day is preceded by one in which the tanks settle."""
        table = np.array([[self._day(running, factor, weekend) for weekend in (0, 1)] for factor in _FACTORS])
        running.network.close()
        hours = np.arange(_DAY_STEPS + 1) * _STEP_S / 3600.0
        return RegularGridInterpolator((_FACTORS, [0.0, 1.0], hours), table, bounds_error=False, fill_value=None)

    def _day(self, running: RunningNetwork, factor: float, weekend: int) -> Float64:
        """Return the figures of a day from midnight to midnight, float64[steps + 1, figures]."""
        midnight = self._midnight_of_kind(weekend)
        rows = []
        for step in range(-_DAY_STEPS, _DAY_STEPS + 1):
            running.demand.apply(midnight + (step % _DAY_STEPS) * _STEP_S * 1_000_000, factor)
            found = figures_of(running, running.network.solve())
            rows.append((found.inflow_l_s, found.least_pressure_kpa, found.mean_pressure_kpa, found.tank_level_m))
            running.network.advance(_STEP_S)
        return np.array(rows[_DAY_STEPS:])

    def _midnight_of_kind(self, weekend: int) -> int:
        """Return the local midnight that begins a Wednesday or a Sunday."""
        noon = 20_000 * DAY_US + 12 * HOUR_US
        for day in range(7):
            time_us = np.array([noon + day * DAY_US])
            if int((self._climate.local_days(time_us)[0] + 3) % 7) == (6 if weekend else 2):
                return int(time_us[0] - self._climate.local_hours(time_us)[0] * HOUR_US)
        raise AssertionError("a week without that day")
