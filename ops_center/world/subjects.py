"""The city's aggregates as things: which there are, what is reported of each.

Called by ``figures``, ``history`` and the feed ``city_figures``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops_center.city.columns_networks import ROAD_CLASSES
from ops_center.domain.text import Label

if TYPE_CHECKING:
    from ops_center.city.pack import CityPack

INTERVAL_S = 60.0
"""how often they are made"""
PRODUCER = "city_figures"

GROUPS: Mapping[str, tuple[str, ...]] = {
    "road_class": ("mean_speed", "congestion_index", "mean_lane_flow"),
    "district": ("congestion_index", "mean_pm25", "aqi", "mean_rain", "people_present"),
    "city": ("congestion_index", "mean_pm25", "aqi", "mean_rain"),
    "water": ("inflow", "least_pressure", "mean_pressure", "mean_tank_level"),
    "drain": ("mean_drain_level", "surcharged_share"),
    "river": ("mean_river_level",),
}
"""group → what is reported of each of its subjects. ``aqi`` is derived from ``pollutants`` by who knows the standard"""


@dataclass(frozen=True, slots=True)
class Subject:
    """One aggregate."""

    thing_id: str
    """``<group>:<name>``, e.g. ``road_class:expressway``, ``district:D01``, ``network:water``"""
    group: str
    name: Label
    longitude: float
    latitude: float
    district: str = ""


def subjects_of(pack: CityPack) -> tuple[Subject, ...]:
    """Return all aggregates of a city, in the order of GROUPS and within a group of its columns."""
    centre = pack.manifest.bounds.centre
    classes = [Subject(f"road_class:{n}", "road_class", _CLASS_LABELS[n], *centre) for n in ROAD_CLASSES]
    return (
        *classes,
        *_districts(pack),
        Subject("city", "city", pack.manifest.name, *centre),
        Subject("network:water", "water", Label("供水管网", "water supply network"), *centre),
        Subject("network:drain", "drain", Label("排水管网", "storm drains"), *centre),
        *_rivers(pack),
    )


_CLASS_LABELS = {
    "expressway": Label("快速路", "expressways"),
    "arterial": Label("主干路", "arterials"),
    "collector": Label("次干路", "collectors"),
    "local": Label("支路", "local streets"),
}


def _districts(pack: CityPack) -> list[Subject]:
    rows = pack.features("districts")
    points = rows.geometry.representative_point()
    return [
        Subject(f"district:{code}", "district", Label(str(zh), str(en)), float(x), float(y), str(code))
        for code, zh, en, x, y in zip(
            rows["district_id"], rows["name_zh"], rows["name_en"], points.x, points.y, strict=True
        )
    ]


def _rivers(pack: CityPack) -> list[Subject]:
    gauged = {str(name) for name in pack.table("things").query("kind == 'river_gauge'")["water_id"]}
    rows = pack.features("water")
    rows = rows[rows["water_id"].isin(gauged)].sort_values("water_id")
    points = rows.geometry.representative_point()
    return [
        Subject(f"river:{code}", "river", Label(str(zh) or str(code), str(en) or str(code)), float(x), float(y))
        for code, zh, en, x, y in zip(
            rows["water_id"], rows["name_zh"], rows["name_en"], points.x, points.y, strict=True
        )
    ]
