"""Everything of one web process about who is sent where: roads, units, stocks, choosing, and what lies in an area."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from layers.contract import LiveFrame
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Asker
from ops_center.domain.time import Clock
from ops_center.incidents.incident import Incident
from ops_center.incidents.plan import Plan
from ops_center.incidents.resources import holders, status_of
from ops_center.services.incidents.dispatch import Dispatch, closures_of
from ops_center.services.incidents.inside import Inside
from ops_center.services.incidents.resources import Resources
from ops_center.services.routing.closures import Closure
from ops_center.services.routing.router import Router
from ops_center.store.incident_port import Standing


@dataclass(frozen=True, slots=True)
class LiveIncidents:
    """What sending needs of the incidents; all of it answers from memory."""

    open: Callable[[], Iterable[Incident]]
    """those that are not closed, whoever asks"""
    one: Callable[[Asker, int], Standing | None]
    """an incident as somebody may see it"""
    plans: Callable[[], Mapping[str, tuple[Plan, int]]]


class SendingRoom:
    """Safe to use from any thread; roads are read with the first question about them."""

    def __init__(self, pack: CityPack, frame: Callable[[], LiveFrame], incidents: LiveIncidents, clock: Clock) -> None:
        self._incidents = incidents
        self.one = incidents.one
        self.router = Router(pack, frame, self.closures)
        self.resources = Resources(pack, frame, incidents.open)
        self.dispatch = Dispatch(pack, self.router, self.resources, incidents.one, incidents.plans, clock)
        self.inside = Inside(pack)
        self._closed: tuple[tuple[Closure, ...], frozenset[str]] = ((), frozenset())

    def closures(self) -> tuple[Closure, ...]:
        """Return what live incidents close."""
        return closures_of(self._incidents.open())

    def led(self) -> list[int]:
        """Return the incidents that somebody leads."""
        return [one.id for one in self._incidents.open() if one.is_led]

    def closed_roads(self) -> frozenset[str]:
        """Return the ids of the roads that are closed now; for the map, which asks many times a second."""
        closures = self.closures()
        if closures != self._closed[0]:
            self._closed = closures, self.router.closed_roads(closures)
        return self._closed[1]

    def unit_status(self) -> Mapping[str, str]:
        """Return what units do that are with an incident, for the map."""
        return {unit: status_of(held, True).value for unit, held in holders(self._incidents.open()).items()}
