"""The weather and what it does to rivers and drains, with the instruments that measure it.

Everything here is a function of time (``climate``, ``rain``, ``rivers``, ``drains``); this model adds the scenario's
storms, the places of the pack and the devices. Stepped by the world; the feed ``weather`` reads its banks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import DAY_US, SECOND_US
from ops_center.world.climate import Climate
from ops_center.world.drains import DrainLevels, drawn
from ops_center.world.ground import Ground, Moment
from ops_center.world.places import metres_of, radius_m
from ops_center.world.rain import Rain, Storm
from ops_center.world.rainstorm import RainstormWarning, RainstormWarnings
from ops_center.world.rivers import RiverLevels, reach
from ops_center.world.sensors import Accuracy, SensorBank, gateways

INTERVAL_S = 30.0
_GAUGE = {"rain_intensity": Accuracy(0.03, 0.03, 0.0, 1, implausible=280.0, impossible=-9.9)}
_STATION = {
    "wind_speed": Accuracy(0.02, 0.04, 0.1, 1, implausible=68.0, impossible=999.9),
    "wind_direction": Accuracy(0.0, 0.0, 4.0, 0, implausible=359.0, impossible=999.0, high=360.0),
    "air_temperature": Accuracy(0.0, 0.0, 0.1, 1, implausible=58.0, impossible=-99.9, low=-60.0),
    "relative_humidity": Accuracy(0.01, 0.005, 0.4, 0, implausible=1.0, impossible=655.0, high=100.0),
}
_RIVER = {"river_level": Accuracy(0.0, 0.0, 0.006, 2, implausible=45.0, impossible=-999.0, low=-50.0)}
_DRAIN = {"drain_level": Accuracy(0.01, 0.0, 0.008, 2, implausible=18.0, impossible=99.99)}


class WeatherModel:
    """Climate, rain, rivers, drains and their devices."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        latitude = ground.pack.manifest.bounds.centre[1]
        self.climate = Climate(ground.seed, ground.pack.manifest.timezone, latitude)
        centre = ground.metric.to_metres(*ground.pack.manifest.bounds.centre)
        self._storms = _StoryStorms(ground)
        self.rain = Rain(ground.seed, (float(centre[0]), float(centre[1])), radius_m(ground.pack), self._storms)
        self._districts = district_places(ground)
        self._warnings = RainstormWarnings(self.rain, self._districts)
        self.issued: tuple[RainstormWarning, ...] = ()
        """warnings issued, changed or ended in the last step"""
        self._first_step = True
        self._place_devices()

    def _place_devices(self) -> None:
        ground = self._ground
        self.gauges = bank(ground, "rain_gauge", INTERVAL_S, _GAUGE)
        self.stations = bank(ground, "weather_station", INTERVAL_S, _STATION)
        self.river_gauges = bank(ground, "river_gauge", INTERVAL_S, _RIVER)
        self.drain_sensors = bank(ground, "drain_sensor", INTERVAL_S, _DRAIN)
        self._gauge_xy = metres_of(ground.things("rain_gauge"), ground.metric)
        self._station_xy = metres_of(ground.things("weather_station"), ground.metric)
        self.rivers, self._river_of, self._river_offset = _rivers(ground, self.rain, self.climate)
        self.drains = _drains(ground, self.rain)

    def district_lonlat(self, district: str) -> tuple[float, float]:
        """Return longitude and latitude of a place inside a district."""
        longitude, latitude = self._ground.metric.to_lonlat(*self._districts[district])
        return float(longitude), float(latitude)

    def rain_mm_h(self, time_us: int) -> float:
        """Return the rain over the city, mm/h: what drivers and air feel."""
        return float(self.rain.areal(time_us)[0])

    def step(self, moment: Moment) -> None:
        """Let the devices measure, and the forecasters decide."""
        now = moment.now_us
        self.gauges.step(moment, {"rain_intensity": self.rain.intensity(now, *self._gauge_xy)[0]})
        self.stations.step(moment, self._at_stations(now))
        self.river_gauges.step(moment, {"river_level": self.river_levels(now)})
        self.drain_sensors.step(moment, {"drain_level": self.drains.at(now)})
        # What was in force when the world began is issued in its first step: screens must know of it.
        since = now - DAY_US if self._first_step else moment.previous_us
        self.issued = self._warnings.issued(since, now)
        self._first_step = False

    def river_levels(self, time_us: int) -> Float64:
        """Return the level at each river gauge, metres on its datum."""
        if not len(self._river_of):
            return np.empty(0)
        return np.asarray(self.rivers.at(time_us)[0][self._river_of] + self._river_offset)

    def body_levels(self, time_us: ArrayLike) -> Float64:
        """Return the mean level over the gauges of each gauged water body at n times, float64[n, bodies], by id."""
        bodies = len(self.rivers.reaches)
        gauges = np.bincount(self._river_of, minlength=bodies)
        offset = np.bincount(self._river_of, self._river_offset, bodies) / np.maximum(gauges, 1)
        return np.asarray(self.rivers.at(time_us) + offset)

    def _at_stations(self, now_us: int) -> dict[str, Float64]:
        rain = self.rain.intensity(now_us, *self._station_xy)[0]
        air = self.climate.at(np.full(len(rain), now_us, np.int64), rain)
        return {
            "wind_speed": air.wind_mps,
            "wind_direction": air.wind_from_deg,
            "air_temperature": air.temperature_c,
            "relative_humidity": air.humidity_percent,
        }


class _StoryStorms:
    """The scenario's rainstorms in any window: asked of the story once, then remembered."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._known_until_us = ground.start_us
        self._found: dict[str, Storm] = {}
        self._any = any(beat.kind == "rainstorm" for beat in ground.story.scenario.beats)

    def __call__(self, first_us: int, last_us: int) -> list[Storm]:
        if not self._any:
            return []
        if last_us > self._known_until_us:
            self._learn(last_us)
        return [storm for storm in self._found.values() if storm.start_us < last_us and first_us < storm.end_us]

    def _learn(self, until_us: int) -> None:
        ground = self._ground
        for one in ground.story.between(self._known_until_us, until_us):
            if one.kind == "rainstorm":
                x, y = ground.metric.to_metres(one.site.longitude, one.site.latitude)
                rise_us = round(one.rise_s * SECOND_US)
                reach_m = 0.45 * radius_m(ground.pack)
                self._found[one.occurrence_id] = Storm(
                    one.start_us, one.end_us, rise_us, one.magnitude, float(x), float(y), reach_m
                )
        self._known_until_us = until_us


def bank(ground: Ground, kind: str, interval_s: float, accuracy: dict[str, Accuracy]) -> SensorBank:
    """Return the devices of a kind as they stand in the pack."""
    things = ground.things(kind)
    groups = gateways(kind, things["district"].to_numpy(object))
    return SensorBank(ground, kind, things["thing_id"].to_numpy(object), groups, interval_s, accuracy)


def district_places(ground: Ground) -> dict[str, tuple[float, float]]:
    """Return district → a place inside it, metres."""
    districts = ground.pack.features("districts")
    points = districts.geometry.representative_point()
    x, y = ground.metric.to_metres(points.x.to_numpy(), points.y.to_numpy())
    return {str(name): (float(a), float(b)) for name, a, b in zip(districts["district_id"], x, y, strict=True)}


def _rivers(ground: Ground, rain: Rain, climate: Climate) -> tuple[RiverLevels, Int64, Float64]:
    """Return the levels by water body, which body each gauge is on, and what to add at the gauge.

    A gauge whose elevation the pack knows reads about that in mean conditions: levels on the city's datum.
    """
    things = ground.things("river_gauge")
    kinds = dict(zip(ground.pack.table("water")["water_id"], ground.pack.table("water")["kind"], strict=True))
    names = sorted({str(name) for name in things["water_id"]})
    reaches = tuple(reach(ground.seed, name, str(kinds.get(name, "river"))) for name in names)
    of = np.array([names.index(str(name)) for name in things["water_id"]], dtype=np.int64)
    mean = np.array([one.zero_m + (one.base_m3_s / one.rating_a) ** 0.6 for one in reaches])
    elevation = things["elevation_m"].to_numpy(float)
    offset = np.where(np.isfinite(elevation), elevation - mean[of], 0.0) if len(of) else np.empty(0)
    return RiverLevels(ground.seed, reaches, rain, climate), of, np.asarray(offset)


def _drains(ground: Ground, rain: Rain) -> DrainLevels:
    things = ground.things("drain_sensor")
    nodes = ground.pack.table("pipe_nodes").set_index("node_id")["depth_m"]
    depth = _looked_up(things["pipe_node"], nodes)
    diameter = _looked_up(things["pipe_node"], _largest_mm(ground.pack.table("pipe_links"))) / 1000.0
    return DrainLevels(drawn(ground.seed, *metres_of(things, ground.metric), depth, diameter), rain)


def _largest_mm(links: pd.DataFrame) -> pd.Series:
    """Return the largest diameter that meets each node."""
    both = pd.concat([links.set_index(side)["diameter_mm"] for side in ("from_node", "to_node")])
    largest: pd.Series = both.groupby(level=0).max()
    return largest


def _looked_up(names: pd.Series, values: pd.Series) -> Float64:
    return np.asarray(values.reindex(names.astype(str)).to_numpy(float))
