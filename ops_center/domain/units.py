"""The units a datastream may have: UCUM codes, each with its sign on screens and what it can possibly measure.

Codes are those of the Unified Code for Units of Measure (ucum.org, version 2.1), as OGC SensorThings asks for
(18-088, UnitOfMeasurement). Annotations in braces count things. Used by feeds (judged by
tests/contracts/test_every_feed.py), by registrations of outside producers, by screens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ops_center.domain.text import Label

ABSOLUTE_ZERO_CEL = -273.15


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure."""

    code: str
    """UCUM, case sensitive"""
    sign: str
    """as screens write it"""
    label: Label
    possible: tuple[float, float]
    """whatever is measured in it in a city lies within: the limit of feeds that declare none of their own"""


_UNITS = (
    Unit("1", "", Label("无量纲", "dimensionless"), (-1e12, 1e12)),
    Unit("%", "%", Label("百分比", "per cent"), (-1e6, 1e6)),
    Unit("m", "m", Label("米", "metres"), (-12_000.0, 1e7)),
    Unit("cm", "cm", Label("厘米", "centimetres"), (-1.2e6, 1e9)),
    Unit("mm", "mm", Label("毫米", "millimetres"), (-1.2e7, 1e10)),
    Unit("km", "km", Label("千米", "kilometres"), (0.0, 40_100.0)),
    Unit("m2", "m²", Label("平方米", "square metres"), (0.0, 1e12)),
    Unit("m3", "m³", Label("立方米", "cubic metres"), (-1e12, 1e12)),
    Unit("s", "s", Label("秒", "seconds"), (0.0, 1e9)),
    Unit("min", "min", Label("分钟", "minutes"), (0.0, 1e8)),
    Unit("h", "h", Label("小时", "hours"), (0.0, 1e6)),
    Unit("km/h", "km/h", Label("千米每小时", "kilometres per hour"), (-1000.0, 1000.0)),
    Unit("m/s", "m/s", Label("米每秒", "metres per second"), (-300.0, 300.0)),
    Unit("mm/h", "mm/h", Label("毫米每小时", "millimetres per hour"), (0.0, 2000.0)),
    Unit("deg", "°", Label("度", "degrees"), (-360.0, 360.0)),
    Unit("Cel", "℃", Label("摄氏度", "degrees Celsius"), (ABSOLUTE_ZERO_CEL, 5000.0)),
    Unit("Pa", "Pa", Label("帕", "pascals"), (-1e9, 1e9)),
    Unit("hPa", "hPa", Label("百帕", "hectopascals"), (-1e7, 1e7)),
    Unit("kPa", "kPa", Label("千帕", "kilopascals"), (-1e6, 1e6)),
    Unit("MPa", "MPa", Label("兆帕", "megapascals"), (-1e3, 1e3)),
    Unit("L/s", "L/s", Label("升每秒", "litres per second"), (-1e8, 1e8)),
    Unit("m3/h", "m³/h", Label("立方米每小时", "cubic metres per hour"), (-1e9, 1e9)),
    Unit("m3/s", "m³/s", Label("立方米每秒", "cubic metres per second"), (-1e6, 1e6)),
    Unit("L", "L", Label("升", "litres"), (-1e12, 1e12)),
    Unit("ug/m3", "µg/m³", Label("微克每立方米", "micrograms per cubic metre"), (0.0, 1e6)),
    Unit("mg/m3", "mg/m³", Label("毫克每立方米", "milligrams per cubic metre"), (0.0, 1e6)),
    Unit("mg/L", "mg/L", Label("毫克每升", "milligrams per litre"), (0.0, 1e6)),
    Unit("ug/L", "µg/L", Label("微克每升", "micrograms per litre"), (0.0, 1e9)),
    Unit("[ppm]", "ppm", Label("百万分之一", "parts per million"), (0.0, 1e6)),
    Unit("[NTU'U]", "NTU", Label("散射浊度单位", "nephelometric turbidity units"), (0.0, 1e5)),
    Unit("[pH]", "pH", Label("酸碱度", "pH"), (-2.0, 16.0)),
    Unit("uS/cm", "µS/cm", Label("微西门子每厘米", "microsiemens per centimetre"), (0.0, 1e7)),
    Unit("dB[SPL]", "dB", Label("声压级分贝", "decibels of sound pressure"), (-20.0, 200.0)),
    Unit("nSv/h", "nSv/h", Label("纳希沃特每小时", "nanosieverts per hour"), (0.0, 1e15)),
    Unit("V", "V", Label("伏", "volts"), (-1e7, 1e7)),
    Unit("A", "A", Label("安", "amperes"), (-1e6, 1e6)),
    Unit("W", "W", Label("瓦", "watts"), (-1e12, 1e12)),
    Unit("kW", "kW", Label("千瓦", "kilowatts"), (-1e9, 1e9)),
    Unit("kW.h", "kW·h", Label("千瓦时", "kilowatt hours"), (-1e12, 1e12)),
    Unit("Hz", "Hz", Label("赫兹", "hertz"), (0.0, 1e12)),
    Unit("W/m2", "W/m²", Label("瓦每平方米", "watts per square metre"), (-1000.0, 5000.0)),
    Unit("lx", "lx", Label("勒克斯", "lux"), (0.0, 1e6)),
    Unit("{vehicles}/h", "辆/h", Label("辆每小时", "vehicles per hour"), (0.0, 1e5)),
    Unit("{vehicles}", "辆", Label("辆", "vehicles"), (0.0, 1e7)),
    Unit("{people}", "人", Label("人", "people"), (0.0, 1e9)),
    Unit("{count}", "", Label("个", "count"), (0.0, 1e12)),
)

UNITS: Mapping[str, Unit] = {unit.code: unit for unit in _UNITS}
"""UCUM code → unit"""
