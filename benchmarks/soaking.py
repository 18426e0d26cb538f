"""Whether a page that stays open grows: its JavaScript heap after collecting garbage, as a line through time.

The first third is left out: there the browser still compiles what the page runs (V8 keeps machine code on the heap).
What is left is judged with the correlation of neighbouring samples, since a heap remembers: standard error and degrees
of freedom are of the effective number of samples, n (1 - r) / (1 + r) (Santer et al. 2000, doi:10.1029/1999JD901105).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import CDPSession
from scipy.stats import t

from benchmarks.browsing import measured

_EVERY_S = 20.0
_WARM_UP = 1 / 3
"""share of the time before anything counts"""
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
    warm = min(int(len(at_h) * _WARM_UP), len(at_h) - 3)
    minutes = {"minutes": round((time.monotonic() - begun) / 60, 1), "warm_up_minutes": round(60 * at_h[warm], 1)}
    return {**minutes, **line_through(at_h[warm:], heap_mb[warm:])}


def line_through(at_h: Sequence[float], heap_mb: Sequence[float]) -> dict[str, Any]:
    """Return the slope of a line through at least three samples, and how sure it is."""
    hours, heap = np.asarray(at_h), np.asarray(heap_mb)
    slope, level = (float(one) for one in np.polyfit(hours, heap, 1))
    left = heap - level - slope * hours
    free = _independent(left) - 2
    spread = float(np.sum((hours - hours.mean()) ** 2))
    reach = float(t.ppf(0.975, free)) * math.sqrt(float(left @ left) / free / spread)
    return {
        "heap_slope_mb_per_h": round(slope, 2),
        "interval": [round(slope - reach, 2), round(slope + reach, 2)],
        "heap_mb": round(heap_mb[-1], 1),
        "samples": len(heap_mb),
    }


def _independent(left: npt.NDArray[np.float64]) -> float:
    """Return how many independent samples what a line leaves is worth: 3 at least, all of them at most."""
    power = float(left @ left)
    r = max(0.0, float(left[:-1] @ left[1:]) / power) if power > 0 else 0.0
    return min(float(len(left)), max(3.0, len(left) * (1 - r) / (1 + r)))
