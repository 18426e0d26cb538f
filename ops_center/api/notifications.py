"""``/api/notifications``, ``/api/notification-routes``: who is told of what, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Query
from fastapi import Path as InPath
from pydantic import BaseModel, BeforeValidator, Field

from alerts.route import ActName
from ops_center.api.parameters import Body, Moment, Word, whole
from ops_center.api.system import ApiSystem
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.rights import allows
from ops_center.domain.text import shown
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.people.asking import asker
from ops_center.services.notices import READING
from ops_center.services.notifications.routes import NOTIFICATIONS, ROUTES, RouteDesk
from ops_center.store.notification_port import Notification, NotificationQuery

_Number = Annotated[int, Field(ge=0, le=2**53 - 1)]
SAID = r"^[^\x00]*[^\s\x00][^\x00]*$"
"""something visible, and nothing that a database has no room for"""
State = Literal["waiting", "sending", "held", "sent", "digested", "void", "dead"]
Short = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._%+@*/-]+$")]
Code = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
Codes = Annotated[list[Code], Field(max_length=1000)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Minutes = Annotated[float, Field(ge=0, le=7 * 1440)]


class WordsIn(Body):
    """One text in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=2000, pattern=SAID)]
    en: Annotated[str, Field(min_length=1, max_length=2000, pattern=SAID)]


class HoursIn(Body):
    """Part of a week, in the city's zone."""

    days: Annotated[list[Annotated[int, Field(ge=1, le=7), BeforeValidator(whole)]], Field(min_length=1, max_length=7)]
    begin: Clock
    end: Clock


def _acts() -> list[ActName]:
    return ["raised", "escalated"]


class RouteIn(Body):
    """A route; what is left out is as docs/notifications.md says."""

    label: WordsIn
    channel: Literal["mail", "webhook", "folder", "browser"]
    targets: Annotated[list[Short], Field(min_length=1, max_length=50)]
    acts: Annotated[list[ActName], Field(min_length=1, max_length=20)] = Field(default_factory=_acts)
    priorities: Annotated[list[Annotated[int, Field(ge=1, le=4), BeforeValidator(whole)]], Field(max_length=4)] = Field(
        default_factory=lambda: [1, 2]
    )
    rules: Codes = Field(default_factory=list)
    departments: Codes = Field(default_factory=list)
    districts: Codes = Field(default_factory=list)
    hours: Annotated[list[HoursIn], Field(max_length=20)] = Field(default_factory=list)
    delay_min: Minutes = 0
    repeat_min: Minutes = 0
    repeat_most: Annotated[int, Field(ge=1, le=100), BeforeValidator(whole)] = 10
    most: Annotated[int, Field(ge=1, le=10_000), BeforeValidator(whole)] = 20
    per_min: Annotated[float, Field(ge=1, le=7 * 1440)] = 60
    language: Literal["zh", "en"] = "zh"
    test_target: bool = False
    enabled: bool = True


class NotificationOut(BaseModel):
    """One row of the journal."""

    id: int
    route: str
    route_version: int
    channel: str
    target: str
    alarm: int | None
    act: str
    number: int
    subject: str
    text: str
    state: State
    made: datetime
    attempts: int
    outcome: str
    finished: datetime | None
    digest: int | None


class AttemptOut(BaseModel):
    """One try to send."""

    number: int
    at: datetime
    outcome: str
    detail: str


class Tested(BaseModel):
    """Which rows of the journal say what became of the test."""

    notifications: list[int]


class ReadIn(Body):
    """What somebody has read of what they were told on the pages."""

    ids: Annotated[
        list[Annotated[int, Field(ge=1, le=2**53 - 1), BeforeValidator(whole)]], Field(min_length=1, max_length=500)
    ]


class ReadOut(BaseModel):
    """Which of them were unread until now."""

    notifications: list[int]


def notification_routes(system: ApiSystem) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["notifications"])
    desk = RouteDesk(system.store, system.realm, system.clock)

    @router.get("/api/notifications")
    @allows(NOTIFICATIONS)
    def list_notifications(
        alarm: Annotated[_Number | None, Query()] = None,
        route: Word | None = None,
        state: State | None = None,
        since: Moment | None = None,
        before: Annotated[_Number | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[NotificationOut]:
        """List what was sent or is to be, newest first; ``before``: ids below, for the page that follows."""
        since_us = None if since is None else from_datetime(since)
        query = NotificationQuery(alarm=alarm, route=route, state=state, since_us=since_us, before=before, limit=limit)
        return [_out(one) for one in desk.journal(asker(), query)]

    @router.get("/api/notifications/mine")
    @allows(NOTIFICATIONS)
    def list_mine(after: Annotated[_Number, Query()] = 0) -> list[NotificationOut]:
        """List what is shown to the one who asks, newest first; ``after``: ids above."""
        return [_out(one) for one in desk.mine(asker(), after)]

    @router.post("/api/notifications/read")
    @allows(READING)
    def read(given: ReadIn) -> ReadOut:
        """Say that the one who asks has read these; what is not theirs, or was read before, is passed over."""
        return ReadOut(notifications=list(system.notices.read(asker(), given.ids)))

    @router.get("/api/notifications/{number}/attempts")
    @allows(NOTIFICATIONS)
    def list_attempts(number: Annotated[int, InPath(ge=0, le=2**53 - 1)]) -> list[AttemptOut]:
        """List every try to send one, oldest first."""
        found = desk.attempts(asker(), number)
        if found is None:
            raise HTTPException(404, "there is no such notification")
        return [
            AttemptOut(number=one.number, at=to_datetime(one.at_us), outcome=one.outcome, detail=one.detail)
            for one in found
        ]

    @router.get("/api/notification-routes")
    @allows(ROUTES)
    def list_routes() -> list[dict[str, Any]]:
        """List all routes as they are now."""
        return [msgspec.to_builtins(route) for route in desk.routes()]

    @router.put("/api/notification-routes/{name}")
    @allows(ROUTES)
    def save_route(name: Word, given: RouteIn) -> dict[str, Any]:
        """Save a route as its newest version; the same again changes nothing."""
        try:
            saved = desk.save(asker(), {"name": name, **given.model_dump()})
        except ConfigurationError as error:
            raise HTTPException(422, shown(str(error))) from None
        return dict(msgspec.to_builtins(saved))

    @router.post("/api/notification-routes/{name}/test")
    @allows(ROUTES)
    def test_route(name: Word) -> Tested:
        """Have every target of a route told that this is a test."""
        made = desk.test(asker(), name)
        if made is None:
            raise HTTPException(404, "there is no such route")
        return Tested(notifications=list(made))

    return router


def _out(one: Notification) -> NotificationOut:
    wanted = one.wanted
    return NotificationOut(
        id=one.id,
        route=wanted.route,
        route_version=wanted.route_version,
        channel=wanted.channel,
        target=wanted.target,
        alarm=wanted.alarm or None,
        act=wanted.act,
        number=wanted.number,
        subject=wanted.content.subject,
        text=wanted.content.text,
        state=one.state,
        made=to_datetime(one.made_us),
        attempts=one.attempts,
        outcome=one.outcome,
        finished=to_datetime(one.finished_us) if one.finished_us else None,
        digest=one.digest or None,
    )
