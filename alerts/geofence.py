"""Geofence: something that moves is inside an area, is not, or has left it. How long it stays is the on-delay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from shapely import Polygon, intersects_xy, prepare

from alerts.bounds import Parameters, Ring
from alerts.contract import Cells, Column, Flags, Seen, Subjects, Verdict
from alerts.declared import Declared
from ops_center.domain.text import Label


class GeofenceParameters(Parameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which area, and what is wrong about it."""

    area: Ring
    when: Literal["inside", "outside", "left"] = "inside"
    """``left``: outside, having been inside before"""

    def __post_init__(self) -> None:
        if not Polygon(self.area).is_valid:
            raise ValueError("area: the outline crosses itself or has no area")


@dataclass(frozen=True)
class Geofence(Declared):
    """Compares fixes with an area; its edge belongs to it."""

    def columns(self, parameters: GeofenceParameters, subjects: Subjects) -> Mapping[str, Any]:
        """Return the area, and what is wrong."""
        area = Polygon(parameters.area)
        prepare(area)
        return {"area": area, "inside": parameters.when == "inside", "left": parameters.when == "left"}

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say where a fix is on the wrong side; the value is 1 inside and 0 outside."""
        inside = _inside(parameters, seen)
        was_inside = memory["was_inside"] | inside
        memory["was_inside"] = was_inside
        beyond = np.where(parameters["inside"], inside, ~inside & (~parameters["left"] | was_inside))
        limit = np.where(parameters["inside"], 1.0, 0.0)
        return Verdict(beyond[:, None], limit[:, None], inside.astype(np.float64))


def _inside(parameters: Cells, seen: Seen) -> Flags:
    """Once for each rule that is there, over all its fixes."""
    rules, areas = parameters["rule"], parameters["area"]
    inside = np.zeros(len(seen), bool)
    for number, first in zip(*np.unique(rules, return_index=True), strict=True):
        rows = np.flatnonzero(rules == number)
        inside[rows] = intersects_xy(areas[first], seen.longitude[rows], seen.latitude[rows])
    return inside


RULE_TYPE = Geofence(
    "geofence",
    Label("电子围栏", "geofence"),
    GeofenceParameters,
    {"area": [[118.7, 32.0], [118.72, 32.0], [118.72, 32.02], [118.7, 32.02]], "on_delay_s": 10},
    source="positions",
    subjects=frozenset({"thing"}),
    restarts=frozenset({"area", "when"}),
    memory={"was_inside": Column(np.bool_, False)},
)
