"""Rain, wind, river and drain levels: one sign for each kind of gauge, the value written beside it.

Rain grades are the hourly ones of weather bulletins in China: up to 2.5 mm light, to 8 moderate, to 16 heavy,
more is a rainstorm. A drain is graded by how full its manhole is; a river by the warning and guarantee levels
that its gauge is registered with (attributes ``warning_level_m``, ``guarantee_level_m``), where it is.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from layers import palette
from layers.contract import (
    AGED_LABEL,
    ICONS,
    Features,
    FeatureTable,
    LayerGeometry,
    LayerSpec,
    LegendEntry,
    LiveFrame,
    Shape,
)
from layers.values import graded, latest, point_geometry, things_of, written
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label

RAIN_LIMITS_MM_H = (0.1, 2.5, 8.0, 16.0)
DRAIN_LIMITS = (0.5, 0.7, 0.85, 1.0)
"""shares of the manhole's depth; 1: water reaches the street"""

KINDS = ("rain_gauge", "weather_station", "river_gauge", "drain_sensor")
_PROPERTIES = ("rain_intensity", "wind_speed", "river_level", "drain_level", "wind_direction")
_SIGNS = np.array([ICONS.index(name) for name in ("drop", "vane", "wave", "drain")])
_SIZES_PX = np.array([11.0, 20.0, 20.0, 6.0], np.float32)
_CALM: palette.Color = (110, 156, 190)
_COLORS = palette.table(_CALM, palette.CALM, palette.NOTICE, palette.WARNING, palette.SEVERE)
_GROWTH = np.array([1.0, 1.1, 1.25, 1.5, 1.8], np.float32)
_NEVER = 1e9
_Value = TypeVar("_Value", bound=np.generic)


class Weather:
    """Rain gauges, weather stations, river gauges and drain sensors."""

    name = "weather"
    label = Label("雨情水情", "rain and levels")
    rights = Rights(see=PICTURE)
    feeds = ("weather",)
    shape: Shape = "icons"
    order = 45
    turns = False
    legend = (
        LegendEntry(_CALM, Label("雨量站 无雨", "rain gauge, dry"), "drop"),
        LegendEntry(palette.CALM, Label("小雨 ≤2.5 mm/h", "light ≤2.5 mm/h"), "drop", 1.1),
        LegendEntry(palette.NOTICE, Label("中雨 ≤8", "moderate ≤8"), "drop", 1.2),
        LegendEntry(palette.WARNING, Label("大雨 ≤16", "heavy ≤16"), "drop", 1.35),
        LegendEntry(palette.SEVERE, Label("暴雨 >16", "rainstorm >16"), "drop", 1.5),
        LegendEntry(_CALM, Label("河道水位", "river level"), "wave", 1.2),
        LegendEntry(_CALM, Label("风向", "wind"), "vane", 1.2),
        LegendEntry(_CALM, Label("排水井", "drain"), "drain", 0.8),
        LegendEntry(palette.SEVERE, Label("满井溢流、超保证水位", "overflow, above guarantee level"), "drain", 1.3),
        LegendEntry(palette.AGED, AGED_LABEL, "ring"),
    )

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the gauges; ``columns``: ``kind`` and the four ``limits`` of each."""
        things = things_of(catalog, KINDS)
        points = point_geometry(catalog, things, _PROPERTIES)
        depth_of = _depths_m(features.get("pipe_nodes", FeatureTable.empty()))
        limits = np.array([_limits(thing, depth_of) for thing in things], np.float64).reshape(-1, 4)
        kind = np.array([KINDS.index(thing.kind) for thing in things], np.intp)
        return LayerGeometry(
            points.ids,
            points.positions,
            points.starts,
            points.things,
            points.streams,
            {"kind": kind, "limits": limits},
        )

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Sign by kind, colour and size by grade, the value as text where it tells something."""
        kind = geometry.columns["kind"]
        rows = np.arange(len(kind))
        found = [latest(frame, geometry.streams[name]) for name in _PROPERTIES[: len(KINDS)]]
        value = _own([v.value for v in found], kind, rows)
        time_us = _own([v.time_us for v in found], kind, rows)
        aged = _own([v.aged for v in found], kind, rows)
        grade = np.where(np.isnan(value), -1, (value[:, None] >= geometry.columns["limits"]).sum(axis=1))
        wind = latest(frame, geometry.streams["wind_direction"]).value
        hollow = aged | (grade < 0)
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=palette.paint(_COLORS, grade, aged),
            size=(_SIZES_PX[kind] * np.where(hollow, 0.8, _GROWTH[np.maximum(grade, 0)])).astype(np.float32),
            time_us=time_us,
            angle=np.where(kind == 1, np.nan_to_num(wind + 180.0) % 360.0, 0.0).astype(np.float32),
            icon=np.where(hollow, ICONS.index("ring"), _SIGNS[kind]).astype(np.uint8),
            text=written(value, _worth_writing(kind, grade), ".1f"),
            severity=graded(range(5), grade, aged),
        )


def _own(columns: list[NDArray[_Value]], kind: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[_Value]:
    """Take from each row the column of its own kind."""
    return np.asarray(np.stack(columns)[kind, rows])


def _worth_writing(kind: NDArray[np.intp], grade: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Rivers always; rain from moderate on; drains from three quarters on: calm is quiet."""
    return np.asarray((kind == 2) | ((kind == 0) & (grade >= 2)) | ((kind == 3) & (grade >= 3)))


def _depths_m(nodes: FeatureTable) -> dict[str, float]:
    return dict(zip(nodes.ids, nodes.numbers("depth_m").tolist(), strict=True))


def _limits(thing: Thing, depth_of: dict[str, float]) -> tuple[float, float, float, float]:
    match thing.kind:
        case "rain_gauge":
            return RAIN_LIMITS_MM_H
        case "drain_sensor":
            depth = depth_of.get(str(thing.attributes.get("pipe_node", "")), float("nan"))
            low, middle, high, full = (share * depth if depth > 0 else _NEVER for share in DRAIN_LIMITS)
            return low, middle, high, full
        case "river_gauge":
            warning = float(thing.attributes.get("warning_level_m", _NEVER))
            guarantee = float(thing.attributes.get("guarantee_level_m", _NEVER))
            return _NEVER, warning, warning, guarantee
        case _:
            # Beaufort 6, 8, 10 and 12 (GB/T 28591-2012): what blue, yellow, orange and red gale warnings begin at
            return 10.8, 17.2, 24.5, 32.7


LAYER = Weather()
