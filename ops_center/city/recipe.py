"""The recipe of an import: which files become which layers of a pack, and how. Read by ``import_``.

docs/city-packs.md explains it; ``recipes/nanjing.toml`` is a whole one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops_center.city.schema import LAYERS
from ops_center.domain.errors import CityPackError
from ops_center.domain.place import Bounds, is_crs
from ops_center.domain.text import Label

_INPUT_KEYS = {
    "path", "layer", "crs", "format", "source_layer", "where", "columns", "values", "scaled", "defaults",
    "class_defaults", "inside", "affine", "pressure_mark", "flow_mark",
}  # fmt: skip


@dataclass(frozen=True)
class Input:
    """One file, or a part of it, that becomes features of one layer."""

    path: str
    """relative to the folder with the data"""
    layer: str
    """of the pack; "" for an EPANET model, which has layers of its own"""
    crs: str
    """of the file's coordinates: ``EPSG:…``, ``gcj02``, ``bd09``; of an EPANET model, what the transform leads to"""
    format: str = "vector"
    """``vector``: whatever GDAL reads; ``osm_roads``: lines with OSM's tags, cut at crossings; ``epanet``"""
    source_layer: str = ""
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """source column → the values to keep; ``["*"]``: any that is known"""
    columns: Mapping[str, Any] = field(default_factory=dict)
    """column of the pack → source column, several (the first that is known), or a text with ``{column}`` in it"""
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """column of the pack → source value → value; a value that isn't listed is dropped, ``"*"`` lists the others"""
    scaled: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """column of the pack → {from, times}: a number computed from another column where there is none"""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """column of the pack → value where there is none: the same for all features"""
    class_defaults: Mapping[str, Any] = field(default_factory=dict)
    """``by``: a column; every other key: column of the pack → class → value where there is none"""
    inside: str = ""
    """keep only what lies inside a feature of this layer, which an earlier input made"""
    affine: tuple[float, ...] = ()
    """a, b, d, e, x, y: X = a·x + b·y + xoff, Y = d·x + e·y + yoff in metres of ``crs``"""
    pressure_mark: str = ""
    """junctions of an EPANET model whose comment holds it become pressure sensors"""
    flow_mark: str = ""
    """pipes and pumps of an EPANET model whose comment holds it become flow meters"""


@dataclass(frozen=True)
class Recipe:
    """How a city is imported."""

    city_id: str
    name: Label
    projected_crs: str
    timezone: str
    bounds: Bounds
    attribution: tuple[str, ...]
    inputs: tuple[Input, ...]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    """layer without geometry → rows written in the recipe itself"""
    file_name: str


def read_recipe(path: Path) -> Recipe:
    """Return the recipe at ``path``; CityPackError says which input and key is wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise CityPackError(f"{path}: {error}") from error
    try:
        return _recipe(table, path.name)
    except KeyError as error:
        raise CityPackError(f"{path}: {error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise CityPackError(f"{path}: {error}") from error


def _recipe(table: dict[str, Any], file_name: str) -> Recipe:
    city = table["city"]
    if not is_crs(city["projected_crs"]):
        raise ValueError(f"projected_crs {city['projected_crs']!r} is unknown")
    rows = table.get("rows", {})
    for layer in rows:
        if layer not in LAYERS or LAYERS[layer].geometry is not None:
            raise ValueError(f"rows.{layer}: no layer without geometry has this name")
    return Recipe(
        city_id=city["id"],
        name=Label(zh=city["name"]["zh"], en=city["name"]["en"]),
        projected_crs=city["projected_crs"],
        timezone=city["timezone"],
        bounds=Bounds(**{side: float(degrees) for side, degrees in city["bounds"].items()}),
        attribution=tuple(city.get("attribution", ())),
        inputs=tuple(_input(number, entry) for number, entry in enumerate(table["inputs"], start=1)),
        rows=rows,
        file_name=file_name,
    )


def _input(number: int, entry: dict[str, Any]) -> Input:
    where = f"input {number} ({entry.get('path', '?')})"
    if unknown := set(entry) - _INPUT_KEYS:
        raise ValueError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    for key in ("path", "crs"):
        if key not in entry:
            raise ValueError(f"{where}: {key} is missing")
    made = Input(**{"layer": "", **entry, "affine": tuple(entry.get("affine", ()))})
    _check(made, where)
    return made


def _check(made: Input, where: str) -> None:
    if made.format not in {"vector", "osm_roads", "epanet"}:
        raise ValueError(f"{where}: format {made.format!r} is none of vector, osm_roads, epanet")
    if not is_crs(made.crs):
        raise ValueError(f"{where}: crs {made.crs!r} is unknown")
    if made.format == "epanet":
        if len(made.affine) != 6:
            raise ValueError(f"{where}: affine has six numbers: a, b, d, e, x, y")
        return
    if made.layer not in LAYERS or LAYERS[made.layer].geometry is None:
        raise ValueError(f"{where}: layer {made.layer!r} is none that has geometry")
    known = set(LAYERS[made.layer].columns)
    for key in ("columns", "values", "scaled", "defaults"):
        if strange := set(getattr(made, key)) - known:
            raise ValueError(f"{where}: {key}: {made.layer} has no column {', '.join(sorted(strange))}")
    if strange := set(made.class_defaults) - known - {"by"}:
        raise ValueError(f"{where}: class_defaults: {made.layer} has no column {', '.join(sorted(strange))}")
