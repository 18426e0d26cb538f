"""The part of checking a pack that looks at geometry. Called by ``validate``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from ops_center.city.fields import Layer
from ops_center.city.manifest import Manifest
from ops_center.domain.place import Bounds, MetricFrame

Wrong = list[tuple[int, str]]
"""row and what is wrong"""
_TYPES = {
    "Point": {"Point"},
    "LineString": {"LineString"},
    "MultiPolygon": {"MultiPolygon", "Polygon"},
}
_TORN_M = 30.0


def is_wgs84(crs: str | None) -> bool:
    """Return whether a layer's coordinate system is EPSG:4326."""
    try:
        return crs is not None and CRS.from_user_input(crs).equals(CRS.from_epsg(4326), ignore_axis_order=True)
    except CRSError:
        return False


def wrong_shapes(shapes: NDArray[Any], layer: Layer, bounds: Bounds) -> Wrong:
    """Return the rows whose geometry is missing, of another type, invalid or outside the bounds."""
    wrong: Wrong = []
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    wrong += [(int(row), "has no geometry") for row in np.flatnonzero(missing)]
    there = np.flatnonzero(~missing)
    types = np.array([shape.geom_type for shape in shapes[there]], object)
    other = ~np.isin(types, list(_TYPES[layer.geometry or ""]))
    wrong += [(int(there[i]), f"is a {types[i]}, {layer.geometry} wanted") for i in np.flatnonzero(other)]
    invalid = ~shapely.is_valid(shapes[there])
    wrong += [(int(there[i]), str(shapely.is_valid_reason(shapes[there[i]]))) for i in np.flatnonzero(invalid)]
    return wrong + _outside(shapes, there, bounds)


def _outside(shapes: NDArray[Any], there: NDArray[np.int64], bounds: Bounds) -> Wrong:
    west, south, east, north = shapely.bounds(shapes[there]).reshape(-1, 4).T
    inside = bounds.contains(west, south) & bounds.contains(east, north)
    swapped = bounds.contains(south, west) & bounds.contains(north, east)
    return [(int(there[i]), _where(west[i], south[i], bool(swapped[i]))) for i in np.flatnonzero(~inside)]


def _where(lon: float, lat: float, swapped: bool) -> str:
    hint = ": longitude and latitude are swapped" if swapped else ""
    return f"lies outside the city's bounds, at {lon:.6g}, {lat:.6g}{hint}"


def torn_nodes(table: pd.DataFrame, raw: pd.DataFrame, manifest: Manifest) -> Wrong:
    """Return the roads whose end lies more than 30 m from where another road has the same node."""
    lines = np.asarray(raw["geometry"])
    usable = ~shapely.is_missing(lines) & (shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING)
    usable &= ~shapely.is_empty(lines)
    rows = np.flatnonzero(usable)
    if not len(rows):
        return []
    ends = [shapely.get_coordinates(shapely.get_point(lines[rows], i)) for i in (0, -1)]
    xy = np.column_stack(MetricFrame(manifest.projected_crs).to_metres(*np.vstack(ends).T))
    node = np.concatenate([table["from_node"].to_numpy()[rows], table["to_node"].to_numpy()[rows]])
    if not np.isfinite(xy).all():
        return []  # reported as outside the bounds
    _, first, group = np.unique(node, return_index=True, return_inverse=True)
    gap = np.hypot(*(xy - xy[first][group.reshape(-1)]).T)
    torn = np.flatnonzero(gap > _TORN_M)
    return [(int(rows[i % len(rows)]), f"its node {node[i]} lies {gap[i]:.0f} m away on another road") for i in torn]
