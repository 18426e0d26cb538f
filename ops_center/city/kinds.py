"""Kinds of things a pack can hold: which feed brings them and what they observe.

The generator and the importer make datastreams from it. The feeds (``feeds/``) declare the same properties
with their ranges; tests/contracts compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ops_center.domain.catalog import TimeKind
from ops_center.domain.text import Label

FEEDS: Mapping[str, Label] = {
    "traffic": Label("交通", "traffic"),
    "video": Label("视频分析", "video analytics"),
    "air": Label("空气质量", "air quality"),
    "water": Label("供水", "water supply"),
    "weather": Label("气象与水位", "weather and water levels"),
    "vehicles": Label("车辆", "vehicles"),
}
"""feed → label; the names of the modules in ``feeds/``"""


@dataclass(frozen=True, slots=True)
class Stream:
    """A datastream that every thing of a kind has."""

    observed_property: str
    unit: str
    """UCUM code"""
    interval_s: float
    time_kind: TimeKind = TimeKind.INSTANT


@dataclass(frozen=True, slots=True)
class ThingKind:
    """A kind of thing."""

    name: str
    label: Label
    feed: str
    department: str
    """organisation of a synthetic city that runs it"""
    streams: tuple[Stream, ...] = ()


def _hourly(observed_property: str, unit: str = "ug/m3") -> Stream:
    return Stream(observed_property, unit, 3600.0, TimeKind.INTERVAL)


def _level(observed_property: str) -> Stream:
    return Stream(observed_property, "m", 30.0)


def _vehicle(name: str, zh: str, en: str, department: str) -> ThingKind:
    return ThingKind(name, Label(zh, en), "vehicles", department)


_KINDS = (
    ThingKind(
        "traffic_sensor",
        Label("交通检测器", "traffic sensor"),
        "traffic",
        "traffic_police",
        (
            Stream("vehicle_flow", "{vehicles}/h", 10.0, TimeKind.INTERVAL),
            Stream("vehicle_speed", "km/h", 10.0, TimeKind.INTERVAL),
            Stream("lane_occupancy", "%", 10.0, TimeKind.INTERVAL),
        ),
    ),
    ThingKind(
        "camera", Label("摄像机", "camera"), "video", "traffic_police", (Stream("people_count", "{people}", 10.0),)
    ),
    ThingKind(
        "air_station",
        Label("空气质量国控站", "national air station"),
        "air",
        "environment",
        (*map(_hourly, ("pm25", "pm10", "so2", "no2", "o3")), _hourly("co", "mg/m3")),
    ),
    ThingKind(
        "air_micro",
        Label("空气质量微站", "air micro station"),
        "air",
        "environment",
        (
            Stream("pm25", "ug/m3", 60.0, TimeKind.INTERVAL),
            Stream("pm10", "ug/m3", 60.0, TimeKind.INTERVAL),
            Stream("chlorine", "mg/m3", 60.0),
        ),
    ),
    ThingKind(
        "water_pressure_sensor",
        Label("供水压力计", "water pressure sensor"),
        "water",
        "water_company",
        (Stream("water_pressure", "kPa", 10.0),),
    ),
    ThingKind(
        "water_flow_meter",
        Label("供水流量计", "water flow meter"),
        "water",
        "water_company",
        (Stream("water_flow", "L/s", 10.0),),
    ),
    ThingKind("water_tank", Label("水池", "water tank"), "water", "water_company", (Stream("water_level", "m", 10.0),)),
    ThingKind(
        "water_quality_station",
        Label("水质监测点", "water quality station"),
        "water",
        "water_company",
        (Stream("free_chlorine", "mg/L", 60.0), Stream("turbidity", "[NTU'U]", 60.0)),
    ),
    ThingKind(
        "rain_gauge", Label("雨量站", "rain gauge"), "weather", "weather", (Stream("rain_intensity", "mm/h", 30.0),)
    ),
    ThingKind(
        "weather_station",
        Label("气象站", "weather station"),
        "weather",
        "weather",
        (
            Stream("wind_speed", "m/s", 30.0),
            Stream("wind_direction", "deg", 30.0),
            Stream("air_temperature", "Cel", 30.0),
            Stream("relative_humidity", "%", 30.0),
        ),
    ),
    ThingKind(
        "river_gauge", Label("河道水位站", "river gauge"), "weather", "water", (Stream("river_level", "m", 30.0),)
    ),
    ThingKind(
        "drain_sensor", Label("管网液位计", "drain sensor"), "weather", "water", (Stream("drain_level", "m", 30.0),)
    ),
    _vehicle("bus", "公交车", "bus", "bus_company"),
    _vehicle("sanitation", "环卫车", "sanitation vehicle", "city_management"),
    _vehicle("police", "警车", "police car", "police"),
    _vehicle("fire", "消防车", "fire engine", "fire"),
    _vehicle("ambulance", "救护车", "ambulance", "health"),
    _vehicle("truck", "渣土车", "construction truck", "city_management"),
)

THING_KINDS: Mapping[str, ThingKind] = {kind.name: kind for kind in _KINDS}
"""kind → what it is; insertion order is the order of legends"""

"""of no pack: what a district or a class of roads comes to (``feeds/city_figures.py``)"""


UNITS: frozenset[str] = frozenset(stream.unit for kind in _KINDS for stream in kind.streams) | {"m", "kPa", "L/s", "1"}
"""the UCUM codes a datastream of a pack may have"""
