"""Reading one input of an import: a vector file in whatever coordinates, as features in EPSG:4326."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
import structlog
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS

from ops_center.city.recipe import Input
from ops_center.domain.errors import CityPackError
from ops_center.domain.place import Bounds, to_wgs84

log = structlog.get_logger(__name__)
_SHIFTED = {"gcj02", "bd09"}


class Files:
    """The files of one import: each is read once, however many inputs take from it."""

    def __init__(self) -> None:
        self._read: dict[tuple[Path, str], gpd.GeoDataFrame] = {}

    def features(self, path: Path, source: Input) -> gpd.GeoDataFrame:
        """Return the features that the input keeps, in EPSG:4326. Raises CityPackError if the file can't be used."""
        where = (path, source.source_layer)
        if where not in self._read:
            self._read[where] = _read(path, source)
        frame = self._read[where]
        _refuse_other_crs(path, frame.crs, source.crs)
        frame = cast(gpd.GeoDataFrame, frame[_kept(frame, path, source)].reset_index(drop=True))
        shapes = on_earth(np.asarray(frame.geometry), source.crs)
        return gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=shapes, crs="EPSG:4326")


def _kept(frame: gpd.GeoDataFrame, path: Path, source: Input) -> NDArray[np.bool_]:
    kept = ~shapely.is_missing(np.asarray(frame.geometry))
    for column, wanted in source.where.items():
        if column not in frame:
            raise CityPackError(f"{path}: where: there is no column {column!r}; there are {', '.join(frame.columns)}")
        values = frame[column]
        kept &= (values.notna() if list(wanted) == ["*"] else values.astype(str).isin(list(wanted))).to_numpy()
    return np.asarray(kept, np.bool_)


def on_earth(shapes: NDArray[np.object_], crs: str) -> NDArray[np.object_]:
    """Return shapes in ``crs`` (any that :func:`to_wgs84` knows) as shapes in EPSG:4326, without heights."""
    flat = shapely.force_2d(shapes)
    if crs.upper() in {"EPSG:4326", "WGS84"}:
        return np.asarray(flat)
    return np.asarray(shapely.transform(flat, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], crs))))


def inside_bounds(frame: gpd.GeoDataFrame, bounds: Bounds, what: str) -> gpd.GeoDataFrame:
    """Return the features inside the bounds; CityPackError if features were given and none of them is inside."""
    west, south, east, north = shapely.bounds(np.asarray(frame.geometry)).reshape(-1, 4).T
    inside = bounds.contains(west, south) & bounds.contains(east, north)
    if len(frame) and not inside.any():
        swapped = (bounds.contains(south, west) & bounds.contains(north, east)).any()
        hint = "longitude and latitude are swapped" if swapped else "is its crs right?"
        raise CityPackError(
            f"{what}: none of {len(frame)} features lies inside the city's bounds (the first is at "
            f"{west[0]:.6g}, {south[0]:.6g}): {hint}"
        )
    return cast(gpd.GeoDataFrame, frame[inside].reset_index(drop=True))


def _read(path: Path, source: Input) -> gpd.GeoDataFrame:
    if not path.exists():
        raise CityPackError(f"{path}: the file is missing")
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            frame = pyogrio.read_dataframe(path, layer=source.source_layer or None, on_invalid="fix")
    except (DataSourceError, DataLayerError, ValueError, RuntimeError, shapely.GEOSException) as error:
        raise CityPackError(f"{path}: {error}") from error
    if said:
        log.warning("city.file_mended", path=source.path, first=str(said[0].message))
    if not isinstance(frame, gpd.GeoDataFrame):
        raise CityPackError(f"{path}: there is no geometry in it")
    return frame


def _refuse_other_crs(path: Path, said: CRS | None, wanted: str) -> None:
    """Refuse a file that states another coordinate system than the recipe; shifted ones have no code to state."""
    if said is None or wanted.lower() in _SHIFTED or path.suffix.lower() in {".geojson", ".json"}:
        return
    if not CRS.from_user_input(wanted).equals(said, ignore_axis_order=True):
        raise CityPackError(f"{path}: the file says its coordinates are {said.name}, the recipe says {wanted}")


def unique(names: pd.Series[str]) -> pd.Series[str]:
    """Return names made unique: the second ``way/7`` becomes ``way/7-2``."""
    again = names.groupby(names).cumcount()
    return names.where(again == 0, names + "-" + (again + 1).astype(str))
