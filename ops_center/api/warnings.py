"""``/api/warnings``: public warnings, drafted from alarms and issued by people (CAP 1.2, docs/notifications.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, BeforeValidator, Field, Strict

from alerts.alarm import Refusal
from alerts.public_warning import Category, Draft, Response
from ops_center.api.notifications import Code, WordsIn
from ops_center.api.parameters import Body, Id, Latitude, Longitude, whole
from ops_center.domain.rights import allows
from ops_center.domain.text import shown
from ops_center.domain.time import to_datetime
from ops_center.people.asking import asker
from ops_center.services.warnings import WARNINGS, WarningDesk
from ops_center.store.notification_port import WarningMessage

AlarmNumber = Annotated[
    int, Field(ge=0, le=2**53 - 1, description="of the alarm that it is about; 0: of none"), BeforeValidator(whole)
]
Corner = Annotated[tuple[Longitude, Latitude], Strict(False)]
"""JSON has no tuples: a list of two is one"""
RingIn = Annotated[list[Corner], Field(min_length=3, max_length=10_000)]
_STATUS = {"unknown": 404, "forbidden": 403, "ended": 409, "passed": 409}


class RoundIn(Body):
    """Everything within a distance of a point."""

    longitude: Longitude
    latitude: Latitude
    radius_m: Annotated[float, Field(ge=0, le=500_000)]


class AreaIn(Body):
    """Where the warning holds: in words, and by outlines, circles and districts, which add up."""

    description: WordsIn
    polygons: Annotated[list[RingIn], Field(max_length=50, description="rings of [longitude, latitude]")] = Field(
        default_factory=list
    )
    circles: Annotated[list[RoundIn], Field(max_length=50)] = Field(default_factory=list)
    districts: Annotated[list[Code], Field(max_length=100)] = Field(default_factory=list)


class DraftIn(Body):
    """What the warning says, in both languages, and in CAP's words how bad it is."""

    event: WordsIn
    headline: WordsIn
    description: WordsIn
    instruction: WordsIn
    area: AreaIn
    urgency: Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
    severity: Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
    category: Category = "Safety"
    responses: Annotated[list[Response], Field(max_length=9)] = Field(default_factory=list)
    expires_min: Annotated[float, Field(gt=0, le=7 * 1440)] = 120


class WarningIn(Body):
    """A warning to be issued."""

    alarm: AlarmNumber = 0
    draft: DraftIn


class DraftOf(Body):
    """Of which alarm a draft is wanted."""

    alarm: Annotated[int, Field(ge=1, le=2**53 - 1), BeforeValidator(whole)]


class CancelIn(Body):
    """Why a warning is taken back."""

    note: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class WarningOut(BaseModel):
    """One message of a warning."""

    identifier: str
    first: str = Field(description="identifier of the message that began the warning")
    msg_type: str
    alarm: int | None
    sent: datetime
    author: str
    note: str
    draft: dict[str, Any]
    message: str = Field(description="the CAP message")


def warning_routes(desk: WarningDesk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/warnings", tags=["warnings"])

    @router.get("")
    @allows(WARNINGS)
    def list_warnings(limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[WarningOut]:
        """List the messages of warnings, newest first."""
        return [_out(one) for one in desk.warnings(asker(), limit)]

    @router.post("/draft")
    @allows(WARNINGS)
    def draft_warning(given: DraftOf) -> dict[str, Any]:
        """Return what a warning about an alarm might say; nothing is kept or sent."""
        found = desk.draft(asker(), given.alarm)
        if isinstance(found, Refusal):
            raise _refused(found)
        return dict(msgspec.to_builtins(found))

    @router.post("", status_code=201)
    @allows(WARNINGS)
    def issue_warning(given: WarningIn) -> WarningOut:
        """Issue a warning: it leaves by every route of warnings."""
        return _answer(desk.issue_warning(asker(), given.alarm, _draft(given.draft)))

    @router.post("/{identifier}/update", status_code=201)
    @allows(WARNINGS)
    def update_warning(identifier: Id, given: DraftIn) -> WarningOut:
        """Replace what a warning says."""
        return _answer(desk.update_warning(asker(), identifier, _draft(given)))

    @router.post("/{identifier}/cancel", status_code=201)
    @allows(WARNINGS)
    def cancel_warning(identifier: Id, given: CancelIn) -> WarningOut:
        """Take a warning back."""
        return _answer(desk.cancel_warning(asker(), identifier, given.note))

    return router


def _draft(given: DraftIn) -> Draft:
    try:
        return msgspec.convert(given.model_dump(), Draft)
    except msgspec.ValidationError as error:
        raise HTTPException(422, shown(str(error))) from None


def _answer(found: WarningMessage | Refusal) -> WarningOut:
    if isinstance(found, Refusal):
        raise _refused(found)
    return _out(found)


def _refused(refusal: Refusal) -> HTTPException:
    return HTTPException(_STATUS[refusal.code], refusal.label.en)


def _out(one: WarningMessage) -> WarningOut:
    return WarningOut(
        identifier=one.identifier,
        first=one.first,
        msg_type=one.msg_type.value,
        alarm=one.alarm or None,
        sent=to_datetime(one.sent_us),
        author=one.author,
        note=one.note,
        draft=dict(msgspec.to_builtins(one.draft)),
        message=one.message,
    )
