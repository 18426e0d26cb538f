"""A layer on the ground: its geometry for one version of the catalog, cut into cells by district and department.

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

from layers.contract import Features, Layer, LayerGeometry, LayerSpec, Variant
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.observations import Int64
from ops_center.domain.time import SECOND_US
from ops_center.screens.stream.cells import CellContent, CellName
from ops_center.screens.stream.frames import encode_frame


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The features of a layer that lie in one district and belong to one department."""

    name: CellName
    rows: slice
    """where they lie when the layer's features are ordered by district and department"""
    geometry: str
    """name of their geometry: changes when any of it changes"""
    frame: bytes
    """their geometry as ``GET /live/geometry`` answers it"""


class PlacedLayer:
    """One layer for one version of the catalog. Immutable."""

    def __init__(self, layer: Layer, catalog: Catalog, features: Features) -> None:
        self.layer = layer
        self.geometry = layer.geometry(catalog, features)
        owners = _owners(self.geometry, catalog)
        self._order = np.argsort(owners, kind="stable")
        self.pieces: tuple[Piece, ...] = tuple(self._cut(owners[self._order]))

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
        options = self._options(piece, spec.options)
        if spec.variants:
            options = {**options, "variants": {name: self._words(piece, one) for name, one in spec.variants.items()}}
        return CellContent(spec.shape, piece.geometry, cut, words, options)

    def _words(self, piece: Piece, variant: Variant) -> Mapping[str, Any]:
        """Return what is written in another look; its colours and sizes are arrays of the cell."""
        return {"text": [variant.text[row] for row in self._order[piece.rows].tolist()]}

    def _options(self, piece: Piece, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the options with the rows of ``pulse`` counted within the piece."""
        if "pulse" not in options:
            return options
        within = self._rank[np.asarray(options["pulse"], np.int64)] - piece.rows.start
        inside = (within >= 0) & (within < piece.rows.stop - piece.rows.start)
        return {**options, "pulse": np.sort(within[inside]).tolist()}

    @cached_property
    def _rank(self) -> Int64:
        """Return where each feature lies when they are ordered by district and department."""
        rank = np.empty(len(self._order), np.int64)
        rank[self._order] = np.arange(len(self._order))
        return rank

    def _cut(self, ordered: NDArray[Any]) -> list[Piece]:
        names, starts = np.unique(ordered, return_index=True)
        ends = [*starts[1:].tolist(), len(ordered)] if len(ordered) else []
        return [
            self._piece(str(owner), slice(start, end))
            for owner, start, end in zip(names.tolist(), starts.tolist(), ends, strict=True)
        ]

    def _piece(self, owner: str, rows: slice) -> Piece:
        chosen = self._order[rows]
        ids = [self.geometry.ids[row] for row in chosen.tolist()]
        vertices, starts = _vertices(self.geometry, chosen)
        positions = self.geometry.positions[vertices]
        named = _digest(ids, positions, starts)
        name = CellName(self.layer.name, *owner.split(_BETWEEN))
        header: dict[str, Any] = {"kind": "geometry", "cell": str(name), "geometry": named, "layer": self.layer.name}
        header |= {"shape": self.layer.shape, "n": len(ids), "ids": ids}
        arrays: dict[str, NDArray[Any]] = {"positions": positions, "starts": starts}
        if self.geometry.anchors is not None:
            arrays["anchors"] = self.geometry.anchors[chosen]
        return Piece(name, rows, named, encode_frame(header, arrays))


_BETWEEN = "\0"
"""between district and department, where both are one text to sort by: no code has it"""


def _owners(geometry: LayerGeometry, catalog: Catalog) -> NDArray[np.object_]:
    """Return each feature's district and department as one text."""
    things = [catalog.things.get(key) for key in geometry.things.tolist()]
    districts = _column(geometry, "district", things)
    departments = _column(geometry, "department", things)
    shared = set(departments) - {""}
    if len(shared) == 1:
        # What shows no thing (a main without a sensor) belongs to whom all others of the layer belong.
        departments = [name or next(iter(shared)) for name in departments]
    return np.array([_BETWEEN.join(owner) for owner in zip(districts, departments, strict=True)], object)


def _column(geometry: LayerGeometry, name: str, things: Sequence[Thing | None]) -> list[str]:
    """Return the layer's own column, else that of the things it shows; "" where there is none."""
    if name in geometry.columns:
        return [str(value) for value in geometry.columns[name].tolist()]
    return [getattr(thing, name) if thing else "" for thing in things]


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
    optional = {"angle": spec.angle, "icon": spec.icon, "positions": spec.positions, "severity": spec.severity}
    for name, variant in spec.variants.items():
        optional |= {f"color:{name}": variant.color, f"size:{name}": variant.size}
    return arrays | {name: array for name, array in optional.items() if array is not None}


def _digest(ids: Sequence[str], positions: NDArray[np.float32], starts: NDArray[np.uint32]) -> str:
    digest = blake2b("\0".join(ids).encode(), digest_size=8)
    digest.update(np.ascontiguousarray(positions).tobytes())
    digest.update(starts.tobytes())
    return digest.hexdigest()
