"""A city pack: a folder with ``city.toml``, ``city.gpkg`` and, where it has a water network, ``water.inp``.

Layers are read when first asked for. Who calls it: the catalog (things, datastreams), the world (roads, pipes),
the map (geometry), the CLI. Writing is atomic: a reader sees the old pack or the new one, never half of one.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

from ops_center.city import frames
from ops_center.city.manifest import FILE_NAME, Manifest, read_manifest, write_manifest
from ops_center.city.schema import LAYERS
from ops_center.domain.errors import CityPackError
from ops_center.domain.place import MetricFrame

GEOPACKAGE = "city.gpkg"
WATER_MODEL = "water.inp"

Progress = Callable[[float, str], None]
"""called with the part that is done, 0 to 1, and what is being done"""


def no_progress(_done: float, _what: str) -> None:
    """Say nothing: the progress of callers that show none."""


class CityPack:
    """A city on disk or in memory: its manifest and its layers. Never changed once made."""

    def __init__(
        self,
        manifest: Manifest,
        layers: Mapping[str, pd.DataFrame] | None = None,
        folder: Path | None = None,
        water_model: str | None = None,
    ) -> None:
        self.manifest = manifest
        self.folder = folder
        """where it lies; None for a pack that was made in memory and not written yet"""
        self._layers: dict[str, pd.DataFrame] = dict(layers or {})
        self._water_model = water_model

    @classmethod
    def read(cls, folder: Path) -> CityPack:
        """Return the pack in ``folder``; layers are read later. Raises CityPackError if it isn't one."""
        manifest = read_manifest(folder / FILE_NAME)
        path = folder / GEOPACKAGE
        present = layer_names(path)
        if missing := [name for name in LAYERS if name not in present]:
            raise CityPackError(f"{path}: layers are missing: {', '.join(missing)}")
        return cls(manifest, folder=folder)

    @property
    def metric(self) -> MetricFrame:
        """Return the city's metric frame."""
        return MetricFrame(self.manifest.projected_crs)

    def table(self, name: str) -> pd.DataFrame:
        """Return a layer's columns as the schema declares them (a GeoDataFrame, EPSG:4326, if it has geometry).

        Raises CityPackError if the layer is damaged, KeyError if no such layer is declared.
        """
        layer = LAYERS[name]
        if name not in self._layers:
            if self.folder is None:
                self._layers[name] = frames.empty(layer)
            else:
                self._layers[name] = frames.conform(read_layer(self.folder / GEOPACKAGE, name), layer)
        return self._layers[name]

    def features(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer that has geometry, EPSG:4326; as :meth:`table`."""
        if LAYERS[name].geometry is None:
            raise KeyError(f"{name} has no geometry")
        return cast(gpd.GeoDataFrame, self.table(name))

    @property
    def water_model(self) -> Path | None:
        """Return the EPANET file of the water network; None for a pack in memory or without one."""
        path = None if self.folder is None else self.folder / WATER_MODEL
        return path if path is not None and path.is_file() else None

    def write(
        self, folder: Path, progress: Progress = no_progress, check: Callable[[Path], None] | None = None
    ) -> CityPack:
        """Write the pack to ``folder``, in the place of what was there, and return it as read from there.

        ``check`` looks at the written pack before it takes the place; if it raises, nothing is changed.
        Raises CityPackError if a frame contradicts the schema or ``folder`` holds something else than a pack.
        """
        _refuse_foreign(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            self._write_into(draft, progress)
            if check is not None:
                check(draft)
            _swap(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return CityPack.read(folder)

    def _write_into(self, draft: Path, progress: Progress) -> None:
        rows: dict[str, int] = {}
        digests: dict[str, str] = {}
        for number, (name, layer) in enumerate(LAYERS.items()):
            progress(number / len(LAYERS), f"write {name}")
            frame = frames.conform(self.table(name), layer)
            if layer.geometry is not None:
                frame = frames.one_geometry_type(cast(gpd.GeoDataFrame, frame), layer)
            _write_layer(frame, draft / GEOPACKAGE, name)
            rows[name], digests[name] = len(frame), frames.digest(frame, layer)
        self._write_water(draft / WATER_MODEL)
        write_manifest(replace(self.manifest, rows=rows, digests=digests), draft / FILE_NAME)
        progress(1.0, "written")

    def _write_water(self, path: Path) -> None:
        if self._water_model is not None:
            path.write_text(self._water_model, encoding="utf-8")
        elif self.water_model is not None:
            shutil.copyfile(self.water_model, path)


def layer_names(path: Path) -> set[str]:
    """Return the layers in a GeoPackage; CityPackError if it can't be read."""
    if not path.is_file():
        raise CityPackError(f"{path.parent}: {path.name} is missing")
    try:
        return {str(name) for name, _ in pyogrio.list_layers(path)}
    except (DataSourceError, DataLayerError, OSError) as error:
        raise CityPackError(f"{path}: damaged: {error}") from error


def read_layer(path: Path, name: str) -> pd.DataFrame:
    """Return a layer as it lies in the file, whatever its columns are; CityPackError if it is damaged."""
    try:
        return cast(pd.DataFrame, pyogrio.read_dataframe(path, layer=name, force_2d=True))
    except (DataSourceError, DataLayerError, FieldError, GeometryError, OSError, ValueError, RuntimeError) as error:
        raise CityPackError(f"{path}: layer {name} is damaged: {error}") from error


def _write_layer(frame: pd.DataFrame, path: Path, name: str) -> None:
    options = (
        {} if LAYERS[name].geometry is None else {"geometry_type": LAYERS[name].geometry, "promote_to_multi": False}
    )
    try:
        pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=False, **options)
    except (DataSourceError, DataLayerError, FieldError, GeometryError, OSError, ValueError) as error:
        raise CityPackError(f"{path}: layer {name} can't be written: {error}") from error


def _refuse_foreign(folder: Path) -> None:
    """Never replace a folder that is not a pack: a mistyped path must not cost somebody's files."""
    if folder.exists() and not folder.is_dir():
        raise CityPackError(f"{folder}: a file lies there")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE_NAME).is_file():
        raise CityPackError(f"{folder}: holds something that is not a city pack; give an empty or new folder")


def _swap(draft: Path, folder: Path) -> None:
    """Put ``draft`` in the place of ``folder`` by renames; only those two steps are not one."""
    draft.chmod(0o755)
    if not folder.exists():
        draft.rename(folder)
        return
    former = draft.with_name(draft.name + "-former")
    folder.rename(former)
    draft.rename(folder)
    shutil.rmtree(former)
