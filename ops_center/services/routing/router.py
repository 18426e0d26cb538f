"""Ways over the city's roads as they are now: speeds of the last minute, closures of the incidents that are live.

Everything that computes is pure and lies beside this file; the router holds what it is computed from. Costs are made
anew once they are a minute old, or when closures changed, by whoever asks first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from layers.contract import LiveFrame
from ops_center.city.pack import CityPack
from ops_center.city.road_graph import RoadGraph
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US
from ops_center.services.routing.closures import Closure, closed_edges, touched_roads
from ops_center.services.routing.diversions import diversions
from ops_center.services.routing.network import Costs, OnRoads, Real, RoadNetwork
from ops_center.services.routing.shapes import Ring, isochrones, line_of
from ops_center.services.routing.speeds import Spread, urgent_mps
from ops_center.services.routing.ways import Way, seconds_between, way_between

RENEWED_US = MINUTE_US
Place = tuple[float, float]
"""longitude, latitude; WGS 84"""
Closures = Callable[[], Sequence[Closure]]


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A way to be drawn."""

    coordinates: Real
    """float64[n, 2], longitude and latitude"""
    metres: float
    minutes: float
    streets: tuple[Label, ...] = ()
    """the streets that have names, in order"""


@dataclass(frozen=True, slots=True, eq=False)
class Detour:
    """A way around what is closed."""

    begin: Place
    end: Place
    street: Label
    """that one came in by"""
    minutes_before: float
    route: Route | None
    """None: there is none"""


class Router:
    """Answers; safe to use from any thread. The first question waits until the roads are read."""

    def __init__(self, pack: CityPack, frame: Callable[[], LiveFrame], closures: Closures = lambda: ()) -> None:
        self._pack = pack
        self._frame = frame
        self._closures = closures
        self._lock = threading.RLock()
        self._spread: tuple[int, Spread] | None = None
        self._speeds: tuple[int, Real] | None = None
        self._held: dict[tuple[bool, int], tuple[tuple[int, tuple[Closure, ...]], Costs]] = {}

    @cached_property
    def network(self) -> RoadNetwork:
        """Return the roads. Raises CityPackError if the pack is damaged."""
        with self._lock:
            graph = RoadGraph.of_roads(self._pack.features("roads"), self._pack.metric)
            return RoadNetwork(graph, self._pack.metric)

    def minutes(
        self, sources: Sequence[Place] | Real, targets: Sequence[Place] | Real, urgent: bool = False, incident: int = 0
    ) -> Real:
        """Return the minutes of each way, float64[n, m]; NaN where there is none.

        ``urgent``: with siren and light; ``incident``: those who are sent there pass what is closed for it.
        """
        return seconds_between(
            self.network, self.costs(urgent, incident), self.snap(sources), self.snap(targets)
        ) / 60.0  # fmt: skip

    def route(self, begin: Place, end: Place, urgent: bool = False, incident: int = 0) -> Route | None:
        """Return the quickest way; None: there is none."""
        costs = self.costs(urgent, incident)
        way = way_between(self.network, costs, self.snap([begin]), self.snap([end]))
        return None if way is None else self._route(way)

    def isochrone(
        self, longitude: float, latitude: float, minutes: Sequence[float], urgent: bool = False, incident: int = 0
    ) -> dict[float, list[list[Ring]]]:
        """Return what is reached within so many minutes: areas, each its outer ring and its holes."""
        source = self.snap([(longitude, latitude)])
        return isochrones(self.network, self.costs(urgent, incident), source, minutes)

    def diversion(self, closures: Sequence[Closure]) -> list[Detour]:
        """Return the ways around what is closed or is to be; whatever else is closed now stays so."""
        network = self.network
        mine = np.isin(network.graph.road, touched_roads(network, closures))
        found = diversions(network, self._others(closures).entering_s, mine)
        return [
            Detour(
                begin=self._place(one.begin),
                end=self._place(one.end),
                street=self._names[one.roads[0]],
                minutes_before=one.before_s / 60.0,
                route=None if one.around is None else self._route(one.around),
            )
            for one in found
        ]

    def closures(self) -> Sequence[Closure]:
        """Return what is closed now."""
        return self._closures()

    def closed_roads(self, closures: Sequence[Closure] | None = None) -> frozenset[str]:
        """Return the ids of the roads that are closed now, or would be by these."""
        rows = touched_roads(self.network, self._closures() if closures is None else closures)
        return frozenset(self.network.graph.road_id[rows].tolist())

    def snap(self, places: Sequence[Place] | Real) -> OnRoads:
        """Return places as points on roads."""
        lonlat = np.asarray(places, float).reshape(-1, 2)
        return self.network.snap(lonlat[:, 0], lonlat[:, 1])

    def costs(self, urgent: bool = False, incident: int = 0) -> Costs:
        """Return what edges cost now, for those who are sent to an incident: what it closes is open to them."""
        at_us, speeds = self._speeds_now()
        closures = tuple(one for one in self._closures() if not incident or one.incident != incident)
        state = (at_us, closures)
        with self._lock:
            held = self._held.get((urgent, incident))
            if held is None or held[0] != state:
                held = (state, self._made(urgent_mps(speeds) if urgent else speeds, closures))
                self._forget(state)
                self._held[urgent, incident] = held
            return held[1]

    def _made(self, speeds: Real, closures: Sequence[Closure]) -> Costs:
        return Costs(self.network.graph.length_m / speeds, closed_edges(self.network, closures))

    def _others(self, closures: Sequence[Closure]) -> Costs:
        """Return the costs with all that is closed but these."""
        others = [one for one in self._closures() if one not in closures]
        return self._made(self._speeds_now()[1], others)

    def _forget(self, state: tuple[int, tuple[Closure, ...]]) -> None:
        """Drop what is of an earlier minute: incidents come and go."""
        self._held = {key: held for key, held in self._held.items() if held[0][0] == state[0]}

    def _speeds_now(self) -> tuple[int, Real]:
        """Return when speeds were taken last, and the speed of the traffic on each edge."""
        network = self.network
        frame = self._frame()
        with self._lock:
            if self._spread is None or self._spread[0] != frame.catalog.version:
                self._spread, self._speeds = (frame.catalog.version, Spread.of(network, frame.catalog)), None
            if self._speeds is None or not 0 <= frame.now_us - self._speeds[0] < RENEWED_US:
                self._speeds = (frame.now_us, self._spread[1].speeds_mps(network, frame))
            return self._speeds

    def _route(self, way: Way) -> Route:
        names: list[Label] = []
        for row in self.network.graph.road[way.edge].tolist():
            name = self._names[row]
            if name.zh and name not in names[-1:]:
                names.append(name)
        return Route(line_of(self.network, way), way.metres, way.seconds / 60.0, tuple(names))

    def _place(self, node: int) -> Place:
        lon, lat = self.network.metric.to_lonlat(*self.network.graph.node_xy_m[node])
        return float(lon), float(lat)

    @cached_property
    def _names(self) -> list[Label]:
        frame = self._pack.features("roads")
        return [Label(zh, en or zh) for zh, en in zip(frame["name_zh"], frame["name_en"], strict=True)]
