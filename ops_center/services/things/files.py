"""Files of many things: CSV and GeoPackage read into forms, and the list of things written as the same CSV.

A cell that is empty keeps what is registered; of a new thing it means what is usual for its kind. Coordinates are those
of the system that was chosen for the whole file; a GeoPackage says its own.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

from ops_center.city.kinds import THING_KINDS
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.place import to_wgs84
from ops_center.domain.text import Label
from ops_center.services.things.forms import AUTO, CRS, form_of

COLUMNS = (
    "producer", "thing_id", "kind", "feed", "name_zh", "name_en", "longitude", "latitude", "district", "department",
    "datastreams", "attributes",
)  # fmt: skip
MOST_ROWS = 120_000
MOST_BYTES = 96 * 1024 * 1024
_GEOPACKAGE = b"SQLite format 3\x00"
_MARKS = (b"GPKG", b"GP10", b"GP11")
"""application ids of a GeoPackage, at byte 68: what is no GeoPackage is given to no driver"""
_EXAMPLES = (
    ("traffic", "ts-new-1", "traffic_sensor", "traffic", "中山路检测器", "Zhongshan Road sensor", "118.7801", "32.0601",
     "", "traffic_police", "vehicle_speed km/h 10 interval; vehicle_flow {vehicles}/h 10 interval",
     '{"road_id": "R000010"}'),
    ("", "cam-new-1", "camera", "", "中山路摄像机", "", "118.7803", "32.0605", "", "traffic_police", "", ""),
)  # fmt: skip


class Unreadable(Exception):
    """The file is none that can be read; ``label`` says why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.label = Label(zh, en)


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read: every cell a text, places in WGS 84."""

    rows: Sequence[Mapping[str, str]]
    ignored: Sequence[str]
    """columns that mean nothing here"""


def read_table(name: str, data: bytes, crs: str) -> Table:
    """Return the rows of a file. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable(f"文件大于 {MOST_BYTES >> 20} MB", f"the file is larger than {MOST_BYTES >> 20} MB")
    if data.startswith(_GEOPACKAGE):
        if data[68:72] not in _MARKS:
            raise Unreadable("这个 SQLite 文件不是 GeoPackage", "this SQLite file is no GeoPackage")
        return _geopackage(data)
    if name.lower().endswith(".gpkg"):
        raise Unreadable("这不是 GeoPackage", "this is no GeoPackage")
    return _csv(data, crs)


def template() -> str:
    """Return a CSV to begin with: the columns, a row that says everything and one that says as little as it can."""
    return "\ufeff" + _lines([COLUMNS, *_EXAMPLES])


def row_of(thing: Thing, streams: Iterable[Datastream]) -> list[str]:
    """Return a thing as a row of :data:`COLUMNS`."""
    form = form_of(thing, streams)
    form |= {"longitude": form["x"], "latitude": form["y"], "datastreams": form["datastreams"].replace("\n", "; ")}
    form["attributes"] = json.dumps(dict(thing.attributes), ensure_ascii=False) if thing.attributes else ""
    return [form[column] for column in COLUMNS]


def form_from(row: Mapping[str, str], held: Thing | None, streams: Iterable[Datastream]) -> dict[str, str]:
    """Return the form that a row of a file means; ``held``: the thing of its id."""
    given = {name: row[name].strip() for name in COLUMNS if row.get(name, "").strip()}
    if "longitude" in given or "latitude" in given:
        given["x"], given["y"] = given.pop("longitude", ""), given.pop("latitude", "")
    if (attributes := given.get("attributes", "")).startswith("{"):
        given["attributes"] = _as_lines(attributes)
    if held is not None:
        return {**form_of(held, streams), **given, "crs": "wgs84"}
    kind = THING_KINDS.get(given.get("kind", ""))
    usual = {"feed": kind.feed, "department": kind.department} if kind else {}
    if kind and "datastreams" not in given:
        lines = (f"{s.observed_property} {s.unit} {s.interval_s:g} {s.time_kind.value}" for s in kind.streams)
        usual["datastreams"] = "\n".join(lines)
    form = {"district": AUTO, **usual, **given, "crs": "wgs84"}
    form.setdefault("producer", form.get("feed", ""))
    form.setdefault("name_zh", form.get("name_en", ""))
    form.setdefault("name_en", form.get("name_zh", ""))
    return form


def _as_lines(text: str) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return "\n".join(f"{name} = {json.dumps(one, ensure_ascii=False)}" for name, one in value.items())


def _csv(data: bytes, crs: str) -> Table:
    text = _decoded(data)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)  # spreadsheets write the one of their language
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    try:
        names = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        rows = [_texts(row) for row in _bounded(reader)]
    except csv.Error as error:
        raise Unreadable(
            f"第 {reader.line_num} 行不是 CSV：{error}", f"line {reader.line_num}: no CSV: {error}"
        ) from None
    _check_columns(names)
    return Table(_in_wgs84(rows, crs), [name for name in names if name and name not in COLUMNS])


def _decoded(data: bytes) -> str:
    """Return the text of a file: UTF-8, or what spreadsheets in China write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable("不是文本：须为 UTF-8 或 GB 18030 的 CSV", "no text: a CSV in UTF-8 or GB 18030 is wanted")


def _geopackage(data: bytes) -> Table:
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "things.gpkg"  # its driver goes by the name, too
            path.write_bytes(data)
            frame = pyogrio.read_dataframe(path, force_2d=True, max_features=MOST_ROWS + 1)
    except (DataSourceError, DataLayerError, FieldError, GeometryError, OSError, ValueError, RuntimeError) as error:
        raise Unreadable(f"读不出这个 GeoPackage：{error}", f"this GeoPackage can't be read: {error}") from None
    if not hasattr(frame, "geometry") or not all(kind == "Point" for kind in frame.geometry.geom_type.unique()):
        raise Unreadable("须为一层点", "a layer of points is wanted")
    if frame.crs is not None:
        frame = frame.to_crs("EPSG:4326")
    frame = frame.assign(longitude=frame.geometry.x.map(repr), latitude=frame.geometry.y.map(repr))
    names = [str(name) for name in frame.columns if name != "geometry"]
    _check_columns(names)
    _check_size(len(frame))
    records = frame.drop(columns="geometry").to_dict("records")
    return Table([_texts(row) for row in records], [name for name in names if name not in COLUMNS])


def _check_columns(names: Sequence[str]) -> None:
    if "thing_id" not in names:
        wanted = ", ".join(COLUMNS)
        raise Unreadable(f"缺少 thing_id 列；列名须为：{wanted}", f"no column thing_id; the columns are {wanted}")


def _check_size(rows: int) -> None:
    if rows > MOST_ROWS:
        raise Unreadable(
            f"多于 {MOST_ROWS} 行：请分成几个文件", f"more than {MOST_ROWS} rows: make several files of it"
        )


def _bounded(reader: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(reader):
        _check_size(number)
        yield row


def _texts(row: Mapping[Any, Any]) -> dict[str, str]:
    """Return the cells as texts: one that is missing, None or NaN is empty."""
    return {str(n): "" if v is None or v != v else str(v) for n, v in row.items() if isinstance(n, str)}  # noqa: PLR0124


def _in_wgs84(rows: list[dict[str, str]], crs: str) -> list[dict[str, str]]:
    """Return the rows with their places converted, all at once; what is no number stays for the form to refuse."""
    if crs == "wgs84" or not rows:
        return rows
    x, y = (np.array([_number(row.get(name, "")) for row in rows]) for name in ("longitude", "latitude"))
    known = np.isfinite(x) & np.isfinite(y)
    longitude, latitude = to_wgs84(np.where(known, x, 0.0), np.where(known, y, 0.0), CRS[crs])
    for row, lon, lat, fine in zip(rows, longitude.tolist(), latitude.tolist(), known.tolist(), strict=True):
        if fine:
            row |= {"longitude": f"{lon:.7f}", "latitude": f"{lat:.7f}"}
    return rows


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _lines(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
