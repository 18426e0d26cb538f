"""Where people are: a field of warmth over what the cameras count. Off at first: it lies over everything else.

A weight, not a number of people per area: a camera sees what it sees. Aged counts weigh nothing.
"""

from __future__ import annotations

import numpy as np

from layers import palette
from layers.contract import AGED_LABEL, Features, LayerGeometry, LayerSpec, LegendEntry, LiveFrame, Shape
from layers.values import latest, point_geometry, things_of
from ops_center.domain.catalog import Catalog
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label

MANY = 60.0
"""people in one picture that weigh 1"""
LEAST = 0.001
"""of weight: sizes are never 0"""


class Crowds:
    """People counted by cameras."""

    name = "crowds"
    label = Label("人流热力", "crowds")
    rights = Rights(see=PICTURE)
    feeds = ("video",)
    shape: Shape = "heat"
    order = 15
    turns = False
    legend = (
        LegendEntry(palette.HEAT[0], Label("人少", "few people"), "circle", 0.7),
        LegendEntry(palette.HEAT[2], Label("较多", "more"), "circle", 1.0),
        LegendEntry(palette.HEAT[4], Label("密集", "many"), "circle", 1.3),
        LegendEntry(palette.AGED, AGED_LABEL, "ring", 0.6),
    )

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the cameras that count people."""
        return point_geometry(catalog, things_of(catalog, ("camera",)), ("people_count",))

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Weigh each camera by what it counts now; what is aged or unknown weighs nothing."""
        counted = latest(frame, geometry.streams["people_count"])
        current = (counted.time_us > 0) & ~counted.aged
        weight = np.where(current, np.nan_to_num(counted.value) / MANY, 0.0)
        color = palette.paint(palette.table(palette.HEAT[2]), np.where(counted.time_us > 0, 0, -1), counted.aged)
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=color,
            size=np.clip(weight, LEAST, 2.0).astype(np.float32),
            time_us=counted.time_us,
        )


LAYER = Crowds()
