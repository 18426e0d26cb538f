"""Checking a city pack: every error names layer, feature and field. Called by ``run.py city check`` and the importer.

Nothing is raised for a bad pack: all errors are collected, at most ``PER_RULE`` for each rule and field, with
the number of further ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
from numpy.typing import NDArray

from ops_center.city import frames, validate_parents, validate_shapes
from ops_center.city.fields import Field, Layer
from ops_center.city.kinds import THING_KINDS, UNITS
from ops_center.city.manifest import FILE_NAME, Manifest, read_manifest
from ops_center.city.pack import GEOPACKAGE, WATER_MODEL, layer_names, read_layer
from ops_center.city.schema import LAYERS
from ops_center.city.water_model import node_and_link_ids
from ops_center.domain.errors import CityPackError

PER_RULE = 10
"""errors listed for one rule and field; the last one says how many more there are"""


@dataclass(frozen=True, slots=True)
class PackError:
    """One thing that is wrong."""

    layer: str
    feature: str
    """key of the feature; "" where the whole layer is meant"""
    field: str
    """"" where no single field is meant"""
    message: str

    def __str__(self) -> str:
        place = ".".join(part for part in (self.layer, self.field) if part)
        return f"{place}[{self.feature}]: {self.message}" if self.feature else f"{place}: {self.message}"


def validate_pack(folder: Path) -> list[PackError]:
    """Return everything that is wrong with the pack in ``folder``; empty for a sound one. Never raises for content."""
    try:
        manifest = read_manifest(folder / FILE_NAME)
        present = layer_names(folder / GEOPACKAGE)
    except CityPackError as error:
        return [PackError("", "", "", str(error))]
    found = [PackError(name, "", "", "the layer is missing") for name in LAYERS if name not in present]
    tables: dict[str, pd.DataFrame] = {}
    for name in LAYERS:
        if name in present:
            found += _layer_errors(folder / GEOPACKAGE, name, manifest, tables)
    found += _reference_errors(tables)
    found += _stream_errors(tables)
    found += _water_model_errors(folder / WATER_MODEL, tables)
    return found


def _layer_errors(path: Path, name: str, manifest: Manifest, tables: dict[str, pd.DataFrame]) -> list[PackError]:
    """Return the errors within one layer, and put what could be read of it into ``tables``."""
    layer = LAYERS[name]
    try:
        raw = read_layer(path, name)
    except CityPackError as error:
        return [PackError(name, "", "", str(error))]
    found: list[PackError] = []
    columns: dict[str, Any] = {}
    for field in layer.fields:
        try:
            columns[field.name] = frames.column(raw, layer, field)
        except CityPackError as error:
            found.append(PackError(name, "", field.name, str(error)))
    table = pd.DataFrame(columns)
    tables[name] = table
    keys = _keys(table, layer)
    found += _key_errors(table, layer, keys)
    for field in layer.fields:
        if field.name in table:
            found += _field_errors(table[field.name], layer, field, keys)
    if layer.geometry is not None:
        found += _shape_errors(path, raw, layer, keys, manifest)
    if name == "roads" and {"from_node", "to_node"} <= set(table) and "geometry" in raw:
        found += _listed(layer, "from_node", keys, validate_shapes.torn_nodes(table, raw, manifest))
    return found


def _keys(table: pd.DataFrame, layer: Layer) -> NDArray[np.object_]:
    """Return what each feature is called: its key, else its row."""
    known = [name for name in layer.key if name in table]
    if not known:
        return np.array([f"row {number}" for number in range(1, len(table) + 1)], object)
    texts = [table[name].astype(str).to_numpy(object) for name in known]
    joined = texts[0] if len(texts) == 1 else np.array(["/".join(parts) for parts in zip(*texts, strict=True)], object)
    return np.array([key or f"row {number}" for number, key in enumerate(joined, start=1)], object)


def _key_errors(table: pd.DataFrame, layer: Layer, keys: NDArray[np.object_]) -> Iterator[PackError]:
    if set(layer.key) <= set(table):
        twice = table.duplicated(list(layer.key), keep="first").to_numpy()
        yield from _listed(layer, "+".join(layer.key), keys, _all(twice, "exists already"))


def _field_errors(values: pd.Series[Any], layer: Layer, field: Field, keys: NDArray[np.object_]) -> Iterator[PackError]:
    array = values.to_numpy()
    known = (array != "") if field.type == "text" else np.ones(len(array), bool)
    if field.type == "real":
        known = ~np.isnan(array)
    if field.required:
        yield from _listed(layer, field.name, keys, _all(~known, "has no value"))
    if field.allowed is not None:
        strange = known & ~values.isin(list(field.allowed)).to_numpy()
        texts = [f"{value!r} is none of {', '.join(field.allowed)}" for value in array[strange]]
        yield from _listed(layer, field.name, keys, list(zip(np.flatnonzero(strange), texts, strict=True)))
    if field.range is not None:
        least, most = field.range
        beyond = known & ~((array >= least) & (array <= most))
        texts = [f"{value:g} is not within {least:g} to {most:g} {field.unit}".rstrip() for value in array[beyond]]
        yield from _listed(layer, field.name, keys, list(zip(np.flatnonzero(beyond), texts, strict=True)))


def _shape_errors(
    path: Path, raw: pd.DataFrame, layer: Layer, keys: NDArray[np.object_], manifest: Manifest
) -> Iterator[PackError]:
    if "geometry" not in raw:
        yield PackError(layer.name, "", "geometry", f"the layer has no geometry, {layer.geometry} wanted")
        return
    crs = pyogrio.read_info(path, layer=layer.name).get("crs")
    if not validate_shapes.is_wgs84(crs):
        yield PackError(layer.name, "", "geometry", f"its coordinate system is {crs}, EPSG:4326 wanted")
        return
    wrong = validate_shapes.wrong_shapes(np.asarray(raw["geometry"]), layer, manifest.bounds)
    yield from _listed(layer, "geometry", keys, wrong)


def _reference_errors(tables: dict[str, pd.DataFrame]) -> Iterator[PackError]:
    for name, table in tables.items():
        layer = LAYERS[name]
        keys = _keys(table, layer)
        for field in layer.fields:
            target, _, column = field.references.partition(".")
            if field.name in table and column and column in tables.get(target, ()):
                values = table[field.name]
                lost = ((values != "") & ~values.isin(tables[target][column])).to_numpy()
                texts = [f"{value!r} is not in {field.references}" for value in values[lost]]
                yield from _listed(layer, field.name, keys, list(zip(np.flatnonzero(lost), texts, strict=True)))
        for column, row, message in validate_parents.circles(table, layer):
            yield from _listed(layer, column, keys, [(row, message)])


def _stream_errors(tables: dict[str, pd.DataFrame]) -> Iterator[PackError]:
    """Check units, and that a thing's feed is the one of its kind."""
    streams, things = tables.get("datastreams"), tables.get("things")
    if streams is not None and "unit" in streams:
        layer = LAYERS["datastreams"]
        strange = ~streams["unit"].isin(UNITS | {""}).to_numpy()
        texts = [f"{unit!r} is not a unit that the center knows" for unit in streams["unit"][strange]]
        yield from _listed(layer, "unit", _keys(streams, layer), list(zip(np.flatnonzero(strange), texts, strict=True)))
    if things is not None and {"kind", "feed"} <= set(things):
        layer = LAYERS["things"]
        wanted = things["kind"].map({kind.name: kind.feed for kind in THING_KINDS.values()})
        other = (wanted.notna() & (wanted != things["feed"])).to_numpy()
        pairs = zip(things["kind"][other], wanted[other], strict=True)
        texts = [f"the feed of a {kind} is {feed}" for kind, feed in pairs]
        yield from _listed(layer, "feed", _keys(things, layer), list(zip(np.flatnonzero(other), texts, strict=True)))


def _water_model_errors(path: Path, tables: dict[str, pd.DataFrame]) -> Iterator[PackError]:
    """Check that the EPANET model loads and has the nodes and links of the pack."""
    if not path.is_file():
        return
    try:
        nodes, links = node_and_link_ids(path)
    except CityPackError as error:
        yield PackError(WATER_MODEL, "", "", str(error))
        return
    for name, column, there in (("pipe_nodes", "node_id", nodes), ("pipe_links", "link_id", links)):
        table = tables.get(name)
        if table is not None and {column, "network"} <= set(table):
            here = set(table.loc[table["network"] == "water", column])
            yield from _bounded(name, column, [(key, f"is not in {WATER_MODEL}") for key in sorted(here - there)])
            yield from _bounded(WATER_MODEL, "", [(key, f"is not in {name}") for key in sorted(there - here)])


def _all(mask: NDArray[np.bool_], message: str) -> list[tuple[int, str]]:
    return [(int(row), message) for row in np.flatnonzero(mask)]


def _listed(
    layer: Layer, field: str, keys: NDArray[np.object_], wrong: Sequence[tuple[Any, str]]
) -> Iterator[PackError]:
    yield from _bounded(layer.name, field, [(str(keys[row]), message) for row, message in wrong])


def _bounded(layer: str, field: str, wrong: Sequence[tuple[str, str]]) -> Iterator[PackError]:
    for key, message in wrong[:PER_RULE]:
        yield PackError(layer, key, field, message)
    if len(wrong) > PER_RULE:
        yield PackError(layer, "", field, f"and {len(wrong) - PER_RULE} more like the last")
