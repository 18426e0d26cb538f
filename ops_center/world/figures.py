"""Figures of the whole city: road classes, districts, networks and rivers, minute by minute.

They are *aggregates*: things of their own in the catalog, whose series history begins (``history``) and the feed
``city_figures`` goes on with. Stepped by the world after the models it reads.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ops_center.city.road_graph import CLASS_NAMES
from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import HOUR_US, MINUTE_US
from ops_center.world.air import Sites
from ops_center.world.air_devices import SAMPLES, AirDevices
from ops_center.world.calendar import cyclic, local_times
from ops_center.world.ground import Ground, Moment
from ops_center.world.subjects import GROUPS, subjects_of
from ops_center.world.traffic import TrafficModel
from ops_center.world.water import WaterModel
from ops_center.world.weather import WeatherModel, district_places

POLLUTANTS = ("pm25", "pm10", "so2", "no2", "co", "o3")
DRAIN_SAMPLE = 80
"""drains that stand for the network: every k-th, so that history takes a second and not a minute"""

_AT_WORK = (
    0.03, 0.03, 0.03, 0.03, 0.03, 0.04, 0.10, 0.38, 0.78, 0.93, 0.96, 0.94,
    0.88, 0.93, 0.96, 0.95, 0.90, 0.72, 0.42, 0.22, 0.13, 0.08, 0.05, 0.04,
)  # fmt: skip
"""part of the working population that is at its place of work or school, by hour of a workday"""
_FREE_DAY_SHARE = 0.32


class CityFigures:
    """The figures of the last full minute, and those of any other time where they are functions of time."""

    def __init__(
        self, ground: Ground, weather: WeatherModel, traffic: TrafficModel, water: WaterModel, air: AirDevices
    ) -> None:
        self._weather, self._traffic, self._water, self._air = weather, traffic, water, air
        self.subjects = subjects_of(ground.pack)
        places = np.array(list(district_places(ground).values()), float).reshape(-1, 2)
        self.district_sites = Sites(places[:, 0], places[:, 1], np.ones(len(places)))
        self._people = _Population(ground)
        self._by_class, self._by_district = _edge_weights(ground, traffic)
        self.time_us = 0
        """the minute of ``values``, µs since the epoch"""
        self.values: dict[str, dict[str, Float64]] = {}
        """group → property → float64[subjects of the group]; empty where no minute has ended in the last step"""
        self.pollutants: dict[str, Float64] = {}
        """means of the last 60 minutes by district, float64[districts]: what an hourly index is made from"""
        self._first_step = True

    def step(self, moment: Moment) -> None:
        """Take the figures if a minute has ended, and in the first step."""
        minute = moment.now_us // MINUTE_US
        self.values = {}
        if self._first_step or minute > moment.previous_us // MINUTE_US:
            self.time_us = minute * MINUTE_US
            self.values = self._now(self.time_us)
            self._first_step = False

    def _now(self, time_us: int) -> dict[str, dict[str, Float64]]:
        times = np.array([time_us])
        last_hour = self._air.mean_at(time_us - HOUR_US + SAMPLES, self.district_sites)
        self.pollutants = {name: last_hour[name] for name in POLLUTANTS}
        now = self._air.now_at(time_us, self.district_sites)
        rain = self._weather.rain.intensity(times, self.district_sites.x_m, self.district_sites.y_m)[0]
        classes, district_index = self._roads()
        district = {
            "congestion_index": district_index,
            "mean_pm25": now["pm25"],
            "mean_rain": rain,
            "people_present": self._people.at(times)[0],
        }
        return {
            "road_class": classes,
            "district": district,
            "city": city_of(district),
            "water": self._supply(),
            "drain": self.drains_of(self._weather.drains.at(time_us)[None, self.drain_sample]),
            "river": {"mean_river_level": self._weather.body_levels(times)[0]},
        }

    def _roads(self) -> tuple[dict[str, Float64], Float64]:
        """Return the figures of road classes, and the congestion index of districts: free speed over speed."""
        traffic = self._traffic
        free, speed = traffic.graph.speed_mps, np.maximum(traffic.speed_mps, 0.5)
        classes = {
            "mean_speed": 3.6 * self._by_class(speed),
            "congestion_index": self._by_class(free) / self._by_class(speed),
            "mean_lane_flow": self._by_class(traffic.flow_vph / traffic.graph.lanes),
        }
        return classes, self._by_district(free) / self._by_district(speed)

    def free_kmh(self) -> tuple[Float64, Float64]:
        """Return the mean speed limit by road class and by district: what the congestion index compares with."""
        free = 3.6 * self._traffic.graph.speed_mps
        return self._by_class(free), self._by_district(free)

    def _supply(self) -> dict[str, Float64]:
        found = self._water.figures()
        if found is None:
            return {}
        values = (found.inflow_l_s, found.least_pressure_kpa, found.mean_pressure_kpa, found.tank_level_m)
        return {name: np.array([value]) for name, value in zip(GROUPS["water"], values, strict=True)}

    def drains_of(self, levels: Float64) -> dict[str, Float64]:
        """Return mean level and share of surcharged drains, float64[n], from the sample's levels[n, sample]."""
        chosen = self.drain_sample
        if not len(chosen):
            return {}
        over = levels > self._weather.drains.drains.diameter_m[chosen]
        return {"mean_drain_level": levels.mean(axis=1), "surcharged_share": 100.0 * over.mean(axis=1)}

    @property
    def drain_sample(self) -> Int64:
        """Return which drains stand for the network."""
        count = len(self._weather.drains.drains.x_m)
        return np.arange(0, count, max(1, -(-count // DRAIN_SAMPLE)))

    def people(self, time_us: Int64) -> Float64:
        """Return the people present by district at n times, float64[n, districts]."""
        return self._people.at(time_us)


def city_of(district: Mapping[str, Float64]) -> dict[str, Float64]:
    """Return the city's figures as the means of its districts (last axis), where the city has such a figure."""
    return {name: mean_of(values) for name, values in district.items() if name in GROUPS["city"]}


def mean_of(values: Float64) -> Float64:
    """Return the mean over the last axis, which stays with length 1, of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=-1, keepdims=True)
    total = np.where(known, values, 0.0).sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


class _Population:
    """People by district: residents who are not at work, and those who work there."""

    def __init__(self, ground: Ground) -> None:
        self._zone = ground.zone
        cells = ground.pack.table("population_grid")
        codes = [str(code) for code in ground.pack.table("districts")["district_id"]]
        sums = cells.assign(district=cells["district"].astype(str)).groupby("district")[["residents", "workers"]].sum()
        both = sums.reindex(codes).fillna(0.0)
        self._residents, self._workers = both["residents"].to_numpy(float), both["workers"].to_numpy(float)

    def at(self, time_us: Int64) -> Float64:
        """Return people present, float64[n, districts]."""
        local = local_times(time_us, self._zone)
        share = cyclic(_AT_WORK, local.hour) * np.where(local.free, _FREE_DAY_SHARE, 1.0)
        residents = self._residents.sum()
        away = self._workers.sum() / residents if residents > 0 else 0.0
        home = self._residents[None, :] * (1.0 - away * share)[:, None]
        return np.asarray(home + self._workers[None, :] * share[:, None])


class _Weighted:
    """Means over groups of edges, weighted by length times lanes; NaN for a group without any."""

    def __init__(self, group: Int64, groups: int, weight: Float64) -> None:
        inside = group >= 0
        self._group, self._groups, self._weight, self._inside = group[inside], groups, weight[inside], inside
        self._total = np.bincount(self._group, self._weight, groups)

    def __call__(self, values: Float64) -> Float64:
        total = np.bincount(self._group, self._weight * values[self._inside], self._groups)
        mean: Float64 = np.divide(total, self._total, out=np.full(self._groups, np.nan), where=self._total > 0)
        return mean


def _edge_weights(ground: Ground, traffic: TrafficModel) -> tuple[_Weighted, _Weighted]:
    graph = traffic.graph
    weight = graph.length_m * graph.lanes
    number = {str(code): n for n, code in enumerate(ground.pack.table("districts")["district_id"])}
    of_road = ground.pack.table("roads")["district"].map(number).fillna(-1).to_numpy(np.int64)
    return (
        _Weighted(graph.road_class.astype(np.int64), len(CLASS_NAMES), weight),
        _Weighted(np.asarray(of_road[graph.road], np.int64), len(number), weight),
    )
