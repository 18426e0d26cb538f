"""``/api/cases``: closed incidents as cases, found by words and by likeness, and one with what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

from ops_center.api.incident_reports import IssuedOut, issued_out
from ops_center.api.parameters import Code, Day, IncidentKey, Word
from ops_center.domain.rights import allows
from ops_center.incidents.case_story import CaseStory, LateTask, LateUnit, Lesson, Turn
from ops_center.incidents.cases import Alike
from ops_center.incidents.incident import Incident
from ops_center.incidents.parts import Casualties
from ops_center.people.asking import asker
from ops_center.services.incidents.case_room import CaseRoom
from ops_center.services.incidents.cases import CaseQuery
from ops_center.services.incidents.reports import REPORTS
from ops_center.services.incidents.rights import may_command


class CaseOut(BaseModel):
    """A closed incident, with what it teaches."""

    id: int
    title: str
    type: str
    level: int
    district: str
    place: str
    """in words, as it was reported; "" nobody said"""
    occurred_us: int
    reported_us: int
    contained_us: int
    closed_us: int
    lessons: str
    simulated: bool
    """it never happened: a demo's past"""
    likeness: float | None = None
    """0 to 1, to the incident that was asked about"""
    parts: dict[str, float] = {}
    """``type``, ``text``, ``place``, ``season``: what the likeness is made of, each 0 to 1"""


class WholeCaseOut(CaseOut):
    """A case with what became of it."""

    version: int
    """of the incident: what ``rewrite_lessons`` is told as ``seen``"""
    description: str
    lead_department: str
    departments: list[str]
    commander: str
    plan: str
    casualties: Casualties
    reopened: int
    turns: tuple[Turn, ...]
    minutes: dict[str, float | None]
    """``verify``, ``arrive``, ``contain``, ``resolve``, ``close``: since the report; null: it never happened"""
    tasks: int
    units: int
    late_tasks: tuple[LateTask, ...]
    late_units: tuple[LateUnit, ...]
    versions: tuple[Lesson, ...]
    """of the lessons, the newest first"""
    alike: list[CaseOut]
    reports: list[IssuedOut]
    may_write: bool
    """whether who asks may write the lessons anew"""


def case_routes(room: CaseRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["incidents"])
    _found(router, room)

    @router.get("/api/cases/{id}")
    @allows(REPORTS)
    def case(id: IncidentKey) -> WholeCaseOut:
        """Return a case: its turns, how long each took, what was late, every version of its lessons, cases like it."""
        told = room.told(asker(), id)
        if told is None:
            raise HTTPException(404, "there is no such case")
        standing, story = told
        return _whole(room, standing.incident, story)

    return router


def _found(router: APIRouter, room: CaseRoom) -> None:
    @router.get("/api/cases")
    @allows(REPORTS)
    def cases(
        q: Annotated[str, Query(max_length=100)] = "",
        type: Word | None = None,
        district: Code = "",
        level: Annotated[int | None, Query(ge=1, le=4)] = None,
        since: Day | None = None,
        until: Day | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[CaseOut]:
        """Search closed incidents, those that happened last first.

        By words of title, description, lessons, place or the names of type and district; by type and what is below
        it, district, level; by the days of the city on which they happened.
        """
        query = CaseQuery(
            text=q, type=type or "", district=district, level=level, since=since, until=until, limit=limit
        )
        return [_case(one) for one in room.cases.search(asker(), query)]

    @router.get("/api/incidents/{incident}/alike")
    @allows(REPORTS)
    def alike(incident: IncidentKey, many: Annotated[int, Query(ge=1, le=20)] = 3) -> list[CaseOut]:
        """Return the cases most like an incident, with what their likeness is made of."""
        standing = room.incidents.one(asker(), incident)
        if standing is None:
            raise HTTPException(404, "there is no such incident")
        return [_alike(one) for one in room.cases.alike(asker(), standing.incident, many)]


def _whole(room: CaseRoom, one: Incident, story: CaseStory) -> WholeCaseOut:
    return WholeCaseOut(
        **_case(one).model_dump(), version=one.version, description=one.description,
        lead_department=one.lead_department, departments=list(one.departments), commander=one.commander, plan=one.plan,
        casualties=one.casualties, reopened=one.reopened, turns=story.turns, minutes=dict(story.minutes),
        tasks=story.tasks, units=story.units, late_tasks=story.late_tasks, late_units=story.late_units,
        versions=story.lessons, alike=[_alike(other) for other in room.cases.alike(asker(), one)],
        reports=[issued_out(report) for report in room.reports.issued(asker(), one.id)],
        may_write=may_command(asker(), one),
    )  # fmt: skip


def _case(one: Incident) -> CaseOut:
    return CaseOut(
        id=one.id, title=one.title, type=one.type, level=int(one.level), district=one.district,
        place=next((place.name for place in one.places), ""), occurred_us=one.occurred_us, reported_us=one.reported_us,
        contained_us=one.contained_us, closed_us=one.closed_us, lessons=one.lessons, simulated=one.is_simulated,
    )  # fmt: skip


def _alike(one: Alike) -> CaseOut:
    return _case(one.case).model_copy(update={"likeness": one.likeness, "parts": dict(one.parts)})
