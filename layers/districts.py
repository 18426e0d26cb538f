"""Districts as areas: congestion, air, rain, people present, one at a time; each number stands in its district.

Values are the minute's aggregates that the feed ``city_figures`` reports. A map chooses the quantity (``variants``) and
whether areas are coloured or a column stands in each. Grades: congestion index (travel time over that of free flow) by
the five levels of DB11/T 785-2011, table 5 (1.3, 1.5, 1.8, 2.1 after GB/T 33171's ratio); air by HJ 633; rain by hourly
grades; people present per km² by plain steps: no standard says what is many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from layers import air, palette
from layers.contract import (
    AGED_LABEL,
    Features,
    FeatureTable,
    LayerGeometry,
    LayerSpec,
    LegendEntry,
    LiveFrame,
    Shape,
    Variant,
)
from layers.values import graded, latest, stream_keys, things_of, written
from layers.weather import RAIN_LIMITS_MM_H
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.observations import Float64
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label

_SUBJECT = "district:"
"""what the ids of the districts' aggregates begin with (ops_center/world/subjects.py)"""
_FIVE = palette.table(palette.GOOD, palette.FAIR, palette.NOTICE, palette.WARNING, palette.SEVERE)
_RAIN = palette.table((110, 156, 190), palette.CALM, palette.NOTICE, palette.WARNING, palette.SEVERE)
_PEOPLE = palette.table((92, 120, 190), (120, 140, 214), (152, 160, 232), (190, 184, 244), (228, 214, 255))
_FACE_ALPHA = 105
"""what lies under an area, and on it, is to be seen"""
_TALLEST = 0.14
"""of the city's extent: the column of a value at the last limit"""
_LOWEST, _OVER = 0.04, 1.5
"""least and most of that"""
_HARDLY = 1e-6
"""a level ends with the index that it is named after"""
_PEOPLE_PER_KM2 = (1000.0, 3000.0, 8000.0, 15000.0)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing that districts are coloured by."""

    observed_property: str
    label: Label
    limits: tuple[float, ...]
    """ascending; a value that reaches the k-th has grade k"""
    colors: NDArray[np.uint8]
    grades: tuple[Label, ...]
    pattern: str
    shown: Callable[[Float64], Float64] = lambda values: values
    """what is written of a value"""
    per_km2: bool = False
    """judged by area"""
    base: float = 0.0
    """a value of no height: where nothing is in the way, the congestion index is 1"""


def _by_level() -> Quantity:
    return Quantity(
        "aqi",
        Label("空气质量指数", "air quality index"),
        tuple(level.up_to + _HARDLY for level in air.LEVELS[:-1]),
        air.COLORS,
        tuple(Label(f"{one.label.zh} ≤{one.up_to}", f"{one.label.en} ≤{one.up_to}") for one in air.LEVELS),
        ".0f",
    )


QUANTITIES: Mapping[str, Quantity] = {
    "congestion": Quantity(
        "congestion_index",
        Label("拥堵指数", "congestion index"),
        (1.3, 1.5, 1.8, 2.1),
        _FIVE,
        (
            Label("畅通 <1.3", "free <1.3"),
            Label("基本畅通 <1.5", "mostly free <1.5"),
            Label("轻度拥堵 <1.8", "light <1.8"),
            Label("中度拥堵 <2.1", "moderate <2.1"),
            Label("严重拥堵 ≥2.1", "severe ≥2.1"),
        ),
        ".2f",
        base=1.0,
    ),
    "air": _by_level(),
    "rain": Quantity(
        "mean_rain",
        Label("平均雨强 mm/h", "mean rain mm/h"),
        RAIN_LIMITS_MM_H,
        _RAIN,
        (
            Label("无雨", "dry"),
            Label("小雨 ≤2.5", "light ≤2.5"),
            Label("中雨 ≤8", "moderate ≤8"),
            Label("大雨 ≤16", "heavy ≤16"),
            Label("暴雨 >16", "rainstorm >16"),
        ),
        ".1f",
    ),
    "people": Quantity(
        "people_present",
        Label("在场人口 万人", "people present, 10,000"),
        _PEOPLE_PER_KM2,
        _PEOPLE,
        (
            Label("<1千人/km²", "<1,000 per km²"),
            Label("<3千", "<3,000"),
            Label("<8千", "<8,000"),
            Label("<1.5万", "<15,000"),
            Label("≥1.5万", "≥15,000"),
        ),
        ".1f",
        lambda values: values / 10_000.0,
        per_km2=True,
    ),
}
FIRST = "congestion"


def _legend(quantity: Quantity) -> tuple[LegendEntry, ...]:
    colors = [(int(r), int(g), int(b)) for r, g, b in quantity.colors]
    lines = zip(colors, quantity.grades, strict=True)
    return (
        *(LegendEntry(color, label, "square", 0.8 + 0.12 * grade) for grade, (color, label) in enumerate(lines)),
        LegendEntry(palette.AGED, AGED_LABEL, "square", 0.7),
    )


class Districts:
    """The districts, each with the figures of its own."""

    name = "districts"
    label = Label("分区指标", "districts")
    rights = Rights(see=PICTURE)
    feeds = ("city_figures",)
    shape: Shape = "areas"
    order = 5
    turns = False
    legend = _legend(QUANTITIES[FIRST])
    looks: ClassVar[Mapping[str, tuple[LegendEntry, ...]]] = {
        name: _legend(quantity) for name, quantity in QUANTITIES.items()
    }
    """name of a variant → its legend; known before anything is drawn"""
    look_labels: ClassVar[Mapping[str, Label]] = {name: quantity.label for name, quantity in QUANTITIES.items()}

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the districts that have figures; ``columns``: area of each, and about how wide the city is."""
        table = features.get("districts", FeatureTable.empty())
        row_of = {code: row for row, code in enumerate(table.ids)}
        things = [thing for thing in things_of(catalog, ("aggregate",)) if _code(thing) in row_of]
        rows = [row_of[_code(thing)] for thing in things]
        keys = np.array([thing.key for thing in things], np.int32)
        counts = (table.starts[1:] - table.starts[:-1])[rows]
        vertices = [table.positions[table.starts[row] : table.starts[row + 1]] for row in rows]
        return LayerGeometry(
            ids=tuple(thing.thing_id for thing in things),
            positions=np.concatenate(vertices) if vertices else np.empty((0, 2), np.float32),
            starts=np.concatenate(([0], np.cumsum(counts))).astype(np.uint32),
            things=keys,
            streams={
                one.observed_property: stream_keys(catalog, keys, one.observed_property) for one in QUANTITIES.values()
            },
            columns={
                "area_km2": table.numbers("area_km2")[rows],
                "extent_m": np.full(len(things), 1000.0 * np.sqrt(table.numbers("area_km2")[rows].sum())),
            },
            anchors=np.array([(t.longitude, t.latitude) for t in things], np.float32).reshape(-1, 2),
        )

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Every quantity at once, as variants: each map chooses one. The layer's own look is congestion."""
        drawn = {name: _look(one, frame, geometry) for name, one in QUANTITIES.items()}
        first, severity, time_us = drawn[FIRST]
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=first.color,
            size=first.size,
            time_us=time_us,
            text=first.text,
            severity=severity,
            variants={name: variant for name, (variant, _, _) in drawn.items()},
        )


def _code(thing: Thing) -> str:
    """Return the code of the district that an aggregate is of; "" for one of something else."""
    return thing.thing_id.removeprefix(_SUBJECT) if thing.thing_id.startswith(_SUBJECT) else ""


def _look(
    quantity: Quantity, frame: LiveFrame, geometry: LayerGeometry
) -> tuple[Variant, NDArray[np.uint8], NDArray[np.int64]]:
    """Return how the districts look by one quantity, how severe that is, and when it was measured."""
    found = latest(frame, geometry.streams[quantity.observed_property])
    judged = found.value / geometry.columns["area_km2"] if quantity.per_km2 else found.value
    grade = np.where(np.isnan(judged), -1, np.searchsorted(quantity.limits, judged, side="right"))
    color = palette.paint(quantity.colors, grade, found.aged)
    color[:, 3] = np.minimum(color[:, 3], _FACE_ALPHA)
    share = (judged - quantity.base) / (quantity.limits[-1] - quantity.base)
    size = _TALLEST * geometry.columns["extent_m"] * np.clip(np.nan_to_num(share), _LOWEST, _OVER)
    text = written(quantity.shown(found.value), (grade >= 0) & ~found.aged, quantity.pattern)
    severities = range(5) if len(quantity.limits) < 5 else (0, 0, 1, 2, 3, 4)
    variant = Variant(quantity.label, _legend(quantity), color, size.astype(np.float32), text)
    return variant, graded(severities, grade, found.aged), found.time_us


LAYER = Districts()
