"""K of n in a district or in the city: so many conditions at once, wherever they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from alerts.bounds import Parameters
from alerts.contract import Cells, Leg, Reach, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.stages import MOST_LEGS, LegForm
from ops_center.domain.text import Label


class SeveralParameters(Parameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many of which conditions."""

    of: Annotated[list[LegForm], msgspec.Meta(min_length=1, max_length=MOST_LEGS)]
    k: Annotated[int, msgspec.Meta(ge=2, le=100_000)]


@dataclass(frozen=True)
class Several(Declared):
    """Counts what stands."""

    def legs(self, parameters: SeveralParameters) -> Sequence[Leg]:
        """Return the conditions that count."""
        return [form.leg() for form in parameters.of]

    def reaches(self, parameters: SeveralParameters) -> Reach:
        """Return that conditions concern the district they are in, or the city."""
        return Reach()

    def columns(self, parameters: SeveralParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return k."""
        return {"k": parameters.k}

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where enough stand; the value is how many."""
        count, k = memory["standing"].sum(axis=1), parameters["k"]
        return Verdict((count >= k)[:, None], k[:, None].astype(np.float64), count.astype(np.float64))


RULE_TYPE = Several(
    "several",
    Label("区域内多处成立", "k of n in a district"),
    SeveralParameters,
    {"of": [{"rule": "low"}], "k": 2},
    source="conditions",
    subjects=frozenset({"district", "city"}),
    restarts=frozenset({"of"}),
)
