"""``city.toml``: what a city pack says about itself. Read and written by ``pack``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ops_center.city.schema import FORMAT_VERSION
from ops_center.domain.errors import CityPackError
from ops_center.domain.place import Bounds, is_crs
from ops_center.domain.text import Label

FILE_NAME = "city.toml"


@dataclass(frozen=True)
class Manifest:
    """What a pack says about itself."""

    city_id: str
    """lower case letters, digits, hyphens: part of identifiers"""
    name: Label
    projected_crs: str
    """metric work is done in it, e.g. ``EPSG:4549``"""
    timezone: str
    """IANA name"""
    bounds: Bounds
    """everything in the pack lies inside"""
    origin: str
    """``synthetic`` or ``import``"""
    seed: int | None = None
    """of a synthetic city"""
    recipe: str = ""
    """file name of the recipe of an imported city"""
    attribution: tuple[str, ...] = ()
    """shown wherever the city is shown"""
    rows: Mapping[str, int] = field(default_factory=dict)
    """layer → number of features when the pack was written"""
    digests: Mapping[str, str] = field(default_factory=dict)
    """layer → SHA-256 of its content when the pack was written; equal packs have equal digests"""
    format_version: int = FORMAT_VERSION


def read_manifest(path: Path) -> Manifest:
    """Return the manifest at ``path``; CityPackError names what is missing or wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CityPackError(f"{path.parent}: not a city pack, {path.name} is missing") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise CityPackError(f"{path}: {error}") from error
    try:
        return _checked(_from_table(table))
    except KeyError as error:
        raise CityPackError(f"{path}: {error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise CityPackError(f"{path}: {error}") from error


def _from_table(table: dict[str, Any]) -> Manifest:
    layers = table.get("layers", {})
    return Manifest(
        city_id=str(table["id"]),
        name=Label(zh=table["name"]["zh"], en=table["name"]["en"]),
        projected_crs=str(table["projected_crs"]),
        timezone=str(table["timezone"]),
        bounds=Bounds(**{side: float(degrees) for side, degrees in table["bounds"].items()}),
        origin=str(table["origin"]),
        seed=table.get("seed"),
        recipe=str(table.get("recipe", "")),
        attribution=tuple(map(str, table.get("attribution", ()))),
        rows={name: int(layer["rows"]) for name, layer in layers.items()},
        digests={name: str(layer["sha256"]) for name, layer in layers.items()},
        format_version=int(table["format_version"]),
    )


def _checked(manifest: Manifest) -> Manifest:
    if manifest.format_version != FORMAT_VERSION:
        raise ValueError(f"format_version {manifest.format_version}: this program reads {FORMAT_VERSION}")
    if manifest.origin not in {"synthetic", "import"}:
        raise ValueError(f"origin {manifest.origin!r}: synthetic or import")
    if manifest.projected_crs.lower() in {"gcj02", "bd09"} or not is_crs(manifest.projected_crs):
        raise ValueError(f"projected_crs {manifest.projected_crs!r} is unknown")
    try:
        ZoneInfo(manifest.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"timezone {manifest.timezone!r} is unknown") from error
    return manifest


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Write ``manifest`` as TOML."""
    path.write_text("\n".join(_lines(manifest)) + "\n", encoding="utf-8")


def _lines(manifest: Manifest) -> list[str]:
    lines = [
        f"format_version = {manifest.format_version}",
        f"id = {_text(manifest.city_id)}",
        f"name = {{ zh = {_text(manifest.name.zh)}, en = {_text(manifest.name.en)} }}",
        f"projected_crs = {_text(manifest.projected_crs)}",
        f"timezone = {_text(manifest.timezone)}",
        f"origin = {_text(manifest.origin)}",
    ]
    if manifest.seed is not None:
        lines.append(f"seed = {manifest.seed}")
    if manifest.recipe:
        lines.append(f"recipe = {_text(manifest.recipe)}")
    lines += ["attribution = [", *(f"  {_text(line)}," for line in manifest.attribution), "]", "", "[bounds]"]
    lines += [f"{side} = {getattr(manifest.bounds, side)!r}" for side in ("west", "south", "east", "north")]
    for name, rows in manifest.rows.items():
        lines += ["", f"[layers.{name}]", f"rows = {rows}", f"sha256 = {_text(manifest.digests[name])}"]
    return lines


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
