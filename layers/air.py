"""Air stations by air quality index, in the official colours of HJ 633, the index written in the sign.

The index is that of the hourly report, of the edition in force on the day. Micro stations measure particles
only: smaller diamonds without a number, because their index is not comparable with a national station's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from feeds.aqi import POLLUTANTS, Pollutant, edition_at, hourly_index, levels
from layers import palette
from layers.contract import AGED_LABEL, ICONS, Features, LayerGeometry, LayerSpec, LegendEntry, LiveFrame, Shape
from layers.values import Latest, graded, latest, point_geometry, things_of, written
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Float64
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.domain.time import to_datetime

KINDS = ("air_station", "air_micro")
_CHINA_AHEAD = timedelta(hours=8)
"""an edition comes into force at midnight in China"""


def _rgb(colour: str) -> palette.Color:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


LEVELS = levels()
"""of the index, from excellent to severely polluted"""
COLORS = palette.table(*(_rgb(level.colour) for level in LEVELS))
_UP_TO = np.array([level.up_to for level in LEVELS[:-1]], np.float64)
_GROWTH_PX = np.array([0.0, 1.0, 5.0, 7.0, 9.0, 11.0], np.float32)
"""the standard's green and orange are one colour to some: they differ in size, and the index stands in the sign"""
_SEVERITIES = (0, 0, 1, 2, 3, 4)
"""by level: excellent and good are normal, heavily and severely polluted are what warnings are issued at"""
_QUIET_ALPHA = 125
"""micro stations in clean air are many and say little"""


class Air:
    """National and micro air stations."""

    name = "air"
    label = Label("空气质量", "air quality")
    rights = Rights(see=PICTURE)
    feeds = ("air",)
    shape: Shape = "icons"
    order = 50
    turns = False
    legend = (
        *(
            LegendEntry(
                _rgb(level.colour),
                Label(f"{level.label.zh} ≤{level.up_to}", f"{level.label.en} ≤{level.up_to}"),
                "circle",
                1.0 + float(growth) / 26,
            )
            for level, growth in zip(LEVELS, _GROWTH_PX, strict=True)
        ),
        LegendEntry(palette.AGED, Label("微站（仅颗粒物）", "micro station (particles only)"), "diamond", 0.7),
        LegendEntry(palette.AGED, AGED_LABEL, "ring"),
    )

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the stations with their pollutants; ``columns["national"]`` tells the two kinds apart."""
        things = things_of(catalog, KINDS)
        points = point_geometry(catalog, things, POLLUTANTS)
        national = np.array([thing.kind == KINDS[0] for thing in things], bool)
        return LayerGeometry(
            points.ids, points.positions, points.starts, points.things, points.streams, {"national": national}
        )

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Colour and size by level, the index as text; aged stations are hollow and grey."""
        found: dict[Pollutant, Latest] = {name: latest(frame, geometry.streams[name]) for name in POLLUTANTS}
        current = np.any([(v.time_us > 0) & ~v.aged for v in found.values()], axis=0)
        time_us = np.max([v.time_us for v in found.values()], axis=0)
        aged = ~current & (time_us > 0)
        index = _index(found, frame.now_us)
        grade = np.where(np.isnan(index), -1, np.searchsorted(_UP_TO, index, side="left"))
        national = geometry.columns["national"]
        sign = np.where(national, ICONS.index("circle"), ICONS.index("diamond"))
        color = palette.paint(COLORS, grade, aged)
        color[~national & (grade <= 1), 3] = np.minimum(color[~national & (grade <= 1), 3], _QUIET_ALPHA)
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=color,
            size=(np.where(national, 28.0, 6.0) + _GROWTH_PX[np.maximum(grade, 0)]).astype(np.float32),
            time_us=time_us,
            icon=np.where(aged | (grade < 0), ICONS.index("ring"), sign).astype(np.uint8),
            text=written(index, national & (grade >= 0), ".0f"),
            severity=graded(_SEVERITIES, grade, aged),
        )


def _index(found: Mapping[Pollutant, Latest], now_us: int) -> Float64:
    """Return the index of what is current; of what is aged where nothing else is left."""
    edition = edition_at((to_datetime(now_us) + _CHINA_AHEAD).date())
    current = hourly_index(edition, {n: np.where(v.aged, np.nan, v.value) for n, v in found.items()}).value
    anything = hourly_index(edition, {n: v.value for n, v in found.items()}).value
    return np.where(np.isnan(current), anything, current)


LAYER = Air()
