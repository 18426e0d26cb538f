"""What ``/api/alarms`` takes: one bounded structure for each question and each command."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from alerts.alarm import Act, State
from ops_center.api.parameters import LAST_ID, Body, Code, Moment, whole
from ops_center.domain.errors import CatalogError
from ops_center.domain.time import DAY_US, HOUR_US, from_datetime
from ops_center.services.alarms import MOST_AT_ONCE
from ops_center.store.alarm_port import AlarmQuery, JournalQuery

AlarmId = Annotated[int, Field(ge=1, le=LAST_ID), BeforeValidator(whole)]
Ids = Annotated[list[AlarmId], Field(min_length=1, max_length=MOST_AT_ONCE)]
Words = Annotated[str, Field(max_length=4000)]
Reason = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S")]
RuleName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z][a-z0-9_]*$")]
Account = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9._-]*$")]
StateName = Literal[
    "normal", "unacknowledged", "acknowledged", "returned_unacknowledged", "latched_unacknowledged",
    "latched_acknowledged",
]  # fmt: skip


OptionalId = Annotated[int | None, Field(ge=1, le=LAST_ID)]
Thing = Annotated[int | None, Field(ge=0, le=2**31 - 1)]
Limit = Annotated[int, Field(ge=1, le=1000)]


class AlarmFilter(BaseModel):
    """Which alarms; what is left out is not asked for."""

    state: Annotated[list[StateName] | None, Field(max_length=6)] = None
    rule: RuleName | None = None
    thing: Thing = None
    priority: Annotated[int | None, Field(ge=1, le=4, description="this one and worse")] = None
    department: Code | None = None
    district: Code | None = None
    parent: OptionalId = None
    since: Annotated[Moment | None, Field(description="raised at or after")] = None
    until: Annotated[Moment | None, Field(description="raised before")] = None
    before: OptionalId = None
    limit: Limit = 100

    def query(self) -> AlarmQuery:
        """Return it as the store is asked, for one more than is wanted."""
        plain = ("rule", "thing", "priority", "department", "district", "parent", "before")
        return AlarmQuery(
            **{name: getattr(self, name) for name in plain},
            states=None if self.state is None else tuple(map(State, self.state)),
            since_us=None if self.since is None else from_datetime(self.since),
            until_us=None if self.until is None else from_datetime(self.until),
            limit=self.limit + 1,
        )


class JournalFilter(BaseModel):
    """Which lines of the journal; what is left out is not asked for."""

    alarm: OptionalId = None
    rule: RuleName | None = None
    thing: Thing = None
    act: Annotated[list[Act] | None, Field(max_length=30)] = None
    actor: Account | None = None
    since: Moment | None = None
    until: Moment | None = None
    before: OptionalId = None
    limit: Limit = 100

    def query(self) -> JournalQuery:
        """Return it as the store is asked, for one more than is wanted."""
        return JournalQuery(
            **{name: getattr(self, name) for name in ("alarm", "rule", "thing", "actor", "before")},
            acts=None if self.act is None else tuple(self.act),
            since_us=None if self.since is None else from_datetime(self.since),
            until_us=None if self.until is None else from_datetime(self.until),
            limit=self.limit + 1,
        )


class Span(BaseModel):
    """From when to when; the last eight hours where nothing is said."""

    since: Annotated[Moment | None, Field(description="eight hours before the end where it is left out")] = None
    until: Annotated[Moment | None, Field(description="now where it is left out")] = None
    operators: Annotated[int, Field(ge=1, le=1000, description="among whom the alarms are shared")] = 1

    def span_us(self, now_us: int) -> tuple[int, int]:
        """Return [from, to). Raises CatalogError for a span that is none, or longer than a month."""
        end_us = now_us if self.until is None else from_datetime(self.until)
        start_us = end_us - 8 * HOUR_US if self.since is None else from_datetime(self.since)
        if not 0 < end_us - start_us <= 31 * DAY_US:
            raise CatalogError("a span of at most 31 days is wanted, which ends after it begins")
        return start_us, end_us


class Chosen(Body):
    """Which alarms."""

    ids: Ids


class Said(Chosen):
    """Which alarms, and a remark."""

    comment: Words = ""


class Acknowledged(Said):
    """Which alarms somebody knows of."""

    with_children: bool = Field(default=False, description="also what they explain")


class SetAside(Chosen):
    """Which alarms, and why."""

    reason: Reason


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a date and time as RFC 3339 writes them is wanted")
    return value


InBody = Annotated[Moment, BeforeValidator(_text), Field(strict=False)]
"""a moment in a strict body"""


class Shelved(SetAside):
    """Which alarms, until when, and why."""

    until: InBody = Field(description="later than now and within seven days")


class Assigned(Chosen):
    """Which alarms, and whose they are to be; both empty: nobody's."""

    department: Code = ""
    person: Account = ""


class Remarked(Chosen):
    """Which alarms, and what is to be written beside them."""

    text: Reason


class HandedOver(Body):
    """A shift that ends."""

    to: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9._-]+$")]
    since: InBody | None = Field(default=None, description="when it began; else when it was handed over")
    remark: Annotated[str, Field(max_length=2000)] = ""
    department: Code = ""
    district: Code = ""
