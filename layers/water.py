"""Pressure, level, flow and quality where the water supply is measured.

Pressure grades: below 0.10 MPa a street hydrant can't be used and 0.14 MPa is the least in normal operation
(GB 50974-2014, clause 7.2.8); above 0.60 MPa fittings suffer (GB 50015-2019, clause 3.4.2). Free chlorine in the
network: at least 0.05 mg/L; turbidity at most 1 NTU (GB 5749-2022, tables 1 and 2).
"""

from __future__ import annotations

import numpy as np

from layers import palette
from layers.contract import AGED_LABEL, ICONS, Features, LayerGeometry, LayerSpec, LegendEntry, LiveFrame, Shape
from layers.values import grade_of, graded, latest, point_geometry, things_of
from ops_center.domain.catalog import Catalog
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label

PRESSURE_LIMITS_KPA = (100.0, 140.0, 600.0)
CHLORINE_LEAST_MG_L = 0.05
TURBIDITY_MOST_NTU = 1.0

KINDS = ("water_pressure_sensor", "water_flow_meter", "water_tank", "water_quality_station")
_PROPERTIES = ("water_pressure", "water_flow", "water_level", "free_chlorine", "turbidity")

_COLORS = palette.table(palette.SEVERE, palette.WARNING, palette.CALM, palette.NOTICE)
_FAILED, _LOW, _NORMAL, _HIGH = range(4)
_SEVERITIES = (4, 3, 0, 2)
_PRESSURE_SIGNS = np.array([ICONS.index(i) for i in ("triangle_down", "triangle_down", "circle", "triangle_up")])
_KIND_SIGNS = np.array([ICONS.index(i) for i in ("circle", "diamond", "square", "pentagon")])
_SIZES_PX = np.array([16.0, 12.0, 4.5, 12.0], np.float32)


class Water:
    """Every measuring point of the water supply."""

    name = "water"
    label = Label("供水监测", "water supply")
    rights = Rights(see=PICTURE)
    feeds = ("water",)
    shape: Shape = "icons"
    order = 40
    turns = False
    legend = (
        LegendEntry(palette.SEVERE, Label("极低 <100 kPa", "very low <100 kPa"), "triangle_down", 1.3),
        LegendEntry(palette.WARNING, Label("偏低 <140 kPa", "low <140 kPa"), "triangle_down"),
        LegendEntry(palette.CALM, Label("压力正常", "normal pressure"), "circle", 0.7),
        LegendEntry(palette.NOTICE, Label("偏高 >600 kPa", "high >600 kPa"), "triangle_up"),
        LegendEntry(palette.CALM, Label("流量计", "flow meter"), "diamond"),
        LegendEntry(palette.CALM, Label("水池液位", "tank level"), "square"),
        LegendEntry(palette.CALM, Label("水质站", "water quality"), "pentagon"),
        LegendEntry(palette.AGED, AGED_LABEL, "ring", 0.7),
    )

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the measuring points; ``columns["kind"]`` is an index into KINDS."""
        things = things_of(catalog, KINDS)
        points = point_geometry(catalog, things, _PROPERTIES)
        kind = np.array([KINDS.index(thing.kind) for thing in things], np.intp)
        return LayerGeometry(points.ids, points.positions, points.starts, points.things, points.streams, {"kind": kind})

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Sign by what is measured and, for pressure, by where it lies; colour and size by grade."""
        found = {name: latest(frame, geometry.streams[name]) for name in _PROPERTIES}
        kind = geometry.columns["kind"]
        pressure = found["water_pressure"]
        grade = np.where(kind == 0, grade_of(pressure.value, PRESSURE_LIMITS_KPA), _NORMAL)
        bad = (found["free_chlorine"].value < CHLORINE_LEAST_MG_L) | (found["turbidity"].value > TURBIDITY_MOST_NTU)
        time_us = np.max([values.time_us for values in found.values()], axis=0)
        grade = np.where(time_us == 0, -1, np.where(bad, _LOW, grade))
        aged = np.any([values.aged for values in found.values()], axis=0)
        sign = np.where(kind == 0, _PRESSURE_SIGNS[np.maximum(grade, 0)], _KIND_SIGNS[kind])
        hollow = (aged | (grade < 0)) & (kind == 0)
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=palette.paint(_COLORS, grade, aged),
            size=np.where(kind == 0, _SIZES_PX[np.maximum(grade, 0)], 10.0).astype(np.float32),
            time_us=time_us,
            icon=np.where(hollow, ICONS.index("ring"), sign).astype(np.uint8),
            severity=graded(_SEVERITIES, grade, aged),
        )


LAYER = Water()
