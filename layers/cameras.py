"""Cameras, and what video analytics has just seen: a fresh event stands out, then fades within ten minutes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from layers import palette
from layers.contract import AGED_LABEL, ICONS, Features, LayerGeometry, LayerSpec, LegendEntry, LiveFrame, Shape
from layers.values import graded, latest, point_geometry, things_of
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Event, Int32, Int64
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US

FRESH_US = MINUTE_US
RECENT_US = 10 * MINUTE_US

_CALM: palette.Color = (150, 168, 188)
_COLORS = palette.table(_CALM, palette.WARNING, palette.SEVERE)
_QUIET, _RECENT, _FRESH = range(3)
_SIGNS = np.array([ICONS.index(name) for name in ("camera", "camera", "alert")])
_SIZES_PX = np.array([7.0, 18.0, 28.0], np.float32)
_SEVERITIES = (0, 2, 3)
_QUIET_ALPHA = 130
"""hundreds of cameras that see nothing are a texture, not a message"""


class Cameras:
    """Every camera, with the newest event it reported."""

    name = "cameras"
    label = Label("视频事件", "cameras, events")
    rights = Rights(see=PICTURE)
    feeds = ("video",)
    shape: Shape = "icons"
    order = 70
    turns = False
    legend = (
        LegendEntry(palette.SEVERE, Label("1 分钟内事件", "event <1 min"), "alert", 1.6),
        LegendEntry(palette.WARNING, Label("10 分钟内事件", "event <10 min"), "camera", 1.3),
        LegendEntry(_CALM, Label("摄像机", "camera"), "camera"),
        LegendEntry(palette.AGED, AGED_LABEL, "camera", 0.8),
    )

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the cameras with the datastream that shows whether their analytics is alive."""
        return point_geometry(catalog, things_of(catalog, ("camera",)), ("people_count",))

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Sign, size and colour by how long ago the newest event was."""
        alive = latest(frame, geometry.streams["people_count"])
        seen_us = _newest(frame.events, geometry.things)
        age_us = frame.now_us - seen_us
        state = np.select([seen_us == 0, age_us <= FRESH_US, age_us <= RECENT_US], [_QUIET, _FRESH, _RECENT], _QUIET)
        quiet = state == _QUIET
        grade = np.where(quiet & (alive.time_us == 0), -1, state)
        color = palette.paint(_COLORS, grade, alive.aged & quiet)
        color[grade == _QUIET, 3] = np.minimum(color[grade == _QUIET, 3], _QUIET_ALPHA)
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=color,
            size=_SIZES_PX[state],
            time_us=np.maximum(alive.time_us, seen_us),
            icon=_SIGNS[state].astype(np.uint8),
            severity=graded(_SEVERITIES, grade, alive.aged & quiet),
            options={"pulse": np.flatnonzero(state == _FRESH).tolist()},
        )


def _newest(events: Iterable[Event], things: Int32) -> Int64:
    """Return the time of each thing's newest event, int64[n], 0 where there is none; events come oldest first."""
    row_of = {key: row for row, key in enumerate(things.tolist())}
    newest = np.zeros(len(things), np.int64)
    for event in events:
        row = row_of.get(event.thing)
        if row is not None:
            newest[row] = max(newest[row], event.phenomenon_time_us)
    return newest


LAYER = Cameras()
