"""A warning that touches an area: of a level or worse, in force for a district, or for things inside its outline.

Reads ``area.districts``, ``area.polygon`` (longitude, latitude), ``level`` (the four colours, or CAP's severities) and
``valid_until`` of the event's attributes. A warning of less than the level, or of none, ends what stood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from alerts.bounds import Parameters, Ring
from alerts.contract import NEVER_US, Cells, Reading, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.event import Kinds
from ops_center.domain.observations import Event
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, from_datetime

LEVELS = {"none": 0, "blue": 1, "yellow": 2, "orange": 3, "red": 4}
_SEVERITIES = {"minor": 1, "moderate": 2, "severe": 3, "extreme": 4}
_OF_NAME = {**LEVELS, **_SEVERITIES}


class WarningParameters(Parameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which warnings count."""

    kinds: Kinds
    level: Literal["blue", "yellow", "orange", "red"] = "blue"
    at_most_h: Annotated[float, msgspec.Meta(gt=0, le=31 * 24)] = 24.0
    """ends after so long if nobody ends it"""


class _Area(msgspec.Struct):
    districts: list[str] = []
    polygon: Ring | None = None


@dataclass(frozen=True)
class WarningRule(Declared):
    """Compares the level of warnings."""

    def kinds(self, parameters: WarningParameters) -> Sequence[str]:
        """Return the kinds of warnings that count."""
        return parameters.kinds

    def reads(self, event: Event) -> Reading | None:
        """Return level, end and area of a warning; None for one whose level or area can't be read."""
        level = _OF_NAME.get(str(event.attributes.get("level", "")).lower())
        try:
            area = msgspec.convert(event.attributes.get("area", {}), _Area)
        except (msgspec.ValidationError, OverflowError):
            return None
        if level is None or not (area.districts or area.polygon):
            return None
        return Reading(level, _end(event), tuple(area.districts), tuple(area.polygon or ()))

    def columns(self, parameters: WarningParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return the level as a number and the longest time."""
        return {"level": LEVELS[parameters.level], "at_most_us": round(parameters.at_most_h * HOUR_US)}

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where a warning is severe enough; the value is its level, 1 to 4."""
        level = parameters["level"]
        until = np.minimum(seen.until_us, seen.time_us + parameters["at_most_us"])
        beyond = (seen.code >= level) & (until > seen.time_us)
        ends = np.where(beyond, until, NEVER_US)
        return Verdict(beyond[:, None], level[:, None].astype(np.float64), seen.code.astype(np.float64), ends[:, None])


def _end(event: Event) -> int:
    try:
        return from_datetime(datetime.fromisoformat(str(event.attributes["valid_until"])))
    except (KeyError, ValueError, OverflowError):
        return int(NEVER_US)


RULE_TYPE = WarningRule(
    "warning",
    Label("预警影响区域", "warning touching an area"),
    WarningParameters,
    {"kinds": ["warning.rainstorm"], "level": "yellow"},
    source="events",
    subjects=frozenset({"thing", "district"}),
    restarts=frozenset({"kinds"}),
)
