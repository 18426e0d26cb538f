"""Weather and traffic at a place, in a sentence each, from the latest values of what stands near."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from layers.contract import LiveFrame
from ops_center.domain.catalog import Thing
from ops_center.domain.text import Label
from ops_center.services.alarm_cards import nearest
from ops_center.services.selection.desk import value_of

_STATIONS = frozenset({"weather_station", "rain_gauge"})
_ASKED = 4
"""of the nearest stations, until one has measured lately"""
_SENSORS = 200
_COMPASS = (
    Label("北", "N"), Label("东北", "NE"), Label("东", "E"), Label("东南", "SE"),
    Label("南", "S"), Label("西南", "SW"), Label("西", "W"), Label("西北", "NW"),
)  # fmt: skip


def weather_of(frame: LiveFrame, things: Sequence[Thing], lon: float, lat: float) -> Label | None:
    """Return the weather at a place as the nearest stations that measured lately have it; None: none has."""
    stations = [one.thing for one in nearest(lon, lat, (one for one in things if one.kind in _STATIONS), _ASKED)]

    def now(name: str) -> float | None:
        return next((value for value in _current(frame, stations, name)), None)

    parts: list[Label] = []
    if (value := now("air_temperature")) is not None:
        parts.append(Label(f"气温{value:.0f}℃", f"{value:.0f} °C"))
    if (value := now("rain_intensity")) is not None:
        parts.append(
            Label(f"雨强{value:.1f}毫米/时", f"rain {value:.1f} mm/h") if value > 0 else Label("无降雨", "no rain")
        )
    if (value := now("wind_speed")) is not None:
        parts.append(_wind(value, now("wind_direction")))
    if (value := now("relative_humidity")) is not None:
        parts.append(Label(f"湿度{value:.0f}%", f"humidity {value:.0f} %"))
    return _said(parts)


def roads_of(frame: LiveFrame, things: Iterable[Thing], lon: float, lat: float, within_m: float) -> Label | None:
    """Return how fast traffic moves near a place; None: nobody measures it there."""
    near = nearest(lon, lat, (one for one in things if one.kind == "traffic_sensor"), _SENSORS)
    sensors = [one.thing for one in near if one.distance_m <= within_m]
    speeds = np.array(list(_current(frame, sensors, "vehicle_speed")))
    if not len(speeds):
        return None
    mean, least = float(speeds.mean()), float(speeds.min())
    where = Label(f"周边{within_m:.0f}米{len(speeds)}个检测点", f"{len(speeds)} sensors within {within_m:.0f} m")
    said = [where, Label(f"平均车速{mean:.0f}公里/时", f"mean speed {mean:.0f} km/h")]
    if len(speeds) > 1:
        said.append(Label(f"最低{least:.0f}公里/时", f"slowest {least:.0f} km/h"))
    return _said(said)


def _wind(speed: float, direction: float | None) -> Label:
    if direction is None:
        return Label(f"风速{speed:.1f}米/秒", f"wind {speed:.1f} m/s")
    from_ = _COMPASS[round(direction / 45.0) % len(_COMPASS)]
    return Label(f"{from_.zh}风{speed:.1f}米/秒", f"wind {speed:.1f} m/s from {from_.en}")


def _current(frame: LiveFrame, things: Iterable[Thing], name: str) -> Iterator[float]:
    """Yield what the things measure of a property, without what is old or was never received."""
    for thing in things:
        for stream in frame.catalog.of_thing(thing.key):
            if stream.observed_property == name and not stream.retired:
                value = value_of(frame, stream)
                if value.time_us > 0 and not value.aged and np.isfinite(value.result):
                    yield value.result


def _said(parts: Sequence[Label]) -> Label | None:
    if not parts:
        return None
    return Label("，".join(part.zh for part in parts), ", ".join(part.en for part in parts))
