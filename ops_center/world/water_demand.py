"""How much water is drawn, when and where: curves of the day by zone, the shape of the week, the seasons.

The model file's own patterns are kept; junctions where more is drawn at work than at home follow an office curve.
Called by ``water`` (live) and ``history`` (the same factors over months).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import KDTree

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import DAY_US, HOUR_US
from ops_center.world.chance import rough
from ops_center.world.climate import Climate
from ops_center.world.epanet import EpanetNetwork, NodeKind
from ops_center.world.ground import Ground

_DAY = np.array([
    0.55, 0.48, 0.45, 0.45, 0.50, 0.68, 1.02, 1.35, 1.38, 1.22, 1.12, 1.14,
    1.18, 1.08, 1.00, 1.00, 1.06, 1.22, 1.40, 1.42, 1.30, 1.10, 0.86, 0.66,
])  # fmt: skip
"""for junctions whose model file says nothing: the two peaks of a residential district"""
_OFFICE = np.array([
    0.25, 0.20, 0.20, 0.20, 0.25, 0.45, 0.80, 1.25, 1.75, 1.90, 1.85, 1.90,
    1.70, 1.70, 1.80, 1.80, 1.65, 1.40, 1.05, 0.85, 0.70, 0.50, 0.40, 0.30,
])  # fmt: skip
_OFFICE_WEEKEND = 0.55
_WEEK = np.array([1.0, 0.99, 0.99, 1.0, 1.01, 1.05, 1.06])
"""homes, Monday to Sunday"""
_RESIDENT_L, _WORKER_L = 190.0, 55.0
"""litres a head and day (GB 50013, table 4.0.3, large cities)"""


def is_weekend(climate: Climate, time_us: Int64) -> Int64:
    """Return 1 on Saturdays and Sundays, else 0."""
    return np.asarray((weekday(climate, time_us) >= 5).astype(np.int64))


def weekday(climate: Climate, time_us: Int64) -> Int64:
    """Return 0 on Mondays to 6 on Sundays, by the local calendar."""
    return np.asarray((climate.local_days(time_us) + 3) % 7)


def city_factor(climate: Climate, seed: int, time_us: ArrayLike) -> Float64:
    """Return by how much all demand differs from its mean: season (±12 %), weekday, and spells of hours (3 %)."""
    times = np.atleast_1d(np.asarray(time_us, np.int64))
    spells = np.exp(0.03 * rough(seed, "water-demand", times, 4 * 3600))
    return np.asarray((1.0 + 0.12 * climate.season(times)) * _WEEK[weekday(climate, times)] * spells)


class WaterDemand:
    """Sets the demand of one network to that of a time."""

    def __init__(self, ground: Ground, network: EpanetNetwork, climate: Climate) -> None:
        self._seed = ground.seed
        self._network = network
        self._climate = climate
        self._curves, self._step_s = network.patterns()
        for number in self._curves:
            network.set_pattern(number, 1.0)
        self._office = network.add_pattern("OPS-OFFICE")
        self._day = network.add_pattern("OPS-DAY")
        self._zone(_office_nodes(ground, network))

    def apply(self, time_us: int, factor: float | None = None) -> None:
        """Set every pattern and the city's factor: that of the time, unless one is given."""
        times = np.array([time_us])
        for number, curve in self._curves.items():
            self._network.set_pattern(number, _periodic(curve, self._week_s(times) / self._step_s))
        hour = float(self._climate.local_hours(times)[0])
        weekend = _OFFICE_WEEKEND if is_weekend(self._climate, times)[0] else 1.0
        self._network.set_pattern(self._office, weekend * _periodic(_OFFICE / _OFFICE.mean(), hour))
        self._network.set_pattern(self._day, _periodic(_DAY / _DAY.mean(), hour))
        if factor is None:
            factor = float(city_factor(self._climate, self._seed, times)[0])
        self._network.set_demand_factor(factor)

    def _week_s(self, times: Int64) -> float:
        """Return the seconds since Monday's local midnight."""
        hours = self._climate.local_hours(times)[0] * HOUR_US
        return float(weekday(self._climate, times)[0] * DAY_US + hours) / 1e6

    def _zone(self, office: set[str]) -> None:
        network = self._network
        for node in np.flatnonzero(network.node_kind == NodeKind.JUNCTION).tolist():
            if network.node_ids[node] in office:
                network.use_pattern(node, self._office)
            elif len(self._curves.get(network.pattern_of(node), ())) < 2:
                network.use_pattern(node, self._day)


def _periodic(curve: Float64, at: float) -> float:
    """Return the curve at a fractional index, between its values linearly, round and round."""
    index = at % len(curve)
    before = int(index)
    part = index - before
    return float((1.0 - part) * curve[before] + part * curve[(before + 1) % len(curve)])


def _office_nodes(ground: Ground, network: EpanetNetwork) -> set[str]:
    """Return the junctions whose nearest cell of the population grid draws more by day than at home."""
    cells, nodes = ground.pack.features("population_grid"), ground.pack.features("pipe_nodes")
    nodes = nodes[nodes["node_id"].isin(network.node_ids)]
    if not len(cells) or not len(nodes):
        return set()
    points = cells.geometry.representative_point()
    places = np.column_stack(ground.metric.to_metres(points.x.to_numpy(), points.y.to_numpy()))
    office = cells["workers"].fillna(0.0).to_numpy() * _WORKER_L > cells["residents"].to_numpy() * _RESIDENT_L
    at = np.column_stack(ground.metric.to_metres(nodes.geometry.x.to_numpy(), nodes.geometry.y.to_numpy()))
    nearest = KDTree(places).query(at)[1]
    return set(nodes["node_id"].to_numpy()[office[nearest]].tolist())
