"""Roads of an OSM extract as a graph: lines cut where ways share a vertex, nodes numbered. Called by ``import_``."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ops_center.city.frames import WGS84
from ops_center.domain.place import MetricFrame

_ONEWAY = ["yes", "true", "1", "-1"]
_SAME_DIGITS = 7
"""OSM gives places with seven decimals: equal ones are the same node"""


def directed(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return OSM's lines drawn along their one way, with the ``lanes`` of one direction.

    OSM's ``oneway=-1`` is against the line; its ``lanes`` counts both directions
    (wiki.openstreetmap.org/wiki/Key:lanes). Other geometries than lines are left out.
    """
    is_line = shapely.get_type_id(np.asarray(features.geometry)) == shapely.GeometryType.LINESTRING
    frame = features[is_line].reset_index(drop=True)
    lines = np.asarray(frame.geometry).copy()
    oneway = frame["oneway"].astype(str) if "oneway" in frame else pd.Series("no", index=frame.index)
    against = (oneway == "-1").to_numpy()
    lines[against] = shapely.reverse(lines[against])
    if "lanes" in frame:
        both = pd.to_numeric(frame["lanes"], errors="coerce")
        each = np.maximum(np.ceil(both / 2), 1).where(~oneway.isin(_ONEWAY), both)
        frame = frame.assign(lanes=each)
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=lines, crs=WGS84)


def noded(roads: gpd.GeoDataFrame, metric: MetricFrame) -> gpd.GeoDataFrame:
    """Return one feature for each piece of road between crossings, with from_node, to_node, length_m.

    A crossing is a vertex that two lines share, or one line twice; lines that only cross (a bridge) don't meet.
    """
    lines = np.asarray(roads.geometry)
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    xy, owner = _without_repeats(np.round(xy, _SAME_DIGITS), owner)
    vertex = np.unique(xy, axis=0, return_inverse=True)[1].reshape(-1)
    is_end = np.ones(len(owner), bool)
    is_end[1:-1] = (owner[1:-1] != owner[:-2]) | (owner[1:-1] != owner[2:])
    cut = is_end | (np.bincount(vertex)[vertex] > 1)
    pieces, rows, ends = _cut(xy, owner, vertex, cut)
    numbers = np.unique(ends, return_inverse=True)[1].reshape(-1, 2)
    table = roads.drop(columns="geometry").iloc[rows].reset_index(drop=True)
    part = table.groupby("road_id").cumcount() + 1
    several = table["road_id"].duplicated(keep=False)
    table["road_id"] = table["road_id"].where(~several, table["road_id"] + "#" + part.astype(str))
    length = _lengths(pieces, metric)
    table = table.assign(from_node=numbers[:, 0], to_node=numbers[:, 1], length_m=np.round(length, 2))
    frame = gpd.GeoDataFrame(table, geometry=pieces, crs=WGS84)
    return frame[frame["length_m"] > 0.05].reset_index(drop=True)


def _without_repeats(xy: NDArray[Any], owner: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Drop vertices that repeat the one before on the same line."""
    keep = np.ones(len(owner), bool)
    keep[1:] = (owner[1:] != owner[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)
    return xy[keep], owner[keep]


def _cut(
    xy: NDArray[Any], owner: NDArray[Any], vertex: NDArray[Any], cut: NDArray[np.bool_]
) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.int64]]:
    """Return the pieces between cuts, the row of the road each is of, and its two end vertices."""
    at = np.flatnonzero(cut)
    first, last = at[:-1], at[1:]
    same = owner[first] == owner[last]
    first, last = first[same], last[same]
    pieces = np.array([shapely.LineString(xy[a : b + 1]) for a, b in zip(first, last, strict=True)], object)
    return pieces, owner[first].astype(np.int64), np.column_stack([vertex[first], vertex[last]])


def _lengths(lines: NDArray[np.object_], metric: MetricFrame) -> NDArray[np.float64]:
    in_metres = shapely.transform(lines, lambda xy: np.column_stack(metric.to_metres(xy[:, 0], xy[:, 1])))
    return np.asarray(shapely.length(in_metres), np.float64)
