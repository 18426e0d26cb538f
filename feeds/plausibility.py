"""What is odd about a value in the light of the ones before it: stuck, or moved faster than it can.

Decoding has no memory. Intake keeps one (arrays indexed by datastream) for each of its partitions and calls
:func:`judge_batch` with every batch; all of a datastream's observations come through one partition.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feeds.contract import DatastreamKind, Feed
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Float64, Int64, ObservationBatch, Quality, UInt8
from ops_center.domain.time import SECOND_US


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What each datastream can do, arrays by datastream key; infinite where it may do anything."""

    stuck_after_us: Float64
    jump_per_s: Float64

    @classmethod
    def of(cls, catalog: Catalog, feeds: Iterable[Feed]) -> Limits:
        """Return the limits that the feeds declare for the datastreams of ``catalog``."""
        kinds = {(feed.name, kind.observed_property): kind for feed in feeds for kind in feed.kinds}
        stuck = np.full(catalog.size, np.inf)
        jump = np.full(catalog.size, np.inf)
        for stream in catalog.datastreams.values():
            kind = kinds.get((stream.feed, stream.observed_property))
            if kind is not None:
                stuck[stream.key], jump[stream.key] = _limits(kind)
        return cls(stuck, jump)


@dataclass(slots=True, eq=False)
class Memory:
    """The last good value of every datastream; grows with the catalog. 9 bytes short of a cache line each."""

    time_us: Int64
    """of the newest observation; 0: none yet"""
    result: Float64
    unchanged_since_us: Int64

    @classmethod
    def empty(cls, size: int = 0) -> Memory:
        """Return a memory that knows nothing of ``size`` datastreams."""
        return cls(np.zeros(size, np.int64), np.full(size, np.nan), np.zeros(size, np.int64))

    def grown(self, size: int) -> Memory:
        """Return a memory with room for ``size`` datastreams."""
        more = size - len(self.time_us)
        if more <= 0:
            return self
        fresh = Memory.empty(more)
        return Memory(
            np.concatenate([self.time_us, fresh.time_us]),
            np.concatenate([self.result, fresh.result]),
            np.concatenate([self.unchanged_since_us, fresh.unchanged_since_us]),
        )


def judge_batch(memory: Memory, batch: ObservationBatch, limits: Limits) -> tuple[Memory, UInt8]:
    """Return the memory after the batch and its quality flags, with STUCK and JUMP added where they hold.

    ``limits`` must cover the batch's datastreams. Late and repeated observations are not compared, so that a
    redelivered batch changes nothing. A value that is out of range is remembered like any other: the way back
    from it is a jump too. Zero can be a lasting truth (no rain, no traffic), so that zeros are never stuck.
    """
    size = len(limits.stuck_after_us)
    memory = memory.grown(size)
    order = np.lexsort((batch.phenomenon_time_us, batch.datastream))
    key, time = batch.datastream[order], batch.phenomenon_time_us[order]
    result = batch.result[order]
    first = np.ones(len(key), bool)
    first[1:] = key[1:] != key[:-1]
    before_time = np.where(first, memory.time_us[key], np.roll(time, 1))
    before = np.where(first, memory.result[key], np.roll(result, 1))
    comparable = (before_time > 0) & (time > before_time)
    fresh = comparable | (before_time == 0)
    gap_s = np.maximum(time - before_time, 1) / SECOND_US
    jump = comparable & (np.abs(result - before) > limits.jump_per_s[key] * gap_s)
    since = _unchanged_since(memory, key, time, first, comparable & (result == before))
    stuck = comparable & (result != 0.0) & (time - since > limits.stuck_after_us[key])
    flags = np.zeros(len(key), np.uint8)
    flags[order] = jump * np.uint8(Quality.JUMP) | stuck * np.uint8(Quality.STUCK)
    return _remembered(memory, key, time, result, since, fresh), batch.quality | flags


def _unchanged_since(
    memory: Memory, key: NDArray[np.int32], time: Int64, first: NDArray[np.bool_], same: NDArray[np.bool_]
) -> Int64:
    """Return since when each row's value has not changed, int64[n]."""
    start = np.where(same & first, memory.unchanged_since_us[key], time)
    head = first | ~same  # a row that begins a run of equal values, or goes on with the memory's
    return np.asarray(start[np.maximum.accumulate(np.where(head, np.arange(len(key)), 0))])


def _remembered(
    memory: Memory,
    key: NDArray[np.int32],
    time: Int64,
    result: Float64,
    since: Int64,
    fresh: NDArray[np.bool_],
) -> Memory:
    """Return a new memory with the newest row of each datastream; the old one stays as it was."""
    last = np.ones(len(key), bool)
    last[:-1] = key[1:] != key[:-1]
    chosen = last & (time > memory.time_us[key]) | (last & fresh)
    rows, keys = np.flatnonzero(chosen), key[chosen]
    times, results, sinces = memory.time_us.copy(), memory.result.copy(), memory.unchanged_since_us.copy()
    times[keys], results[keys], sinces[keys] = time[rows], result[rows], since[rows]
    return Memory(times, results, sinces)


def _limits(kind: DatastreamKind) -> tuple[float, float]:
    stuck_us = np.inf if kind.stuck_after_s is None else kind.stuck_after_s * SECOND_US
    return stuck_us, np.inf if kind.jump_per_s is None else kind.jump_per_s
