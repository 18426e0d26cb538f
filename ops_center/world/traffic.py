"""Traffic on the road graph: demand meets capacity, queues grow upstream, sensors measure.

A link (edge of the graph) is one cell with a queue at its downstream end, after the cell transmission model
(Daganzo 1994) with fixed turning shares and demand given per link instead of per journey:

- what arrives at a link is its demand, of which the part that comes from upstream links shrinks as those are held
  up (``_THROUGH``);
- what leaves is the least of what is there, of its capacity (cut by disruptions and rain), and of the room that its
  downstream links have (a full link takes only what leaves it: the queue spills back);
- the difference is the queue, which holds at most the link's length at jam density.

Who asks: feeds/traffic (sensors), vehicles (speed of a link), the history generator (``typical``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from ops_center.city.road_graph import CLASS_NAMES
from ops_center.domain.time import MINUTE_US
from ops_center.world import traffic_flow as law
from ops_center.world.ground import Ground, Moment
from ops_center.world.occurrences import TRAFFIC_DISRUPTIONS, Occurrence
from ops_center.world.sensors import Accuracy, SensorBank, gateways
from ops_center.world.traffic_demand import TrafficDemand

Real = NDArray[np.float64]
Codes = NDArray[np.int64]

SENSOR_INTERVAL_S = 10.0
_THROUGH = 0.8
"""part of a link's demand that comes from upstream links; the rest starts there"""
_STEP_S = 10.0
"""longest step of the queues; a longer one is cut into several"""
_MOST_STEPS = 60
"""of one call: after a longer pause the queues are taken as they were, ten minutes are enough to settle"""
_LEAST_CAPACITY = 0.02
"""share that is left of a closed road: those who turn round"""
_FLOOD_CLOSES_M = 0.30
"""depth at which passenger cars stop (Pregnolato et al. 2017, TR-D 55:67)"""
_MOOD = 0.10
"""standard deviation of how demand strays from its rhythm"""
_MOOD_US = 15 * MINUTE_US
"""how long it strays the same way"""
_LOOK_BACK_S = 30 * 60.0
"""disruptions of this long before the start have queues when the world begins"""

ACCURACY = {
    "vehicle_flow": Accuracy(0.03, 0.10, 12.0, 0, implausible=16000.0, impossible=200_000.0),
    "vehicle_speed": Accuracy(0.02, 0.03, 0.5, 1, implausible=195.0, impossible=-1.0),
    "lane_occupancy": Accuracy(0.04, 0.06, 0.2, 1, implausible=99.5, impossible=655.35, high=98.0),
}


@dataclass(frozen=True, slots=True)
class TypicalTraffic:
    """What is usual at t times, as means over roads weighted by their length x lanes; NaN where there are none."""

    flow_vph: Real
    """per lane, float64[t, g]"""
    speed_mps: Real
    occupancy_percent: Real


class TrafficModel:
    """All links at one time."""

    def __init__(self, ground: Ground, rain_mm_h: Callable[[int], float] = lambda _: 0.0) -> None:
        self._ground = ground
        self._rain_mm_h = rain_mm_h
        self.graph = ground.graph
        self.demand = TrafficDemand(self.graph, ground.centre_m, ground.zone, ground.chance("traffic.demand"))
        self._storage = np.maximum(self.graph.length_m * self.graph.lanes * law.JAM_PER_M, 1.0)
        self._down, self._up = _turning_shares(self)
        edges = len(self.graph.road)
        self.queue = np.zeros(edges)
        """float64[e], vehicles that wait at the end of the link"""
        self.flow_vph = np.zeros(edges)
        """float64[e], vehicles per hour that leave the link"""
        self.speed_mps = self.graph.speed_mps.copy()
        """float64[e], mean over the link"""
        self._leaving_share = np.ones(edges)
        self._knot = lru_cache(maxsize=4)(self._draw_knot)
        self.things = ground.things("traffic_sensor").iloc[: None if edges else 0]  # a city without roads measures none
        self._at_edge, self._to_end_m = _sensor_places(self)
        groups = gateways("traffic", self.things["district"].to_numpy(object))
        self.sensors = SensorBank(
            ground, "traffic", self.things["thing_id"].to_numpy(object), groups, SENSOR_INTERVAL_S, ACCURACY,
            interval_times=True,
        )  # fmt: skip
        self._advance(ground.start_us - round(_LOOK_BACK_S * 1e6), ground.start_us)

    def step(self, moment: Moment) -> None:
        """Advance the queues, then let the sensors measure."""
        if moment.elapsed_s > 0:
            self._advance(moment.previous_us, moment.now_us)
        stream = self._at_sensors()
        measured = {
            "vehicle_flow": stream.flow_vph,
            "vehicle_speed": stream.speed_mps * 3.6,
            "lane_occupancy": stream.occupancy_percent,
        }
        self.sensors.step(moment, measured)

    @property
    def queue_m(self) -> Real:
        """Return how long the queue at the end of each link is, float64[e], at most its length."""
        return np.asarray(self.graph.length_m * self.queue / self._storage)

    def typical(self, times_us: ArrayLike) -> dict[str, TypicalTraffic]:
        """Return usual traffic at t times by ``road_class`` (columns: CLASS_NAMES) and ``district`` (``districts``).

        Without queues and occurrences; a quarter of a second for 13 months of hours.
        """
        level, tide = self.demand.rhythm(times_us)
        return {
            "road_class": _typical(self, level, tide, self.graph.road_class.astype(np.int64), len(CLASS_NAMES)),
            "district": _typical(self, level, tide, *self._districts_of_edges()),
        }

    @property
    def districts(self) -> list[str]:
        """Return the districts in the order of the columns of ``typical``."""
        return [str(name) for name in self._ground.pack.table("districts")["district_id"]]

    def _districts_of_edges(self) -> tuple[Codes, int]:
        names = self.districts
        code = {name: number for number, name in enumerate(names)}
        of_road = self._ground.pack.table("roads")["district"].map(code).fillna(-1).to_numpy(np.int64)
        return np.asarray(of_road[self.graph.road], np.int64), len(names)

    def _advance(self, from_us: int, to_us: int) -> None:
        steps = int(np.clip(np.ceil((to_us - from_us) / 1e6 / _STEP_S), 1, _MOST_STEPS))
        length_s = min((to_us - from_us) / 1e6 / steps, _STEP_S)
        free_share, capacity = self._conditions(to_us)
        wanted = self.demand.at(to_us) * self._mood(to_us)
        for number in range(steps):
            if number and steps > 1:
                free_share, capacity = self._conditions(to_us - round((steps - 1 - number) * length_s * 1e6))
            self._move(wanted, capacity, length_s)
        self._observe_links(free_share, capacity)

    def _mood(self, now_us: int) -> Real:
        """Return by how much each link's demand is off its rhythm now, float64[e]: no two mornings are the same."""
        knot, part = divmod(now_us / _MOOD_US, 1.0)
        return 1.0 + _MOOD * ((1 - part) * self._knot(int(knot)) + part * self._knot(int(knot) + 1))

    def _draw_knot(self, number: int) -> Real:
        return self._ground.chance("traffic.mood", number).standard_normal(len(self.graph.road))

    def _conditions(self, now_us: int) -> tuple[float, Real]:
        """Return what rain leaves of free speed, and the capacity of each link now, vehicles per hour."""
        capacity_share, speed_share = law.rain_factors(self._rain_mm_h(now_us))
        left = np.full(len(self.graph.road), capacity_share)
        for occurrence in self._ground.story.active(now_us, *TRAFFIC_DISRUPTIONS):
            for edge in self.edges_of(occurrence):
                left[edge] = min(left[edge], max(1.0 - _blocked(occurrence, now_us), _LEAST_CAPACITY))
        return speed_share, left * self.demand.capacity_vph

    def edges_of(self, occurrence: Occurrence) -> list[int]:
        """Return the links that a disruption is on: one direction of a road, both of a closed or flooded one."""
        both = occurrence.kind in {"road_closed", "street_flood", "roadworks"}
        sides = (False, True) if both else (occurrence.site.reverse,)
        found = []
        for reverse in sides:
            try:
                found.append(self.graph.edge_of(occurrence.site.road_id, reverse))
            except KeyError:
                continue
        return found

    def _move(self, wanted_vph: Real, capacity_vph: Real, length_s: float) -> None:
        """Let one step pass: arrivals, departures, queues."""
        arriving = wanted_vph * (1.0 - _THROUGH + _THROUGH * (self._up @ self._leaving_share))
        full = self.queue >= 0.98 * self._storage
        takes = np.where(full, np.minimum(self.flow_vph / np.maximum(wanted_vph, 1.0), 1.0), 1.0)
        room = self._down @ takes
        there = arriving + self.queue * 3600.0 / length_s
        leaving = np.minimum(there, capacity_vph * np.maximum(room, _LEAST_CAPACITY))
        self.queue = np.clip(self.queue + (arriving - leaving) * length_s / 3600.0, 0.0, self._storage)
        self.flow_vph = leaving
        self._leaving_share = np.minimum(leaving / np.maximum(wanted_vph, 1.0), 1.3)

    def _observe_links(self, free_share: float, capacity_vph: Real) -> None:
        """Take the mean speed of each link: length over the time that its queue and its free part take."""
        self._free_mps = law.free_speed(
            self.graph.speed_mps * free_share,
            self.flow_vph / np.maximum(self.demand.capacity_vph, 1.0),
            self.graph.road_class,
        )
        per_lane = self.flow_vph / 3600.0 / self.graph.lanes
        self._queued_density = law.queued_density(per_lane)
        self._queued_mps = np.minimum(per_lane / self._queued_density, self._free_mps)
        share = self.queue_m / self.graph.length_m
        # A queue moves at least at walking pace: nobody takes an hour for a link of 100 m.
        time_per_m = share / np.maximum(self._queued_mps, 0.8) + (1 - share) / self._free_mps
        self.speed_mps = 1.0 / time_per_m

    def _at_sensors(self) -> law.Stream:
        """Return the traffic that passes each sensor: in the queue, if it reaches that far."""
        edge = self._at_edge
        queued = self.queue_m[edge] > self._to_end_m
        speed = np.where(queued, self._queued_mps[edge], self._free_mps[edge])
        per_lane = self.flow_vph[edge] / 3600.0 / self.graph.lanes[edge]
        density = np.where(queued, self._queued_density[edge], per_lane / np.maximum(speed, 0.1))
        return law.Stream(self.flow_vph[edge], speed, density)


def _blocked(occurrence: Occurrence, now_us: int) -> float:
    """Return the share of capacity that an occurrence takes."""
    if occurrence.kind == "street_flood":
        return min(occurrence.at(now_us) / _FLOOD_CLOSES_M, 1.0)
    return occurrence.at(now_us)


def _turning_shares(model: TrafficModel) -> tuple[csr_matrix, csr_matrix]:
    """Return who goes where, csr[e, e]: rows of the first sum to 1 over downstream links, of the second over upstream.

    In proportion to peak demand; nobody turns round on the spot. A link without any has itself.
    """
    graph = model.graph
    edges = np.arange(len(graph.road))
    degree = graph.first_edge[graph.end + 1] - graph.first_edge[graph.end]
    source = np.repeat(edges, degree)
    offset = np.arange(len(source)) - np.repeat(np.cumsum(degree) - degree, degree)
    target = graph.first_edge[graph.end[source]] + offset
    straight = graph.road[source] != graph.road[target]
    source, target = source[straight], target[straight]
    weight = np.maximum(model.demand.peak_vph, 1e-6)
    return _rows_to_one(source, target, weight, len(edges)), _rows_to_one(target, source, weight, len(edges))


def _rows_to_one(row: NDArray[np.int64], column: NDArray[np.int64], weight: Real, size: int) -> csr_matrix:
    alone = np.setdiff1d(np.arange(size), row)
    row, column = np.concatenate([row, alone]), np.concatenate([column, alone])
    value = weight[column]
    total = np.bincount(row, value, size)
    return csr_matrix((value / np.maximum(total[row], 1e-12), (row, column)), shape=(size, size))


def _sensor_places(model: TrafficModel) -> tuple[NDArray[np.intp], Real]:
    """Return edge and distance to its downstream end of each sensor; one without a known road is on the nearest."""
    graph, things = model.graph, model.things
    edges = np.zeros(len(things), np.intp)
    to_end = np.zeros(len(things))
    for number, (road, reverse, along) in enumerate(
        zip(things["road_id"], things["reverse"], things["along_m"].fillna(0.0), strict=True)
    ):
        edge = _edge_or_any(model, str(road), bool(reverse), number)
        edges[number] = edge
        to_end[number] = along if graph.reverse[edge] else graph.length_m[edge] - along
    return edges, np.maximum(to_end, 0.0)


def _edge_or_any(model: TrafficModel, road: str, reverse: bool, number: int) -> int:
    for direction in (reverse, not reverse):
        try:
            return model.graph.edge_of(road, direction)
        except KeyError:
            continue
    point = model.things.geometry.iloc[number]
    node = int(model.graph.nearest_node(point.x, point.y, model._ground.metric)[0])
    return int(model.graph.first_edge[node])


def _typical(model: TrafficModel, level: Real, tide: Real, group: Codes, groups: int) -> TypicalTraffic:
    """Return means over the edges of each group: speed at the usual load, no queue beyond capacity."""
    graph, demand = model.graph, model.demand
    lane_m = graph.length_m * graph.lanes
    total = np.zeros((4, len(level), groups))
    for number in range(groups):
        for code in range(len(CLASS_NAMES)):
            mine = (group == number) & (graph.road_class == code)
            if not mine.any():
                continue
            weight = lane_m[mine]
            load, share = _loads(demand.peak_vph[mine] / demand.capacity_vph[mine], weight)
            ratio = np.minimum(level[:, None] * load, 1.0)
            lane_vph = ratio * law.CAPACITY_PER_LANE_VPH[code]
            speed = law.free_speed(np.average(graph.speed_mps[mine], weights=weight), ratio, code)
            parts = (np.ones_like(ratio), lane_vph, speed, lane_vph / 3600.0 / speed)
            total[:, :, number] += weight.sum() * np.array([(part * share).sum(axis=1) for part in parts])
    with np.errstate(invalid="ignore"):
        flow, speed, density = total[1:] / total[0]  # a group without roads: NaN
    return TypicalTraffic(flow, speed, law.Stream(flow, speed, density).occupancy_percent)


def _loads(load: Real, weight: Real) -> tuple[Real, Real]:
    """Return the distribution of loads as at most 8 values with their shares: edges by the thousand are not needed."""
    shares, edges = np.histogram(load, bins=8, weights=weight)
    sums, _ = np.histogram(load, bins=edges, weights=weight * load)
    used = shares > 0
    return sums[used] / shares[used], shares[used] / shares.sum()
