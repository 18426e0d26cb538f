"""What kind of day it is and what hour, in the city's zone: the rhythm of demand follows it.

Used by traffic and people; vectorised, because history asks for thousands of times at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ops_center.domain.time import DAY_US, HOUR_US, to_datetime

_FIXED = ((1, 1), (5, 1), (5, 2), (5, 3), (10, 1), (10, 2), (10, 3), (10, 4), (10, 5), (10, 6), (10, 7))
"""month and day of the holidays that are bound to the solar calendar (New Year, Labour Day, National Day)"""
_SPRING_FESTIVALS = (
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
)
"""first day of the first lunar month; the eve and the six days after it are free"""


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """n times as the city lives them."""

    hour: NDArray[np.float64]
    """float64[n], 0 to 24"""
    weekday: NDArray[np.int64]
    """int64[n], 0 = Monday"""
    free: NDArray[np.bool_]
    """bool[n], Saturday, Sunday or holiday"""
    holiday: NDArray[np.bool_]
    """bool[n]"""


def local_times(times_us: ArrayLike, zone: ZoneInfo) -> LocalTimes:
    """Return hour, weekday and holidays of µs since the epoch.

    The zone's offset is looked up once per UTC day and hour of change is not followed within that day: zones with
    daylight saving are an hour off for some hours of two days a year, which no model here notices.
    """
    times = np.atleast_1d(np.asarray(times_us, np.int64))
    days, of_day = np.unique(times // DAY_US, return_inverse=True)
    offsets = np.array([_offset_us(int(day), zone) for day in days], np.int64)
    local = times + offsets[of_day]
    day = local // DAY_US
    weekday = (day + 3) % 7  # 1 January 1970 was a Thursday
    local_days, of_local = np.unique(day, return_inverse=True)
    holiday = np.array([_is_holiday(date(1970, 1, 1) + timedelta(days=int(d))) for d in local_days], bool)[of_local]
    return LocalTimes((local % DAY_US) / HOUR_US, weekday, (weekday >= 5) | holiday, holiday)


def _offset_us(day: int, zone: ZoneInfo) -> int:
    moment = to_datetime(day * DAY_US + DAY_US // 2).astimezone(zone)
    return round((moment.utcoffset() or timedelta()).total_seconds() * 1e6)


def _is_holiday(day: date) -> bool:
    if (day.month, day.day) in _FIXED:
        return True
    return any(-1 <= (day - first).days <= 6 for first in _SPRING_FESTIVALS)


def cyclic(hourly: tuple[float, ...], hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a rhythm of 24 values (at the full hours) at any hours, interpolated around midnight."""
    return np.interp(hour, np.arange(25), [*hourly, hourly[0]])
