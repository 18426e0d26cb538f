"""One datastream over any span, as a picture of some pixels wants it. Waits for the database.

The grain follows from the span and the width. What the grain doesn't hold is read at another: older than it is kept, or
filled in later than it, at a coarser one; the end that isn't rolled up yet, at a finer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from ops_center.domain.catalog import Datastream, TimeKind
from ops_center.domain.time import DAY_US
from ops_center.services.things.thinning import Gap, ends_us, gaps_of, thinned
from ops_center.store.port import HistoryStore, Resolution, Revision, Series
from ops_center.store.resolutions import WIDTH_US, resolution_for

GRAINS: tuple[Resolution, ...] = get_args(Resolution)
"""finest first"""
ROWS_PER_PIXEL = 6
"""so many rows of the store are read for each that is drawn: the next coarser grain is up to 60 times coarser"""
MOST_REVISIONS = 200
SPEED = -1
"""stands where a datastream's key stands, for the speed of what moves"""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One series, ready to be drawn or written."""

    parts: tuple[Series, ...]
    """ascending, none empty; each at one grain"""
    gaps: tuple[Gap, ...]
    revisions: Sequence[Revision]
    """values that were corrected afterwards, newest first"""

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return sum(len(part.time_us) for part in self.parts)


def read(
    history: HistoryStore, stream: Datastream, span_us: tuple[int, int], now_us: int, most: int, *, whole: bool = False
) -> Shown:
    """Return what a datastream observed in [start, end), in at most ``most`` rows. Raises StoreError.

    ``whole``: the rows as they are stored, at the grain that has no more than ``most`` of them, for a file.
    """
    start_us, end_us = span_us[0], min(span_us[1], now_us)
    if end_us <= start_us:
        return Shown((), (), ())
    grain = resolution_for(end_us - start_us, stream.interval_s, most if whole else most * ROWS_PER_PIXEL)
    parts = _parts(history, stream, (start_us, end_us), grain, most * ROWS_PER_PIXEL * 2)
    averaged = stream.time_kind is TimeKind.INTERVAL
    gaps = gaps_of(parts, stream.interval_s, averaged, start_us, end_us)
    revisions = history.revisions(stream.key, start_us, end_us, MOST_REVISIONS)
    if not whole:
        parts = [thinned(part, start_us, end_us, most) for part in parts]
    return Shown(tuple(parts), tuple(gaps), revisions)


def read_speed(history: HistoryStore, thing: int, span_us: tuple[int, int], now_us: int, most: int) -> Shown:
    """Return how fast a thing went, km/h, by its fixes: of one day at most, the last of the span."""
    end_us = min(span_us[1], now_us)
    start_us = max(span_us[0], end_us - DAY_US)
    fixes = history.fixes(thing, start_us, end_us)
    speed = fixes.speed_mps * 3.6
    series = Series("raw", fixes.phenomenon_time_us, speed, speed, speed, np.ones(len(fixes), np.int64), fixes.quality)
    if not len(fixes):
        return Shown((), ((start_us, end_us),), ())
    usual_s = float(np.median(np.diff(fixes.phenomenon_time_us))) / 1e6 if len(fixes) > 1 else 60.0
    gaps = gaps_of([series], max(usual_s, 10.0), False, start_us, end_us)
    return Shown((thinned(series, start_us, end_us, most),), tuple(gaps), ())


def _parts(
    history: HistoryStore, stream: Datastream, span_us: tuple[int, int], grain: Resolution, most: int
) -> list[Series]:
    start_us, end_us = span_us
    at = GRAINS.index(grain)
    parts = _some(history.series(stream.key, start_us, end_us, grain))
    begins_us = int(parts[0].time_us[0]) if parts else end_us
    for coarser in GRAINS[at + 1 :]:
        width_us = WIDTH_US[coarser]  # type: ignore[index]
        if begins_us - start_us < width_us:
            break
        # Buckets that end after the finer rows begin would show the same twice.
        older = _some(history.series(stream.key, start_us - start_us % width_us, begins_us - width_us + 1, coarser))
        parts[:0] = older
        begins_us = int(older[0].time_us[0]) if older else begins_us
    averaged = stream.time_kind is TimeKind.INTERVAL
    covered_us = int(ends_us(parts[-1], stream.interval_s, averaged)[-1]) if parts else start_us
    for finer in reversed(GRAINS[:at]):
        if covered_us >= end_us:
            break
        # Where nothing was rolled up yet, the end of the span at least is read at a finer grain.
        row_us = round(stream.interval_s * 1e6) if finer == "raw" else WIDTH_US[finer]
        newer = _some(history.series(stream.key, max(covered_us, end_us - most * row_us), end_us, finer))
        parts += newer
        covered_us = int(ends_us(newer[-1], stream.interval_s, averaged)[-1]) if newer else covered_us
    return parts


def _some(series: Series) -> list[Series]:
    return [series] if len(series.time_us) else []
