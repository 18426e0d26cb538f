"""Sequence: conditions that are entered one after another, all within a time, for a thing, district or city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from alerts.bounds import Parameters
from alerts.contract import NEVER_US, Cells, Column, Leg, Reach, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.stages import MOST_LEGS, LegForm
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US

_NOT_YET = -(2**61)


class SequenceParameters(Parameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which conditions, in which order, within which time."""

    steps: Annotated[list[LegForm], msgspec.Meta(min_length=2, max_length=MOST_LEGS)]
    within_s: Annotated[float, msgspec.Meta(ge=1, le=31 * 86_400)]
    """from the first to the last"""
    lasts_s: Annotated[float, msgspec.Meta(ge=1, le=31 * 86_400)] = 300.0
    """after the last"""


@dataclass(frozen=True)
class Steps(Declared):
    """Remembers for each step when the latest run that came so far began."""

    def legs(self, parameters: SequenceParameters) -> Sequence[Leg]:
        """Return the steps in their order."""
        return [form.leg() for form in parameters.steps]

    def reaches(self, parameters: SequenceParameters) -> Reach:
        """Return that conditions concern their own subject."""
        return Reach()

    def columns(self, parameters: SequenceParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return which step is the last, and the times."""
        return {
            "last": len(parameters.steps) - 1,
            "within_us": round(parameters.within_s * SECOND_US),
            "lasts_us": round(parameters.lasts_s * SECOND_US),
        }

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where the last step was reached in time; the value is how long it took, in seconds."""
        first, entered = seen.code == 0, seen.value > 0
        began = np.where(first, seen.time_us, memory.at("began_us", np.maximum(seen.code - 1, 0)))
        reached = entered & (seen.time_us - began <= parameters["within_us"])
        memory.put("began_us", seen.code, np.where(reached, began, memory.at("began_us", seen.code)))
        done = reached & (seen.code == parameters["last"])
        beyond = done | memory["beyond"][:, 0]
        ends = np.where(done, seen.time_us + parameters["lasts_us"], memory["until_us"][:, 0])
        took = np.where(done, (seen.time_us - began) / SECOND_US, memory["value"])
        within = parameters["within_us"] / SECOND_US
        return Verdict(beyond[:, None], within[:, None], took, np.where(beyond, ends, NEVER_US)[:, None])


RULE_TYPE = Steps(
    "sequence",
    Label("条件先后发生", "sequence of conditions"),
    SequenceParameters,
    {"steps": [{"rule": "stopped"}, {"rule": "slow"}], "within_s": 60, "lasts_s": 30},
    source="conditions",
    subjects=frozenset({"thing", "district", "city"}),
    restarts=frozenset({"steps"}),
    memory={"began_us": Column(np.int64, _NOT_YET, (MOST_LEGS,))},
)
