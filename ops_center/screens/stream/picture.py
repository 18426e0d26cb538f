"""The live picture of one web process: follows the live values and draws what changed, once for all clients.

One thread of its own (``PictureThread``), so that neither a slow cache nor a drawing ever holds up the event loop. A
layer is drawn when a feed of its brought something, at most once for each flush, and every few seconds because data
ages; and only while somebody looks at it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import structlog

from layers.contract import Features, Layer, LiveFrame
from ops_center.domain.catalog import Catalog
from ops_center.domain.errors import LiveUnavailable
from ops_center.domain.rights import Asker
from ops_center.domain.time import Clock
from ops_center.live.port import Changed, LiveMirror
from ops_center.screens.stream.cells import CellContent, CellName, Cells
from ops_center.screens.stream.feed_ages import FeedAges
from ops_center.screens.stream.placed import PlacedLayer

log = structlog.get_logger(__name__)

REDRAW_S = 5.0
"""data ages even when nothing comes: everything that is looked at is drawn at least this often"""


@dataclass(frozen=True, slots=True)
class PictureSources:
    """What a picture is made of."""

    layers: Mapping[str, Layer]
    features: Features
    catalog: Callable[[], Catalog]
    """the newest version that is known; must not wait"""
    mirror: LiveMirror
    clock: Clock
    closed_roads: Callable[[], frozenset[str]] = frozenset
    """that live incidents close; must not wait"""
    unit_status: Callable[[], Mapping[str, str]] = dict
    """what units do; must not wait"""


class Picture:
    """The cells of all layers, and how old the feeds are. One thread calls ``step``; any may read."""

    def __init__(self, sources: PictureSources, changed: Callable[[], None] = lambda: None) -> None:
        self.sources = sources
        self.changed = changed
        """called after cells changed, from the thread of ``step``"""
        self.cells = Cells()
        self.ages = FeedAges()
        self.wanted: frozenset[str] = frozenset()
        """layers that somebody looks at; set by the hub"""
        self._catalog = Catalog.empty()
        self._placed: Mapping[str, PlacedLayer] = {}
        self._drawn_s: dict[str, float] = {}
        self._failing: set[str] = set()
        self._latest = self._frame()

    @property
    def placed(self) -> Mapping[str, PlacedLayer]:
        """Return the layers on the ground, by name; the mapping never changes."""
        return self._placed

    def frame(self) -> LiveFrame:
        """Return the latest values as of now; for any thread. Its arrays are shared: read them, don't keep them."""
        return replace(self._latest, now_us=self.sources.clock.now_us())

    def command_frame(self) -> LiveFrame:
        """Return the latest values with what live incidents make of roads and units: what layers draw."""
        sources = self.sources
        return replace(self.frame(), closed_roads=sources.closed_roads(), unit_status=sources.unit_status())

    def step(self, timeout_s: float) -> None:
        """Wait for news, at most ``timeout_s``, and draw what they touch. Raises LiveUnavailable after drawing."""
        self._follow_catalog()
        try:
            changed = self.sources.mirror.follow(timeout_s)
        except LiveUnavailable:
            self._draw(())
            raise
        self._draw(self._brought(changed) if changed else ())

    def _brought(self, changed: Changed) -> frozenset[str]:
        self._latest = self._frame()
        return self.ages.take(changed, self.sources.mirror, self._latest.now_us)

    def _follow_catalog(self) -> None:
        """Place all layers anew when things were registered, moved or retired."""
        catalog = self.sources.catalog()
        if catalog.version == self._catalog.version and self._placed:
            return
        before = {name for placed in self._placed.values() for name in placed.names}
        self._catalog = catalog
        self._placed = {name: placed for name in self.sources.layers if (placed := self._place(name)) is not None}
        after = {name for placed in self._placed.values() for name in placed.names}
        self._drawn_s.clear()
        self._latest = self._frame()
        self.ages.reset(self.sources.mirror, catalog, self.sources.clock.now_us())
        if self.cells.publish({}, frozenset(before - after), self.sources.clock.now_us()):
            self.changed()

    def _place(self, name: str) -> PlacedLayer | None:
        try:
            placed = PlacedLayer(self.sources.layers[name], self._catalog, self.sources.features)
        except Exception as error:
            self._failed(name, error)
            return None
        return placed

    def _draw(self, feeds: Collection[str]) -> None:
        self._forget_unwanted()
        due = [name for name in self._placed if name in self.wanted and self._is_due(name, feeds)]
        if not due:
            return
        frame = self.command_frame()
        contents: dict[CellName, CellContent] = {}
        for name in due:
            contents.update(self._draw_one(name, frame))
        if self.cells.publish(contents, frozenset[CellName](), frame.now_us):
            self.changed()

    def _forget_unwanted(self) -> None:
        """Drop what nobody has looked at for a while: who comes back must not be shown what was then."""
        old_s = time.monotonic() - REDRAW_S
        unwanted = [name for name, drawn_s in self._drawn_s.items() if name not in self.wanted and drawn_s < old_s]
        for name in unwanted:
            del self._drawn_s[name]
            if name in self._placed:
                self.cells.publish({}, self._placed[name].names, self.sources.clock.now_us())

    def _is_due(self, name: str, feeds: Collection[str]) -> bool:
        drawn_s = self._drawn_s.get(name)
        if drawn_s is None or time.monotonic() - drawn_s >= REDRAW_S:
            return True
        return any(feed in feeds for feed in self.sources.layers[name].feeds)

    def _draw_one(self, name: str, frame: LiveFrame) -> Mapping[CellName, CellContent]:
        placed = self._placed[name]
        self._drawn_s[name] = time.monotonic()
        try:
            contents = placed.contents(placed.layer.draw(frame, placed.geometry))
        except Exception as error:
            self._failed(name, error)
            return {}
        if name in self._failing:
            self._failing.discard(name)
            log.info("layer.recovered", layer=name)
        return contents

    def _failed(self, name: str, error: Exception) -> None:
        """A layer that fails must not take the others with it; said once."""
        if name not in self._failing:
            self._failing.add(name)
            log.error("layer.failed", layer=name, exc_info=error)

    def _frame(self) -> LiveFrame:
        """Return the latest values as layers read them; the arrays of values are the mirror's own, not copies."""
        values, positions = self.sources.mirror.values, self.sources.mirror.positions
        fixed = np.flatnonzero(positions.time_us).astype(np.int32)
        return LiveFrame(
            catalog=self._catalog,
            time_us=values.time_us,
            result=values.result,
            quality=values.quality,
            position_thing=fixed,
            position_time_us=positions.time_us[fixed],
            longitude=positions.longitude[fixed],
            latitude=positions.latitude[fixed],
            speed_mps=positions.speed_mps[fixed],
            heading_deg=positions.heading_deg[fixed],
            events=tuple(self.sources.mirror.events),
            now_us=self.sources.clock.now_us(),
        )


def names_of(
    picture: Picture, layers: Collection[str], districts: Collection[str] | None, asker: Asker
) -> list[CellName]:
    """Return the cells of these layers that ``asker`` may see, in their order, within ``districts`` (None: all)."""
    return [
        piece.name
        for layer in layers
        if layer in picture.placed
        for piece in picture.placed[layer].pieces
        if may_see(asker, picture.placed[layer].layer, piece.name)
        and (districts is None or not piece.name.district or piece.name.district in districts)
    ]


def may_see(asker: Asker, layer: Layer, cell: CellName) -> bool:
    """Return whether ``asker`` may see a cell: the layer's roles, over the cell's department and district."""
    return asker.may_see_of(layer.rights, cell.department, cell.district)
