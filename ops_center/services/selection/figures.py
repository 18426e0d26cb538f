"""The figures of an area, to be put beside those of another: things by state, alarms, air, traffic, rain; pure.

Of values only those count that are current. A figure without any is None: nobody measures it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from alerts.alarm import Alarm, Priority
from feeds.aqi import POLLUTANTS, edition_at, hourly_index
from layers.roads import FREE_FLOW_SHARES, SPEED_LIMITS_KMH
from ops_center.domain.text import Label
from ops_center.services.selection.desk import Selected, Selection, value_of
from ops_center.services.selection.states import STATES

Better = Literal["less", "more", ""]
_CONGESTED = 1
"""of SPEED_LIMITS_KMH: at most this is grade 4 or 5, moderate or severe congestion"""


@dataclass(frozen=True, slots=True)
class Road:
    """What judges a speed on a road."""

    road_class: str
    speed_limit_kmh: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One number."""

    name: str
    group: Label
    label: Label
    value: float | None
    unit: str = ""
    digits: int = 0
    better: Better = ""
    """which of two is better; "" where neither is"""


_THINGS, _ALARMS = Label("设备", "Things"), Label("报警", "Alarms")
_AIR, _TRAFFIC, _WEATHER = Label("空气", "Air"), Label("交通", "Traffic"), Label("天气", "Weather")


def figures_of(selection: Selection, alarms: Iterable[Alarm], roads: Mapping[str, Road], day: date) -> list[Figure]:
    """Return the figures of what is selected; ``alarms``: those of its things."""
    rain = _current(selection, "rain_intensity")
    return [
        *_of_things(selection),
        *_of_alarms(alarms),
        *_of_air(selection, day),
        *_of_traffic(selection, roads),
        Figure("rain", _WEATHER, Label("最大雨强", "heaviest rain"), _most(rain), "mm/h", 1, "less"),
    ]


def _of_things(selection: Selection) -> list[Figure]:
    by_state = selection.by_state
    total = Figure("things", _THINGS, Label("设备总数", "things"), float(len(selection.things)))
    return [
        total,
        *(
            Figure(
                f"things_{state}", _THINGS, label, float(by_state[state]), better="more" if state == "good" else "less"
            )
            for state, label in STATES.items()
        ),
    ]


def _of_alarms(alarms: Iterable[Alarm]) -> list[Figure]:
    held = list(alarms)
    counts = {priority: sum(alarm.priority is priority for alarm in held) for priority in Priority}
    return [
        Figure(f"alarms_{int(priority)}", _ALARMS, priority.label, float(count), better="less")
        for priority, count in counts.items()
    ]


def _of_air(selection: Selection, day: date) -> list[Figure]:
    measured = {name: _by_thing(selection, name) for name in POLLUTANTS}
    stations = sorted({key for values in measured.values() for key in values})
    concentrations = {
        name: [values.get(key, np.nan) for key in stations] for name, values in measured.items() if values
    }
    index = hourly_index(edition_at(day), concentrations).value if concentrations else np.empty(0)
    dust = list(measured["pm25"].values())
    return [
        Figure("aqi", _AIR, Label("AQI（中位）", "AQI (median)"), _median(index), "", 0, "less"),
        Figure("aqi_worst", _AIR, Label("AQI（最高）", "AQI (worst)"), _most(index), "", 0, "less"),
        Figure("pm25", _AIR, Label("PM2.5 均值", "PM2.5 mean"), _mean(np.array(dust)), "µg/m³", 0, "less"),
    ]


def _of_traffic(selection: Selection, roads: Mapping[str, Road]) -> list[Figure]:
    speeds, slow = [], []
    for one in selection.things:
        road = roads.get(str(one.thing.attributes.get("road_id", "")))
        speed = _current_of(selection, one, "vehicle_speed")
        if speed is not None:
            speeds.append(speed)
        if speed is not None and road is not None:
            slow.append(speed <= _congested_below_kmh(road))
    share = 100.0 * sum(slow) / len(slow) if slow else None
    return [
        Figure("speed", _TRAFFIC, Label("平均车速", "mean speed"), _mean(np.array(speeds)), "km/h", 0, "more"),
        Figure("congested", _TRAFFIC, Label("中度以上拥堵", "moderate congestion or worse"), share, "%", 0, "less"),
    ]


def _congested_below_kmh(road: Road) -> float:
    """As the layer of roads judges (DB11/T 785-2011, at most the share of the limit by HCM 2010)."""
    by_class = SPEED_LIMITS_KMH.get(road.road_class, SPEED_LIMITS_KMH["local"])[_CONGESTED]
    return min(by_class, FREE_FLOW_SHARES[_CONGESTED] * road.speed_limit_kmh)


def _by_thing(selection: Selection, observed_property: str) -> dict[int, float]:
    found = ((one.thing.key, _current_of(selection, one, observed_property)) for one in selection.things)
    return {key: value for key, value in found if value is not None}


def _current(selection: Selection, observed_property: str) -> NDArray[np.float64]:
    return np.array(list(_by_thing(selection, observed_property).values()))


def _current_of(selection: Selection, one: Selected, observed_property: str) -> float | None:
    for stream in selection.frame.catalog.of_thing(one.thing.key):
        if stream.observed_property == observed_property and not stream.retired:
            value = value_of(selection.frame, stream)
            if value.time_us > 0 and not value.aged:
                return value.result
    return None


def _mean(values: NDArray[np.float64]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _most(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else None


def _median(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
