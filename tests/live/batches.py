"""Small batches for the tests of the live values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.time import SECOND_US

T0 = 1_700_000_000 * SECOND_US
"""where ManualClock begins"""


def observations(
    keys: Sequence[int],
    times_s: Sequence[float],
    results: Sequence[float],
    made_s: Sequence[float] | None = None,
) -> ObservationBatch:
    """Times in seconds after T0; result times as the times where they aren't given."""
    times = T0 + (np.array(times_s) * SECOND_US).astype(np.int64)
    made = times if made_s is None else T0 + (np.array(made_s) * SECOND_US).astype(np.int64)
    return ObservationBatch(
        np.array(keys, np.int32), times, np.array(results, np.float64), np.zeros(len(keys), np.uint8), made, T0
    )


def fixes(things: Sequence[int], times_s: Sequence[float], longitudes: Sequence[float]) -> PositionBatch:
    n = len(things)
    times = T0 + (np.array(times_s) * SECOND_US).astype(np.int64)
    return PositionBatch(
        np.array(things, np.int32),
        times,
        np.array(longitudes, np.float64),
        np.full(n, 32.0),
        np.full(n, 8.0),
        np.full(n, np.nan),
        np.zeros(n, np.uint8),
        T0,
    )


def event(event_id: str, time_s: float = 0.0, feed: str = "video") -> Event:
    return Event(
        event_id, feed, 5, "video.smoke", T0 + round(time_s * SECOND_US), T0, 118.8, 32.0, 0.9, {"snapshot": "a.jpg"}
    )


NO_OBSERVATIONS = ObservationBatch.empty()
NO_POSITIONS = PositionBatch.empty()
