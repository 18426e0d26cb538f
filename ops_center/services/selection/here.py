"""What is at a place: in which district, on which road, what stands near it, and which cameras look from there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.services.alarm_cards import CAMERAS, Nearby, nearest
from ops_center.services.selection.desk import SelectionDesk

NEAREST = 5
_ROAD_WITHIN_M = 200.0
_NOT_THERE = frozenset({"camera", "aggregate"})
"""kinds that are no things nearby: cameras are listed by themselves, aggregates stand nowhere"""


@dataclass(frozen=True, slots=True)
class Here:
    """A place with what is around it."""

    longitude: float
    latitude: float
    district: str
    """its code; "" outside all"""
    road: Label | None
    """the nearest that has a name, within 200 m"""
    cameras: tuple[Nearby, ...]
    things: tuple[Nearby, ...]
    """the nearest others that stand still"""


class Surroundings:
    """Answers from the city pack and the catalog; safe to use from any thread."""

    def __init__(self, desk: SelectionDesk) -> None:
        self._desk = desk

    def at(self, who: Asker, longitude: float, latitude: float) -> Here:
        """Return what is at a place, as ``who`` may see it. Raises CityPackError if the pack is damaged."""
        seen = self._desk.seen(who)
        others = (thing for thing in seen if thing.kind not in _NOT_THERE and thing.feed != "vehicles")
        return Here(
            longitude,
            latitude,
            self.district(longitude, latitude),
            self.road(longitude, latitude),
            nearest(longitude, latitude, (thing for thing in seen if thing.kind == "camera"), CAMERAS),
            nearest(longitude, latitude, others, NEAREST),
        )

    def district(self, longitude: float, latitude: float) -> str:
        """Return the code of the district that a place is in; "" outside all."""
        tree, codes = self._districts
        found = tree.query(shapely.Point(longitude, latitude), predicate="within")
        return str(codes[found[0]]) if len(found) else ""

    def road(self, longitude: float, latitude: float) -> Label | None:
        """Return the nearest road that has a name, within 200 m."""
        tree, names = self._roads
        x_m, y_m = self._desk.pack.metric.to_metres(longitude, latitude)
        if not names or not np.isfinite(x_m + y_m):
            return None
        here = shapely.Point(float(x_m), float(y_m))
        row = int(tree.nearest(here))
        return names[row] if tree.geometries[row].distance(here) <= _ROAD_WITHIN_M else None

    @cached_property
    def _districts(self) -> tuple[shapely.STRtree, list[str]]:
        frame = self._desk.pack.features("districts")
        return shapely.STRtree(np.asarray(frame.geometry)), frame["district_id"].tolist()

    @cached_property
    def _roads(self) -> tuple[shapely.STRtree, list[Label]]:
        """Return the roads that have names, in metres."""
        frame = self._desk.pack.features("roads")
        frame = frame[frame["name_zh"] != ""]
        metric = self._desk.pack.metric
        lines = shapely.transform(
            np.asarray(frame.geometry), lambda xy: np.column_stack(metric.to_metres(xy[:, 0], xy[:, 1]))
        )
        rows = zip(frame["name_zh"].tolist(), frame["name_en"].tolist(), strict=True)
        return shapely.STRtree(lines), [Label(zh, en or zh) for zh, en in rows]
