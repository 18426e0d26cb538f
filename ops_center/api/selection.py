"""``/api/selection``: what lies in an area of the map: its table, its figures, and copies of it to take along."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from feeds import kind_name
from ops_center.api.csv_answer import csv_lines, in_pieces, sent
from ops_center.api.parameters import Word
from ops_center.api.system import ApiSystem
from ops_center.api.things import NameOut
from ops_center.domain.rights import allows
from ops_center.domain.text import Label
from ops_center.domain.time import to_datetime
from ops_center.people.asking import asker
from ops_center.services.selection.area_figures import AreaFigures
from ops_center.services.selection.areas import MAX_TEXT, PATTERN, Area, AreaError
from ops_center.services.selection.copies import THING_COLUMNS, VALUE_COLUMNS, csv_rows, geopackage
from ops_center.services.selection.desk import MOST_EXPORTED, SELECTION, Selected, Selection, SelectionDesk

MOST_LISTED = 2000
AreaText = Annotated[
    str,
    Query(
        max_length=MAX_TEXT,
        pattern=PATTERN,
        description="`polygon:lon,lat;lon,lat;…`, `circle:lon,lat,metres`, `box:w,s,e,n`, `district:code`",
    ),
]
Kinds = Annotated[list[Word], Query(max_length=30, description="kinds of things; none: all")]
System = Annotated[Literal["wgs84", "cgcs2000", "gcj02", "bd09"], Query(description="coordinates of the copy")]


class ValueOut(BaseModel):
    """The newest of a thing's values."""

    observed_property: str
    value: float
    unit: str
    time_us: int
    aged: bool


class SelectedOut(BaseModel):
    """One thing."""

    id: str
    """``producer/thing_id``"""
    kind: str
    name: NameOut
    longitude: float
    latitude: float
    district: str
    department: str
    state: str
    alarm: int | None
    """number of its most urgent open alarm"""
    priority: int | None
    value: ValueOut | None
    """of its first datastream"""


class KindOut(BaseModel):
    """How many things of a kind there are, by state."""

    kind: str
    label: NameOut
    count: int
    states: dict[str, int]


class SelectionOut(BaseModel):
    """What lies in an area; counts are of everything, things the most urgent first, at most ``limit``."""

    area: str
    count: int
    states: dict[str, int]
    kinds: list[KindOut]
    things: list[SelectedOut]


class FigureOut(BaseModel):
    """One figure; null where nobody measures it there."""

    name: str
    group: NameOut
    label: NameOut
    value: float | None
    unit: str
    digits: int
    better: Literal["less", "more", ""]


def selection_routes(system: ApiSystem, desk: SelectionDesk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/selection", tags=["selection"])
    figures = AreaFigures(desk, system.clock)

    @router.get("")
    @allows(SELECTION)
    def select(
        area: AreaText,
        kind: Kinds = [],  # noqa: B006 - FastAPI copies it
        limit: Annotated[int, Query(ge=0, le=MOST_LISTED)] = 500,
    ) -> SelectionOut:
        """Return the things in an area with their state, counted by kind."""
        return _out(desk.select(asker(), _area(area), kind), limit)

    @router.get("/figures")
    @allows(SELECTION)
    def figures_of_area(area: AreaText) -> list[FigureOut]:
        """Return figures of an area, to be compared with those of another."""
        return [
            FigureOut(
                name=one.name, group=_both(one.group), label=_both(one.label), value=one.value, unit=one.unit,
                digits=one.digits, better=one.better,
            )
            for one in figures.of(asker(), _area(area))
        ]  # fmt: skip

    @router.get("/export.csv", response_class=Response)
    @allows(SELECTION)
    def as_csv(request: Request, area: AreaText, kind: Kinds = [], crs: System = "wgs84") -> StreamingResponse:  # noqa: B006
        """Return the latest values in an area as comma-separated values, a line for each datastream."""
        chosen = _copied(system, request, desk, area, kind, crs, "csv")
        lines = csv_lines(
            [*THING_COLUMNS, *VALUE_COLUMNS, "realm"], ([*row, system.realm.value] for row in csv_rows(chosen, crs))
        )
        return sent(in_pieces(lines), "text/csv; charset=utf-8", "selection.csv")

    @router.get("/export.gpkg", response_class=Response)
    @allows(SELECTION)
    def as_geopackage(request: Request, area: AreaText, kind: Kinds = [], crs: System = "wgs84") -> StreamingResponse:  # noqa: B006
        """Return the latest values in an area as a GeoPackage: points, and a table of values."""
        chosen = _copied(system, request, desk, area, kind, crs, "gpkg")
        about = {
            "made_at": to_datetime(chosen.frame.now_us).isoformat(),
            "made_by": asker().account,
            "realm": system.realm.value,
            "area": chosen.area.text,
            "crs": crs,
            "things": str(len(chosen.things)),
        }
        return sent(iter([geopackage(chosen, crs, about)]), "application/geopackage+sqlite3", "selection.gpkg")

    return router


def _copied(
    system: ApiSystem, request: Request, desk: SelectionDesk, area: str, kinds: list[str], crs: str, form: str
) -> Selection:
    """Return what is to be copied; that it is stands in the audit before a byte of it is sent. 422 beyond the bound."""
    chosen = desk.select(asker(), _area(area), kinds)
    if len(chosen.things) > MOST_EXPORTED:
        raise HTTPException(422, f"at most {MOST_EXPORTED} things in one copy: choose a smaller area, or kinds")
    told = {"area": area[:500], "kinds": kinds, "crs": crs, "form": form, "things": len(chosen.things)}
    address = request.client.host if request.client else ""
    system.audit.did(asker(), "things.copied", request.url.path, address=address, detail=told)
    return chosen


def _area(text: str) -> Area:
    try:
        return Area.parse(text)
    except AreaError as error:
        raise HTTPException(422, str(error)) from None


def _out(chosen: Selection, limit: int) -> SelectionOut:
    kinds = [
        KindOut(kind=kind, label=_both(kind_name(kind)), count=sum(states.values()), states=dict(states))
        for kind, states in chosen.by_kind.items()
    ]
    return SelectionOut(
        area=chosen.area.text,
        count=len(chosen.things),
        states=dict(chosen.by_state),
        kinds=kinds,
        things=[_thing(chosen, one) for one in chosen.things[:limit]],
    )


def _thing(chosen: Selection, one: Selected) -> SelectedOut:
    received = [value for value in chosen.values(one.thing) if value.time_us > 0]
    first = received[0] if received else None
    return SelectedOut(
        id=f"{one.thing.producer}/{one.thing.thing_id}",
        kind=one.thing.kind,
        name=_both(one.thing.name),
        longitude=one.longitude,
        latitude=one.latitude,
        district=one.thing.district,
        department=one.thing.department,
        state=one.state,
        alarm=one.alarm.id if one.alarm else None,
        priority=int(one.alarm.priority) if one.alarm else None,
        value=ValueOut(
            observed_property=first.stream.observed_property,
            value=first.result,
            unit=first.stream.unit,
            time_us=first.time_us,
            aged=first.aged,
        )
        if first
        else None,
    )


def _both(label: Label) -> NameOut:
    return NameOut(zh=label.zh, en=label.en)
