"""Air stations and micro stations of the pack: where they are, what is around them, when they send.

National stations send an hour's means when the hour is over (HJ 193); micro stations send minute values. Accidents
of the story reach the devices as plumes. Stepped by the world; the feed ``air`` reads its banks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import HOUR_US, MINUTE_US, SECOND_US
from ops_center.world.air import AirModel, Concentrations, Sites, Stacks
from ops_center.world.chance import uniform
from ops_center.world.ground import Ground, Moment
from ops_center.world.held import Held
from ops_center.world.occurrences import Occurrence
from ops_center.world.places import metres_of
from ops_center.world.plume import Source, released
from ops_center.world.sensors import Accuracy, SensorBank, gateways
from ops_center.world.traffic import TrafficModel
from ops_center.world.weather import WeatherModel, bank

STATION_INTERVAL_S = 3600.0
MICRO_INTERVAL_S = 60.0
SAMPLES = np.arange(6) * 10 * MINUTE_US + 5 * MINUTE_US
"""moments of an hour whose mean stands for the hour's"""
_NEARBY_M = 500.0
_HOLD_S = 10.0
"""how long the air at micro stations is taken as unchanged: each sends once a minute"""
_REACH_US = 2 * HOUR_US
"""how long after its end a release may still travel over the city"""
SMOKE_G_PER_S = {"pm25": 55.0, "pm10": 75.0, "so2": 8.0, "co": 260.0, "no2": 6.0}
"""a fire of some 100 m² of mixed goods (orders of magnitude: EPA AP-42, section 13)"""
_STATION = {
    **{name: Accuracy(0.03, 0.02, 0.5, 0, implausible=980.0, impossible=9999.0) for name in ("pm25", "pm10")},
    **{name: Accuracy(0.03, 0.02, 0.5, 0, implausible=2900.0, impossible=99999.0) for name in ("so2", "no2", "o3")},
    "co": Accuracy(0.03, 0.02, 0.02, 1, implausible=120.0, impossible=9999.0),
}
_MICRO = {
    "pm25": Accuracy(0.10, 0.05, 1.0, 0, implausible=980.0, impossible=9999.0),
    "pm10": Accuracy(0.10, 0.05, 1.5, 0, implausible=980.0, impossible=9999.0),
    "chlorine": Accuracy(0.10, 0.05, 0.015, 2, implausible=95.0, impossible=9999.0),
}


class AirDevices:
    """The air of the city and the devices that measure it."""

    def __init__(self, ground: Ground, weather: WeatherModel, traffic: TrafficModel) -> None:
        self._ground = ground
        self._weather = weather
        self.air = make_air(ground, weather, traffic)
        things = ground.things("air_station")
        self.stations = SensorBank(
            ground, "air_station", things["thing_id"].to_numpy(object),
            gateways("air_station", things["district"].to_numpy(object)),
            STATION_INTERVAL_S, _STATION, interval_times=True, staggered=False,
        )  # fmt: skip
        self.micro = bank(ground, "air_micro", MICRO_INTERVAL_S, _MICRO)
        self.station_sites = sites_of(ground, traffic, things)
        self.micro_sites = sites_of(ground, traffic, ground.things("air_micro"))
        self._at_micro = Held(_HOLD_S, lambda time_us: self.now_at(time_us, self.micro_sites))
        self._first_step = True

    def step(self, moment: Moment) -> None:
        """Let the devices measure; when the world begins, stations send the last full hour at once."""
        if self._first_step:
            moment = Moment(moment.now_us - HOUR_US, moment.now_us)
            self._first_step = False
        hour = moment.now_us // HOUR_US
        if hour > moment.previous_us // HOUR_US:
            self.stations.step(moment, self.hour_at_stations((hour - 1) * HOUR_US))
        else:
            self.stations.step(moment, {name: np.empty(0) for name in _STATION})
        self.micro.step(moment, self._at_micro.at(moment.now_us))

    def hour_at_stations(self, hour_us: int) -> dict[str, Float64]:
        """Return the hour's means at the national stations, float64[m]."""
        found = self.mean_at(hour_us + SAMPLES, self.station_sites)
        return {name: found[name] for name in _STATION}

    def mean_at(self, times: Int64, sites: Sites) -> dict[str, Float64]:
        """Return the means over some times at the sites, all pollutants and chlorine, float64[m]."""
        return {name: values.mean(axis=0) for name, values in self._with_accidents(times, sites).items()}

    def now_at(self, time_us: int, sites: Sites) -> dict[str, Float64]:
        """Return all pollutants and chlorine (mg/m³) at the sites now, float64[m]."""
        found = self._with_accidents(np.array([time_us]), sites)
        return {name: values[0] for name, values in found.items()}

    def _with_accidents(self, times: Int64, sites: Sites) -> Concentrations:
        found = self.air.at(times, sites)
        found["chlorine"] = np.zeros((len(times), len(sites.x_m)))
        first = max(int(times[0]) - _REACH_US, self._ground.start_us)
        for one in self._ground.story.between(first, int(times[-1]) + 1):
            if one.kind == "toxic_release":
                found["chlorine"] += 1e6 * one.magnitude * self._reaching(one, 2.0, times, sites)
            elif one.kind == "smoke":
                reaching = 1e6 * one.magnitude * self._reaching(one, 20.0, times, sites)
                for name, emission in SMOKE_G_PER_S.items():
                    scale = 1e-3 if name == "co" else 1.0
                    found[name] = found[name] + scale * emission * reaching
        return found

    def _reaching(self, one: Occurrence, height_m: float, times: Int64, sites: Sites) -> Float64:
        x, y = self._ground.metric.to_metres(one.site.longitude, one.site.latitude)
        air = self._weather.climate.at(times, self._weather.rain.areal(times))
        wind = (air.wind_mps, air.wind_from_deg)
        source = Source(float(x), float(y), height_m)
        return released(source, lambda at: strength_of(one, at), times, (sites.x_m, sites.y_m), wind, air.sun)


def strength_of(one: Occurrence, time_us: Int64) -> Float64:
    """Return the strength of an occurrence at many times at once, as ``Occurrence.strength`` does at one."""
    inside = (time_us >= one.start_us) & (time_us < one.end_us)
    edge_s = np.minimum(time_us - one.start_us, one.end_us - time_us) / SECOND_US
    return np.where(inside, np.clip(edge_s / one.rise_s, 0.0, 1.0) if one.rise_s > 0 else 1.0, 0.0)


def make_air(ground: Ground, weather: WeatherModel, traffic: TrafficModel) -> AirModel:
    """Return the air of the pack's city."""
    stacks = _stacks(ground)
    return AirModel(
        ground.seed, weather.climate, weather.rain, stacks, lambda times: np.asarray(traffic.demand.rhythm(times)[0])
    )


def sites_of(ground: Ground, traffic: TrafficModel, points: pd.DataFrame) -> Sites:
    """Return point features as sites, with the traffic that passes within 500 m of each."""
    x, y = metres_of(points, ground.metric)
    return Sites(x, y, roads_near(traffic, x, y))


def roads_near(traffic: TrafficModel, x_m: Float64, y_m: Float64) -> Float64:
    """Return the vehicle metres at the peak within 500 m of each place over their mean, float64[m], at most 3."""
    graph = traffic.graph
    if not len(x_m) or not len(graph.road):
        return np.ones(len(x_m))
    middle = (graph.node_xy_m[graph.start] + graph.node_xy_m[graph.end]) / 2
    weight = traffic.demand.peak_vph * graph.length_m
    near = KDTree(middle).query_ball_point(np.column_stack([x_m, y_m]), _NEARBY_M)
    passing = np.array([weight[edges].sum() for edges in near])
    mean = passing.mean()
    return np.minimum(passing / mean, 3.0) if mean > 0 else np.ones(len(x_m))


def _stacks(ground: Ground) -> Stacks:
    """Return the pack's plants; emissions are drawn within what mid-sized plants may emit (GB 13223, GB 13271)."""
    facilities = ground.pack.features("facilities")
    plants = facilities[facilities["kind"] == "plant"]
    x, y = metres_of(plants, ground.metric)
    part = uniform(ground.seed, "stack", np.arange(len(x)))
    size = 0.4 + 1.2 * part
    rates = {"so2": 2.5 * size, "no2": 3.0 * size, "pm25": 0.9 * size, "pm10": 1.3 * size}
    return Stacks(x, y, 35.0 + 60.0 * part, rates)
