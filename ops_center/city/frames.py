"""Frames as the schema wants them: columns, types and what stands for "not known". Used by ``pack``.

In a frame text that is not known is ``""``, a real is NaN, an integer 0 and a boolean False.
"""

from __future__ import annotations

import hashlib
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ops_center.city.fields import Field, Layer
from ops_center.domain.errors import CityPackError

WGS84 = "EPSG:4326"
COORDINATE_DIGITS = 7
"""digits kept of a degree: one centimetre"""


def conform(frame: pd.DataFrame, layer: Layer, *, fill: bool = True) -> pd.DataFrame:
    """Return ``frame`` with exactly the layer's columns in the layer's types (a GeoDataFrame if it has geometry).

    With ``fill`` a column that is not required and absent is filled with what stands for not known.
    Raises CityPackError for a missing column or a value of another type.
    """
    columns = {field.name: column(frame, layer, field, fill) for field in layer.fields}
    table = pd.DataFrame(columns, copy=False)
    if layer.geometry is None:
        return table
    if "geometry" not in frame.columns:
        raise CityPackError(f"{layer.name}: the layer has no geometry, {layer.geometry} wanted")
    return _with_geometry(table, frame)


def _with_geometry(table: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    return cast(pd.DataFrame, gpd.GeoDataFrame(table, geometry=np.asarray(frame["geometry"]), crs=WGS84))


def empty(layer: Layer) -> pd.DataFrame:
    """Return a frame of the layer with no features."""
    columns: dict[str, Any] = {field.name: [] for field in layer.fields}
    if layer.geometry is not None:
        columns["geometry"] = []
    return conform(pd.DataFrame(columns), layer)


def digest(frame: pd.DataFrame, layer: Layer) -> str:
    """Return the SHA-256 of what the frame holds; independent of the file it is in."""
    state = hashlib.sha256()
    for field in layer.fields:
        state.update(f"{field.name}:{field.type}:".encode())
        state.update(_bytes(frame[field.name].to_numpy(), field))
    if layer.geometry is not None:
        shapes = shapely.to_wkb(_multi(np.asarray(frame["geometry"]), layer))
        state.update(b"".join(shape or b"" for shape in shapes))
    return state.hexdigest()


def _multi(geometry: NDArray[Any], layer: Layer) -> NDArray[Any]:
    """Make polygons multipolygons: a layer has one geometry type."""
    if layer.geometry != "MultiPolygon":
        return geometry
    single = shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON
    if single.any():
        geometry = geometry.copy()
        geometry[single] = [shapely.MultiPolygon([polygon]) for polygon in geometry[single]]
    return geometry


def one_geometry_type(frame: gpd.GeoDataFrame, layer: Layer) -> gpd.GeoDataFrame:
    """Return the frame with polygons made multipolygons and coordinates rounded to a centimetre."""
    geometry = _multi(np.asarray(frame["geometry"]), layer)
    rounded = shapely.transform(geometry, lambda points: np.round(points, COORDINATE_DIGITS))
    return frame.set_geometry(gpd.GeoSeries(rounded, index=frame.index, crs=WGS84))


def _bytes(values: NDArray[Any], field: Field) -> bytes:
    if field.type == "text":
        return "\x1f".join(values.tolist()).encode()
    return np.ascontiguousarray(values).tobytes()


def column(frame: pd.DataFrame, layer: Layer, field: Field, fill: bool = True) -> pd.Series[Any]:
    """Return one column in the field's type; CityPackError as :func:`conform`."""
    if field.name not in frame.columns:
        if field.required or not fill:
            raise CityPackError(f"{layer.name}: the column {field.name} is missing")
        return pd.Series(_unknown(field, len(frame)))
    try:
        return _typed(frame[field.name].reset_index(drop=True), field)
    except (TypeError, ValueError, OverflowError) as error:
        raise CityPackError(f"{layer.name}.{field.name}: not {field.type}: {error}") from error


def _typed(values: pd.Series[Any], field: Field) -> pd.Series[Any]:
    match field.type:
        case "text":
            return _as_text(values)
        case "real":
            return pd.to_numeric(values).astype(np.float64)
        case "integer":
            return _whole(pd.to_numeric(values), field)
        case "boolean":
            return _as_boolean(values, field)


def _as_text(values: pd.Series[Any]) -> pd.Series[Any]:
    missing = values.isna()
    plain = values.astype(object)
    if missing.any():
        plain = plain.where(~missing, "")
    if pd.api.types.infer_dtype(plain, skipna=False) in {"string", "empty"}:
        return plain  # the usual case, and a million texts cost a second each time they are touched
    return plain.map(str).astype(object)


def _whole(values: pd.Series[Any], field: Field) -> pd.Series[Any]:
    if field.required and values.isna().any():
        raise ValueError(f"{int(values.isna().sum())} features have no value")
    known = values.fillna(0)
    if not np.isfinite(known.astype(float)).all() or (known % 1 != 0).any():
        raise ValueError("a value is not a whole number")
    return known.astype(np.int64)


def _as_boolean(values: pd.Series[Any], field: Field) -> pd.Series[Any]:
    if field.required and values.isna().any():
        raise ValueError(f"{int(values.isna().sum())} features have no value")
    known = values.astype(object).where(~values.isna(), False)
    if not known.isin([True, False, 0, 1]).all():
        raise ValueError("a value is neither true nor false")
    return known.astype(bool)


def _unknown(field: Field, count: int) -> NDArray[Any]:
    match field.type:
        case "text":
            return np.full(count, "", dtype=object)
        case "real":
            return np.full(count, np.nan)
        case "integer":
            return np.zeros(count, np.int64)
        case "boolean":
            return np.zeros(count, bool)
