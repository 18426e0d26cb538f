"""Real series of the past, read into arrays: the pure part of replaying them (``ops_center.services.replay``).

Not a feed: a series is sent through the raw topic of the feed it belongs to. The data lies outside the project, in
the folder of the setting ``OPS_TRIAL_DATA``; its licences ask for attribution, which its things carry.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import numpy as np

from ops_center.domain.catalog import TimeKind
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.observations import Float64, Int64
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, MINUTE_US, from_datetime

MPH_TO_KMH = 1.609344


@dataclass(frozen=True, slots=True)
class Column:
    """One observed property of a series."""

    observed_property: str
    unit: str
    """UCUM code, that of the feed"""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """m things over n times."""

    name: str
    label: Label
    feed: str
    """whose raw topic it is sent to"""
    producer: str
    """who reports its things: the series itself, so that they never mix with a city's own"""
    thing_kind: str
    attribution: str
    thing_ids: tuple[str, ...]
    columns: tuple[Column, ...]
    time_us: Int64
    """starts of the intervals, ascending, int64[n]"""
    interval_us: int
    values: Mapping[str, Float64]
    """observed property → float64[n, m]; NaN where the source has a gap"""
    time_kind: TimeKind = TimeKind.INTERVAL


@dataclass(frozen=True, slots=True)
class Source:
    """Where a series lies and how it is read."""

    name: str
    label: Label
    path: str
    """within the folder of OPS_TRIAL_DATA"""
    read: Callable[[str], Series]
    """text of the file → series"""


_BEIJING_ZONE = timezone(timedelta(hours=8))
_BEIJING_COLUMNS = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3"}
_LOS_ANGELES_START = datetime(2012, 3, 1, 8, tzinfo=UTC)
"""2012-03-01 00:00 in Los Angeles (UTC-8). The file has no times; the paper it comes from names that week"""


def read_beijing_air(text: str) -> Series:
    """Return the hours of the Beijing stations; CO in mg/m³. Raises ConfigurationError if it is another file.

    The source states neither the zone nor which end of the hour is meant: taken as UTC+8 and its start.
    """
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or not {"station", "year", "hour", *_BEIJING_COLUMNS.values()} <= rows[0].keys():
        raise ConfigurationError("beijing-air: not the UCI Beijing Multi-Site Air Quality table")
    stations = tuple(sorted({row["station"] for row in rows}))
    hours = np.array([_beijing_hour(row) for row in rows])
    times = np.arange(hours.min(), hours.max() + HOUR_US, HOUR_US)
    at = (hours - times[0]) // HOUR_US
    number = {station: index for index, station in enumerate(stations)}
    thing = np.array([number[row["station"]] for row in rows])
    values = {}
    for name, column in _BEIJING_COLUMNS.items():
        values[name] = np.full((len(times), len(stations)), np.nan)
        values[name][at, thing] = [_number(row[column]) for row in rows]
    values["co"] /= 1000.0  # the source gives µg/m³
    return Series(
        "beijing-air",
        SOURCES["beijing-air"].label,
        "air",
        "replay-beijing-air",
        "air_station",
        "UCI Beijing Multi-Site Air Quality (Chen, 2017), CC BY 4.0",
        stations,
        tuple(Column(name, "mg/m3" if name == "co" else "ug/m3") for name in _BEIJING_COLUMNS),
        times,
        HOUR_US,
        values,
    )


def read_los_angeles_loops(text: str) -> Series:
    """Return five-minute speeds of the Los Angeles loops in km/h; 0 means missing. Raises ConfigurationError."""
    lines = text.splitlines()
    detectors = tuple(lines[0].split(",")) if lines else ()
    try:
        miles = np.array([line.split(",") for line in lines[1:] if line], dtype=np.float64)
    except ValueError as error:
        raise ConfigurationError(f"los-angeles-loops: not a table of speeds: {error}") from None
    if miles.ndim != 2 or miles.shape[1] != len(detectors):
        raise ConfigurationError("los-angeles-loops: rows and detectors don't fit together")
    speed = np.where(miles > 0, miles * MPH_TO_KMH, np.nan)
    step = 5 * MINUTE_US
    return Series(
        "los-angeles-loops",
        SOURCES["los-angeles-loops"].label,
        "traffic",
        "replay-los-angeles-loops",
        "traffic_sensor",
        "METR-LA week from T-GCN (Zhao et al. 2019), MIT",
        detectors,
        (Column("vehicle_speed", "km/h"),),
        from_datetime(_LOS_ANGELES_START) + np.arange(len(speed)) * step,
        step,
        {"vehicle_speed": speed},
    )


SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Source(
            "beijing-air",
            Label("北京空气质量回放", "Beijing air, replayed"),
            "air/beijing_12_sites_2016Q4_hourly.csv",
            read_beijing_air,
        ),
        Source(
            "los-angeles-loops",
            Label("洛杉矶线圈车速回放", "Los Angeles loops, replayed"),
            "traffic/los_loop_speed_5min.csv",
            read_los_angeles_loops,
        ),
    )
}
"""name → where it lies and how it is read"""


def _beijing_hour(row: Mapping[str, str]) -> int:
    year, month, day, hour = (int(row[name]) for name in ("year", "month", "day", "hour"))
    return from_datetime(datetime(year, month, day, hour, tzinfo=_BEIJING_ZONE))


def _number(text: str) -> float:
    return float("nan") if text in {"NA", ""} else float(text)
