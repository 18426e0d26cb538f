"""How many want to drive where and when: the rhythm of a day, and each road's share of it.

There is no survey of a made-up city. Each direction of a road gets, at the peak, a share of its capacity that
depends on its class and falls with the distance from where people work; in the morning the direction towards the
centre carries more, in the evening the other one. The rhythm has the two peaks of Chinese cities (7:30-9:00 and
17:00-19:00), a flatter and later weekend, and a quieter holiday.
"""

from __future__ import annotations

from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ops_center.city.road_graph import RoadGraph
from ops_center.world.calendar import cyclic, local_times
from ops_center.world.traffic_flow import CAPACITY_PER_LANE_VPH

Real = NDArray[np.float64]

# fmt: off
WORKDAY = (0.20, 0.13, 0.10, 0.09, 0.11, 0.22, 0.48, 0.88, 1.00, 0.86, 0.74, 0.72,
           0.68, 0.68, 0.72, 0.76, 0.84, 0.98, 0.97, 0.80, 0.62, 0.52, 0.42, 0.30)
FREE_DAY = (0.26, 0.18, 0.13, 0.10, 0.10, 0.15, 0.26, 0.40, 0.54, 0.66, 0.74, 0.77,
            0.74, 0.72, 0.74, 0.78, 0.81, 0.83, 0.80, 0.74, 0.68, 0.60, 0.48, 0.36)
# fmt: on
"""demand at the full hours, 1 = the morning peak of a workday"""
HOLIDAY_SHARE = 0.80
"""of a free day's demand, on a public holiday"""
FRIDAY_EVENING = 1.06
MONDAY_MORNING = 1.03

PEAK_LOAD = np.array([1.00, 0.98, 0.80, 0.55])
"""flow/capacity of a road in the centre at the peak, by road class"""
OUTSKIRTS = np.array([0.55, 0.45, 0.35, 0.30])
"""part of it that is left at the edge of the city"""
_TIDE = 0.15
"""part of the peak demand that swings with the direction"""
_VARIATION = 0.28
"""standard deviation of what makes one road busier than another like it"""
_MOST_LOAD = 1.15
"""of capacity: beyond it a road is jammed every morning, and drivers would have found another"""


class TrafficDemand:
    """What e edges would carry if nothing held anybody up."""

    def __init__(self, graph: RoadGraph, centre_m: Real, zone: ZoneInfo, chance: np.random.Generator) -> None:
        self._graph = graph
        self._centre_m = centre_m
        self._zone = zone
        by_road = chance.lognormal(0.0, _VARIATION, len(graph.road_id))
        classes = graph.road_class
        load = PEAK_LOAD[classes] * (OUTSKIRTS[classes] + (1 - OUTSKIRTS[classes]) * self.nearness)
        self.capacity_vph = CAPACITY_PER_LANE_VPH[classes] * graph.lanes
        """float64[e], vehicles per hour"""
        self.peak_vph = self.capacity_vph * np.minimum(load * by_road[graph.road], _MOST_LOAD)
        """float64[e], without the tide"""

    @cached_property
    def nearness(self) -> Real:
        """Return how near each edge is to the centre, float64[e]: 1 there, 1/e at about half the city's radius."""
        distance = np.hypot(*(self._middle_m - self._centre_m).T)
        radius = float(np.quantile(distance, 0.95)) if len(distance) else 1.0
        return np.asarray(np.exp(-distance / max(radius / 2.2, 1.0)))

    @cached_property
    def inwards(self) -> Real:
        """Return how directly each edge leads to the centre, float64[e], 1 towards it, -1 away from it."""
        graph = self._graph
        along = graph.node_xy_m[graph.end] - graph.node_xy_m[graph.start]
        to_centre = self._centre_m - self._middle_m
        size = np.hypot(*along.T) * np.hypot(*to_centre.T)
        return np.asarray((along * to_centre).sum(axis=1) / np.maximum(size, 1e-6))

    @property
    def _middle_m(self) -> Real:
        xy = self._graph.node_xy_m
        return np.asarray((xy[self._graph.start] + xy[self._graph.end]) / 2)

    def rhythm(self, times_us: ArrayLike) -> tuple[Real, Real]:
        """Return (level, tide) at n times: the share of the peak, and the swing from 1 (inwards) to -1 (outwards)."""
        local = local_times(times_us, self._zone)
        level = np.where(local.free, cyclic(FREE_DAY, local.hour), cyclic(WORKDAY, local.hour))
        level = np.where(local.holiday, level * HOLIDAY_SHARE, level)
        evening = (local.weekday == 4) & ~local.free & (local.hour > 16) & (local.hour < 21)
        morning = (local.weekday == 0) & ~local.free & (local.hour > 6) & (local.hour < 10)
        level = level * np.where(evening, FRIDAY_EVENING, 1.0) * np.where(morning, MONDAY_MORNING, 1.0)
        tide = np.exp(-(((local.hour - 8.2) / 1.6) ** 2)) - np.exp(-(((local.hour - 18.0) / 1.9) ** 2))
        return level, np.where(local.free, 0.2, 1.0) * tide

    def at(self, time_us: int) -> Real:
        """Return vehicles per hour that want to use each edge, float64[e]."""
        level, tide = self.rhythm(time_us)
        return np.asarray(self.peak_vph * level[0] * (1.0 + _TIDE * tide[0] * self.inwards))
