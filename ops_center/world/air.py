"""The air over the city: what comes from far, from roads and homes, from stacks, and from accidents.

Six pollutants, µg/m³ (CO mg/m³), as functions of time and place:

- regional background with seasons and spells of days;
- area sources in a box as wide as the city, as high as the mixing layer, blown through by the wind (Hanna, Briggs
  and Hosker 1982, Handbook on Atmospheric Diffusion, ch. 9); roads follow traffic, the rest the clock and the cold;
- stacks of the pack's plants as Gaussian plumes (``plume``);
- ozone made by sun and warmth and eaten by fresh NO (photostationary state: Leighton 1961), so that it mirrors NO2;
- rain that washes particles out (Andronache 2003: scavenging grows with intensity).

Magnitudes fit the annual means of cities on the lower Yangtze (PM2.5 about 30). Stations heat their inlets, hence no
growth of particles by humidity. Called by ``air_devices`` and by ``history``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import HOUR_US
from ops_center.world.chance import rough
from ops_center.world.climate import Climate
from ops_center.world.plume import Source, dilution
from ops_center.world.rain import Rain

Concentrations = dict[str, Float64]
"""pollutant → float64[n, m] for n times and m places"""

_REFERENCE_M2_S = 500.0 * 2.3
"""ventilation (mixing height times wind) at which area sources bring their mean"""
_MOST_CONFINED = 2.6
_LAST_HOURS = np.array([0, 1, 2, 3]) * HOUR_US


@dataclass(frozen=True, slots=True, eq=False)
class Stacks:
    """Plants and what they emit; arrays float64[p]."""

    x_m: Float64
    y_m: Float64
    height_m: Float64
    g_per_s: dict[str, Float64]
    """pollutant → emission"""


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Places where air is asked for; arrays float64[m]."""

    x_m: Float64
    y_m: Float64
    roads: Float64
    """how much traffic passes nearby, 1 in the mean of the city"""


class AirModel:
    """Concentrations at any time and place."""

    def __init__(
        self,
        seed: int,
        climate: Climate,
        rain: Rain,
        stacks: Stacks,
        traffic_level: Callable[[Int64], Float64],
    ) -> None:
        """``traffic_level``: times → traffic as a share of the weekday's peak, 0 to about 1."""
        self._seed = seed
        self._climate = climate
        self._rain = rain
        self._stacks = stacks
        self._traffic_level = traffic_level

    def at(self, time_us: Int64, sites: Sites) -> Concentrations:
        """Return all six pollutants at n times (ascending) and m sites."""
        rain = self._rain.areal(time_us)
        air = self._climate.at(time_us, rain)
        sunny = self.recent_sun(time_us)
        confined = self._confined(air.wind_mps, sunny)
        near = self._from_roads(time_us, confined)[:, None] * (0.35 + 0.65 * sites.roads)[None, :]
        homes = (self._from_homes(time_us, air.temperature_c) * confined)[:, None]
        washed = (1.0 / (1.0 + 0.25 * self._wet_hours(time_us, rain)))[:, None]
        found = self._particles(time_us, near, homes, washed)
        found |= self._gases(time_us, near, homes, sunny, air.temperature_c)
        for pollutant, plumes in self._plumes(sites, air.wind_mps, air.wind_from_deg, air.sun).items():
            found[pollutant] = found[pollutant] + plumes
        return found

    def recent_sun(self, time_us: Int64) -> Float64:
        """Return the sun of the last four hours, 0 to 1: the ground and photochemistry lag behind it."""
        suns = [
            self._climate.sun(time_us - lag) * (1.0 - 0.6 * self._climate.cloud(time_us - lag)) for lag in _LAST_HOURS
        ]
        return np.asarray(np.mean(suns, axis=0))

    def _confined(self, wind_mps: Float64, sunny: Float64) -> Float64:
        """Return how much less the box is ventilated than in the mean: large on calm nights."""
        height_m = 130.0 + 70.0 * wind_mps + 1500.0 * sunny
        ventilation = height_m * np.maximum(wind_mps, 0.8)
        return np.asarray(np.minimum((_REFERENCE_M2_S / ventilation) ** 0.55, _MOST_CONFINED))

    def _from_roads(self, time_us: Int64, confined: Float64) -> Float64:
        return np.asarray((0.12 + 0.88 * self._traffic_level(time_us)) * confined)

    def _from_homes(self, time_us: Int64, temperature_c: Float64) -> Float64:
        """Return cooking, heating and small industry, 1 in the mean."""
        hour = self._climate.local_hours(time_us)
        meals = sum(np.exp(-(((hour - meal) / 1.3) ** 2)) for meal in (7.0, 12.0, 18.5))
        cold = np.clip((12.0 - temperature_c) / 12.0, 0.0, 1.5)
        return np.asarray(0.65 + 0.5 * meals + 0.6 * cold)

    def _wet_hours(self, time_us: Int64, rain_mm_h: Float64) -> Float64:
        """Return the rain of the last three hours, mm: each step counts what fell before it, not after."""
        before = [self._rain.areal(time_us - lag) for lag in _LAST_HOURS[1:3]]
        return np.asarray(rain_mm_h + sum(before))

    def _particles(self, time_us: Int64, near: Float64, homes: Float64, washed: Float64) -> Concentrations:
        season = self._climate.season(time_us)[:, None]
        spells = np.exp(0.52 * rough(self._seed, "haze", time_us, 3.5 * 86400))[:, None]
        pm25 = (18.5 * (1.0 - 0.42 * season) * spells + 6.0 * near + 3.5 * homes) * washed
        dust = np.exp(0.5 * rough(self._seed, "dust", time_us, 5.0 * 86400))[:, None]
        coarse = (11.0 * (1.0 - 0.2 * season) * dust + 9.0 * near) * washed**1.5
        return {"pm25": pm25, "pm10": 1.12 * pm25 + coarse}

    def _gases(
        self, time_us: Int64, near: Float64, homes: Float64, sunny: Float64, temperature_c: Float64
    ) -> Concentrations:
        season = self._climate.season(time_us)[:, None]
        light, warm = sunny[:, None], np.clip((temperature_c[:, None] - 2.0) / 28.0, 0.0, 1.25)
        fresh = 20.0 * near * (1.0 - 0.4 * light)
        no2 = 5.0 * (1.0 - 0.3 * season) + fresh + 2.5 * homes
        spells = np.exp(0.2 * rough(self._seed, "ozone", time_us, 2.5 * 86400))[:, None]
        ozone = (52.0 + 12.0 * season + 150.0 * light * warm**1.3) * spells - 0.95 * fresh
        return {
            "so2": 3.5 + 2.0 * homes * np.ones_like(near),
            "no2": no2,
            "o3": np.maximum(ozone, 3.0 + 2.0 * light),
            "co": 0.28 + 0.22 * near + 0.10 * homes,
        }

    def _plumes(self, sites: Sites, wind_mps: Float64, wind_from_deg: Float64, sun: Float64) -> Concentrations:
        stacks = self._stacks
        total = {name: np.zeros((len(wind_mps), len(sites.x_m))) for name in stacks.g_per_s}
        for plant in range(len(stacks.x_m)):
            source = Source(float(stacks.x_m[plant]), float(stacks.y_m[plant]), float(stacks.height_m[plant]))
            thinned, _ = dilution(source, sites.x_m, sites.y_m, wind_mps, wind_from_deg, sun)
            for name, emission in stacks.g_per_s.items():
                total[name] += 1e6 * emission[plant] * thinned
        return total
