"""Temperature, humidity and wind of a city on the lower Yangtze: functions of time, the same for past and present.

Called by ``weather`` (the stations), ``air`` (dispersion) and ``water`` (chlorine decays faster in warm water).
Normals: Nanjing 1991-2020 (China Meteorological Data Service Centre), as an annual harmonic; irregular parts are
smooth processes of ``chance`` with the time scales of weather systems (days) and of turbulence (minutes).
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import DAY_US, HOUR_US, to_datetime
from ops_center.world.chance import rough, wander

_YEAR_DAYS = 365.2425
_COLDEST_DAY = 20.0
"""day of the year, about a month after the solstice"""
_WARMEST_HOUR = 14.5


@dataclass(frozen=True, slots=True, eq=False)
class Air:
    """Weather at n times; arrays float64[n]."""

    temperature_c: Float64
    humidity_percent: Float64
    wind_mps: Float64
    wind_from_deg: Float64
    """where it blows from, clockwise from north"""
    sun: Float64
    """0 at night to 1 at a summer noon under a clear sky"""


class Climate:
    """What the weather is without rain's own effects, city-wide."""

    def __init__(self, seed: int, timezone: str, latitude: float) -> None:
        self._seed = seed
        self._zone = ZoneInfo(timezone)
        self._latitude = np.radians(latitude)

    def at(self, time_us: ArrayLike, rain_mm_h: ArrayLike = 0.0) -> Air:
        """Return the weather at each time, float64[n]; rain cools, moistens and dims."""
        times = np.atleast_1d(np.asarray(time_us, np.int64))
        wet = 1.0 - np.exp(-np.asarray(rain_mm_h, float) / 2.0)
        sun = self.sun(times) * (1.0 - 0.7 * np.maximum(self.cloud(times), wet))
        temperature = self.temperature_c(times) - 3.0 * wet
        return Air(temperature, self._humidity(times, temperature, wet), *self.wind(times), sun)

    def local_hours(self, time_us: Int64) -> Float64:
        """Return the hours since local midnight, 0 to 24 (the zone's offset of the first time is used for all)."""
        return np.asarray(((time_us + self._offset_us(time_us)) % DAY_US) / HOUR_US)

    def local_days(self, time_us: Int64) -> Int64:
        """Return the local day number since 1970-01-01 (a Thursday)."""
        return np.asarray((time_us + self._offset_us(time_us)) // DAY_US)

    def season(self, time_us: Int64) -> Float64:
        """Return -1 in the coldest days of the year to +1 in the warmest."""
        day = (time_us / DAY_US) % _YEAR_DAYS
        return np.asarray(-np.cos(2.0 * np.pi * (day - _COLDEST_DAY) / _YEAR_DAYS))

    def cloud(self, time_us: Int64) -> Float64:
        """Return how much of the sky is covered, 0 to 1."""
        return np.asarray(1.0 / (1.0 + np.exp(-1.6 * rough(self._seed, "cloud", time_us, 2.0 * 86400))))

    def sun(self, time_us: Int64) -> Float64:
        """Return the sine of the sun's elevation, 0 at night (declination after Cooper 1969; noon at 12 local)."""
        day = (time_us / DAY_US) % _YEAR_DAYS
        declination = np.radians(23.45) * np.sin(2.0 * np.pi * (284.0 + day) / 365.0)
        hour_angle = np.pi * (self.local_hours(time_us) - 12.0) / 12.0
        elevation = np.sin(self._latitude) * np.sin(declination)
        elevation += np.cos(self._latitude) * np.cos(declination) * np.cos(hour_angle)
        return np.asarray(np.maximum(elevation, 0.0))

    def temperature_c(self, time_us: Int64) -> Float64:
        """Return the temperature: annual mean 16.4, amplitude 12.8, a daily wave, and spells of some days."""
        swing = 4.8 * (1.15 - 0.6 * self.cloud(time_us))
        daily = np.cos(2.0 * np.pi * (self.local_hours(time_us) - _WARMEST_HOUR) / 24.0)
        spells = 2.8 * rough(self._seed, "spell", time_us, 4.0 * 86400, octaves=4)
        return np.asarray(16.4 + 12.8 * self.season(time_us) + swing * daily + spells)

    def wind(self, time_us: Int64) -> tuple[Float64, Float64]:
        """Return speed (m/s) and where it comes from (degrees): monsoon, weather systems, and stronger by day."""
        season = self.season(time_us)
        east = -0.9 + 1.7 * rough(self._seed, "wind-east", time_us, 1.5 * 86400, octaves=5)
        north = 0.9 * season + 1.7 * rough(self._seed, "wind-north", time_us, 1.5 * 86400, octaves=5)
        daily = 1.0 + 0.3 * np.cos(2.0 * np.pi * (self.local_hours(time_us) - 15.0) / 24.0)
        speed = np.maximum(np.hypot(east, north) * daily, 0.3)
        return speed, np.asarray(np.degrees(np.arctan2(-east, -north)) % 360.0)

    def _humidity(self, time_us: Int64, temperature_c: Float64, wet: Float64) -> Float64:
        """Return relative humidity from a dew point that follows the day's air, not the hour's (Magnus)."""
        air_mass = 16.4 + 12.8 * self.season(time_us) + 2.8 * wander(self._seed, "spell/0", time_us, 4.0 * 86400)
        dew_point = air_mass - 5.5 + 2.0 * wander(self._seed, "moisture", time_us, 2.0 * 86400)
        dew_point += wet * np.maximum(temperature_c - 0.7 - dew_point, 0.0)
        humidity = 100.0 * _vapour_hpa(np.minimum(dew_point, temperature_c)) / _vapour_hpa(temperature_c)
        return np.asarray(np.clip(humidity, 8.0, 100.0))

    def _offset_us(self, time_us: Int64) -> int:
        if not time_us.size:
            return 0
        offset = to_datetime(int(time_us.flat[0])).astimezone(self._zone).utcoffset()
        return 0 if offset is None else int(offset.total_seconds() * 1_000_000)


def _vapour_hpa(temperature_c: Float64) -> Float64:
    """Return the saturation vapour pressure (Magnus form of Alduchov and Eskridge 1996)."""
    return np.asarray(6.1094 * np.exp(17.625 * temperature_c / (temperature_c + 243.04)))
