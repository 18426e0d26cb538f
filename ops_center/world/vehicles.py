"""Vehicles that drive on the road graph at the speed of its traffic, and say every five seconds where they are.

Buses shuttle between the two ends of their line and stop on the way, construction trucks drive between hubs,
sanitation vehicles and police cars roam, fire engines and ambulances wait at home. When help is called
(``response``), the nearest of police, fire and ambulance drive to the place, stay, and go home.
Each vehicle knows only its target; the compass says at every crossing which way to take.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ops_center.city.columns_networks import ROAD_CLASSES
from ops_center.domain.time import SECOND_US
from ops_center.world.calendar import local_times
from ops_center.world.compass import NOWHERE, Compass
from ops_center.world.ground import Ground, Moment
from ops_center.world.occurrences import Occurrence
from ops_center.world.sensors import IMPLAUSIBLE, IMPOSSIBLE, NULL, SensorBank, gateways
from ops_center.world.traffic import TrafficModel

Real = NDArray[np.float64]
Rows = NDArray[np.intp]

KINDS = ("bus", "sanitation", "police", "fire", "ambulance", "truck")
BUS, SANITATION, POLICE, FIRE, AMBULANCE, TRUCK = range(len(KINDS))
FIX_INTERVAL_S = 5.0
GPS_NOISE_M = 3.0
"""standard deviation in each direction: BeiDou and GPS in streets with open sky (3 to 5 m)"""

_PACE = np.array([0.85, 0.35, 0.9, 0.9, 0.9, 0.8])
"""part of the traffic's speed at which each kind drives"""
_URGENT_PACE = 1.25
_URGENT_LEAST_MPS = 5.0
"""through a queue, with siren"""
_LONGEST_STEP_S = 60.0
"""after a longer pause vehicles are where they would be a minute later"""
_MOST_CROSSINGS = 12
"""of one vehicle in one step"""
_HUBS = 24
_LINE_BUSES = 8
_MOST_BASES = 64
_STOP_EVERY_M = 500.0
_STOP_S = (12.0, 30.0)
_SIGNAL_S = (4.0, 40.0)
_SIGNAL_SHARE = 0.25
"""of the crossings at larger roads, where one has to wait"""
_REST_S = (120.0, 600.0)
_UNTIL_CALLED = 2**62
_NIGHT = (23.0, 5.5)
"""buses stand at the end of their line between these hours"""
_DIGITS = {"longitude": 6, "latitude": 6, "speed_mps": 1, "heading_deg": 0}
_CALLS = 16
"""responses that can be under way at once"""
_SENT_MOST = 6
"""vehicles of one kind that one response takes, at most"""
_SIGNALS = [list(ROAD_CLASSES).index(name) for name in ("arterial", "collector")]


class VehicleModel:
    """n vehicles at one time; arrays are of one vehicle per element."""

    def __init__(self, ground: Ground, traffic: TrafficModel) -> None:
        self._ground, self._traffic, self._graph = ground, traffic, ground.graph
        self.things = ground.pack.features("things")
        drives = self.things["kind"].isin(KINDS) & bool(len(self._graph.road))  # nowhere to drive: no vehicles
        self.things = self.things[drives].reset_index(drop=True)
        self.kind = np.array([KINDS.index(kind) for kind in self.things["kind"]], np.intp)
        chance = ground.chance("vehicles.start")
        self._hub = self._hub_nodes(chance)
        bases, base = self._bases(chance)
        ways, _ = Compass(self._graph, self._graph.travel_time_s).towards([*self._hub.tolist(), *bases.tolist()])
        calls = np.full((_CALLS, len(self._graph.node_id)), NOWHERE, np.int32)
        self._ways = np.vstack([ways, calls])
        """int32[targets, nodes], the edge to take: rows of the hubs, then of the bases, then of calls under way"""
        self._home = bases[base] if len(bases) else base
        self._home_row = len(self._hub) + base
        self._calls: dict[str, int] = {}
        """occurrence → row of its way"""
        self._start(chance)
        names = gateways("vehicles", self.things["kind"].to_numpy(object))
        ids = self.things["thing_id"].to_numpy(object)
        self.bank = SensorBank(ground, "vehicles", ids, names, FIX_INTERVAL_S, {})
        self.fixes: dict[str, Real] = {}
        self._locate()

    def _start(self, chance: np.random.Generator) -> None:
        """Put every vehicle on an edge, with a target."""
        count = len(self.kind)
        self._ends = self._lines(chance)
        self.target = np.where(np.isin(self.kind, (FIRE, AMBULANCE)), self._home_row, self._ends[:, 0])
        self.urgent = np.zeros(count, bool)
        roaming = ~np.isin(self.kind, (FIRE, AMBULANCE))
        self.waits_until_us = np.where(roaming, self._ground.start_us, _UNTIL_CALLED)
        somewhere = chance.integers(0, max(len(self._graph.road), 1), count)
        largest = np.flatnonzero(self._graph.component[self._graph.start] == 0)
        somewhere = largest[somewhere % max(len(largest), 1)] if len(largest) else somewhere
        self.edge = np.where(roaming, somewhere, self._first_edge_of(self._home))
        length = self._graph.length_m[self.edge] if count else np.empty(0)
        self.along_m = np.where(roaming, length * chance.random(count), 0.0)
        self.speed_mps = np.zeros(count)
        self._stops = chance.random(len(self._graph.road)) < np.minimum(self._graph.length_m / _STOP_EVERY_M, 1.0)

    def step(self, moment: Moment) -> None:
        """Drive, answer calls, and let the receivers say where everybody is."""
        if len(self.kind):
            chance = self._ground.chance("vehicles.step", moment.now_us)
            self._answer_calls(moment.now_us)
            if moment.elapsed_s > 0:
                self._drive(moment, chance)
        self.bank.step(moment, {})
        self._locate()

    def _drive(self, moment: Moment, chance: np.random.Generator) -> None:
        moving = (self.waits_until_us <= moment.now_us) & (self.target != NOWHERE)
        pace = self._traffic.speed_mps[self.edge] * _PACE[self.kind]
        urgent = np.maximum(self._traffic.speed_mps[self.edge] * _URGENT_PACE, _URGENT_LEAST_MPS)
        pace = np.where(self.urgent, urgent, pace) * chance.uniform(0.9, 1.1, len(pace))
        self.speed_mps = np.where(moving, pace, 0.0)
        self.along_m += self.speed_mps * min(moment.elapsed_s, _LONGEST_STEP_S)
        for _ in range(_MOST_CROSSINGS):
            at_end = self.along_m >= self._graph.length_m[self.edge]
            over = np.flatnonzero(at_end & (self.waits_until_us <= moment.now_us))
            if not len(over):
                break
            self._cross(over, moment.now_us, chance)
        self.along_m = np.minimum(self.along_m, self._graph.length_m[self.edge])

    def _cross(self, over: Rows, now_us: int, chance: np.random.Generator) -> None:
        """Let vehicles at the end of their edge take the next one, wait there, or arrive."""
        self.along_m[over] -= self._graph.length_m[self.edge[over]]
        node = self._graph.end[self.edge[over]]
        following = self._way(over, node)
        arrived = over[following == NOWHERE]
        self._pause(over, now_us, chance)
        roams = np.isin(self.kind[over], (SANITATION, POLICE)) & ~self.urgent[over]
        following = np.where(roams, self._anywhere(over, chance), following)
        self.edge[over[following != NOWHERE]] = following[following != NOWHERE]
        self._arrive(arrived[~np.isin(self.kind[arrived], (SANITATION, POLICE)) | self.urgent[arrived]], now_us, chance)

    def _way(self, over: Rows, node: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the edge that leads each vehicle on from a node to its target, NOWHERE if it is there."""
        return np.asarray(self._ways[np.maximum(self.target[over], 0), node], np.int32)

    def _anywhere(self, over: Rows, chance: np.random.Generator) -> NDArray[np.int32]:
        """Return a random edge that goes on from each vehicle's, not back unless there is no other."""
        graph = self._graph
        node = graph.end[self.edge[over]]
        first, last = graph.first_edge[node], graph.first_edge[node + 1]
        drawn = first + (chance.random(len(over)) * (last - first)).astype(np.int32)
        back = graph.road[np.minimum(drawn, len(graph.road) - 1)] == graph.road[self.edge[over]]
        other = first + (drawn - first + 1) % np.maximum(last - first, 1)
        return np.where(last > first, np.where(back, other, drawn), graph.twin[self.edge[over]]).astype(np.int32)

    def _pause(self, over: Rows, now_us: int, chance: np.random.Generator) -> None:
        """Let buses stop, and everybody without a siren wait at some signals."""
        edge, calm = self.edge[over], ~self.urgent[over]
        stops = self._stops[edge] & (self.kind[over] == BUS)
        signal = np.isin(self._graph.road_class[edge], _SIGNALS) & (chance.random(len(over)) < _SIGNAL_SHARE)
        wait_s = np.where(stops, chance.uniform(*_STOP_S, len(over)), 0.0)
        wait_s = np.maximum(wait_s, np.where(signal, chance.uniform(*_SIGNAL_S, len(over)), 0.0))
        self.waits_until_us[over] = now_us + (np.where(calm, wait_s, 0.0) * SECOND_US).astype(np.int64)

    def _arrive(self, arrived: Rows, now_us: int, chance: np.random.Generator) -> None:
        """Give those who have arrived a rest and a new target: the other end of the line, another hub, or none."""
        if not len(arrived):
            return
        self.along_m[arrived] = self._graph.length_m[self.edge[arrived]]
        rest_s = chance.uniform(*_REST_S, len(arrived))
        hour = float(local_times(now_us, self._ground.zone).hour[0])
        if hour >= _NIGHT[0] or hour < _NIGHT[1]:
            to_dawn_s = (_NIGHT[1] - hour) % 24.0 * 3600.0
            rest_s = np.where(self.kind[arrived] == BUS, to_dawn_s + rest_s, rest_s)
        until_called = self.urgent[arrived] | np.isin(self.kind[arrived], (FIRE, AMBULANCE))
        rest_us = (rest_s * SECOND_US).astype(np.int64)
        self.waits_until_us[arrived] = np.where(until_called, _UNTIL_CALLED, now_us + rest_us)
        ends = self._ends[arrived]
        other_end = np.where(self.target[arrived] == ends[:, 0], ends[:, 1], ends[:, 0])
        hub = chance.integers(0, max(len(self._hub), 1), len(arrived))
        kind = self.kind[arrived]
        self.target[arrived] = np.select(
            [self.urgent[arrived], kind == BUS, kind == TRUCK],
            [self.target[arrived], other_end, hub],
            self.target[arrived],
        )

    def _answer_calls(self, now_us: int) -> None:
        """Send the nearest vehicles to new responses, and everybody home whose response is over."""
        active = {call.occurrence_id: call for call in self._ground.story.active(now_us, "response")}
        for over in self._calls.keys() - active.keys():
            rows = np.flatnonzero(self.urgent & (self.target == self._calls.pop(over)))
            self.target[rows], self.urgent[rows], self.waits_until_us[rows] = self._home_row[rows], False, now_us
        for name in active.keys() - self._calls.keys():
            self._send(active[name], now_us)

    def _send(self, call: Occurrence, now_us: int) -> None:
        taken = set(self._calls.values())
        row = next((row for row in range(len(self._ways) - _CALLS, len(self._ways)) if row not in taken), None)
        if row is None:
            return
        node = int(self._graph.nearest_node(call.site.longitude, call.site.latitude, self._ground.metric)[0])
        way, seconds = Compass(self._graph, self._graph.length_m / self._traffic.speed_mps).towards([node])
        self._ways[row], self._calls[call.occurrence_id] = way[0], row
        many = int(np.clip(round(call.magnitude), 1, _SENT_MOST))
        here = seconds[0, self._graph.end[self.edge]]
        for kind in (POLICE, FIRE, AMBULANCE):
            free = np.flatnonzero((self.kind == kind) & ~self.urgent & np.isfinite(here))
            chosen = free[np.argsort(here[free], kind="stable")[:many]]
            self.target[chosen], self.urgent[chosen], self.waits_until_us[chosen] = row, True, now_us

    def _locate(self) -> None:
        """Take the fixes of the receivers that are due, with their noise and faults."""
        due = self.bank.due
        chance = self._ground.chance("vehicles.gps", int(self.bank.time_us.max(initial=0)))
        if len(due):
            lon, lat, heading = self._graph.place(self.edge[due], self.along_m[due])
        else:
            lon = lat = heading = np.empty(0)
        north_m, east_m = chance.normal(0.0, GPS_NOISE_M, (2, len(due)))
        lat = lat + north_m / 111_320.0
        lon = lon + east_m / (111_320.0 * np.cos(np.radians(np.clip(lat, -85, 85))))
        state = self.bank.state[due]
        lon = np.select([state == NULL, state == IMPLAUSIBLE], [np.nan * lon, 0.0 * lon], lon)
        lat = np.select([state == IMPLAUSIBLE, state == IMPOSSIBLE], [0.0 * lat, 99.9 + 0.0 * lat], lat)
        found = zip(
            ("longitude", "latitude", "speed_mps", "heading_deg"), (lon, lat, self.speed_mps[due], heading), strict=True
        )
        self.fixes = {name: np.asarray(np.round(values, _DIGITS[name]), np.float64) for name, values in found}

    def _lines(self, chance: np.random.Generator) -> NDArray[np.intp]:
        """Return the two ends of each vehicle's line, rows of the table of ways, intp[n, 2]."""
        number = np.arange(len(self.kind)) // _LINE_BUSES
        ends = np.array(
            [chance.choice(max(len(self._hub), 2), 2, replace=False) for _ in range(number.max(initial=0) + 1)]
        )
        return np.asarray(np.minimum(ends[number], max(len(self._hub) - 1, 0)).reshape(-1, 2), np.intp)

    def _bases(self, chance: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the nodes where vehicles wait, and each vehicle's nearest of them.

        They are where fire engines and ambulances are registered; of very many a part, so that the table of ways of
        a large city stays small.
        """
        points = self.things.geometry
        if not len(points):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        nodes = self._graph.nearest_node(points.x.to_numpy(), points.y.to_numpy(), self._ground.metric)
        waiting = np.unique(nodes[np.isin(self.kind, (FIRE, AMBULANCE))])
        bases = waiting if len(waiting) <= _MOST_BASES else chance.choice(waiting, _MOST_BASES, replace=False)
        bases = np.sort(bases) if len(bases) else nodes[:1]
        return bases, np.asarray(KDTree(self._graph.node_xy_m[bases]).query(self._graph.node_xy_m[nodes])[1], np.int64)

    def _hub_nodes(self, chance: np.random.Generator) -> NDArray[np.int64]:
        """Return nodes of larger roads, spread by chance: ends of lines, targets of trucks."""
        graph = self._graph
        large = np.unique(graph.end[graph.road_class <= 1]) if len(graph.road) else np.empty(0, np.int64)
        large = large[graph.component[large] == 0]
        if not len(large):
            large = np.flatnonzero(graph.component == 0) if len(graph.node_id) else np.empty(0, np.int64)
        return (
            np.asarray(chance.choice(large, min(_HUBS, len(large)), replace=False), np.int64) if len(large) else large
        )

    def _first_edge_of(self, node: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return an edge that leaves each node."""
        return np.minimum(self._graph.first_edge[node], max(len(self._graph.road) - 1, 0)).astype(np.intp)
