"""``/api/incidents``: incidents with their tasks, their log, what may be done to them, and what is known of a place.

Pages and programs use the same addresses. A command is ``{"do": "<name>", …}`` (``services.incidents.commands``); one
that is refused changes nothing and is answered with a problem that says why: ``code``, ``zh``, ``en``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from ops_center.api.errors import refused
from ops_center.api.incident_context import context_out
from ops_center.api.parameters import LAST_ID, Code, IncidentKey, Latitude, Longitude
from ops_center.api.structures import body_of
from ops_center.domain.rights import allows
from ops_center.incidents.incident import Refusal, State
from ops_center.people.asking import asker
from ops_center.services.incidents.commands import Command, Report
from ops_center.services.incidents.rights import INCIDENTS, INVOLVED
from ops_center.services.incidents.room import IncidentRoom
from ops_center.services.incidents.rows import standing_out
from ops_center.store.incident_port import IncidentQuery, Standing

LineKey = Annotated[int, Query(ge=0, le=LAST_ID)]
CommandIn = Annotated[Any, *body_of(Command)]
ReportIn = Annotated[Any, *body_of(Report)]
STATUS = {"unknown": 404, "forbidden": 403}
"""code of a refusal → HTTP status; others: 409"""


class IncidentFilter(BaseModel):
    """Which incidents."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "closed", "all"] = "all"
    """open: everything that is not closed"""
    text: str = Field("", max_length=200, description="in title, description or lessons")
    type: Code = ""
    level: int | None = Field(None, ge=1, le=4, description="this one or graver")
    district: Code = ""
    department: Code = ""
    alarm: int | None = Field(None, ge=1, le=LAST_ID, description="linked to it")
    before: int | None = Field(None, ge=1, le=LAST_ID, description="`next` of the page before")
    limit: int = Field(100, ge=1, le=500)

    def query(self) -> IncidentQuery:
        """Return it as the store is asked, one more than the page holds."""
        closed = {
            "open": tuple(one for one in State if one is not State.CLOSED),
            "closed": (State.CLOSED,),
            "all": None,
        }
        return IncidentQuery(
            states=closed[self.state], types=(self.type,) if self.type else None, level=self.level, text=self.text,
            district=self.district, department=self.department, alarm=self.alarm, before=self.before,
            limit=self.limit + 1,
        )  # fmt: skip


def incident_routes(room: IncidentRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/incidents", tags=["incidents"])
    _many(router, room)
    _context(router, room)
    _one(router, room)
    return router


def _many(router: APIRouter, room: IncidentRoom) -> None:
    @router.get("")
    @allows(INCIDENTS)
    def search(asked: Annotated[IncidentFilter, Query()]) -> dict[str, Any]:
        """List incidents, newest first, as rows of the board; ``next``: where the next page begins."""
        found = room.desk.search(asker(), asked.query())
        more = found[asked.limit - 1].id if len(found) > asked.limit else None
        rows = [room.row(one) for one in room.desk.standing(found[: asked.limit])]
        return {"incidents": rows, "next": more}

    @router.post("", response_model=None)
    @allows(INCIDENTS)
    def report(given: ReportIn) -> Response | dict[str, Any]:
        """Take in a new incident; with ``open`` it is opened at once and its plan's tasks are given."""
        return standing_answer(room, room.desk.report(asker(), given))


def _context(router: APIRouter, room: IncidentRoom) -> None:
    @router.get("/context")
    @allows(INCIDENTS)
    def context(
        lon: Annotated[Longitude | None, Query()] = None,
        lat: Annotated[Latitude | None, Query()] = None,
        alarm: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None,
    ) -> dict[str, Any]:
        """Say what is known of an alarm, or of a place, before an incident is opened there."""
        if alarm is not None:
            found = room.context.of_alarm(asker(), alarm)
            if found is None:
                raise HTTPException(404, "no such alarm")
        elif lon is None or lat is None:
            raise HTTPException(422, "an alarm, or longitude and latitude are wanted")
        else:
            found = room.context.at(asker(), lon, lat)
        return context_out(found)


def _one(router: APIRouter, room: IncidentRoom) -> None:
    @router.get("/{id}")
    @allows(INVOLVED)
    def one(id: IncidentKey) -> dict[str, Any]:
        """Return an incident with its tasks, and whether who asks may decide about it."""
        found = room.desk.one(asker(), id)
        if found is None:
            raise HTTPException(404, "no such incident")
        return _out(room, found)

    @router.get("/{id}/log")
    @allows(INVOLVED)
    def log(id: IncidentKey, after: LineKey = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 1000) -> dict[str, Any]:
        """Return lines of the activity log behind ``after``, in their one order; it is only ever appended to."""
        lines = room.desk.log(asker(), id, after, limit)
        return {"lines": [msgspec.to_builtins(line) for line in lines]}

    @router.post("/{id}/commands", response_model=None)
    @allows(INVOLVED)
    def command(id: IncidentKey, given: CommandIn) -> Response | dict[str, Any]:
        """Do something to an incident, as it is in that moment; return it as it is then."""
        return standing_answer(room, room.desk.do(asker(), id, given))


def standing_answer(room: IncidentRoom, made: Standing | Refusal) -> Response | dict[str, Any]:
    """Return what became of a command: the incident as it is then, or why nothing was done."""
    if isinstance(made, Refusal):
        return refused(made.code, made.label, STATUS.get(made.code, 409))
    return _out(room, made)


def _out(room: IncidentRoom, standing: Standing) -> dict[str, Any]:
    may = {
        "may_change": room.desk.may_change(asker(), standing.incident),
        "may_take_part": room.desk.may_take_part(asker(), standing.incident),
    }
    return standing_out(standing) | may | {"drill": room.is_drill}
