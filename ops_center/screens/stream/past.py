"""The picture as it was: cells of a moment of the past, drawn by the same layers from what the store kept.

Called by ``GET /live/past``. A moment is read and drawn once for all who look at it (every display of a wall asks for
the same one), cut by the same cells, so that who may see a cell now may see it then. Things stand where they stand now.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
import structlog

from layers.contract import LiveFrame
from ops_center.domain.catalog import Catalog
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.observations import ObservationBatch
from ops_center.domain.rights import Asker
from ops_center.domain.time import SECOND_US
from ops_center.screens.stream.cells import CellName, cell_frame
from ops_center.screens.stream.picture import Picture, names_of
from ops_center.screens.stream.placed import PlacedLayer
from ops_center.store.port import Moment

log = structlog.get_logger(__name__)

STEP_US = 10 * SECOND_US
"""moments lie this far apart: one who asks for a time between two gets the earlier"""
_HELD_BYTES = 96 * 1024 * 1024
_READING = 2
"""moments that are read at once; the database has more to do"""
_PATIENCE_S = 8.0


class PastBusy(OpsCenterError):
    """More moments are asked for than can be read: ask again."""


@dataclass(eq=False)
class _Shown:
    """One moment, and what was drawn of it: by layer as it lay on the ground, since the catalog may change."""

    frame: LiveFrame
    drawn: dict[PlacedLayer, Mapping[CellName, bytes]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def size_bytes(self) -> int:
        arrays = (self.frame.time_us, self.frame.result, self.frame.quality)
        cells = sum(len(cell) for cells in list(self.drawn.values()) for cell in cells.values())
        return sum(array.nbytes for array in arrays) + cells


class Past:
    """Safe to use from any thread; waits for the database."""

    def __init__(self, picture: Picture, moment: Callable[[int], Moment]) -> None:
        self._picture = picture
        self._moment = moment
        self._lock = threading.Lock()
        self._held: OrderedDict[int, Future[_Shown]] = OrderedDict()
        self._reading = threading.BoundedSemaphore(_READING)

    def cells(self, at_us: int, layers: Collection[str], asker: Asker) -> bytes:
        """Return the frames of these layers' cells that ``asker`` may see, as of the last step before ``at_us``.

        Raises PastBusy, StoreError.
        """
        names = names_of(self._picture, layers, None, asker)
        placed = self._picture.placed
        shown = self._shown(at_us // STEP_US * STEP_US)
        drawn = {layer: self._drawn(shown, placed[layer]) for layer in {name.layer for name in names}}
        return b"".join(drawn[name.layer].get(name, b"") for name in names)

    def _shown(self, at_us: int) -> _Shown:
        with self._lock:
            held = self._held.get(at_us)
            mine = held is None
            if held is None:
                held = self._held[at_us] = Future()
            self._held.move_to_end(at_us)
        if mine:
            self._read(at_us, held)
        try:
            return held.result(2 * _PATIENCE_S)
        except TimeoutError:
            raise PastBusy("the database is slow: ask again") from None

    def _read(self, at_us: int, asked: Future[_Shown]) -> None:
        """Read a moment for all who wait for it; nobody is left waiting, and a failure is not remembered."""
        try:
            if not self._reading.acquire(timeout=_PATIENCE_S):
                raise PastBusy("too many moments of the past are being read: ask again")
            try:
                asked.set_result(_Shown(self._frame(at_us, self._moment(at_us))))
            finally:
                self._reading.release()
        except BaseException as error:
            with self._lock:
                self._held.pop(at_us, None)
            asked.set_exception(error)
        self._forget()

    def _forget(self) -> None:
        """Keep what was asked for last, within the memory that there is for it."""
        with self._lock:
            sizes = {
                at: one.result().size_bytes for at, one in self._held.items() if one.done() and not one.exception()
            }
            total = sum(sizes.values())
            for at_us, size in list(sizes.items())[:-1]:
                if total <= _HELD_BYTES:
                    break
                del self._held[at_us]
                total -= size

    def _frame(self, at_us: int, moment: Moment) -> LiveFrame:
        catalog = self._picture.frame().catalog
        time_us, result, quality = _by_key(catalog, moment.values)
        fixes = moment.fixes
        return LiveFrame(
            catalog=catalog,
            time_us=time_us,
            result=result,
            quality=quality,
            position_thing=fixes.thing,
            position_time_us=fixes.phenomenon_time_us,
            longitude=fixes.longitude,
            latitude=fixes.latitude,
            speed_mps=fixes.speed_mps,
            heading_deg=fixes.heading_deg,
            events=moment.events,
            now_us=at_us,
        )

    def _drawn(self, shown: _Shown, placed: PlacedLayer) -> Mapping[CellName, bytes]:
        with shown.lock:
            if placed not in shown.drawn:
                shown.drawn[placed] = _draw(placed, shown.frame)
            return shown.drawn[placed]


def _by_key(catalog: Catalog, values: ObservationBatch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    known = values.datastream < catalog.size
    keys = values.datastream[known]
    time_us, result = np.zeros(catalog.size, np.int64), np.full(catalog.size, np.nan)
    quality = np.zeros(catalog.size, np.uint8)
    time_us[keys], result[keys] = values.phenomenon_time_us[known], values.result[known]
    quality[keys] = values.quality[known]
    return time_us, result, quality


def _draw(placed: PlacedLayer, frame: LiveFrame) -> Mapping[CellName, bytes]:
    """Draw one layer; one that fails must not take the others with it."""
    try:
        contents = placed.contents(placed.layer.draw(frame, placed.geometry))
    except Exception:
        log.exception("layer.failed", layer=placed.layer.name, at_us=frame.now_us)
        return {}
    version = frame.now_us // 1000
    return {name: cell_frame(name, version, content, frame.now_us) for name, content in contents.items()}
