"""What a request may say where it names something: one bounded type for each kind of word, used by all routes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ops_center.domain.json_values import fault_of_json

_ID = r"^[^\x00-\x1f\x7f/]+$"
"""ids stand in addresses: no slash, nothing invisible"""
_VISIBLE = r"^[^\x00-\x1f\x7f]*$"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""what the database holds lies between (``ops_center/store/limits.py``)"""


def _text_of_a_day(value: object) -> object:
    """Refuse numbers, as for moments."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("a date as RFC 3339 writes them is wanted")
    return value


def _text_of_a_moment(value: object) -> object:
    """Refuse numbers: the document says date-time, and a year may not be taken for seconds since 1970."""
    if isinstance(value, str) and not _MOMENT.fullmatch(value):
        raise ValueError("a date and time as RFC 3339 writes them is wanted")
    return value


def _in_time(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("a time between 1970 and 2200 is wanted")
    return moment


def _small(attributes: dict[str, Any]) -> dict[str, Any]:
    if fault := fault_of_json(attributes):
        raise ValueError(fault)
    return attributes


def whole(value: object) -> object:
    """Take 5.0 for 5, as JSON does, in a strict body; a fraction and ``true`` stay what they are, and are refused."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


LAST_ID = 2**53 - 1
"""the greatest number that every JSON reader holds exactly"""
Id = Annotated[str, Field(min_length=1, max_length=128, pattern=_ID)]
Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
Code = Annotated[str, Field(max_length=64, pattern=_VISIBLE)]
Key = Annotated[int, Path(ge=0, le=2**31 - 1)]
IncidentKey = Annotated[int, Path(ge=1, le=LAST_ID)]
Digest = Annotated[str, Field(min_length=64, max_length=64, pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a file"""
Moment = Annotated[datetime, AfterValidator(_in_time), BeforeValidator(_text_of_a_moment)]
Day = Annotated[date, BeforeValidator(_text_of_a_day)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Attributes = Annotated[dict[str, Any], Field(max_length=64), AfterValidator(_small)]
"""JSON values, as small as those of registrations that come otherwise"""


class Body(BaseModel):
    """What a request brings: nothing unknown, and nothing taken for something else (``true`` is not 1)."""

    model_config = ConfigDict(extra="forbid", strict=True)
