"""K of n: so many conditions at once within a distance of a thing, along a network from it, or in a district.

Around things a row is entered only for a thing that is itself one of them, so that a cluster is found where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from alerts.bounds import Name, Parameters
from alerts.contract import Cells, Declared, Leg, Reach, Seen, Subjects, Verdict
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
        if (self.network is None) != (self.hops is None) or (self.network and self.distance_m):
            raise ValueError("distance_m, or network and hops, or neither for districts")


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
        if parameters.network is not None:
            return Reach("network", network=parameters.network, hops=parameters.hops or 0)
        return Reach()

    def columns(self, parameters: NeighbourhoodParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return k, and whether the row must be one of them."""
        return {"k": parameters.k, "own": self.reaches(parameters).by != "subject"}

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where enough stand; the value is how many. Code 1 is the row's own, 0 a neighbour's."""
        standing = memory["standing"]
        count = standing.sum(axis=1)
        beyond = (count >= parameters["k"]) & (~parameters["own"] | (standing[:, 1] > 0))
        return Verdict(beyond[:, None], parameters["k"][:, None].astype(np.float64), count.astype(np.float64))


RULE_TYPE = Neighbourhood(
    "neighbourhood",
    Label("邻域内多处成立", "k of n in a neighbourhood"),
    NeighbourhoodParameters,
    source="conditions",
    subjects=frozenset({"thing", "district", "city"}),
    restarts=frozenset({"of", "distance_m", "network", "hops"}),
)
