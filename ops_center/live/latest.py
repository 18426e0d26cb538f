"""Which of two values is the latest: the one rule that writer, blocks and mirrors share, over whole arrays.

Newer phenomenon time wins; at the same time the later result time, and at the same of both the one that came last.
A time in the future counts less than any that isn't: a device whose clock ran ahead, or a server whose clock was
set back, must not freeze a value until that time has come. Taking the same rows again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.observations import Int32, Int64, ObservationBatch, PositionBatch
from ops_center.domain.time import MINUTE_US
from ops_center.live.port import LatestPositions, LatestValues

Latest = LatestValues | LatestPositions
Rows = Mapping[str, NDArray[Any]]
"""column of Latest → array[n]"""

FUTURE_US = MINUTE_US
"""clocks in the field are seconds apart; what is further ahead than this is wrong"""
MAX_KEYS = 1 << 22
"""rows kept at most: a damaged key must not make us fill the memory (4 million rows are 100 MB)"""
_GROWTH = 4096


def columns_of(latest: Latest) -> tuple[str, ...]:
    """Return the names of the arrays, in their fixed order."""
    return tuple(field.name for field in fields(latest))


def grow(latest: Latest, size: int) -> None:
    """Lengthen the arrays to at least ``size`` rows, new ones empty, in steps that make this rare."""
    missing = size - len(latest.time_us)
    if missing <= 0:
        return
    missing += -size % _GROWTH
    for name in columns_of(latest):
        column = getattr(latest, name)
        setattr(latest, name, np.concatenate((column, np.zeros(missing, column.dtype))))


def rows_of_observations(batch: ObservationBatch) -> Rows:
    """Return the columns of a batch as they are kept."""
    return {
        "time_us": batch.phenomenon_time_us,
        "result": batch.result,
        "quality": batch.quality,
        "result_time_us": batch.result_time_us,
    }


def rows_of_positions(batch: PositionBatch) -> Rows:
    """Return the columns of a batch as they are kept."""
    return {
        "time_us": batch.phenomenon_time_us,
        "longitude": batch.longitude,
        "latitude": batch.latitude,
        "speed_mps": batch.speed_mps,
        "heading_deg": batch.heading_deg,
        "quality": batch.quality,
    }


def rows_at(latest: Latest, keys: Int32 | slice) -> Rows:
    """Return a copy of the rows of these keys."""
    return {name: getattr(latest, name)[keys].copy() for name in columns_of(latest)}


def take(latest: Latest, keys: Int32, rows: Rows, now_us: int) -> Int32:
    """Take in those of n rows that are the latest of their key; return the keys that changed, sorted, unique.

    Keys below 0 or beyond :data:`MAX_KEYS` are passed over.
    """
    keys, rows = _possible(keys, rows)
    if not len(keys):
        return np.empty(0, np.int32)
    grow(latest, int(keys.max()) + 1)
    rank, tie = _rank(rows, now_us)
    best = _best_of_each(keys, rank, tie)
    best = best[_wins(latest, keys[best], rank[best], tie[best], now_us)]
    best = best[_differs(latest, keys[best], rows, best)]
    for name, column in rows.items():
        getattr(latest, name)[keys[best]] = column[best]
    return union((keys[best],))


def union(lists: Iterable[Int32 | Int64 | NDArray[np.intp]]) -> Int32:
    """Return all keys of the lists, ascending, each once: by marking, which is several times faster than sorting."""
    some = [keys for keys in lists if len(keys)]
    marked = np.zeros(max((int(keys.max()) + 1 for keys in some), default=0), bool)
    for keys in some:
        marked[keys] = True
    return np.flatnonzero(marked).astype(np.int32)


def _possible(keys: Int32, rows: Rows) -> tuple[Int32, Rows]:
    possible = (keys >= 0) & (keys < MAX_KEYS)
    if possible.all():
        return keys, rows
    return keys[possible], {name: column[possible] for name, column in rows.items()}


def _rank(rows: Rows, now_us: int) -> tuple[Int64, Int64]:
    """Return what counts first and what counts second: int64[n] each."""
    time_us = rows["time_us"]
    rank: Int64 = np.where(time_us > now_us + FUTURE_US, np.int64(1), time_us)
    return rank, rows.get("result_time_us", time_us)


def _best_of_each(keys: Int32, rank: Int64, tie: Int64) -> NDArray[np.intp]:
    """Return the index of the winner of each key; sorts only where a key comes twice."""
    index = np.arange(len(keys))
    winner = np.empty(int(keys.max()) + 1, np.intp)
    winner[keys] = index
    if (winner[keys] == index).all():
        return index
    order = np.lexsort((tie, rank))
    winner[keys[order]] = order
    best: NDArray[np.intp] = order[winner[keys[order]] == order]
    return best


def _wins(latest: Latest, keys: Int32, rank: Int64, tie: Int64, now_us: int) -> NDArray[np.bool_]:
    held: dict[str, NDArray[Any]] = {"time_us": latest.time_us[keys]}
    if isinstance(latest, LatestValues):
        held["result_time_us"] = latest.result_time_us[keys]
    held_rank, held_tie = _rank(held, now_us)
    return np.asarray((rank > held_rank) | ((rank == held_rank) & (tie >= held_tie)))


def _differs(latest: Latest, keys: Int32, rows: Rows, index: NDArray[np.intp]) -> NDArray[np.bool_]:
    different = np.zeros(len(keys), bool)
    for name, column in rows.items():
        held, new = getattr(latest, name)[keys], column[index]
        # A heading nobody knows is NaN, which differs from itself.
        different |= (held != new) & ~(np.isnan(held) & np.isnan(new))
    return different
