"""Pipe networks as tables: what the four networks have in common. Called by the modules of each network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ops_center.city.synthetic.plan import Real

STANDARD_MM = np.array(
    [100, 150, 200, 250, 300, 400, 500, 600, 700, 800, 900, 1000, 1200, 1400, 1600, 1800, 2000, 2200, 2400, 2600, 3000]
)
"""nominal diameters that are made"""


@dataclass
class Pipes:
    """Rows of the layers ``pipe_nodes`` and ``pipe_links`` in local metres; a growing draft."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    node_xy: list[Real] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    link_shapes: list[NDArray[np.object_]] = field(default_factory=list)

    def add_nodes(self, xy_m: Real, **columns: Any) -> None:
        """Add nodes; a column is one value for all or one per node."""
        self.nodes.append(columns)
        self.node_xy.append(xy_m)

    def add_links(self, shapes: NDArray[np.object_], **columns: Any) -> None:
        """Add links; a column is one value for all or one per link."""
        self.links.append(columns)
        self.link_shapes.append(shapes)

    def extend(self, other: Pipes) -> None:
        """Add all nodes and links of another draft."""
        self.nodes += other.nodes
        self.node_xy += other.node_xy
        self.links += other.links
        self.link_shapes += other.link_shapes


def ids(prefix: str, count: int) -> NDArray[np.object_]:
    """Return ``count`` identifiers, e.g. WJ00001."""
    return np.array([f"{prefix}{number:05d}" for number in range(1, count + 1)], object)


def standard_mm(diameter_mm: Real) -> Real:
    """Return the next larger diameter that is made, float64[n]."""
    index = np.searchsorted(STANDARD_MM, np.minimum(diameter_mm, STANDARD_MM[-1]))
    return np.asarray(STANDARD_MM[index], np.float64)


def straight(first: Real, last: Real) -> NDArray[np.object_]:
    """Return straight lines from points float64[n, 2] to points float64[n, 2]."""
    return np.asarray(shapely.linestrings(np.stack([first, last], axis=1)))
