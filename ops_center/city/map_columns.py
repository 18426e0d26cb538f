"""From the columns of a file to the columns of a layer, as the recipe says. Called by ``import_``.

Where a value was filled from the defaults of a class the feature's provenance says ``class_default``.
"""

from __future__ import annotations

import re
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ops_center.city.fields import Field, Layer
from ops_center.city.frames import WGS84
from ops_center.city.read_input import unique
from ops_center.city.recipe import Input
from ops_center.city.schema import LAYERS
from ops_center.domain.errors import CityPackError

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_NUMBER = re.compile(r"^\s*(-?\d+(?:\.\d+)?)")
_TRUE = {"yes", "true", "1", "-1", "1.0"}
"""what OSM's boolean tags say; -1 is one way against the line"""


def mapped(frame: gpd.GeoDataFrame, source: Input) -> gpd.GeoDataFrame:
    """Return the features as features of the input's layer. Raises CityPackError for columns that aren't there."""
    layer = LAYERS[source.layer]
    table = pd.DataFrame(index=frame.index)
    for name, rule in source.columns.items():
        table[name] = _taken(frame, rule, source)
    for name, listed in source.values.items():
        table[name] = _translated(table.get(name), listed, f"{source.path}: values.{name}")
    keep = ~table[list(source.values)].isna().any(axis=1) if source.values else pd.Series(True, index=table.index)
    table, frame = table[keep].reset_index(drop=True), frame[keep].reset_index(drop=True)
    for field in layer.fields:
        if field.name in table:
            table[field.name] = _typed(table[field.name], field)
    filled = _fill(table, frame, source, layer)
    if "provenance" in layer.by_name:
        given = table.get("provenance", "given")
        table["provenance"] = np.where(filled, "class_default", given)
    for key in layer.key:
        table[key] = unique(table[key].astype(str))
    return gpd.GeoDataFrame(table, geometry=fitted(np.asarray(frame.geometry), layer), crs=WGS84)


def fitted(shapes: NDArray[Any], layer: Layer) -> NDArray[Any]:
    """Return shapes of the layer's geometry type: areas become points inside them, broken rings are mended.

    What can't be made one (a line in a layer of areas) becomes None.
    """
    kinds = shapely.get_type_id(shapes)
    areas = np.isin(kinds, [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON])
    result = np.full(len(shapes), None, dtype=object)
    match layer.geometry:
        case "MultiPolygon":
            mended = shapely.make_valid(shapes[areas], method="structure", keep_collapsed=False)
            result[areas] = [_areas_of(shape) for shape in mended]
        case "Point":
            points = kinds == shapely.GeometryType.POINT
            result[points] = shapes[points]
            result[~points] = shapely.point_on_surface(shapes[~points])
        case _:
            lines = kinds == shapely.GeometryType.LINESTRING
            result[lines] = shapes[lines]
    return result


def _areas_of(shape: Any) -> Any:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    return shapely.MultiPolygon(parts) if parts else None


def _taken(frame: gpd.GeoDataFrame, rule: str | list[str], source: Input) -> pd.Series[Any]:
    """Return a column: of one source column, the first known of several, or a text with columns in it."""
    if isinstance(rule, str) and "{" in rule:
        names = _PLACEHOLDER.findall(rule)
        columns = [_source(frame, name, source).astype(str) for name in names]
        template = _PLACEHOLDER.sub("{}", rule)
        return pd.Series([template.format(*row) for row in zip(*columns, strict=True)], index=frame.index, dtype=object)
    choices = [rule] if isinstance(rule, str) else rule
    result = _source(frame, choices[0], source).astype(object)
    for other in choices[1:]:
        result = result.where(result.notna(), _source(frame, other, source))
    return result


def _source(frame: gpd.GeoDataFrame, name: str, source: Input) -> pd.Series[Any]:
    if name not in frame:
        there = ", ".join(sorted(map(str, frame.columns))[:40])
        raise CityPackError(f"{source.path}: there is no column {name!r}; there are {there}")
    return cast("pd.Series[Any]", frame[name])


def _translated(values: pd.Series[Any] | None, listed: Any, what: str) -> pd.Series[Any]:
    if values is None:
        raise CityPackError(f"{what}: columns must say where it is from")
    texts = values.map(lambda value: str(value) if pd.notna(value) else None)
    other = listed.get("*")
    return texts.map(lambda text: listed.get(text, other) if text is not None else other)


def _typed(values: pd.Series[Any], field: Field) -> pd.Series[Any]:
    """Return values as the field's type; what isn't a number becomes unknown, ``60 mph`` becomes 96.6."""
    match field.type:
        case "real" | "integer":
            return values.map(_number).astype(float)
        case "boolean":
            return values.map(lambda value: str(value).lower() in _TRUE if pd.notna(value) else False)
        case "text":
            return values.map(lambda value: str(value).strip() if pd.notna(value) else "")


def _number(value: Any) -> float:
    found = _NUMBER.match(str(value)) if pd.notna(value) else None
    if found is None:
        return np.nan
    return float(found[1]) * (1.609344 if "mph" in str(value) else 1.0)


def _fill(table: pd.DataFrame, frame: gpd.GeoDataFrame, source: Input, layer: Layer) -> NDArray[np.bool_]:
    """Fill what is not known, and return where a value is from the defaults of a class."""
    for name, rule in source.scaled.items():
        numbers = _source(frame, rule["from"], source).map(_number) * float(rule["times"])
        table[name] = _where_unknown(table, name, numbers)
    by_class = np.zeros(len(table), bool)
    by = source.class_defaults.get("by", "")
    for name, values in source.class_defaults.items():
        if name != "by":
            if by not in table:
                raise CityPackError(f"{source.path}: class_defaults.by: {by!r} is no column")
            defaults = table[by].map(values)
            by_class |= (_unknown(table, name) & defaults.notna()).to_numpy()
            table[name] = _where_unknown(table, name, defaults)
    for name, value in source.defaults.items():
        table[name] = _where_unknown(table, name, pd.Series([value] * len(table), index=table.index))
    return by_class


def _unknown(table: pd.DataFrame, name: str) -> pd.Series[bool]:
    if name not in table:
        return pd.Series(True, index=table.index)
    return table[name].isna() | (table[name].astype(object) == "")


def _where_unknown(table: pd.DataFrame, name: str, values: pd.Series[Any]) -> pd.Series[Any]:
    return table[name].where(~_unknown(table, name), values) if name in table else values
