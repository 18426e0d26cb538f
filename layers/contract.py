"""What a layer's file holds: which live values and static features it needs, and how it is drawn.

Judged by tests/contracts/test_every_layer.py. A layer is pure and knows no drawing library: it returns
our own :class:`LayerSpec`; one module in ``ops_center/screens`` translates it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Event, Float64, Int32, Int64, UInt8
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label

Shape = Literal["points", "paths", "polygons", "columns", "icons", "texts"]


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of a legend: never colour alone, always with words."""

    color: tuple[int, int, int]
    label: Label


@dataclass(frozen=True, slots=True, eq=False)
class LayerGeometry:
    """What doesn't move: sent once per version to a browser.

    ``positions`` float32[m, 2 or 3] in degrees (and metres); a feature i of paths and polygons owns the rows
    ``starts[i]:starts[i + 1]``; points own one row each.
    """

    ids: tuple[str, ...]
    """thing ids in the order of the features: what a click answers"""
    positions: NDArray[np.float32]
    starts: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class LayerSpec:
    """One layer as it is to be drawn now: arrays over n features, in the units of the screen."""

    name: str
    shape: Shape
    geometry: LayerGeometry
    color: NDArray[np.uint8]
    """uint8[n, 4], RGBA; alpha 0 hides"""
    size: NDArray[np.float32]
    """float32[n]: radius or width in pixels at the desk (screens scale it), columns: height in metres"""
    time_us: Int64
    """int64[n]: time of what is shown; 0 where nothing was ever received"""
    angle: NDArray[np.float32] | None = None
    """float32[n], degrees clockwise from north"""
    text: tuple[str, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """The latest values of everything, as arrays indexed by key (see ``ops_center/live``)."""

    catalog: Catalog
    time_us: Int64
    """int64[size] by datastream key; 0: never received"""
    result: Float64
    quality: UInt8
    position_thing: Int32
    """int32[m]: keys of the things that have sent a fix; the arrays below go with it"""
    position_time_us: Int64
    longitude: Float64
    latitude: Float64
    speed_mps: Float64
    heading_deg: Float64
    events: tuple[Event, ...]
    """the events of the last hour, oldest first"""
    now_us: int


class Layer(Protocol):
    """One kind of thing on the map."""

    @property
    def name(self) -> str:
        """Return the unique name."""
        ...

    @property
    def label(self) -> Label:
        """Return the name in the layer switch."""
        ...

    @property
    def rights(self) -> Rights:
        """Return who may see it."""
        ...

    @property
    def legend(self) -> tuple[LegendEntry, ...]:
        """Return the lines of its legend."""
        ...

    @property
    def feeds(self) -> tuple[str, ...]:
        """Return the feeds it draws; their health is its health."""
        ...
