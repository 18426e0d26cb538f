"""Courses as the leader's page draws them (assets/leader.js): hours since 1970, and days as the city counts them.

Where a day begins is the city's business, not the browser's: it comes with the course.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import HOUR_US, from_datetime, in_zone

Mark = tuple[float, str]
"""hour at which a line stands, and what is written at it"""


def daily(time_us: Int64, mean: Float64, zone: str, now_us: int) -> tuple[list[float], Float64]:
    """Return the days of the city that are over: the hour at which each began, and its mean; float64[days]."""
    today_us = from_datetime(_midnight(in_zone(now_us, zone)))
    over = time_us < today_us
    dates = [in_zone(us, zone).date() for us in time_us[over].tolist()]
    days, place = np.unique(np.array(dates, "datetime64[D]"), return_inverse=True)
    tz = in_zone(now_us, zone).tzinfo
    began = [from_datetime(datetime.combine(day, datetime.min.time(), tz)) / HOUR_US for day in days.tolist()]
    return began, np.bincount(place, mean[over]) / np.bincount(place)


def days(first: float, last: float, zone: str) -> list[Mark]:
    """Return the days that begin within these hours, as month-day."""
    return [(hour, f"{day.month}-{day.day}") for hour, day in _midnights(first, last, zone)]


def months(first: float, last: float, zone: str) -> list[Mark]:
    """Return the months that begin within these hours, as month/year."""
    return [(hour, f"{day.month}/{day:%y}") for hour, day in _midnights(first, last, zone) if day.day == 1]


def _midnights(first: float, last: float, zone: str) -> Iterator[tuple[float, datetime]]:
    day = _midnight(in_zone(round(first * HOUR_US), zone))
    while (hour := from_datetime(day) / HOUR_US) <= last:
        if hour >= first:
            yield hour, day
        day = _midnight(day + timedelta(days=1))


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
