"""Series made to fit a picture: at most one row a pixel, peaks kept, and what is missing said as gaps.

Pure. Called by ``reading``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ops_center.domain.observations import Int64
from ops_center.store.port import Series
from ops_center.store.resolutions import WIDTH_US

Gap = tuple[int, int]
"""from and until, µs: nothing was received in between"""


def thinned(series: Series, start_us: int, end_us: int, most: int) -> Series:
    """Return the series in at most ``most`` rows over [start, end): rows that fall into one slice become one.

    Its mean is weighted by how much each holds, low and high are the outermost, flags are or-ed: nothing that went
    beyond a limit is lost by it. The time of a row is that of its middle.
    """
    if len(series.time_us) <= most:
        return series
    slices = ((series.time_us - start_us) * most) // max(end_us - start_us, 1)
    begins = np.flatnonzero(np.diff(slices, prepend=slices[0] - 1))
    counts = np.add.reduceat(series.count, begins)
    weights = np.maximum(series.count, 1)
    rows = np.diff(np.append(begins, len(slices)))
    since_us = series.time_us - np.repeat(series.time_us[begins], rows)
    weight = np.add.reduceat(weights, begins)
    return Series(
        series.resolution,
        series.time_us[begins] + np.add.reduceat(since_us, begins) // rows,
        np.add.reduceat(series.mean * weights, begins) / weight,
        np.minimum.reduceat(series.low, begins),
        np.maximum.reduceat(series.high, begins),
        counts,
        np.bitwise_or.reduceat(series.quality, begins),
    )


def longest_us(series: Series, interval_s: float) -> int:
    """Return how far apart two rows may be before something is missing between them."""
    width_us = 0 if series.resolution == "raw" else WIDTH_US[series.resolution]
    return round(max(1.5 * width_us, 3 * interval_s * 1_000_000))


def ends_us(series: Series, interval_s: float, averaged: bool) -> Int64:
    """Return until when each row holds: buckets, and means over an interval, end later than they begin."""
    width_us = WIDTH_US[series.resolution] if series.resolution != "raw" else 0
    return series.time_us + max(width_us, round(interval_s * 1e6) if averaged and series.resolution == "raw" else 0)


def gaps_of(parts: Sequence[Series], interval_s: float, averaged: bool, start_us: int, end_us: int) -> list[Gap]:
    """Return where nothing was received for longer than is usual, between ``start_us`` and ``end_us``.

    ``parts`` follow each other. ``averaged``: a raw row is a mean over the interval that begins at its time.
    """
    gaps: list[Gap] = []
    covered_us, patience_us = start_us, 0
    for part in (one for one in parts if len(one.time_us)):
        ends = ends_us(part, interval_s, averaged)
        patience_us = longest_us(part, interval_s) - int(ends[0] - part.time_us[0])
        times = np.append(covered_us, ends[:-1]), part.time_us
        for number in np.flatnonzero(times[1] - times[0] > max(patience_us, 0)):
            gaps.append((int(times[0][number]), int(times[1][number])))
        covered_us = max(covered_us, int(ends[-1]))
    if end_us - covered_us > max(patience_us, round(3 * interval_s * 1e6)):
        gaps.append((covered_us, end_us))
    return gaps
