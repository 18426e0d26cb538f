"""``/api/units``, ``/api/resources`` and, below an incident, who could go, who is coming, and what lies in an area."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, BeforeValidator, Field

from ops_center.api.parameters import LAST_ID, Body, IncidentKey, Word, whole
from ops_center.api.routing import LegOut, leg_out
from ops_center.api.selection import AreaText
from ops_center.api.things import NameOut
from ops_center.domain.rights import allows
from ops_center.domain.text import Label
from ops_center.incidents.resources import CAPABILITIES, KINDS, UnitNow
from ops_center.incidents.wanted import Want
from ops_center.people.asking import asker
from ops_center.services.incidents.dispatch import Candidate, Followed
from ops_center.services.incidents.inside import Contents
from ops_center.services.incidents.resources import RESOURCES, Facility
from ops_center.services.incidents.sending_room import SendingRoom
from ops_center.services.selection.areas import Area, AreaError
from ops_center.store.incident_port import Standing


class UnitOut(BaseModel):
    """A unit as it is now."""

    id: str
    kind: str
    kind_label: NameOut
    type: int
    """1 the most capable, to 4 (NIMS)"""
    label: NameOut
    department: str
    district: str
    members: int
    capabilities: list[NameOut]
    longitude: float
    latitude: float
    at_us: int
    """when its vehicle said so; 0: where it is based"""
    shift: str
    status: str
    status_label: NameOut
    incident: int
    task: int


class StockOut(BaseModel):
    """How much of an item there is."""

    item: str
    label: NameOut
    unit: NameOut
    total: float
    left: float


class FacilityOut(BaseModel):
    """A store, a shelter or a hospital with what is left in it."""

    id: str
    kind: str
    label: NameOut
    department: str
    district: str
    longitude: float
    latitude: float
    stocks: list[StockOut]


class WantOut(BaseModel):
    """A unit of a kind that a task wants and nobody has sent."""

    incident: int
    task: int
    kind: str
    label: NameOut


class ArrivalOut(BaseModel):
    """A unit on its way or there, against what was expected as it was sent."""

    unit: UnitOut
    planned_us: int
    expected_us: int
    """0: nobody knows"""
    arrived: bool
    late: bool
    left: LegOut | None
    """what is left of its way"""


class DispatchOut(BaseModel):
    """What an incident wants, and how those come along who were sent."""

    wanted: list[WantOut]
    units: list[ArrivalOut]


class ReasonOut(BaseModel):
    """A part of what sending a unit costs."""

    minutes: float
    label: NameOut


class CandidateOut(BaseModel):
    """A unit that could go; less cost is better."""

    unit: UnitOut
    cost_min: float
    travel_min: float
    reasons: list[ReasonOut]
    route: LegOut | None
    """only of the best few"""


class ProposedOut(BaseModel):
    """A unit for a task."""

    incident: int
    task: int
    kind: str
    unit: UnitOut
    minutes: float


class ProposalOut(BaseModel):
    """Who would go where, all together at the least cost, and what would be left without."""

    sent: list[ProposedOut]
    unmet: list[WantOut]


class Shared(Body):
    """Over which incidents; none: all that are led."""

    incidents: Annotated[
        list[Annotated[int, Field(ge=1, le=LAST_ID), BeforeValidator(whole)]], Field(max_length=50)
    ] = Field(default_factory=list)


class PlaceOut(BaseModel):
    """A facility inside."""

    id: str
    kind: str
    label: NameOut
    longitude: float
    latitude: float
    capacity: float
    hazardous: str
    hazardous_t: float
    vulnerable: bool


class InsideOut(BaseModel):
    """What lies inside an area."""

    area_m2: float
    residents: float
    workers: float
    buildings: int
    facilities: dict[str, int]
    places: list[PlaceOut]


def dispatch_routes(room: SendingRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["dispatch"])
    _resources(router, room)
    _incident(router, room)
    return router


def _resources(router: APIRouter, room: SendingRoom) -> None:
    @router.get("/api/units")
    @allows(RESOURCES)
    def units() -> list[UnitOut]:
        """Return the units that you may see, with place, shift and status."""
        return [unit_out(one) for one in room.resources.units(asker())]

    @router.get("/api/resources")
    @allows(RESOURCES)
    def resources(kind: Annotated[Literal["store", "shelter", "hospital"], Query()]) -> list[FacilityOut]:
        """Return emergency stores, shelters or hospitals with what is left in them."""
        return [_facility(one) for one in room.resources.facilities(asker(), (kind,))]

    @router.post("/api/dispatch/share-out")
    @allows(RESOURCES)
    def share_out(given: Shared) -> ProposalOut:
        """Propose who goes where, for all that these incidents want together; it sends nobody."""
        found = room.dispatch.share_out(asker(), given.incidents or room.led())
        return ProposalOut(
            sent=[
                ProposedOut(
                    incident=one.want.incident, task=one.want.task, kind=one.want.kind, unit=unit_out(one.unit),
                    minutes=one.minutes,
                )
                for one in found.sent
            ],
            unmet=[_want(one) for one in found.unmet],
        )  # fmt: skip


def _incident(router: APIRouter, room: SendingRoom) -> None:
    @router.get("/api/incidents/{id}/dispatch")
    @allows(RESOURCES)
    def dispatch(id: IncidentKey) -> DispatchOut:
        """Return which units the incident still wants, and how those that were sent come along."""
        standing = _standing(room, id)
        followed = room.dispatch.follow(standing)
        return DispatchOut(
            wanted=[_want(one) for one in room.dispatch.wanted(standing)],
            units=[_arrival(one, one.unit) for one in followed if one.unit is not None],
        )

    @router.get("/api/incidents/{id}/candidates")
    @allows(RESOURCES)
    def candidates(id: IncidentKey, kind: Annotated[Word, Query()]) -> list[CandidateOut]:
        """Return who of a kind could go, the best first, with what speaks for and against each."""
        found = room.dispatch.rank(asker(), id, kind)
        if found is None:
            raise HTTPException(404, f"there is no incident {id} with a place")
        return [_candidate(one) for one in found]

    @router.get("/api/incidents/{id}/inside")
    @allows(RESOURCES)
    def inside(id: IncidentKey, area: AreaText) -> InsideOut:
        """Return people, facilities and vulnerable places inside an area."""
        _standing(room, id)
        try:
            return _contents(room.inside.of(asker(), Area.parse(area)))
        except AreaError as error:
            raise HTTPException(422, str(error)) from None


def unit_out(one: UnitNow) -> UnitOut:
    """Return a unit as it is sent."""
    kind = KINDS.get(one.kind)
    return UnitOut(
        id=one.id, kind=one.kind, kind_label=_name(kind.label if kind else Label(one.kind, one.kind)), type=one.type,
        label=_name(one.label), department=one.department, district=one.district, members=one.members,
        capabilities=[_name(CAPABILITIES[code]) for code in one.capabilities], longitude=one.longitude,
        latitude=one.latitude, at_us=one.at_us, shift=one.shift, status=one.status.value,
        status_label=_name(one.status.label), incident=one.incident, task=one.task,
    )  # fmt: skip


def _standing(room: SendingRoom, incident: int) -> Standing:
    standing = room.one(asker(), incident)
    if standing is None:
        raise HTTPException(404, f"there is no incident {incident}")
    return standing


def _facility(one: Facility) -> FacilityOut:
    stocks = [
        StockOut(item=s.item, label=_name(s.label), unit=_name(s.unit), total=s.total, left=s.left) for s in one.stocks
    ]
    return FacilityOut(
        id=one.id, kind=one.kind, label=_name(one.label), department=one.department, district=one.district,
        longitude=one.longitude, latitude=one.latitude, stocks=stocks,
    )  # fmt: skip


def _want(one: Want) -> WantOut:
    label = KINDS[one.kind].label if one.kind in KINDS else Label(one.kind, one.kind)
    return WantOut(incident=one.incident, task=one.task, kind=one.kind, label=_name(label))


def _arrival(one: Followed, unit: UnitNow) -> ArrivalOut:
    came = one.arrival
    return ArrivalOut(
        unit=unit_out(unit), planned_us=came.planned_us, expected_us=came.expected_us, arrived=came.arrived,
        late=came.late, left=leg_out(one.route) if one.route else None,
    )  # fmt: skip


def _candidate(one: Candidate) -> CandidateOut:
    return CandidateOut(
        unit=unit_out(one.unit), cost_min=one.choice.minutes, travel_min=one.choice.travel_min,
        reasons=[ReasonOut(minutes=reason.minutes, label=_name(reason.label)) for reason in one.choice.reasons],
        route=leg_out(one.route) if one.route else None,
    )  # fmt: skip


def _contents(found: Contents) -> InsideOut:
    places = [
        PlaceOut(
            id=one.id, kind=one.kind, label=_name(one.label), longitude=one.longitude, latitude=one.latitude,
            capacity=one.capacity, hazardous=one.hazardous, hazardous_t=one.hazardous_t, vulnerable=one.vulnerable,
        )
        for one in found.places
    ]  # fmt: skip
    return InsideOut(
        area_m2=found.area_m2, residents=found.residents, workers=found.workers, buildings=found.buildings,
        facilities=dict(found.facilities), places=places,
    )  # fmt: skip


def _name(label: Label) -> NameOut:
    return NameOut(zh=label.zh, en=label.en)
