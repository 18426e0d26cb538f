"""Events of some kinds: sure enough, and repeated often enough within a time. Stands for a while after the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from alerts.bounds import Parameters, Share
from alerts.contract import NEVER_US, Cells, Reading, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.measured import MOST_TIMES, RECENT, happens
from ops_center.domain.observations import Event
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US

Kinds = Annotated[
    list[Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=200)]],
    msgspec.Meta(min_length=1, max_length=100),
]


class EventParameters(Parameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events, how sure, how often, and for how long they count."""

    kinds: Kinds
    """``video.flooding``"""
    confidence: Share = 0.0
    """what is less sure doesn't count"""
    times: Annotated[int, msgspec.Meta(ge=1, le=MOST_TIMES)] = 1
    within_s: Annotated[float, msgspec.Meta(ge=1, le=31 * 86_400)] = 300.0
    lasts_s: Annotated[float, msgspec.Meta(ge=1, le=31 * 86_400)] = 300.0
    """after the last event that counted"""


@dataclass(frozen=True)
class EventRule(Declared):
    """Counts events of a subject."""

    def kinds(self, parameters: EventParameters) -> Sequence[str]:
        """Return the kinds that count."""
        return parameters.kinds

    def reads(self, event: Event) -> Reading | None:
        """Return what every event says: that it happened, where its thing is."""
        return Reading()

    def columns(self, parameters: EventParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return the parameters in µs."""
        return {
            "confidence": parameters.confidence,
            "times": parameters.times,
            "within_us": round(parameters.within_s * SECOND_US),
            "lasts_us": round(parameters.lasts_s * SECOND_US),
        }

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where it happened often enough just now, or a while ago; the value is the confidence."""
        now = seen.value >= parameters["confidence"]
        since = happens(memory, parameters["times"], now, seen.time_us)
        reached = now & (since + parameters["within_us"] > seen.time_us)
        beyond = reached | memory["beyond"][:, 0]
        ends = np.where(reached, seen.time_us + parameters["lasts_us"], memory["until_us"][:, 0])
        until = np.where(beyond, ends, NEVER_US)
        return Verdict(beyond[:, None], parameters["confidence"][:, None], seen.value, until[:, None])


RULE_TYPE = EventRule(
    "event",
    Label("事件", "event"),
    EventParameters,
    {"kinds": ["video.flooding"], "confidence": 0.5, "times": 2, "within_s": 60, "lasts_s": 30},
    source="events",
    subjects=frozenset({"thing", "district", "city"}),
    restarts=frozenset({"kinds", "times"}),
    memory=RECENT,
)
