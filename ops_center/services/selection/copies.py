"""A selection to take along: GeoPackage for GIS programs, rows for spreadsheets. Values with unit and time.

A GeoPackage has the layer ``things`` (points), the table ``values`` (one row for each datastream) and the table
``about`` (what was selected, by whom, when, whether the data is real). GCJ-02 and BD-09 have no code of EPSG: files say
by name what their coordinates are, so that no program takes them for WGS 84.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from ops_center.domain.observations import Quality
from ops_center.domain.time import to_datetime
from ops_center.services.selection.desk import SYSTEMS, Selected, Selection, Value, placed

THING_COLUMNS = (
    "producer", "thing_id", "kind", "name_zh", "name_en", "district", "department", "longitude", "latitude", "crs",
    "state", "alarm", "alarm_priority",
)  # fmt: skip
VALUE_COLUMNS = ("observed_property", "value", "unit", "time", "quality", "aged")
_SHIFTED = """GEOGCRS["{name} (shifted on purpose, not WGS 84)",
    DATUM["{name}", ELLIPSOID["Krassowsky 1940", 6378245, 298.3, LENGTHUNIT["metre", 1]]],
    CS[ellipsoidal, 2], AXIS["latitude", north, ORDER[1], ANGLEUNIT["degree", 0.0174532925199433]],
    AXIS["longitude", east, ORDER[2], ANGLEUNIT["degree", 0.0174532925199433]]]"""
_NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09"}


def csv_rows(selection: Selection, system: str) -> Iterator[list[Any]]:
    """Yield a row for each datastream; one without values for a thing that has none."""
    for one, place in zip(selection.things, placed(selection.things, system), strict=True):
        of_thing = list(_thing(one, place, system).values())
        values = selection.values(one.thing)
        for value in values:
            row = _value(value)
            yield [*of_thing, *(_written(row[name]) for name in VALUE_COLUMNS)]
        if not values:
            yield [*of_thing, *[""] * len(VALUE_COLUMNS)]


def geopackage(selection: Selection, system: str, about: dict[str, str]) -> bytes:
    """Return a GeoPackage of the selection. Takes about a second for 10,000 things."""
    places = placed(selection.things, system)
    things = [_thing(one, place, system) for one, place in zip(selection.things, places, strict=True)]
    values = [
        {"producer": one.thing.producer, "thing_id": one.thing.thing_id, **_value(value)}
        for one in selection.things
        for value in selection.values(one.thing)
    ]
    layer = gpd.GeoDataFrame(
        pd.DataFrame(things, columns=[*THING_COLUMNS]),
        geometry=shapely.points(places) if places else [],
        crs=crs_of(system),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "selection.gpkg"
        pyogrio.write_dataframe(layer, path, layer="things", driver="GPKG", geometry_type="Point")
        _write_table(pd.DataFrame(values, columns=["producer", "thing_id", *VALUE_COLUMNS]), path, "values")
        _write_table(pd.DataFrame(list(about.items()), columns=["name", "value"]), path, "about")
        return path.read_bytes()


def crs_of(system: str) -> str:
    """Return the coordinate system of a file, as GIS programs read it."""
    return _SHIFTED.format(name=_NAMES[system]) if system in _NAMES else SYSTEMS[system]


def _write_table(frame: pd.DataFrame, path: Path, name: str) -> None:
    if len(frame):
        pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=True)


def _thing(one: Selected, place: tuple[float, float], system: str) -> dict[str, Any]:
    thing = one.thing
    return {
        "producer": thing.producer,
        "thing_id": thing.thing_id,
        "kind": thing.kind,
        "name_zh": thing.name.zh,
        "name_en": thing.name.en,
        "district": thing.district,
        "department": thing.department,
        "longitude": round(place[0], 7),
        "latitude": round(place[1], 7),
        "crs": _NAMES.get(system, SYSTEMS[system]),
        "state": one.state,
        "alarm": str(one.alarm.id) if one.alarm else "",
        "alarm_priority": int(one.alarm.priority) if one.alarm else 0,
    }


def _value(value: Value) -> dict[str, Any]:
    received = value.time_us > 0
    return {
        "observed_property": value.stream.observed_property,
        "value": value.result if received else None,
        "unit": value.stream.unit,
        "time": to_datetime(value.time_us) if received else None,
        "quality": " ".join(flag.name or "" for flag in Quality if flag and flag in value.quality).lower() or "good",
        "aged": value.aged,
    }


def _written(value: Any) -> Any:
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else value
