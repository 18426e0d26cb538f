"""Everything that drives and reports where it is: an arrow in its direction, coloured by who it is.

The sign tells standing (a dot) from moving (an arrow). A fix is aged after a minute, hidden after ten: an old
place of something that moves misleads.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from layers import palette
from layers.contract import AGED_LABEL, ICONS, Features, LayerGeometry, LayerSpec, LegendEntry, LiveFrame, Shape
from layers.values import point_geometry, things_of
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Int32
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US

AGED_AFTER_US = MINUTE_US
HIDDEN_AFTER_US = 10 * MINUTE_US
STANDING_MPS = 0.5
_Value = TypeVar("_Value", bound=np.generic)

KINDS = ("bus", "sanitation", "police", "fire", "ambulance", "truck")
_COLORS = palette.table(
    (120, 200, 255), (126, 217, 146), (150, 150, 255), (255, 96, 84), (255, 255, 255), (222, 170, 94)
)
_LABELS = (
    Label("公交", "bus"),
    Label("环卫", "sanitation"),
    Label("公安", "police"),
    Label("消防", "fire"),
    Label("急救", "ambulance"),
    Label("渣土车", "truck"),
)
_ALPHA = np.array([205, 205, 255, 255, 255, 205], np.uint8)
"""who answers calls stands out from who makes rounds"""
_SIZES_PX = np.array([7.5, 7.0, 11.0, 13.0, 13.0, 7.0], np.float32)


class Vehicles:
    """Vehicles where they were last seen."""

    name = "vehicles"
    label = Label("车辆", "vehicles")
    rights = Rights(see=PICTURE)
    feeds = ("vehicles",)
    shape: Shape = "icons"
    order = 60
    turns = True
    legend = (
        *(
            LegendEntry((int(r), int(g), int(b)), label, "arrow", float(size) / 10)
            for (r, g, b), label, size in zip(_COLORS, _LABELS, _SIZES_PX, strict=True)
        ),
        LegendEntry(palette.AGED, Label("停驶", "standing"), "circle", 0.6),
        LegendEntry(palette.AGED, AGED_LABEL, "ring", 0.7),
    )

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the vehicles; their places in it are where they are registered."""
        things = things_of(catalog, KINDS)
        points = point_geometry(catalog, things, ())
        kind = np.array([KINDS.index(thing.kind) for thing in things], np.intp)
        return LayerGeometry(points.ids, points.positions, points.starts, points.things, {}, {"kind": kind})

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Place, direction and age of each; hidden where no fix is young enough."""
        fix = fix_of(frame.position_thing, geometry.things)
        time_us = taken(frame.position_time_us, fix, 0)
        age_us = frame.now_us - time_us
        aged = age_us > AGED_AFTER_US
        color = palette.paint(_COLORS, geometry.columns["kind"], aged)
        color[:, 3] = np.minimum(color[:, 3], _ALPHA[geometry.columns["kind"]])
        color[(time_us == 0) | (age_us > HIDDEN_AFTER_US), 3] = 0
        standing = taken(frame.speed_mps, fix, 0.0) < STANDING_MPS
        sign = np.where(aged, ICONS.index("ring"), np.where(standing, ICONS.index("circle"), ICONS.index("arrow")))
        size = np.where(aged | standing, 5.0, _SIZES_PX[geometry.columns["kind"]])
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=color,
            size=size.astype(np.float32),
            time_us=time_us.astype(np.int64),
            angle=taken(frame.heading_deg, fix, 0.0).astype(np.float32),
            icon=sign.astype(np.uint8),
            positions=places(frame, fix, geometry),
        )


def fix_of(fixed: Int32, things: Int32) -> Int32:
    """Return the row of each thing's fix, -1 where it has none or there is no thing (-1)."""
    rows = np.full(int(max(fixed.max(initial=-1), things.max(initial=-1))) + 2, -1, np.int32)
    rows[fixed] = np.arange(len(fixed), dtype=np.int32)
    return rows[things]


def taken(values: NDArray[_Value], rows: Int32, nothing: float) -> NDArray[_Value]:
    """Return ``values[rows]``, ``nothing`` where the row is -1."""
    chosen = np.full(len(rows), nothing, values.dtype)
    chosen[rows >= 0] = values[rows[rows >= 0]]
    return chosen


def places(frame: LiveFrame, fix: Int32, geometry: LayerGeometry) -> NDArray[np.float32]:
    """Return where each is, float32[n, 2]: at its fix, and where it has none (-1) where the geometry has it."""
    fixes = np.column_stack((taken(frame.longitude, fix, np.nan), taken(frame.latitude, fix, np.nan)))
    return np.where(np.isnan(fixes), geometry.positions, fixes).astype(np.float32)


LAYER = Vehicles()
