"""Water mains, wide as they are; a main is coloured where a sensor at one of its ends measures the pressure.

The grades are those of ``water``. A main without a sensor is drawn as what it is: a pipe, no value.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layers import palette
from layers.contract import AGED_LABEL, Features, FeatureTable, LayerGeometry, LayerSpec, LegendEntry, LiveFrame, Shape
from layers.values import grade_of, latest, pieces, stream_keys, things_of
from layers.water import PRESSURE_LIMITS_KPA
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Int32, Int64
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label

_PLAIN: palette.Color = (52, 98, 138)
_NORMAL: palette.Color = (72, 128, 176)
_COLORS = palette.table(palette.SEVERE, palette.WARNING, _NORMAL, palette.NOTICE, _PLAIN)
_UNMEASURED = 4
_WIDENING = np.array([2.2, 1.8, 1.0, 1.5, 1.0], np.float32)


class Pipes:
    """The mains of the water supply."""

    name = "pipes"
    label = Label("供水管网", "water mains")
    rights = Rights(see=PICTURE)
    feeds = ("water",)
    shape: Shape = "paths"
    order = 10
    turns = False
    legend = (
        LegendEntry(_PLAIN, Label("供水干管", "water main"), "line"),
        LegendEntry(_NORMAL, Label("压力正常", "normal pressure"), "line"),
        LegendEntry(palette.WARNING, Label("压力偏低", "low pressure"), "line", 1.8),
        LegendEntry(palette.NOTICE, Label("压力偏高", "high pressure"), "line", 1.5),
        LegendEntry(palette.SEVERE, Label("压力极低", "very low pressure"), "line", 2.2),
        LegendEntry(palette.AGED, AGED_LABEL, "line", 0.6),
    )

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the links of the network ``water`` with the pressure at their ends."""
        links = features.get("pipe_links", FeatureTable.empty())
        rows = _water_links(links)
        vertices, starts = pieces(links, rows)
        things = _sensors_at_ends(catalog, links, rows)
        return LayerGeometry(
            ids=tuple(links.ids[row] for row in rows.tolist()),
            positions=links.positions[vertices],
            starts=starts,
            things=things,
            streams={"water_pressure": stream_keys(catalog, things, "water_pressure")},
            columns={"width_px": _widths_px(links, rows)},
        )

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Colour and width by the grade of the pressure, aged ones grey and thin."""
        pressure = latest(frame, geometry.streams["water_pressure"])
        measured = grade_of(pressure.value, PRESSURE_LIMITS_KPA)
        grade = np.where(measured < 0, _UNMEASURED, measured)
        width = geometry.columns["width_px"] * np.where(pressure.aged, 0.6, _WIDENING[grade])
        color = palette.paint(_COLORS, grade, pressure.aged)
        color[grade == _UNMEASURED, 3] = 150
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=color,
            size=width.astype(np.float32),
            time_us=pressure.time_us,
        )


def _water_links(links: FeatureTable) -> Int64:
    return np.flatnonzero(links.texts("network") == "water")


def _widths_px(links: FeatureTable, rows: Int64) -> NDArray[np.float32]:
    """Return 0.8 px for the thinnest main to 2.4 px from DN 800 on; what has no diameter is thin."""
    diameter = np.nan_to_num(links.numbers("diameter_mm")[rows])
    return (0.8 + 1.6 * np.clip(diameter / 800.0, 0.0, 1.0)).astype(np.float32)


def _sensors_at_ends(catalog: Catalog, links: FeatureTable, rows: Int64) -> Int32:
    """Return the key of the pressure sensor at the first or else the last node of each link, -1 where none is."""
    at_node = {str(t.attributes.get("pipe_node", "")): t.key for t in things_of(catalog, ("water_pressure_sensor",))}
    at_node.pop("", None)
    ends = zip(links.texts("from_node")[rows], links.texts("to_node")[rows], strict=True)
    return np.array([at_node.get(first, at_node.get(last, -1)) for first, last in ends], np.int32)


LAYER = Pipes()
