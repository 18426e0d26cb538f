"""What video analytics reports: what really happens near a camera, a little late, not always, and what isn't there.

A sighting is a function of (seed, occurrence, camera), so that it doesn't depend on the steps. Who asks:
feeds/video.

Rates (assumptions, stated so that alarms can be judged against ``World.truth``): a camera in sight reports an
occurrence with probability 0.9, 3 to 25 s after it can be seen, and again every three minutes while it lasts; each
camera raises a false report once in 100 hours on average, with lower confidence.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ops_center.domain.time import DAY_US, HOUR_US, SECOND_US
from ops_center.world.ground import Ground, Moment
from ops_center.world.occurrences import Kind, Occurrence
from ops_center.world.people import places_m

Real = NDArray[np.float64]

SIGHTING_OF: Mapping[Kind, str] = {
    "crash": "stopped_vehicle",
    "stopped_vehicle": "stopped_vehicle",
    "wrong_way": "wrong_way",
    "crowd": "crowding",
    "smoke": "smoke_fire",
    "toxic_release": "smoke_fire",
    "intrusion": "intrusion",
    "street_flood": "flooding",
    "illegal_dumping": "illegal_dumping",
}
"""occurrence → what analytics calls it"""
FALSE_PER_CAMERA_HOUR = 0.01
_FALSE_KINDS = ("stopped_vehicle", "intrusion", "smoke_fire", "crowding", "illegal_dumping", "flooding")
_FALSE_SHARES = (0.42, 0.22, 0.12, 0.10, 0.08, 0.06)
_DETECTED = 0.9
_DELAY_S = (3.0, 25.0)
_AGAIN_S = 180.0
_VISIBLE_FROM = 0.15
"""part of its magnitude that something must have reached to be seen"""
_NEAR_M = 60.0
"""a camera sees all around at this distance: most can be turned or stand at a crossing"""
_FARTHEST_M = 400.0
"""if no camera has it in sight, one this near is turned to it"""
_MOST_CAMERAS = 3


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one camera reports."""

    sighting_id: str
    """unique for ever: made from seed, occurrence, camera and time"""
    camera: str
    """its thing id"""
    gateway: str
    kind: str
    """one of SIGHTING_OF, e.g. ``flooding``"""
    time_us: int
    longitude: float
    latitude: float
    """of what is seen"""
    confidence: float
    occurrence: Occurrence | None
    """what is really there; None: nothing is. Feeds don't send it"""


class CameraModel:
    """n cameras; ``sightings`` are what their analytics reported in the last step."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.things = ground.things("camera")
        self._xy_m = places_m(self.things, ground)
        self._ids = [str(name) for name in self.things["thing_id"]]
        self._tree = KDTree(self._xy_m) if len(self._xy_m) else None
        self._heading, self._view, self._range_m = _optics(ground, self._ids)
        self._seen_by: dict[str, list[int]] = {}
        self.sightings: tuple[Sighting, ...] = ()

    def step(self, moment: Moment) -> None:
        """Collect what was reported in (previous, now]."""
        found = [*self._true(moment), *self._false(moment)]
        self.sightings = tuple(sorted(found, key=lambda sighting: (sighting.time_us, sighting.sighting_id)))

    def watching(self, occurrence: Occurrence) -> list[int]:
        """Return the rows of the cameras that have an occurrence in sight, nearest first, at most three."""
        known = self._seen_by.get(occurrence.occurrence_id)
        if known is None:
            known = self._seen_by[occurrence.occurrence_id] = self._in_sight(occurrence)
        return known

    def _in_sight(self, occurrence: Occurrence) -> list[int]:
        if self._tree is None:
            return []
        site = occurrence.site
        place = np.array([float(axis) for axis in self._ground.metric.to_metres(site.longitude, site.latitude)])
        near = np.array(self._tree.query_ball_point(place, _FARTHEST_M + occurrence.radius_m), np.intp)
        if not len(near):
            return []
        east, north = (place - self._xy_m[near]).T
        distance = np.maximum(np.hypot(east, north) - occurrence.radius_m, 0.0)
        off = np.abs((np.degrees(np.arctan2(east, north)) - self._heading[near] + 180.0) % 360.0 - 180.0)
        sees = (distance <= _NEAR_M) | ((distance <= self._range_m[near]) & (off <= self._view[near] / 2))
        order = np.lexsort((near, distance))
        watching = [int(near[row]) for row in order if sees[row]][:_MOST_CAMERAS]
        return watching or [int(near[order[0]])]

    def _true(self, moment: Moment) -> Iterator[Sighting]:
        for occurrence in self._ground.story.between(moment.previous_us, moment.now_us + 1):
            kind = SIGHTING_OF.get(occurrence.kind)
            if kind is None:
                continue
            for row in self.watching(occurrence):
                yield from self._reports(occurrence, kind, row, moment)

    def _reports(self, occurrence: Occurrence, kind: str, row: int, moment: Moment) -> Iterator[Sighting]:
        """Return the reports of one camera about one occurrence within the step."""
        name = f"{occurrence.occurrence_id}/{self._ids[row]}"
        chance = self._ground.chance(f"cameras.{name}")
        detects, delay_s, base = chance.random() < _DETECTED, chance.uniform(*_DELAY_S), chance.uniform(0.72, 0.95)
        visible_us = occurrence.start_us + round(_VISIBLE_FROM * occurrence.rise_s * SECOND_US)
        first_us = visible_us + round(delay_s * SECOND_US)
        if not detects:
            return
        again_us = round(_AGAIN_S * SECOND_US)
        number = max(-(-(moment.previous_us + 1 - first_us) // again_us), 0)
        while (time_us := first_us + number * again_us) <= min(moment.now_us, occurrence.end_us - 1):
            place = occurrence.site.longitude, occurrence.site.latitude
            confidence = min(base + 0.02 * number, 0.98)
            yield self._sighting(f"{name}/{number}", row, kind, time_us, place, confidence, occurrence)
            number += 1

    def _false(self, moment: Moment) -> Iterator[Sighting]:
        """Return the false reports within the step, drawn by the hour."""
        since_us = max(moment.previous_us, moment.now_us - DAY_US)  # a pause of a year tells nobody of its false alarms
        for hour in range(since_us // HOUR_US, moment.now_us // HOUR_US + 1):
            chance = self._ground.chance("cameras.false", hour)
            count = int(chance.poisson(FALSE_PER_CAMERA_HOUR * len(self._ids)))
            times = hour * HOUR_US + chance.integers(0, HOUR_US, count)
            rows = chance.integers(0, max(len(self._ids), 1), count)
            kinds = chance.choice(_FALSE_KINDS, count, p=_FALSE_SHARES)
            confidences = chance.uniform(0.45, 0.75, count)
            for number in np.flatnonzero((times > since_us) & (times <= moment.now_us)).tolist():
                row = int(rows[number])
                point = self.things.geometry.iloc[row]
                name, time_us = f"false/{hour}/{number}", int(times[number])
                yield self._sighting(
                    name, row, str(kinds[number]), time_us, (point.x, point.y), float(confidences[number]), None
                )

    def _sighting(
        self,
        name: str,
        row: int,
        kind: str,
        time_us: int,
        place: tuple[float, float],
        confidence: float,
        occurrence: Occurrence | None,
    ) -> Sighting:
        number = zlib.crc32(f"{self._ground.seed}/{name}/{self._ids[row]}".encode())
        district = str(self.things["district"].iloc[row]) or "city"
        return Sighting(
            f"{self._ids[row]}-{time_us // SECOND_US}-{number:08x}",
            self._ids[row],
            f"video-{district}",
            kind,
            time_us,
            round(place[0], 6),
            round(place[1], 6),
            round(confidence, 2),
            occurrence,
        )


def _optics(ground: Ground, ids: list[str]) -> tuple[Real, Real, Real]:
    """Return heading, field of view (degrees) and range (m) of each camera thing; a dome where the pack doesn't say."""
    cameras = ground.pack.table("cameras").set_index("camera_id").reindex(ids)
    turns = cameras["ptz"].fillna(False).astype(bool).to_numpy()
    view = np.where(turns, 360.0, cameras["field_of_view_deg"].fillna(360.0).to_numpy(float))
    return (
        cameras["heading_deg"].fillna(0.0).to_numpy(float),
        view,
        cameras["range_m"].fillna(100.0).to_numpy(float),
    )
