"""Cells: what a browser subscribes to, each with a version, encoded once for all who may see it.

The picture's thread publishes, the event loop's clients read; a published cell never changes, so that nothing is
locked for reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from ops_center.screens.stream.frames import encode_frame

NONE = "-"
"""stands in a name for no district and for no department"""


@dataclass(frozen=True, slots=True, order=True)
class CellName:
    """Layer × district × department: all who may see a cell may see the whole of it, and share what was encoded."""

    layer: str
    district: str
    """code in the city pack; "" for features of no district"""
    department: str
    """whose things it shows; "" for features of no department"""

    def __str__(self) -> str:
        return "/".join((self.layer, *(quote(part, safe="") or NONE for part in (self.district, self.department))))


@dataclass(frozen=True, slots=True, eq=False)
class CellContent:
    """What a cell shows, without version and time: compared to tell whether anything changed."""

    shape: str
    geometry: str
    """name of the geometry that the rows belong to"""
    arrays: Mapping[str, NDArray[Any]]
    text: tuple[str, ...] | None
    options: Mapping[str, Any]

    def same_as(self, other: CellContent) -> bool:
        """Return whether a browser that shows ``other`` would see no difference."""
        return (
            (self.geometry, self.shape, self.text) == (other.geometry, other.shape, other.text)
            and self.options == other.options
            and self.arrays.keys() == other.arrays.keys()
            and all(_same(array, other.arrays[name]) for name, array in self.arrays.items())
        )


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One version of one cell."""

    name: CellName
    version: int
    content: CellContent
    frame: bytes


class Cells:
    """The newest version of every cell. One thread publishes; any may read."""

    def __init__(self) -> None:
        self._cells: Mapping[CellName, Cell] = {}

    @property
    def current(self) -> Mapping[CellName, Cell]:
        """Return all cells as of one moment; the mapping never changes."""
        return self._cells

    def publish(self, contents: Mapping[CellName, CellContent], gone: frozenset[CellName], now_us: int) -> int:
        """Take new contents and drop what is gone; return how many cells changed."""
        cells = {name: cell for name, cell in self._cells.items() if name not in gone}
        changed = len(self._cells) - len(cells)
        for name, content in contents.items():
            held = cells.get(name)
            if held is None or not content.same_as(held.content):
                cells[name] = _next_version(name, held, content, now_us)
                changed += 1
        if changed:
            self._cells = cells
        return changed


def _next_version(name: CellName, held: Cell | None, content: CellContent, now_us: int) -> Cell:
    # The clock as a start makes versions of an earlier run of the server differ from this run's.
    version = max(now_us // 1000, held.version + 1 if held else 0)
    return Cell(name, version, content, cell_frame(name, version, content, now_us))


def cell_frame(name: CellName, version: int, content: CellContent, now_us: int) -> bytes:
    """Return a cell as it travels; ``now_us``: the time that its picture is of."""
    header = {
        "kind": "cell",
        "cell": str(name),
        "layer": name.layer,
        "district": name.district,
        "shape": content.shape,
        "version": version,
        "geometry": content.geometry,
        "n": len(content.arrays["color"]),
        "now_us": now_us,
        "options": content.options,
        "text": content.text,
    }
    return encode_frame(header, content.arrays)


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Compare bytes: NaN equals itself here."""
    return one is other or (one.shape == other.shape and np.array_equal(one.view(np.uint8), other.view(np.uint8)))
