"""A layer on the ground: its geometry for one version of the catalog, cut into cells by district.

Made by the picture when the catalog changes; asked by it at every drawing, and by ``GET /live/geometry``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.contract import Features, Layer, LayerGeometry, LayerSpec
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Int64
from ops_center.domain.time import SECOND_US
from ops_center.screens.stream.cells import CellContent, CellName, visibility_of
from ops_center.screens.stream.frames import encode_frame


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The features of a layer that lie in one district."""

    name: CellName
    rows: slice
    """where they lie when the layer's features are ordered by district"""
    geometry: str
    """name of their geometry: changes when any of it changes"""
    frame: bytes
    """their geometry as ``GET /live/geometry`` answers it"""


class PlacedLayer:
    """One layer for one version of the catalog. Immutable."""

    def __init__(self, layer: Layer, catalog: Catalog, features: Features) -> None:
        self.layer = layer
        self.geometry = layer.geometry(catalog, features)
        districts = _districts(self.geometry, catalog)
        self._order = np.argsort(districts, kind="stable")
        self.pieces: tuple[Piece, ...] = tuple(self._cut(districts[self._order]))

    @cached_property
    def names(self) -> frozenset[CellName]:
        """Return the cells this layer has."""
        return frozenset(piece.name for piece in self.pieces)

    def contents(self, spec: LayerSpec) -> Mapping[CellName, CellContent]:
        """Return what each cell shows, given the layer as drawn on this geometry."""
        arrays = {name: array[self._order] for name, array in _arrays(spec).items()}
        text = None if spec.text is None else [spec.text[row] for row in self._order.tolist()]
        return {piece.name: self._content(piece, spec, arrays, text) for piece in self.pieces}

    def _content(
        self, piece: Piece, spec: LayerSpec, arrays: Mapping[str, NDArray[Any]], text: Sequence[str] | None
    ) -> CellContent:
        cut = {name: array[piece.rows] for name, array in arrays.items()}
        words = None if text is None else tuple(text[piece.rows])
        return CellContent(spec.shape, piece.geometry, cut, words, self._options(piece, spec.options))

    def _options(self, piece: Piece, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the options with the rows of ``pulse`` counted within the piece."""
        if "pulse" not in options:
            return options
        within = self._rank[np.asarray(options["pulse"], np.int64)] - piece.rows.start
        inside = (within >= 0) & (within < piece.rows.stop - piece.rows.start)
        return {**options, "pulse": np.sort(within[inside]).tolist()}

    @cached_property
    def _rank(self) -> Int64:
        """Return where each feature lies when they are ordered by district."""
        rank = np.empty(len(self._order), np.int64)
        rank[self._order] = np.arange(len(self._order))
        return rank

    def _cut(self, ordered: NDArray[Any]) -> list[Piece]:
        names, starts = np.unique(ordered, return_index=True)
        ends = [*starts[1:].tolist(), len(ordered)] if len(ordered) else []
        return [
            self._piece(str(district), slice(start, end))
            for district, start, end in zip(names.tolist(), starts.tolist(), ends, strict=True)
        ]

    def _piece(self, district: str, rows: slice) -> Piece:
        chosen = self._order[rows]
        ids = [self.geometry.ids[row] for row in chosen.tolist()]
        vertices, starts = _vertices(self.geometry, chosen)
        positions = self.geometry.positions[vertices]
        named = _digest(ids, positions, starts)
        name = CellName(self.layer.name, district, visibility_of(self.layer.rights))
        header: dict[str, Any] = {"kind": "geometry", "cell": str(name), "geometry": named, "layer": self.layer.name}
        header |= {"shape": self.layer.shape, "n": len(ids), "ids": ids}
        return Piece(name, rows, named, encode_frame(header, {"positions": positions, "starts": starts}))


def _districts(geometry: LayerGeometry, catalog: Catalog) -> NDArray[np.object_]:
    """Return each feature's district: the layer's own column, else that of the thing it shows."""
    if "district" in geometry.columns:
        return geometry.columns["district"].astype(object)
    things = (catalog.things.get(key) for key in geometry.things.tolist())
    return np.array([thing.district if thing else "" for thing in things], object)


def _vertices(geometry: LayerGeometry, rows: NDArray[Any]) -> tuple[Int64, NDArray[np.uint32]]:
    """Return which rows of ``positions`` the chosen features own, and where each begins among them."""
    begins = geometry.starts[rows].astype(np.int64)
    counts = geometry.starts[rows + 1].astype(np.int64) - begins
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    return np.repeat(begins - starts[:-1], counts) + np.arange(starts[-1]), starts.astype(np.uint32)


def _arrays(spec: LayerSpec) -> dict[str, NDArray[Any]]:
    """Return what travels, by feature. Whole seconds are enough to tell an age, at half the bytes."""
    arrays: dict[str, NDArray[Any]] = {
        "color": spec.color,
        "size": spec.size.astype(np.float32, copy=False),
        "time_s": np.clip(spec.time_us // SECOND_US, 0, 0xFFFF_FFFF).astype(np.uint32),
    }
    optional = {"angle": spec.angle, "icon": spec.icon, "positions": spec.positions}
    return arrays | {name: array for name, array in optional.items() if array is not None}


def _digest(ids: Sequence[str], positions: NDArray[np.float32], starts: NDArray[np.uint32]) -> str:
    digest = blake2b("\0".join(ids).encode(), digest_size=8)
    digest.update(np.ascontiguousarray(positions).tobytes())
    digest.update(starts.tobytes())
    return digest.hexdigest()
