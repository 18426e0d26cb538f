"""Who goes: free units ranked for an incident with reasons, and shared out over several at once, on the roads as they
are now. The choosing is ``ops_center.incidents.dispatch``; this brings it units, ways and what plans want.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Asker
from ops_center.domain.time import MINUTE_US, Clock
from ops_center.incidents.dispatch import COVER_MIN, Choice, Demand, Unit, Ways, rank, share_out
from ops_center.incidents.incident import Incident
from ops_center.incidents.parts import Assignment
from ops_center.incidents.plan import Plan
from ops_center.incidents.resources import KINDS, Status, UnitNow
from ops_center.incidents.wanted import Arrival, Want, arrival, wanted
from ops_center.services.incidents.resources import Resources
from ops_center.services.incidents.zones import Zones, zones_of
from ops_center.services.routing.closures import Closure
from ops_center.services.routing.network import Costs, Real
from ops_center.services.routing.router import Place, Route, Router
from ops_center.services.routing.ways import seconds_through, seconds_to
from ops_center.store.incident_port import Standing

MOST_CANDIDATES = 12
DRAWN = 3
"""of the best candidates the ways are told as well"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that could go."""

    unit: UnitNow
    choice: Choice
    route: Route | None
    """only of the best few"""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A unit for a task, as the sharing out would send it."""

    want: Want
    unit: UnitNow
    minutes: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who would go where, and what would be left without."""

    sent: tuple[Proposed, ...]
    unmet: tuple[Want, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """A unit that an incident holds, with its way as it is now."""

    unit: UnitNow | None
    """None: the pack knows it no more"""
    arrival: Arrival
    route: Route | None
    """what is left of its way; None once it is there, or where nobody knows where it is"""


class Dispatch:
    """Answers; safe to use from any thread. Each may take some tenths of a second in a large city."""

    def __init__(
        self,
        pack: CityPack,
        router: Router,
        resources: Resources,
        one: Callable[[Asker, int], Standing | None],
        plans: Callable[[], Mapping[str, tuple[Plan, int]]],
        clock: Clock,
    ) -> None:
        self._pack = pack
        self._router = router
        self._resources = resources
        self._one = one
        """an incident as somebody may see it"""
        self._plans = plans
        self._clock = clock
        self._covers: dict[bool, tuple[Costs, Real]] = {}

    def wanted(self, standing: Standing) -> list[Want]:
        """Return which kinds of units the tasks of an incident still want."""
        kinds = {one.id: one.kind for one in self._resources.all_units()}
        return self._wanted(standing, kinds)

    def rank(self, asker: Asker, incident: int, kind: str, most: int = MOST_CANDIDATES) -> list[Candidate] | None:
        """Return who could go, the best first; who is with another incident comes with what it does there.

        None: there is no such incident, or it is nowhere.
        """
        standing = self._one(asker, incident)
        if standing is None or (target := destination(standing.incident)) is None:
            return None
        units = [one for one in self._resources.units(asker) if one.status is not Status.OFF_SHIFT]
        units = [one for one in units if one.incident != incident]
        demand = Demand(incident, kind, int(standing.incident.level))
        able = [one for one in units if _can(one, kind)]
        ways = self._ways(able, [(incident, target)])
        choices = rank([_unit(one) for one in able], demand, ways)[:most]
        by_id = {one.id: one for one in able}
        return [
            Candidate(by_id[choice.unit.id], choice, self._route(by_id[choice.unit.id], standing.incident, row < DRAWN))
            for row, choice in enumerate(choices)
        ]

    def share_out(self, asker: Asker, incidents: Sequence[int]) -> Proposal:
        """Return who would go where for all that these incidents want, at the least cost together."""
        units = [one for one in self._resources.units(asker) if one.status is Status.FREE]
        kinds = {one.id: one.kind for one in self._resources.all_units()}
        found = [standing for one in incidents if (standing := self._one(asker, one)) is not None]
        places = {one.incident.id: place for one in found if (place := destination(one.incident)) is not None}
        level = {one.incident.id: int(one.incident.level) for one in found}
        wants = [want for one in found if one.incident.id in places for want in self._wanted(one, kinds)]
        units = [one for one in units if any(_can(one, want.kind) for want in wants)]
        if not units or not wants:
            return Proposal((), tuple(wants))
        targets = sorted(places.items())
        column = {incident: place for place, (incident, _) in enumerate(targets)}
        ways = self._ways(units, targets)
        each = Ways(ways.to_demand[:, [column[want.incident] for want in wants]], ways.to_zone, ways.zone_share)
        demands = [Demand(want.incident, want.kind, level[want.incident]) for want in wants]
        chosen = share_out([_unit(one) for one in units], demands, each)
        sent = tuple(Proposed(wants[d], units[u], float(each.to_demand[u, d])) for d, u in sorted(chosen.items()))
        return Proposal(sent, tuple(want for d, want in enumerate(wants) if d not in chosen))

    def expected(self, unit: str, incident: Incident) -> tuple[int, tuple[Place, ...]]:
        """Return when a unit that is sent now will be there, µs UTC, and its way; 0 and () where there is none."""
        one = self._resources.unit(unit)
        route = self._route(one, incident) if one is not None else None
        if route is None:
            return 0, ()
        eta_us = self._clock.now_us() + round(route.minutes * MINUTE_US)
        return eta_us, tuple((round(lon, 6), round(lat, 6)) for lon, lat in route.coordinates.tolist())

    def follow(self, standing: Standing) -> list[Followed]:
        """Return how the units of an incident come along, against what was expected as they were sent."""
        by_id = {one.id: one for one in self._resources.all_units()}
        return [
            self._followed(standing.incident, by_id.get(sent.unit), sent)
            for sent in standing.incident.units
            if sent.is_held
        ]

    def _followed(self, incident: Incident, unit: UnitNow | None, sent: Assignment) -> Followed:
        on_its_way = unit is not None and not sent.arrived_us and unit.at_us > 0
        route = self._route(unit, incident) if on_its_way else None
        left = None if route is None else route.minutes
        return Followed(unit, arrival(sent, left, self._clock.now_us()), route)

    def _wanted(self, standing: Standing, kinds: Mapping[str, str]) -> list[Want]:
        plan = self._plans().get(standing.incident.plan)
        return wanted(standing.incident, standing.tasks, plan[0] if plan else None, kinds)

    def _route(self, unit: UnitNow | None, incident: Incident, is_wanted: bool = True) -> Route | None:
        target = destination(incident)
        if unit is None or target is None or not is_wanted:
            return None
        return self._router.route((unit.longitude, unit.latitude), target, is_urgent(unit.kind), incident.id)

    def _ways(self, units: Sequence[UnitNow], targets: Sequence[tuple[int, Place]]) -> Ways:
        """Return the minutes to the incidents and to the zones; who isn't free covers no zone."""
        zones = self._zones
        to_demand, to_zone = (
            np.full((len(units), len(targets)), np.nan),
            np.full((len(units), len(zones.share)), np.nan),
        )
        for urgent in (False, True):
            rows = [row for row, one in enumerate(units) if is_urgent(one.kind) == urgent]
            if not rows:
                continue
            places = np.array([(units[row].longitude, units[row].latitude) for row in rows])
            for column, (incident, target) in enumerate(targets):
                to_demand[rows, column] = self._router.minutes(places, [target], urgent, incident)[:, 0]
            to_zone[rows] = self._to_zones(places, urgent)
        to_zone[[one.status is not Status.FREE for one in units]] = np.nan
        return Ways(to_demand, to_zone, zones.share)

    def _to_zones(self, places: Real, urgent: bool) -> Real:
        network, costs = self._router.network, self._router.costs(urgent)
        held = self._covers.get(urgent)
        if held is None or held[0] is not costs:
            zones = self._router.snap(self._zones.lonlat)
            held = self._covers[urgent] = costs, seconds_to(network, costs, zones, COVER_MIN * 60.0)
        return seconds_through(network, costs, self._router.snap(places), held[1]) / 60.0

    @cached_property
    def _zones(self) -> Zones:
        return zones_of(self._pack.features("population_grid"), self._pack.metric)


def destination(incident: Incident) -> Place | None:
    """Return where units go: to the staging area where one is drawn, else to where it is; None: nobody knows."""
    staging = next((one.place.coordinates for one in incident.drawings if one.kind == "staging"), ())
    if not staging:
        return incident.place
    return sum(x for x, _ in staging) / len(staging), sum(y for _, y in staging) / len(staging)


def is_urgent(kind: str) -> bool:
    """Return whether units of a kind drive with siren and light."""
    return kind in KINDS and KINDS[kind].urgent


def closures_of(incidents: Iterable[Incident]) -> tuple[Closure, ...]:
    """Return everything that live incidents close: what is drawn as a line or an area."""
    return tuple(
        Closure("line" if drawing.place.kind == "line" else "area", drawing.place.coordinates, one.id)
        for one in incidents
        if not one.is_closed
        for drawing in one.drawings
        if drawing.kind == "closure" and drawing.place.kind != "point"
    )


def _unit(one: UnitNow) -> Unit:
    also = KINDS[one.kind].also if one.kind in KINDS else ()
    return Unit(one.id, one.kind, also, 0 if one.status is Status.FREE else 1)


def _can(one: UnitNow, kind: str) -> bool:
    return kind == one.kind or (one.kind in KINDS and kind in KINDS[one.kind].also)
