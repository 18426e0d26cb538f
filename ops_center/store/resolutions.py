"""How wide the buckets of each resolution are, which one a chart wants, and where a line must break.

Pure. Called by screens and services that show series, by ``backfilling`` and by ``rollups``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US
from ops_center.store.port import Resolution, Series

Rollup = Literal["1m", "15m", "1h", "1d"]

WIDTH_US: Mapping[Rollup, int] = {"1m": MINUTE_US, "15m": 15 * MINUTE_US, "1h": HOUR_US, "1d": DAY_US}
"""resolution → width of its buckets in µs, finest first; days are UTC days"""


def resolution_for(span_us: int, interval_s: float, points: int = 1500) -> Resolution:
    """Return the finest resolution that shows ``span_us`` of a datastream in at most ``points`` points.

    ``interval_s``: how often it reports; a rollup finer than that would hold the same values as the raw series.
    """
    if span_us <= points * interval_s * 1_000_000:
        return "raw"
    fitting = [name for name, width_us in WIDTH_US.items() if span_us <= points * width_us]
    return fitting[0] if fitting else "1d"


def with_gaps(series: Series, interval_s: float) -> Series:
    """Return the series with a NaN row wherever a line must break: where a bucket or a report is missing.

    Raw series break after three missed reports (``interval_s``), rollups after a missing bucket, or after three
    intervals where reports are rarer than buckets.
    """
    width_us = 0 if series.resolution == "raw" else WIDTH_US[series.resolution]
    longest_us = max(1.5 * width_us, 3 * interval_s * 1_000_000)
    after = np.flatnonzero(np.diff(series.time_us) > longest_us) + 1
    if not len(after):
        return series
    times = np.insert(series.time_us, after, series.time_us[after - 1] + round(longest_us))
    mean, low, high = (np.insert(values, after, np.nan) for values in (series.mean, series.low, series.high))
    counts, quality = np.insert(series.count, after, 0), np.insert(series.quality, after, 0)
    return Series(series.resolution, times, mean, low, high, counts, quality)
