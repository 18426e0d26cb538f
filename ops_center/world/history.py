"""History before the live city began: the same models, asked for months at once.

What is a function of time (weather, air, rivers, drains, people) is that function; traffic is ``typical`` traffic
under the rain of the hour, the water supply its typical days. Nothing happened in the past: no crashes, no bursts.
So the last hour of history and the first live hour agree as far as nothing happens in it.
``ops_center/services/history.py`` turns the tracks into rows for the store's backfill door.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US
from ops_center.world.air import Sites
from ops_center.world.air_devices import SAMPLES
from ops_center.world.drains import STEP_US as DRAIN_STEP_US
from ops_center.world.drains import DrainLevels
from ops_center.world.figures import POLLUTANTS, city_of
from ops_center.world.subjects import GROUPS, PRODUCER
from ops_center.world.supply_days import SupplyDays
from ops_center.world.traffic import TypicalTraffic
from ops_center.world.traffic_flow import rain_factors
from ops_center.world.world import World

Grain = Literal["15m", "1h"]
HOURLY_DAYS = 396
"""13 months"""
QUARTERLY_DAYS = 35
_BUCKET_US: dict[Grain, int] = {"1h": HOUR_US, "15m": 15 * MINUTE_US}
_SAMPLES_US: dict[Grain, Int64] = {"1h": SAMPLES, "15m": np.array([150, 450, 750]) * 1_000_000}
"""moments of a bucket that stand for it"""
_DRAIN_STEPS_PER_DAY = DAY_US // DRAIN_STEP_US


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One datastream over all buckets of a grain; arrays float64[n]."""

    producer: str
    thing_id: str
    observed_property: str
    mean: Float64
    low: Float64
    high: Float64
    count: int
    """observations that a bucket would hold, had it been measured"""


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """History at one grain."""

    grain: Grain
    bucket_us: Int64
    """starts of the buckets, int64[n]"""
    tracks: tuple[Track, ...]
    hourly_means: dict[str, dict[str, Float64]]
    """thing id of each district and of the city → pollutant → mean of the bucket: what an index is made from"""


class History:
    """The past of one world, up to the hour (or quarter) in which it begins."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._supply = SupplyDays(world.ground, world.weather.climate)

    def grow(self, grain: Grain, days: int | None = None) -> Grown:
        """Return ``days`` of history (13 months of hours, 35 days of quarters) before the world's start."""
        size = _BUCKET_US[grain]
        last = self._world.ground.start_us // size
        length = (days or (HOURLY_DAYS if grain == "1h" else QUARTERLY_DAYS)) * DAY_US // size
        buckets = np.arange(last - length, last) * size
        times = (buckets[:, None] + _SAMPLES_US[grain][None, :]).reshape(-1)
        shape = (len(buckets), len(_SAMPLES_US[grain]))
        air, means = self._air(grain, times, shape)
        tracks = (*self._stations(grain, buckets), *air, *self._others(grain, times, shape))
        return Grown(grain, buckets, tracks, means)

    def _stations(self, grain: Grain, buckets: Int64) -> Iterator[Track]:
        """Return the national stations: one value an hour, in the bucket that begins with the hour."""
        world = self._world
        full_hours = buckets % HOUR_US == 0
        found = _in_blocks(world, buckets[full_hours], world.air.station_sites)
        for number, thing_id in enumerate(world.air.stations.ids):
            for name in POLLUTANTS:
                values = np.full(len(buckets), np.nan)
                values[full_hours] = found[name][:, number]
                yield Track("air", str(thing_id), name, values, values, values, 1)

    def _air(
        self, grain: Grain, times: Int64, shape: tuple[int, int]
    ) -> tuple[list[Track], dict[str, dict[str, Float64]]]:
        """Return particles of districts and city, and the means that their index is made from."""
        world = self._world
        found = world.air.air.at(times, world.figures.district_sites)
        names = [one.thing_id for one in world.figures.subjects if one.group == "district"]
        tracks, means = [], {}
        for number, thing_id in enumerate([*names, "city"]):
            series = {
                name: (found[name].mean(axis=1) if thing_id == "city" else found[name][:, number]).reshape(shape)
                for name in POLLUTANTS
            }
            tracks.append(_track(grain, thing_id, "mean_pm25", series["pm25"]))
            means[thing_id] = {name: values.mean(axis=1) for name, values in series.items()}
        return tracks, means

    def _others(self, grain: Grain, times: Int64, shape: tuple[int, int]) -> Iterator[Track]:
        figures = self._world.figures
        groups = {**self._roads(times), "water": self._supply.at(times), "drain": self._drains(times)}
        groups["river"] = {"mean_river_level": self._world.weather.body_levels(times)}
        for group, properties in groups.items():
            subjects = [one.thing_id for one in figures.subjects if one.group == group]
            for name, values in properties.items():
                columns = values.reshape(len(times), -1)
                for number, thing_id in enumerate(subjects):
                    yield _track(grain, thing_id, name, columns[:, number].reshape(shape))

    def _roads(self, times: Int64) -> dict[str, dict[str, Float64]]:
        """Return road classes, districts and the city: traffic, rain and people."""
        world = self._world
        typical = world.traffic.typical(times)
        rain = world.weather.rain
        sites: Sites = world.figures.district_sites
        slower = _speed_share(rain.areal(times))[:, None]
        free_class, free_district = world.figures.free_kmh()
        by_class = _kmh(typical["road_class"], slower)
        district = {
            "congestion_index": free_district / _kmh(typical["district"], slower),
            "mean_rain": rain.intensity(times, sites.x_m, sites.y_m),
            "people_present": world.figures.people(times),
        }
        classes = {
            "mean_speed": by_class,
            "congestion_index": free_class / by_class,
            "mean_lane_flow": typical["road_class"].flow_vph,
        }
        return {"road_class": classes, "district": district, "city": city_of(district)}

    def _drains(self, times: Int64) -> dict[str, Float64]:
        """Return the sample of drains at the steps nearest to the times, day by day."""
        world = self._world
        days, of_day = np.unique(times // DAY_US, return_inverse=True)
        step = (times % DAY_US) // DRAIN_STEP_US
        sample = DrainLevels(world.weather.drains.drains.take(world.figures.drain_sample), world.weather.rain)
        parts = [world.figures.drains_of(sample.of_day(int(day)).astype(np.float64)) for day in days]
        if not parts or not parts[0]:
            return {}
        return {name: np.stack([part[name] for part in parts])[of_day, step] for name in GROUPS["drain"]}


def _in_blocks(world: World, hours: Int64, sites: Sites) -> dict[str, Float64]:
    """Return hourly means at the sites, float64[hours, m], a month at a time: memory stays small."""
    blocks = []
    for first in range(0, len(hours), 720):
        mine = hours[first : first + 720]
        found = world.air.air.at((mine[:, None] + SAMPLES[None, :]).reshape(-1), sites)
        blocks.append({name: found[name].reshape(len(mine), len(SAMPLES), -1).mean(axis=1) for name in POLLUTANTS})
    return {name: np.concatenate([block[name] for block in blocks]) for name in POLLUTANTS}


def _track(grain: Grain, thing_id: str, name: str, samples: Float64) -> Track:
    count = _BUCKET_US[grain] // MINUTE_US
    return Track(PRODUCER, thing_id, name, samples.mean(axis=1), samples.min(axis=1), samples.max(axis=1), int(count))


def _kmh(typical: TypicalTraffic, slower: Float64) -> Float64:
    return np.asarray(3.6 * typical.speed_mps * slower)


def _speed_share(rain_mm_h: Float64) -> Float64:
    """Return what rain leaves of speed, float64[n]; most hours are dry."""
    share = np.ones(len(rain_mm_h))
    for wet in np.flatnonzero(rain_mm_h > 0).tolist():
        share[wet] = rain_factors(float(rain_mm_h[wet]))[1]
    return share
