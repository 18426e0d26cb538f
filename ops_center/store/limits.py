"""What a table can hold. Intake refuses such rows long before; this is the last door, and it says which row.

A batch that breaks it would be refused by the server after a part of the work, or worse, be stored and break
every reader. Called by ``streaming`` before a transaction starts and by the writer to judge records.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.observations import Event, Int32, Int64, ObservationBatch, PositionBatch
from ops_center.domain.time import to_datetime

EARLIEST_US = 0
"""1970-01-01"""
LATEST_US = 7_258_118_400_000_000
"""2200-01-01: far beyond, so that a clock gone mad can't make chunks for centuries"""
_INT32_MAX = 2**31 - 1


def fault_of_observations(batch: ObservationBatch) -> str | None:
    """Return what is impossible in the batch, naming the first such row; None if it can be stored."""
    return (
        _fault_of_keys("datastream", batch.datastream)
        or _fault_of_times("phenomenon time", batch.phenomenon_time_us)
        or _fault_of_times("result time", batch.result_time_us)
        or _first("result", batch.result, ~np.isfinite(batch.result))
    )


def fault_of_positions(batch: PositionBatch) -> str | None:
    """Return what is impossible in the batch, naming the first such row; None if it can be stored."""
    nowhere = ~(np.isfinite(batch.longitude) & np.isfinite(batch.latitude))
    return (
        _fault_of_keys("thing", batch.thing)
        or _fault_of_times("phenomenon time", batch.phenomenon_time_us)
        or _first("place", batch.longitude, nowhere)
    )


def fault_of_events(events: Sequence[Event]) -> str | None:
    """Return what is impossible in the events, naming the first such one; None if they can be stored."""
    for event in events:
        times = (event.phenomenon_time_us, event.received_us)
        if not all(EARLIEST_US <= time_us < LATEST_US for time_us in times):
            return f"event {event.event_id!r} is outside 1970 to 2200: {times}"
        if not 0 <= event.thing <= _INT32_MAX:
            return f"event {event.event_id!r} names the thing {event.thing}"
    return None


def _fault_of_keys(what: str, keys: Int32) -> str | None:
    if keys.dtype != np.int32:
        return f"{what} keys are {keys.dtype}, not int32"
    return _first(f"{what} key", keys, keys < 0)


def _fault_of_times(what: str, times: Int64) -> str | None:
    wrong = (times < EARLIEST_US) | (times >= LATEST_US)
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    return f"{what} of row {at} is outside 1970 to 2200: {_shown(int(times[at]))}"


def _first(what: str, values: NDArray[np.generic], wrong: NDArray[np.bool_]) -> str | None:
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    return f"{what} of row {at} is {values[at]}"


def _shown(us: int) -> str:
    try:
        return to_datetime(us).isoformat()
    except OverflowError:
        return f"{us} µs"
