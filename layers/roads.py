"""Road segments by level of service, from the speed that the traffic sensors on them measure; closed ones.

Grades are the five of DB11/T 785-2011 (城市道路交通运行评价指标体系), table 1: average speed by road class.
Where a street's own limit is low (30 km/h) that table would call it congested for ever, so a grade's limit is
at most the share of the free-flow speed that the Highway Capacity Manual 2010, exhibit 17-2, gives for the
same step of an urban street; the speed limit stands for the free-flow speed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from layers import palette
from layers.contract import (
    AGED_LABEL,
    SEVERE,
    Features,
    FeatureTable,
    LayerGeometry,
    LayerSpec,
    LegendEntry,
    LiveFrame,
    Shape,
)
from layers.values import Latest, graded, latest, pieces, stream_keys, things_of
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.observations import Float64, Int32, Int64
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label

SPEED_LIMITS_KMH: Mapping[str, tuple[float, float, float, float]] = {
    "expressway": (20.0, 35.0, 50.0, 65.0),
    "arterial": (15.0, 20.0, 30.0, 40.0),
    "collector": (10.0, 15.0, 25.0, 35.0),
    "local": (10.0, 15.0, 25.0, 35.0),
}
"""road class → speed above which a segment is better than grade 5, 4, 3, 2 (DB11/T 785-2011, table 1)"""
FREE_FLOW_SHARES = (0.30, 0.40, 0.50, 0.67)
"""the same steps as shares of the free-flow speed (HCM 2010, exhibit 17-2: E|F, D|E, C|D, B|C)"""

_COLORS = palette.table(palette.SEVERE, palette.WARNING, palette.NOTICE, palette.FAIR, palette.GOOD)
_WIDENING = np.array([1.9, 1.6, 1.3, 1.0, 1.0], np.float32)
"""worse is wider: level of service is never colour alone"""
_ALPHA = np.array([255, 255, 255, 225, 205], np.uint8)
"""what flows recedes"""
_SEVERITIES = (4, 3, 2, 0, 0)
"""by grade; smaller roads of which nothing is to be said recede where the view is far (assets/picture_layer.js)"""
_WIDTHS_PX = {"expressway": 3.2, "arterial": 2.4, "collector": 1.7, "local": 1.3}
CLOSED: palette.Color = (196, 140, 255)
"""roads that live incidents close: none of the colours of traffic"""
_CLOSED_WIDENING = 2.6
_NOTHING_PX = 0.01
"""of roads of which nothing is known: no pixel, and nothing to be clicked"""
_GRADES = (
    Label("严重拥堵", "severe congestion"),
    Label("中度拥堵", "moderate congestion"),
    Label("轻度拥堵", "light congestion"),
    Label("基本畅通", "mostly free"),
    Label("畅通", "free flow"),
)


class Roads:
    """Roads that a sensor observes; a road with several shows the slowest that is current."""

    name = "roads"
    label = Label("道路拥堵", "traffic")
    rights = Rights(see=PICTURE)
    feeds = ("traffic",)
    shape: Shape = "paths"
    order = 20
    turns = False
    legend = (
        *(
            LegendEntry(tuple(map(int, _COLORS[grade])), _GRADES[grade], "line", float(_WIDENING[grade]))  # type: ignore[arg-type]
            for grade in (4, 3, 2, 1, 0)
        ),
        LegendEntry(CLOSED, Label("事件封闭道路", "closed by an incident"), "line", _CLOSED_WIDENING),
        LegendEntry(palette.AGED, AGED_LABEL, "line", 0.6),
    )

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the roads with sensors; ``columns`` hold their class's limits and which sensors are on which."""
        table = features.get("roads", FeatureTable.empty())
        sensors = things_of(catalog, ("traffic_sensor",))
        road_of = {road: row for row, road in enumerate(table.ids)}
        rows = np.array([_row(sensor, road_of) for sensor in sensors], np.int64)
        observed, feature = np.unique(rows[rows >= 0], return_inverse=True)
        keys = np.array([sensor.key for sensor in sensors], np.int32)[rows >= 0]
        there = [sensor for sensor, row in zip(sensors, rows.tolist(), strict=True) if row >= 0]
        # The others are there to be shown closed; all are in the order of the table.
        roads = np.arange(len(table.ids))
        feature = observed[feature]
        vertices, starts = pieces(table, roads)
        return LayerGeometry(
            ids=table.ids,
            positions=table.positions[vertices],
            starts=starts,
            things=_only_one(keys, feature, len(roads)),
            columns={
                "stream": stream_keys(catalog, keys, "vehicle_speed"),
                "feature": feature,
                "limits_kmh": _limits_kmh(table, roads),
                "width_px": _widths_px(table, roads),
                "observed": np.isin(roads, observed),
                "district": _districts(table, there, feature),
            },
        )

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Colour and width by level of service; aged segments are grey, thin and translucent."""
        speeds = latest(frame, geometry.columns["stream"])
        speed, time_us, aged = _slowest(speeds, geometry.columns["feature"], len(geometry))
        better = (speed[:, None] > geometry.columns["limits_kmh"]).sum(axis=1)
        grade = np.where(np.isnan(speed), -1, better)
        width = geometry.columns["width_px"] * _WIDENING[np.maximum(grade, 0)]
        faded = aged | (grade < 0)
        color = palette.paint(_COLORS, grade, aged)
        color[~faded, 3] = _ALPHA[grade[~faded]]
        size = np.where(faded, 0.6 * geometry.columns["width_px"], width)
        severity = graded(_SEVERITIES, grade, aged)
        color[~geometry.columns["observed"], 3], size[~geometry.columns["observed"]] = 0, _NOTHING_PX
        if frame.closed_roads:
            closed = np.array([road in frame.closed_roads for road in geometry.ids], bool)
            color[closed], severity[closed] = (*CLOSED, 255), SEVERE
            size[closed] = _CLOSED_WIDENING * geometry.columns["width_px"][closed]
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=color,
            size=size.astype(np.float32),
            time_us=time_us,
            severity=severity,
        )


def _districts(table: FeatureTable, sensors: list[Thing], feature: NDArray[np.intp]) -> NDArray[np.object_]:
    """Return the district of each road: of its sensor, who sees the one sees the other; else its own."""
    found = np.array(table.texts("district"), object)
    found[feature] = np.array([sensor.district for sensor in sensors], object)
    return found


def _row(sensor: Thing, road_of: Mapping[str, int]) -> int:
    return road_of.get(str(sensor.attributes.get("road_id", "")), -1)


def _only_one(keys: Int32, feature: NDArray[np.intp], count: int) -> Int32:
    """Return the key of the first sensor of each feature: what a click on the road asks for."""
    things = np.full(count, -1, np.int32)
    things[feature[::-1]] = keys[::-1]
    return things


def _limits_kmh(table: FeatureTable, rows: Int64) -> Float64:
    """Return float64[n, 4], ascending."""
    by_class = np.array([SPEED_LIMITS_KMH[str(name)] for name in table.texts("class")[rows]]).reshape(-1, 4)
    shares = table.numbers("speed_limit_kmh")[rows][:, None] * np.array(FREE_FLOW_SHARES)
    return np.asarray(np.minimum(by_class, shares))


def _widths_px(table: FeatureTable, rows: Int64) -> NDArray[np.float32]:
    return np.array([_WIDTHS_PX[str(name)] for name in table.texts("class")[rows]], np.float32)


def _slowest(speeds: Latest, feature: NDArray[np.intp], count: int) -> tuple[Float64, Int64, NDArray[np.bool_]]:
    """Return speed, time and age of each feature: the slowest current sensor's, else the newest aged one's."""
    order = np.lexsort((np.where(speeds.aged, -speeds.time_us, speeds.value), speeds.aged, np.isnan(speeds.value)))
    best = np.full(count, -1, np.int64)
    best[feature[order[::-1]]] = order[::-1]
    return speeds.value[best], speeds.time_us[best], speeds.aged[best]


LAYER = Roads()
