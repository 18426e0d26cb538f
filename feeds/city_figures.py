"""Figures of the whole city, made by the center itself: road classes, districts, networks, rivers, every minute.

They go on with the series that history begins. The index of a district is that of the last 60 minutes' means by the
standard in force (``feeds.aqi``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from feeds.aqi import POLLUTANTS, edition_at, hourly_index
from feeds.contract import DatastreamKind
from feeds.declared import ColumnarFeed
from feeds.sending import message
from ops_center.domain.messages import Outgoing
from ops_center.domain.observations import Float64
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.world.subjects import GROUPS, INTERVAL_S, PRODUCER

if TYPE_CHECKING:
    from ops_center.world.world import World


def _observe(world: World) -> Sequence[Outgoing]:
    figures = world.figures
    sent = []
    for group, columns in figures.values.items():
        things = np.array([one.thing_id for one in figures.subjects if one.group == group], object)
        whole = {**columns, "aqi": _index(world, group)} if "aqi" in GROUPS[group] else columns
        rows = [name for name in GROUPS[group] if name in whole]
        for name in rows:
            known = np.isfinite(whole[name])
            if known.any():
                times = np.full(int(known.sum()), figures.time_us, np.int64)
                sent.append(message(group, things[known], times, {name: whole[name][known]}, len(times)))
    return sent


def _index(world: World, group: str) -> Float64:
    """Return the index of each district, or of the city: that of the mean over its districts."""
    from ops_center.world.figures import mean_of  # with the world at hand it is loaded anyway

    figures = world.figures
    edition = edition_at(in_zone(figures.time_us, world.ground.pack.manifest.timezone).date())
    means: Mapping[str, Float64] = figures.pollutants
    return hourly_index(
        edition, {name: mean_of(means[name]) if group == "city" else means[name] for name in POLLUTANTS}
    ).value


def _kind(name: str, zh: str, en: str, unit: str, most: float, usual: float) -> DatastreamKind:
    return DatastreamKind(name, Label(zh, en), unit, (0.0, most), (0.0, usual), INTERVAL_S)


FEED = ColumnarFeed(
    name=PRODUCER,
    label=Label("城市指标", "city figures"),
    lateness_s=300.0,
    kinds=(
        _kind("mean_speed", "平均车速", "mean speed", "km/h", 300.0, 130.0),
        _kind("congestion_index", "拥堵指数", "congestion index (travel time over free flow)", "1", 500.0, 30.0),
        _kind("mean_lane_flow", "车道平均流量", "mean flow per lane", "{vehicles}/h", 3600.0, 2500.0),
        _kind("mean_pm25", "PM2.5均值", "mean PM2.5", "ug/m3", 5000.0, 800.0),
        _kind("aqi", "空气质量指数", "air quality index", "1", 500.0, 500.0),
        _kind("mean_rain", "平均雨强", "mean rain intensity", "mm/h", 1000.0, 250.0),
        _kind("people_present", "在场人口", "people present", "{people}", 1e8, 5e7),
        _kind("inflow", "供水量", "water supplied", "L/s", 1e6, 2e5),
        _kind("least_pressure", "最低供水压力", "least supply pressure", "kPa", 2000.0, 1000.0),
        _kind("mean_pressure", "平均供水压力", "mean supply pressure", "kPa", 2000.0, 1000.0),
        _kind("mean_tank_level", "水池平均水位", "mean tank level", "m", 60.0, 20.0),
        _kind("mean_drain_level", "排水管网平均液位", "mean drain level", "m", 60.0, 15.0),
        _kind("surcharged_share", "满管占比", "share of surcharged drains", "%", 100.0, 100.0),
        _kind("mean_river_level", "河道平均水位", "mean river level", "m", 9000.0, 40.0),
    ),
    thing_kinds={"aggregate": Label("城市汇总", "aggregate")},
    observer=_observe,
)
