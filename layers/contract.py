"""What a layer's file holds: which live values and static features it needs, and how it is drawn.

Judged by tests/contracts/test_every_layer.py. A layer is pure and knows no drawing library and no files: the
city's features come as plain arrays, and it returns our own :class:`LayerSpec`. One module in
``ops_center/screens`` translates it; the stream sends ``geometry`` once per version and the rest as it changes.
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

Shape = Literal["points", "paths", "icons", "columns", "areas", "heat"]

UNIT_SHAPES = ("free", "assigned", "under_way", "on_scene")
"""what a unit does, told by the outline of its sign: circle, triangle, pentagon, square"""
UNIT_SERVICES = ("police", "fire", "medical", "rescue", "repair", "municipal")
"""whose it is, told by what is cut out of it: star, flame, cross, ring, nut, bars"""

ICONS: tuple[str, ...] = (
    "circle",
    "ring",
    "triangle_up",
    "triangle_down",
    "square",
    "diamond",
    "arrow",
    "camera",
    "drop",
    "cross",
    "wave",
    "drain",
    "pentagon",
    "alert",
    "vane",
    "line",
    "burst",
    *(f"{shape}_{service}" for shape in UNIT_SHAPES for service in UNIT_SERVICES),
)
"""names of the signs in assets/icons.svg, in its order: ``LayerSpec.icon`` holds indices into this"""


NORMAL, SLIGHT, NOTABLE, BAD, SEVERE, NOTHING_KNOWN = 0, 1, 2, 3, 4, 255
"""severities: how much a feature wants attention; NOTHING_KNOWN: aged, or never received"""

AGED_LABEL = Label("数据陈旧", "aged")
"""in every legend; a screen that shows several layers may say it once for all"""


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of a legend: never colour alone, always with words and the sign that is drawn."""

    color: tuple[int, int, int]
    label: Label
    icon: str = "circle"
    """one of :data:`ICONS`"""
    size: float = 1.0
    """of the sign, against the layer's usual one: lines grow wider with what they mean"""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """The static features of one layer of the city pack, as arrays."""

    ids: tuple[str, ...]
    positions: NDArray[np.float32]
    """float32[m, 2], longitude and latitude; feature i owns the rows ``starts[i]:starts[i + 1]``"""
    starts: NDArray[np.uint32]
    """uint32[n + 1]"""
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """column of the pack → array[n]: text as object, numbers as they are"""

    @classmethod
    def empty(cls) -> FeatureTable:
        """Return a table of no features."""
        return cls((), np.empty((0, 2), np.float32), np.zeros(1, np.uint32))

    def numbers(self, name: str) -> Float64:
        """Return a column as float64[n]; NaN throughout where the table has none."""
        return np.asarray(self.columns.get(name, np.full(len(self.ids), np.nan)), np.float64)

    def texts(self, name: str) -> NDArray[Any]:
        """Return a column of text, array[n]; "" throughout where the table has none."""
        return self.columns.get(name, np.full(len(self.ids), "", object))


Features = Mapping[str, FeatureTable]
"""name of the pack's layer (``roads``, ``pipe_links``) → its features; a layer asks with ``.get``"""


@dataclass(frozen=True, slots=True, eq=False)
class LayerGeometry:
    """What doesn't move: sent once per version to a browser, and what ``draw`` needs to find its values.

    ``positions`` float32[m, 2 or 3] in degrees (and metres); a feature i of paths owns the rows
    ``starts[i]:starts[i + 1]``; points own one row each. An area owns its rings one after the other, each ended by a
    row of NaN: outer rings against the clock, each followed by its holes, with the clock.
    """

    ids: tuple[str, ...]
    """what a click answers, in the order of the features: ids of things, else of the pack's features"""
    positions: NDArray[np.float32]
    starts: NDArray[np.uint32]
    """uint32[n + 1]"""
    things: Int32
    """int32[n]: key of the thing that a feature shows; -1 where it shows none or several"""
    streams: Mapping[str, Int32] = field(default_factory=dict)
    """observed property → int32[n], key of the datastream, -1 where the feature has none; stays on the server"""
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """whatever else ``draw`` needs by feature, array[n]; stays on the server"""
    anchors: NDArray[np.float32] | None = None
    """float32[n, 2]: where the number or the column of an area stands; only for ``areas``"""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """Another look of the same features, chosen by each map: districts by rain instead of by congestion."""

    label: Label
    legend: tuple[LegendEntry, ...]
    color: NDArray[np.uint8]
    """uint8[n, 4]"""
    size: NDArray[np.float32]
    """float32[n]"""
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LayerSpec:
    """One layer as it is to be drawn now: arrays over n features, in the units of the screen."""

    name: str
    shape: Shape
    geometry: LayerGeometry
    color: NDArray[np.uint8]
    """uint8[n, 4], RGBA; alpha 0 hides"""
    size: NDArray[np.float32]
    """float32[n]: radius or width in pixels at the desk (screens scale it), columns and areas: height in metres,
    heat: weight"""
    time_us: Int64
    """int64[n]: time of what is shown; 0 where nothing was ever received"""
    angle: NDArray[np.float32] | None = None
    """float32[n], degrees clockwise from north"""
    icon: NDArray[np.uint8] | None = None
    """uint8[n], indices into :data:`ICONS`; None: circles"""
    text: tuple[str, ...] | None = None
    """a short value to be written beside each feature, digits and signs only; "" writes nothing"""
    positions: NDArray[np.float32] | None = None
    """float32[n, 2]: where the features of a moving layer are now; None: where its geometry says"""
    severity: NDArray[np.uint8] | None = None
    """uint8[n], NORMAL to SEVERE or NOTHING_KNOWN: what the worst of a group is told by, and which value is written
    where there is no room for all. Every layer of points that shows things which stand still has it; None: its points
    are never gathered. Thin lines of which nothing is to be said recede where the view is far."""
    variants: Mapping[str, Variant] = field(default_factory=dict)
    """name → another look"""
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
    closed_roads: frozenset[str] = frozenset()
    """ids of the roads that live incidents close; none in the past"""
    unit_status: Mapping[str, str] = field(default_factory=dict)
    """unit → one of :data:`UNIT_SHAPES` or ``off_shift``; who isn't in it is free"""


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

    @property
    def shape(self) -> Shape:
        """Return how it is drawn, always the same."""
        ...

    @property
    def order(self) -> int:
        """Return its place in the stack, 0 to 100, greater is nearer to the eye; also the order of the switches."""
        ...

    @property
    def turns(self) -> bool:
        """Return whether its signs lie on the ground and turn with it: directions on the map, not on the screen."""
        ...

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return what doesn't move, for this version of the catalog."""
        ...

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Return the layer as of ``frame.now_us``; a function of its arguments alone."""
        ...
