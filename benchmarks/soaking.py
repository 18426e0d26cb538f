"""Whether a page that stays open grows: its JavaScript heap after collecting garbage, as a line through time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession
from scipy.stats import linregress, t

from benchmarks.browsing import measured

_EVERY_S = 20.0
_MB = 1e6


def heap_slope(devtools: CDPSession, seconds: float) -> Mapping[str, Any]:
    """Return the slope in MB an hour with its 95 % confidence interval, over so long a time."""
    devtools.send("Performance.enable")
    begun = time.monotonic()
    at_h: list[float] = []
    heap_mb: list[float] = []
    while (passed := time.monotonic() - begun) < seconds or len(heap_mb) < 3:
        devtools.send("HeapProfiler.collectGarbage")
        heap_mb.append(measured(devtools, "JSHeapUsedSize") / _MB)
        at_h.append(passed / 3600)
        time.sleep(min(_EVERY_S, max(seconds / 10, 0.5)))
    return {"minutes": round((time.monotonic() - begun) / 60, 1), **line_through(at_h, heap_mb)}


def line_through(at_h: list[float], heap_mb: list[float]) -> dict[str, Any]:
    """Return the slope of a line, and how sure it is."""
    line = linregress(np.array(at_h), np.array(heap_mb))
    reach = float(t.ppf(0.975, len(heap_mb) - 2)) * float(line.stderr)
    slope = float(line.slope)
    return {
        "heap_slope_mb_per_h": round(slope, 2),
        "interval": [round(slope - reach, 2), round(slope + reach, 2)],
        "heap_mb": round(heap_mb[-1], 1),
        "samples": len(heap_mb),
    }
