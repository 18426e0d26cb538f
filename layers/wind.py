"""Wind over the city: arrows on a grid, each the way the air goes, longer and brighter the stronger it is.

Between the stations the wind is the mean of theirs, weighted by the square of the distance (Shepard 1968): a picture of
a field, measured only where a station stands. Colours by Beaufort as in ``weather`` (GB/T 28591-2012).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layers import palette
from layers.contract import AGED_LABEL, ICONS, Features, LayerGeometry, LayerSpec, LegendEntry, LiveFrame, Shape
from layers.values import latest, stream_keys, things_of
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Float64, Int64
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label

ACROSS = 14
"""arrows along the longer side"""
LIMITS_MPS = (5.5, 10.8, 17.2, 24.5)
"""Beaufort 4, 6, 8, 10: warnings of gales begin with the second (blue), third (yellow), fourth (orange)"""
_BREEZE: palette.Color = (116, 140, 164)
_COLORS = palette.table(_BREEZE, palette.CALM, palette.NOTICE, palette.WARNING, palette.SEVERE)
_ALPHA = np.array([150, 200, 255, 255, 255], np.uint8)
_SIZES_PX = np.array([15.0, 20.0, 25.0, 30.0, 34.0], np.float32)
_LEAST_DEG = 1e-4
"""of distance: a station on an arrow doesn't divide by zero"""
_MARGIN = 0.03
"""of the stations' extent, beyond them"""


class Wind:
    """The field of wind between the weather stations."""

    name = "wind"
    label = Label("风场", "wind")
    rights = Rights(see=PICTURE)
    feeds = ("weather",)
    shape: Shape = "icons"
    order = 30
    turns = True
    legend = (
        LegendEntry(_BREEZE, Label("3 级以下", "Beaufort 0–3"), "vane", 0.8),
        LegendEntry(palette.CALM, Label("4—5 级", "Beaufort 4–5"), "vane", 1.0),
        LegendEntry(palette.NOTICE, Label("6—7 级", "Beaufort 6–7"), "vane", 1.2),
        LegendEntry(palette.WARNING, Label("8—9 级", "Beaufort 8–9"), "vane", 1.4),
        LegendEntry(palette.SEVERE, Label("10 级以上", "Beaufort 10 and more"), "vane", 1.6),
        LegendEntry(palette.AGED, AGED_LABEL, "vane", 0.6),
    )

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return a grid over the stations; ``columns["weight"]``: what each counts for, float64[n, stations]."""
        stations = things_of(catalog, ("weather_station",))
        sites = np.array([(one.longitude, one.latitude) for one in stations], np.float64).reshape(-1, 2)
        keys = np.array([one.key for one in stations], np.int32)
        grid = _grid(sites)
        names = ("wind_speed", "wind_direction")
        tiled = np.broadcast_to(
            np.stack([stream_keys(catalog, keys, name) for name in names]), (len(grid), 2, len(keys))
        )
        return LayerGeometry(
            ids=tuple(f"wind-{place}" for place in range(len(grid))),
            positions=grid.astype(np.float32),
            starts=np.arange(len(grid) + 1, dtype=np.uint32),
            things=np.full(len(grid), -1, np.int32),
            columns={"weight": _weights(grid, sites), "streams": tiled},
        )

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Colour, length and direction of each arrow; grey where no station near it is current."""
        n = len(geometry)
        streams = geometry.columns["streams"]
        speed = latest(frame, streams[0, 0] if n else np.empty(0, np.int32))
        towards = np.radians(latest(frame, streams[0, 1] if n else np.empty(0, np.int32)).value + 180.0)
        known = np.isfinite(speed.value) & np.isfinite(towards)
        current = known & ~speed.aged
        used = current if current.any() else known
        east, north = (
            _mean(geometry, used, speed.value * np.sin(towards)),
            _mean(geometry, used, speed.value * np.cos(towards)),
        )
        strength = np.hypot(east, north)
        grade = np.where(np.isnan(strength), -1, np.searchsorted(LIMITS_MPS, strength, side="right"))
        aged = np.full(n, bool(known.any() and not current.any()))
        color = palette.paint(_COLORS, grade, aged)
        color[~aged & (grade >= 0), 3] = _ALPHA[grade[~aged & (grade >= 0)]]
        return LayerSpec(
            name=self.name,
            shape=self.shape,
            geometry=geometry,
            color=color,
            size=_SIZES_PX[np.maximum(grade, 0)],
            time_us=_newest(speed.time_us, used, n),
            angle=np.nan_to_num(np.degrees(np.arctan2(east, north)) % 360.0).astype(np.float32),
            icon=np.full(n, ICONS.index("vane"), np.uint8),
        )


def _grid(sites: Float64) -> Float64:
    """Return the arrows' places, float64[n, 2]; every other row is half a step aside."""
    if not len(sites):
        return np.empty((0, 2))
    low, high = sites.min(axis=0), sites.max(axis=0)
    margin = np.maximum(_MARGIN * (high - low), 0.01)
    low, high = low - margin, high + margin
    step = max(high - low) / ACROSS
    x, y = np.meshgrid(np.arange(low[0], high[0], step), np.arange(low[1], high[1], step * 0.85))
    x = x + 0.5 * step * (np.arange(x.shape[0]) % 2)[:, None]
    return np.column_stack((x.ravel(), y.ravel()))


def _weights(grid: Float64, sites: Float64) -> Float64:
    away = np.hypot(grid[:, None, 0] - sites[None, :, 0], grid[:, None, 1] - sites[None, :, 1])
    return np.asarray(1.0 / np.maximum(away, _LEAST_DEG) ** 2)


def _mean(geometry: LayerGeometry, used: NDArray[np.bool_], values: Float64) -> Float64:
    """Return the weighted mean of the stations that are ``used`` at each arrow; NaN where none is."""
    weight = geometry.columns["weight"] * used[None, :] if len(geometry) else np.empty((0, len(used)))
    total = weight.sum(axis=1)
    summed = (weight * np.where(used, values, 0.0)[None, :]).sum(axis=1)
    return np.asarray(np.divide(summed, total, out=np.full(len(total), np.nan), where=total > 0))


def _newest(time_us: Int64, used: NDArray[np.bool_], count: int) -> Int64:
    return np.full(count, int(time_us[used].max(initial=0)) if count else 0, np.int64)


LAYER = Wind()
