"""K of n in a neighbourhood: so many conditions at once within a distance of a thing, or along a network from it.

It is entered only for a thing that is itself one of them, so that a cluster is found where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from alerts.bounds import Name, Parameters
from alerts.contract import Cells, Leg, Reach, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.stages import MOST_LEGS, LegForm
from ops_center.domain.text import Label


class NeighbourhoodParameters(Parameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many of which conditions, and who is a neighbour."""

    of: Annotated[list[LegForm], msgspec.Meta(min_length=1, max_length=MOST_LEGS)]
    k: Annotated[int, msgspec.Meta(ge=2, le=10_000)]
    distance_m: Annotated[float, msgspec.Meta(gt=0, le=20_000)] | None = None
    network: Name | None = None
    """name of a network: ``water``, ``roads``"""
    hops: Annotated[int, msgspec.Meta(ge=1, le=50)] | None = None

    def __post_init__(self) -> None:
        if (self.network is None) != (self.hops is None) or (self.network is None) == (self.distance_m is None):
            raise ValueError("either distance_m, or network and hops, is wanted")


@dataclass(frozen=True)
class Neighbourhood(Declared):
    """Counts what stands around."""

    def legs(self, parameters: NeighbourhoodParameters) -> Sequence[Leg]:
        """Return the conditions that count."""
        return [form.leg() for form in parameters.of]

    def reaches(self, parameters: NeighbourhoodParameters) -> Reach:
        """Return who is a neighbour."""
        if parameters.distance_m is not None:
            return Reach("distance", distance_m=parameters.distance_m)
        return Reach("network", network=parameters.network or "", hops=parameters.hops or 0)

    def columns(self, parameters: NeighbourhoodParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return k."""
        return {"k": parameters.k}

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where enough stand; the value is how many. Code 1 is the row's own, 0 a neighbour's."""
        standing = memory["standing"]
        count = standing.sum(axis=1)
        beyond = (count >= parameters["k"]) & (standing[:, 1] > 0)
        return Verdict(beyond[:, None], parameters["k"][:, None].astype(np.float64), count.astype(np.float64))


RULE_TYPE = Neighbourhood(
    "neighbourhood",
    Label("邻域内多处成立", "k of n in a neighbourhood"),
    NeighbourhoodParameters,
    {"of": [{"rule": "low"}], "k": 2, "distance_m": 500},
    source="conditions",
    subjects=frozenset({"thing"}),
    restarts=frozenset({"of", "distance_m", "network", "hops"}),
)
