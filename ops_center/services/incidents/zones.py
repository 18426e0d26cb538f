"""Where the city's people live, in few squares: what a brigade that leaves may leave without cover. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ops_center.domain.place import MetricFrame

LEAST_M = 1500.0
"""of a side: smaller zones tell no more about minutes"""
MOST_ZONES = 80


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """Squares of the city with people in them."""

    lonlat: NDArray[np.float64]
    """float64[z, 2], where the people of each are on average"""
    share: NDArray[np.float64]
    """float64[z], of the city's people; sums to 1 where there are any"""


def zones_of(grid: gpd.GeoDataFrame, metric: MetricFrame) -> Zones:
    """Return the zones of the layer ``population_grid``; none where nobody lives."""
    people = grid["residents"].fillna(0.0).to_numpy(float) if len(grid) else np.zeros(0)
    lived = people > 0
    if not lived.any():
        return Zones(np.empty((0, 2)), np.empty(0))
    middles = shapely.get_coordinates(shapely.centroid(np.asarray(grid.geometry)[lived]))
    xy, weight = np.column_stack(metric.to_metres(middles[:, 0], middles[:, 1])), people[lived]
    side_m = LEAST_M
    while True:
        _, zone = np.unique(np.floor((xy - xy.min(axis=0)) / side_m), axis=0, return_inverse=True)
        zone = zone.reshape(-1)
        if zone.max() < MOST_ZONES:
            break
        side_m *= 1.25
    total = np.bincount(zone, weight)
    x, y = (np.bincount(zone, weight * axis) / total for axis in xy.T)
    return Zones(np.column_stack(metric.to_lonlat(x, y)), total / total.sum())
