"""Bundles of lines with a class and a street each, as they are drawn before they are noded. Used by the roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.geometry.base import BaseGeometry

EXPRESSWAY, ARTERIAL, COLLECTOR, LOCAL, EDGE = range(5)
"""classes in order of rank; EDGE is a bank or border: it cuts roads and blocks but is no road"""


@dataclass
class Lines:
    """A growing bundle of lines."""

    shapes: list[LineString] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    streets: list[int] = field(default_factory=list)
    """lines of one street share a number; -1: a name of its own is found later"""

    def add(self, shape: BaseGeometry, rank: int, street: int = -1) -> None:
        """Add a line, or each part of several, with its class and street."""
        for part in shapely.get_parts(shapely.get_parts(shape)):
            if isinstance(part, LineString) and part.length > 1.0:
                self.shapes.append(part)
                self.ranks.append(rank)
                self.streets.append(street)

    def extend(self, other: Lines) -> None:
        """Add all lines of another bundle."""
        self.shapes += other.shapes
        self.ranks += other.ranks
        self.streets += other.streets


def pieces(lines: Lines) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the straight pieces of all lines and the line each is from."""
    coordinates, owner = shapely.get_coordinates(np.array(lines.shapes, object), return_index=True)
    same = owner[1:] == owner[:-1]
    ends = np.stack([coordinates[:-1][same], coordinates[1:][same]], axis=1)
    return np.asarray(shapely.linestrings(ends)), np.asarray(owner[:-1][same], np.int64)


def smooth(points: Sequence[tuple[float, float]] | NDArray[np.float64], step_m: float) -> LineString:
    """Return a curve through points: two rounds of Chaikin's corner cutting, then a vertex every ``step_m``."""
    xy = np.asarray(points, float)
    for _ in range(3):
        inner = np.empty((2 * (len(xy) - 1), 2))
        inner[0::2], inner[1::2] = 0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]
        xy = np.vstack([xy[:1], inner, xy[-1:]])
    line = LineString(xy)
    count = max(2, round(line.length / step_m) + 1)
    stops = shapely.line_interpolate_point(line, np.linspace(0, 1, count), normalized=True)
    return LineString(shapely.get_coordinates(stops))
