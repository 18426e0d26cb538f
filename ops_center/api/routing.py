"""``/api/routing``: ways over the roads as they are now, what is reached in so many minutes, ways around closures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

from ops_center.api.parameters import Latitude, Longitude
from ops_center.api.things import NameOut
from ops_center.domain.rights import PICTURE, Rights, allows
from ops_center.services.routing.network import Real
from ops_center.services.routing.router import Detour, Route, Router

ROUTING = Rights(see=PICTURE)
MOST_ISOCHRONES = 4
LONGEST_MIN = 60.0
Minutes = Annotated[float, Query(gt=0, le=LONGEST_MIN, allow_inf_nan=False)]
Urgent = Annotated[bool, Query(description="with siren and light")]


class LegOut(BaseModel):
    """A way."""

    coordinates: list[tuple[float, float]]
    metres: float
    minutes: float
    streets: list[NameOut]


class IsochroneOut(BaseModel):
    """What is reached within so many minutes."""

    minutes: float
    areas: list[list[list[tuple[float, float]]]]
    """each: its outer ring, then its holes"""


class DetourOut(BaseModel):
    """The way around what is closed, from one end of it to the other."""

    begin: tuple[float, float]
    end: tuple[float, float]
    street: NameOut
    minutes_before: float
    route: LegOut | None
    """null: there is no way around"""


def routing_routes(roads: Router) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/routing", tags=["routing"])

    @router.get("/route")
    @allows(ROUTING)
    def route(
        from_longitude: Annotated[Longitude, Query()],
        from_latitude: Annotated[Latitude, Query()],
        to_longitude: Annotated[Longitude, Query()],
        to_latitude: Annotated[Latitude, Query()],
        urgent: Urgent = False,
    ) -> LegOut:
        """Return the quickest way now; 404 where there is none."""
        found = roads.route((from_longitude, from_latitude), (to_longitude, to_latitude), urgent)
        if found is None:
            raise HTTPException(404, "there is no way between these places")
        return leg_out(found)

    @router.get("/isochrone")
    @allows(ROUTING)
    def isochrone(
        longitude: Annotated[Longitude, Query()],
        latitude: Annotated[Latitude, Query()],
        minutes: Annotated[list[Minutes], Query(min_length=1, max_length=MOST_ISOCHRONES)],
        urgent: Urgent = False,
    ) -> list[IsochroneOut]:
        """Return what is reached from a place within each of so many minutes, as areas."""
        found = roads.isochrone(longitude, latitude, sorted(set(minutes)), urgent)
        return [
            IsochroneOut(minutes=limit, areas=[[_rounded(ring) for ring in area] for area in areas])
            for limit, areas in found.items()
        ]

    @router.get("/diversions")
    @allows(ROUTING)
    def diversions(incident: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None) -> list[DetourOut]:
        """Return the ways around what live incidents close; of one of them, where it is named."""
        closed = [one for one in roads.closures() if incident is None or one.incident == incident]
        return [_detour(one) for one in roads.diversion(closed)]

    return router


def leg_out(route: Route) -> LegOut:
    """Return a way as it is sent."""
    return LegOut(
        coordinates=_rounded(route.coordinates),
        metres=round(route.metres, 1),
        minutes=round(route.minutes, 2),
        streets=[NameOut(zh=one.zh, en=one.en) for one in route.streets],
    )


def _detour(one: Detour) -> DetourOut:
    return DetourOut(
        begin=one.begin, end=one.end, street=NameOut(zh=one.street.zh, en=one.street.en),
        minutes_before=one.minutes_before, route=leg_out(one.route) if one.route else None,
    )  # fmt: skip


def _rounded(places: Real) -> list[tuple[float, float]]:
    """Return longitudes and latitudes to ten centimetres."""
    return [(round(lon, 6), round(lat, 6)) for lon, lat in places.tolist()]
