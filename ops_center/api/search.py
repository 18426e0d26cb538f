"""``/api/search``: what somebody may mean by a few letters; the box on the desk asks here at every key."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from ops_center.api.things import NameOut
from ops_center.domain.rights import allows
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.services.search.desk import MOST, SEARCH, Hit, SearchDesk
from ops_center.services.search.index import MAX_QUERY, Fit

_FITS = {Fit.EXACT: "exact", Fit.PREFIX: "prefix", Fit.INITIALS: "initials", Fit.WITHIN: "within", Fit.ALIKE: "alike"}
Typed = Annotated[str, Query(max_length=MAX_QUERY, description="a name, its pinyin or initials, English, or an id")]
Degrees = Annotated[float | None, Query(ge=-180, le=180, allow_inf_nan=False)]


class AlarmOut(BaseModel):
    """The most urgent open alarm of a thing, or the alarm itself."""

    id: int
    priority: int


class HitOut(BaseModel):
    """One answer."""

    kind: str
    id: str
    """``producer/thing_id`` of a thing, ``layer:id`` of a place, the number of an alarm"""
    name: NameOut
    said: NameOut
    """what it is, and where"""
    longitude: float | None
    latitude: float | None
    box: tuple[float, float, float, float] | None
    """west, south, east, north of what is larger than a point"""
    fit: Literal["exact", "prefix", "initials", "within", "alike"]
    alarm: AlarmOut | None


class HitsOut(BaseModel):
    """Answers, the best first."""

    hits: list[HitOut]


def search_routes(search: SearchDesk) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/api", tags=["search"])

    @router.get("/search")
    @allows(SEARCH)
    def find(
        q: Typed,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 20,
        longitude: Degrees = None,
        latitude: Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False)] = None,
    ) -> HitsOut:
        """Find things, places and open alarms by name; what is near the given place comes before what is far."""
        at = None if longitude is None or latitude is None else (longitude, latitude)
        return HitsOut(hits=[_out(hit) for hit in search.find(asker(), q, limit, at)])

    return router


def _out(hit: Hit) -> HitOut:
    entry, alarm = hit.entry, hit.alarm
    there = entry.longitude == entry.longitude and entry.latitude == entry.latitude  # NaN: nobody knows where
    return HitOut(
        kind=entry.kind,
        id=entry.id,
        name=_both(entry.name),
        said=_both(entry.said),
        longitude=entry.longitude if there else None,
        latitude=entry.latitude if there else None,
        box=entry.box,
        fit=_FITS[hit.fit],  # type: ignore[arg-type]
        alarm=AlarmOut(id=alarm.id, priority=int(alarm.priority)) if alarm else None,
    )


def _both(label: Label) -> NameOut:
    return NameOut(zh=label.zh, en=label.en)
