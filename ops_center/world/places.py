"""Small geometry that several models need: things in metres, how large the city is. No state."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ops_center.city.pack import CityPack
from ops_center.domain.observations import Float64
from ops_center.domain.place import MetricFrame


def metres_of(things: pd.DataFrame, metric: MetricFrame) -> tuple[Float64, Float64]:
    """Return easting and northing of point features, float64[n] each; empty where there are none."""
    if not len(things):
        return np.empty(0), np.empty(0)
    x, y = metric.to_metres(things.geometry.x.to_numpy(), things.geometry.y.to_numpy())
    return np.asarray(x, float), np.asarray(y, float)


def radius_m(pack: CityPack) -> float:
    """Return half the width of the city's bounds, at least 2 km: what weather has to cover."""
    bounds = pack.manifest.bounds
    x, y = pack.metric.to_metres([bounds.west, bounds.east], [bounds.south, bounds.north])
    return max(float(np.hypot(x[1] - x[0], y[1] - y[0]) / np.sqrt(8.0)), 2000.0)
