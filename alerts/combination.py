"""And, or, not: conditions of several rules that stand together, or within a time, for a thing, district or city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alerts.bounds import Parameters, Seconds
from alerts.contract import NEVER_US, Cells, Column, Leg, Reach, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.stages import MOST_LEGS, Legs
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US

_BITS = 1 << np.arange(MOST_LEGS)


class CombinationParameters(Parameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of some, any of others, none of others."""

    all: Legs = ()
    any: Legs = ()
    none: Legs = ()
    within_s: Seconds = 0.0
    """a condition of ``all`` and ``any`` counts for so long after it was left; of ``none`` while it stands"""

    def __post_init__(self) -> None:
        if not self.all and not self.any:
            raise ValueError("all or any must name a condition: what is only absent has no beginning")
        if len(self.all) + len(self.any) + len(self.none) > MOST_LEGS:
            raise ValueError(f"{MOST_LEGS} conditions at most")


@dataclass(frozen=True)
class Combination(Declared):
    """Looks at which legs stand."""

    def legs(self, parameters: CombinationParameters) -> Sequence[Leg]:
        """Return all, then any, then none."""
        return [form.leg() for form in (*parameters.all, *parameters.any, *parameters.none)]

    def reaches(self, parameters: CombinationParameters) -> Reach:
        """Return that conditions concern their own subject."""
        return Reach()

    def columns(self, parameters: CombinationParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return which legs are all, any and none, as bits."""
        all_, any_, none = len(parameters.all), len(parameters.any), len(parameters.none)
        return {
            "all": (1 << all_) - 1,
            "any": ((1 << any_) - 1) << all_,
            "none": ((1 << none) - 1) << (all_ + any_),
            "within_us": round(parameters.within_s * SECOND_US),
        }

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where the combination holds; the value is how many legs count."""
        standing = memory["standing"] > 0
        left = (seen.value < 0) & ~standing[np.arange(len(seen)), seen.code]
        memory.put("left_us", seen.code, np.where(left, seen.time_us, memory.at("left_us", seen.code)))
        ends = np.where(standing, NEVER_US, memory["left_us"] + parameters["within_us"][:, None])
        counts = ends > seen.time_us[:, None]
        all_, any_, none = ((parameters[name][:, None] & _BITS) > 0 for name in ("all", "any", "none"))
        beyond = (counts | ~all_).all(axis=1) & ~(standing & none).any(axis=1)
        beyond &= (counts & any_).any(axis=1) | ~any_.any(axis=1)
        until = np.minimum(
            np.where(all_, ends, NEVER_US).min(axis=1),
            np.where(any_.any(axis=1), np.where(any_, ends, 0).max(axis=1), NEVER_US),
        )
        wanted = (all_ | any_) & counts
        limit = all_.sum(axis=1) + any_.any(axis=1)
        return Verdict(
            beyond[:, None],
            limit[:, None].astype(np.float64),
            wanted.sum(axis=1).astype(np.float64),
            np.where(beyond, until, NEVER_US)[:, None],
        )


RULE_TYPE = Combination(
    "combination",
    Label("条件组合", "combination of conditions"),
    CombinationParameters,
    {"all": [{"rule": "rain"}, {"rule": "drain", "level": 1}], "none": [{"rule": "works"}], "within_s": 20},
    source="conditions",
    subjects=frozenset({"thing", "district", "city"}),
    restarts=frozenset({"all", "any", "none"}),
    memory={"left_us": Column(np.int64, -(2**61), (MOST_LEGS,))},
)
