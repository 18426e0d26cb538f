"""People in the streets, as cameras count them: a daily rhythm, drawn to the centre, to shops and to crowds.

There are no counts of a made-up city. A camera at a busy place sees some dozens at the peak; how busy a place is
falls with the distance from the centre and rises near shops, stations, stadiums and schools.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from ops_center.world.calendar import cyclic, local_times
from ops_center.world.ground import Ground, Moment
from ops_center.world.places import metres_of
from ops_center.world.sensors import Accuracy, SensorBank, gateways

Real = NDArray[np.float64]

# fmt: off
WORKDAY = (0.06, 0.03, 0.02, 0.02, 0.03, 0.08, 0.25, 0.62, 0.78, 0.58, 0.55, 0.66,
           0.80, 0.68, 0.55, 0.56, 0.66, 0.86, 1.00, 0.95, 0.80, 0.58, 0.32, 0.14)
FREE_DAY = (0.10, 0.05, 0.03, 0.02, 0.03, 0.06, 0.15, 0.28, 0.45, 0.66, 0.85, 0.95,
            1.00, 0.98, 1.02, 1.10, 1.15, 1.15, 1.20, 1.18, 1.02, 0.76, 0.45, 0.22)
# fmt: on
"""people at the full hours, 1 = a workday's evening peak; free days belong to parks and shops"""
COUNT_INTERVAL_S = 10.0
_AT_CENTRE = 28.0
"""people that a camera in the very centre sees at the peak"""
_EVERYWHERE = 1.5
_REACH_M = 3000.0
"""distance at which the pull of the centre has fallen to 1/e"""
_MAGNETS = ("commerce", "railway_station", "stadium", "school", "hospital", "government")
_MAGNET_REACH_M = 150.0
_MAGNET_PEOPLE = 14.0
_RAIN_KEEPS_HOME = 0.55
"""part of the people who are not in the street in heavy rain (10 mm/h)"""
_VIEW_SHARE = 0.35
"""part of a crowd that one camera sees"""

ACCURACY = {
    "people_count": Accuracy(0.05, 0.08, 0.8, 0, implausible=2600.0, impossible=-1.0),
}


class PeopleModel:
    """How many people each camera sees now."""

    def __init__(self, ground: Ground, rain_mm_h: Callable[[int], float] = lambda _: 0.0) -> None:
        self._ground = ground
        self._rain_mm_h = rain_mm_h
        things = ground.things("camera")
        self.things = things
        self._xy_m = places_m(things, ground)
        self.usual = self._usual(ground.chance("people.places"))
        """float64[n]: people at the peak of a workday"""
        names = gateways("people", things["district"].to_numpy(object))
        ids = things["thing_id"].to_numpy(object)
        self.sensors = SensorBank(ground, "people", ids, names, COUNT_INTERVAL_S, ACCURACY)
        self.count = self.usual * self._rhythm(ground.start_us)[0]
        """float64[n]: people that each camera really sees"""

    def step(self, moment: Moment) -> None:
        """Count the people of the time, then let the cameras count them."""
        level = float(self._rhythm(moment.now_us)[0])
        level *= 1.0 - _RAIN_KEEPS_HOME * min(self._rain_mm_h(moment.now_us) / 10.0, 1.0)
        self.count = self.usual * level + self._crowds(moment.now_us)
        self.sensors.step(moment, {"people_count": self.count})

    def typical(self, times_us: ArrayLike) -> Real:
        """Return the usual people per camera at t times by district (of ``districts``), float64[t, d], or NaN."""
        of_camera = self.things["district"].to_numpy(object)
        means = [
            self.usual[of_camera == district].mean() if (of_camera == district).any() else np.nan
            for district in self.districts
        ]
        return np.asarray(self._rhythm(times_us)[:, None] * np.array(means))

    @property
    def districts(self) -> list[str]:
        """Return the districts in the order of the columns of ``typical``."""
        return [str(name) for name in self._ground.pack.table("districts")["district_id"]]

    def _rhythm(self, times_us: ArrayLike) -> Real:
        local = local_times(times_us, self._ground.zone)
        return np.where(local.free, cyclic(FREE_DAY, local.hour), cyclic(WORKDAY, local.hour))

    def _usual(self, chance: np.random.Generator) -> Real:
        distance = np.hypot(*(self._xy_m - self._ground.centre_m).T)
        usual = _EVERYWHERE + _AT_CENTRE * np.exp(-distance / _REACH_M)
        facilities = self._ground.pack.features("facilities")
        magnets = facilities[facilities["kind"].isin(_MAGNETS)]
        if len(magnets) and len(usual):
            nearest, _ = KDTree(places_m(magnets, self._ground)).query(self._xy_m)
            usual = usual + _MAGNET_PEOPLE * np.exp(-nearest / _MAGNET_REACH_M)
        return np.asarray(usual * chance.lognormal(0.0, 0.5, len(usual)))

    def _crowds(self, now_us: int) -> Real:
        """Return the people that crowds add at each camera, fewer with the distance."""
        more = np.zeros(len(self.usual))
        for crowd in self._ground.story.active(now_us, "crowd"):
            x_m, y_m = self._ground.metric.to_metres(crowd.site.longitude, crowd.site.latitude)
            distance = np.hypot(self._xy_m[:, 0] - x_m, self._xy_m[:, 1] - y_m)
            more += _VIEW_SHARE * crowd.at(now_us) * np.exp(-((distance / max(crowd.radius_m, 50.0)) ** 2))
        return more


def places_m(features: pd.DataFrame, ground: Ground) -> Real:
    """Return the places of point features in metres, float64[n, 2]."""
    return np.column_stack(metres_of(features, ground.metric))
