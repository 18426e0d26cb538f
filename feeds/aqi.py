"""The air quality index of China (HJ 633): individual indices, primary pollutants, levels.

Not a feed: layers, screens, history and the indicators call it. Breakpoints are data (``aqi_editions.toml``),
one table per edition of the standard with its date of force, so that a day is judged by the standard of its day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ops_center.domain.observations import Float64
from ops_center.domain.text import Label

Pollutant = Literal["pm25", "pm10", "so2", "no2", "co", "o3"]
POLLUTANTS: tuple[Pollutant, ...] = ("pm25", "pm10", "so2", "no2", "co", "o3")
LABELS: Mapping[Pollutant, Label] = {
    "pm25": Label("细颗粒物（PM2.5）", "PM2.5"),
    "pm10": Label("可吸入颗粒物（PM10）", "PM10"),
    "so2": Label("二氧化硫（SO₂）", "SO₂"),
    "no2": Label("二氧化氮（NO₂）", "NO₂"),
    "co": Label("一氧化碳（CO）", "CO"),
    "o3": Label("臭氧（O₃）", "O₃"),
}
STEPS = (0.0, 50.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0)
"""the individual indices at which concentrations are given"""
_FLOAT_DUST = 1e-9
"""54.000000000001 is 54, not 55: less than any real step of a rounded concentration makes"""


@dataclass(frozen=True, slots=True)
class Level:
    """One of the six levels."""

    number: int
    """1 to 6"""
    up_to: int
    """the highest index that belongs to it"""
    label: Label
    colour: str
    """official colour, ``#RRGGBB``"""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the standard."""

    standard: str
    title: Label
    issued: date
    in_force: date
    source: str
    checked: str
    """what the table was compared with"""
    breakpoints: Mapping[str, tuple[float, ...]]
    """``<pollutant>_<averaging>`` → concentrations at STEPS"""
    hourly: Mapping[str, str]
    """pollutant → averaging whose column the hourly report uses"""
    daily: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The index of n places or times."""

    value: Float64
    """float64[n], whole numbers 0 to 500; NaN where nothing was measured"""
    by_pollutant: Mapping[Pollutant, Float64]
    """individual indices, float64[n]"""

    def primary(self, row: int = 0) -> tuple[Pollutant, ...]:
        """Return the primary pollutants: those that make the index, where it is above 50; else ()."""
        if not self.value[row] > 50:
            return ()
        return tuple(name for name, index in self.by_pollutant.items() if index[row] == self.value[row])


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(files("feeds").joinpath("aqi_editions.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def editions() -> tuple[Edition, ...]:
    """Return all editions, oldest first."""
    return tuple(sorted((_edition(row) for row in _table()["edition"]), key=lambda edition: edition.in_force))


@lru_cache(maxsize=1)
def levels() -> tuple[Level, ...]:
    """Return the six levels, best first."""
    return tuple(
        Level(number, row["up_to"], Label(row["zh"], row["en"]), row["colour"])
        for number, row in enumerate(_table()["level"], start=1)
    )


def _edition(row: dict[str, Any]) -> Edition:
    return Edition(
        row["standard"],
        Label(row["title_zh"], row["title_en"]),
        row["issued"],
        row["in_force"],
        row["source"],
        row["checked"],
        {name: tuple(map(float, column)) for name, column in row["breakpoints"].items()},
        row["hourly"],
        row["daily"],
    )


def edition_at(day: date) -> Edition:
    """Return the edition in force on ``day`` (the city's date); before the first, the first."""
    in_force = [edition for edition in editions() if edition.in_force <= day]
    return in_force[-1] if in_force else editions()[0]


def iaqi(edition: Edition, pollutant: Pollutant, averaging: str, concentration: ArrayLike) -> Float64:
    """Return individual indices (HJ 633 formula 1, rounded up), float64[n]; NaN where missing or negative.

    ``averaging``: ``1h``, ``8h`` or ``24h``. KeyError where the standard has no such column.
    """
    column = edition.breakpoints[f"{pollutant}_{averaging}"]
    rounded = np.round(np.atleast_1d(np.asarray(concentration, float)), 1 if pollutant == "co" else 0)
    index = np.interp(rounded, column, STEPS[: len(column)], left=np.nan)
    return np.asarray(np.ceil(index - _FLOAT_DUST) + 0.0)


def hourly_index(edition: Edition, concentrations: Mapping[Pollutant, ArrayLike]) -> Index:
    """Return the index of hourly means, as real-time reports publish it; absent pollutants don't count."""
    return _index(edition, edition.hourly, concentrations)


def daily_index(edition: Edition, concentrations: Mapping[Pollutant, ArrayLike]) -> Index:
    """Return the index of a day: 24-hour means, of ozone the day's largest 8-hour mean."""
    return _index(edition, edition.daily, concentrations)


def _index(edition: Edition, columns: Mapping[str, str], concentrations: Mapping[Pollutant, ArrayLike]) -> Index:
    by_pollutant = {name: iaqi(edition, name, columns[name], values) for name, values in concentrations.items()}
    if not by_pollutant:
        return Index(np.empty(0), {})
    value = np.fmax.reduce(list(by_pollutant.values()))
    return Index(np.asarray(value), by_pollutant)


def level_of(index: float) -> Level:
    """Return the level of an index; ValueError for NaN."""
    if np.isnan(index):
        raise ValueError("no index, no level")
    return next((level for level in levels() if index <= level.up_to), levels()[-1])


def moving_mean(hourly: ArrayLike, hours: int, at_least: int) -> Float64:
    """Return the mean of each hour and the ``hours`` - 1 before it, float64[n].

    NaN where fewer than ``at_least`` hours are there: 6 of 8 for ozone, 20 of 24 for a day (GB 3095, table 4).
    """
    values = np.asarray(hourly, float)
    there = np.isfinite(values)
    total = _moving_sum(np.where(there, values, 0.0), hours)
    count = _moving_sum(there.astype(float), hours)
    mean: Float64 = np.divide(total, count, out=np.full(len(values), np.nan), where=count >= at_least)
    return mean


def _moving_sum(values: Float64, hours: int) -> Float64:
    running = np.concatenate([np.zeros(hours), np.cumsum(values)])
    return np.asarray(running[hours:] - running[:-hours])
