"""Devices that measure: when each sends, with what bias, noise and faults. Used by every model with sensors.

A bank holds the devices of one kind. The model gives it the truth at each device; what the devices would say is
then ``readings``, of those whose time to send lies in the last step. They are staggered, as real ones are: a
device sends at its phase within the interval. After a long step each sends once, as of its latest time.

Faults come in spells of ten minutes, drawn by (seed, device, spell), so that they don't depend on the steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.time import MINUTE_US, SECOND_US
from ops_center.world.ground import Ground, Moment

Real = NDArray[np.float64]

SPELL_US = 10 * MINUTE_US


@dataclass(frozen=True, slots=True)
class FaultRates:
    """Shares of a device's spells in each fault. Defaults: 99.4 % of the spells are without any.

    The orders of magnitude follow practice with loop detectors, where some per cent of the samples are missing
    or suspect (Chen et al. 2003, Detecting errors and imputing missing data for single-loop surveillance
    systems, TRR 1855); here they are lower, so that a demo is not about its faults.
    """

    silent: float = 0.003
    """sends nothing: the value grows aged"""
    stuck: float = 0.002
    """repeats the first value of the spell: flagged STUCK by intake"""
    implausible: float = 0.0006
    """far beyond what is plausible: flagged OUT_OF_RANGE"""
    impossible: float = 0.0002
    """beyond physics: goes to quarantine"""
    null: float = 0.0002
    """says null: goes to quarantine"""

    @property
    def edges(self) -> Real:
        """Return the cumulated shares, in the order of the fields."""
        return np.cumsum([self.silent, self.stuck, self.implausible, self.impossible, self.null])


SILENT, STUCK, IMPLAUSIBLE, IMPOSSIBLE, NULL, SOUND = range(6)
"""states of a device, in the order of FaultRates"""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well one property is measured, and how wrong it gets."""

    bias: float = 0.02
    """standard deviation of the devices' constant relative errors"""
    noise: float = 0.02
    """standard deviation of the relative error of one reading"""
    noise_floor: float = 0.0
    """standard deviation of the absolute error of one reading, in the property's unit"""
    digits: int = 1
    """decimals that are sent"""
    implausible: float = 1e3
    """what a device in that fault says"""
    impossible: float = 1e9
    low: float = 0.0
    """least value a sound device says"""
    high: float = np.inf


@dataclass(eq=False)
class SensorBank:
    """n devices of one kind. After ``step``: ``due``, ``time_us``, ``readings`` of those that send now."""

    ground: Ground
    name: str
    """names its chance, e.g. ``traffic``"""
    ids: NDArray[np.object_]
    """object[n]: thing ids"""
    groups: NDArray[np.object_]
    """object[n]: the gateway that sends for a device, see :func:`gateways`"""
    interval_s: float
    accuracy: Mapping[str, Accuracy]
    """observed property → accuracy"""
    rates: FaultRates = field(default_factory=FaultRates)
    interval_times: bool = False
    """the time sent is the start of the interval that has ended, not the moment"""
    staggered: bool = True
    """each gateway sends at its own phase; False: all at the full interval, as official hourly values are made"""
    due: NDArray[np.intp] = field(init=False)
    """intp[k]: devices that send now"""
    time_us: NDArray[np.int64] = field(init=False)
    """int64[k]: phenomenon times of what they send"""
    readings: dict[str, Real] = field(init=False)
    """observed property → float64[k]; NaN is sent as null"""

    def __post_init__(self) -> None:
        chance = self.ground.chance(f"{self.name}.devices")
        count = len(self.ids)
        self._interval_us = round(self.interval_s * SECOND_US)
        self._phase_us = _phases_us(self.groups, self._interval_us if self.staggered else 1, chance)
        self._bias = {name: chance.normal(0.0, how.bias, count) for name, how in self.accuracy.items()}
        self._frozen = {name: np.full(count, np.nan) for name in self.accuracy}
        self._spell = -1
        self.state = np.full(count, SOUND, np.int8)
        """int8[n]: in which fault each device is, SOUND for none"""
        self._nothing()

    def step(self, moment: Moment, truth: Mapping[str, Real]) -> None:
        """Let the devices measure ``truth`` (observed property → float64[n]) whose time has come."""
        latest_us = (moment.now_us - self._phase_us) // self._interval_us * self._interval_us + self._phase_us
        self._nothing()
        is_due = latest_us > moment.previous_us
        if not is_due.any():
            return
        self._enter(moment.now_us // SPELL_US)
        self.due = np.flatnonzero(is_due & (self.state != SILENT))
        self.time_us = latest_us[self.due] - (self._interval_us if self.interval_times else 0)
        chance = self.ground.chance(f"{self.name}.noise", moment.now_us)
        self.readings = {name: self._read(name, truth[name][self.due], chance) for name in self.accuracy}

    def _read(self, name: str, truth: Real, chance: np.random.Generator) -> Real:
        how, state = self.accuracy[name], self.state[self.due]
        noise = how.noise * chance.standard_normal(len(truth))
        reading = truth * (1 + self._bias[name][self.due] + noise)
        if how.noise_floor:
            reading += how.noise_floor * chance.standard_normal(len(truth))
        reading = np.asarray(np.round(np.clip(reading, how.low, how.high), how.digits), np.float64)
        if (state == SOUND).all():
            return reading
        reading = np.where(state == STUCK, self._freeze(name, reading, state), reading)
        return np.select(
            [state == IMPLAUSIBLE, state == IMPOSSIBLE, state == NULL],
            [np.full(len(truth), how.implausible), np.full(len(truth), how.impossible), np.full(len(truth), np.nan)],
            reading,
        )

    def _freeze(self, name: str, reading: Real, state: NDArray[np.int8]) -> Real:
        """Return what stuck devices repeat: their first reading of the spell."""
        frozen = self._frozen[name]
        fresh = (state == STUCK) & np.isnan(frozen[self.due])
        frozen[self.due[fresh]] = reading[fresh]
        return frozen[self.due]

    def _enter(self, spell: int) -> None:
        if spell == self._spell:
            return
        self._spell = spell
        draw = self.ground.chance(f"{self.name}.faults", spell).random(len(self.ids))
        self.state = np.searchsorted(self.rates.edges, draw, side="right").astype(np.int8)
        for frozen in self._frozen.values():
            frozen[:] = np.nan

    def _nothing(self) -> None:
        self.due = np.empty(0, np.intp)
        self.time_us = np.empty(0, np.int64)
        self.readings = {name: np.empty(0) for name in self.accuracy}


def _phases_us(groups: NDArray[np.object_], interval_us: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """Return when within the interval each device sends: whole seconds, the same for all of a gateway."""
    _, of_group = np.unique(groups.astype(str), return_inverse=True)
    seconds = max(interval_us // SECOND_US, 1)
    phases = chance.integers(0, seconds, int(of_group.max(initial=-1)) + 1)
    return np.asarray(phases[of_group] * SECOND_US % interval_us, np.int64)


def gateways(name: str, districts: NDArray[np.object_], size: int = 100) -> NDArray[np.object_]:
    """Return the gateway of each device: at most ``size`` devices of one district share one, in their order."""
    seen: dict[str, int] = {}
    found = []
    for district in districts.tolist():
        number = seen[district] = seen.get(district, -1) + 1
        found.append(f"{name}-{district or 'city'}-{number // size}")
    return np.array(found, dtype=object)
