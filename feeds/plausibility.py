"""What is odd about a value in the light of the ones before it: stuck, or moved faster than it can.

Decoding has no memory. Intake keeps one (arrays indexed by datastream) in :class:`Doubts` and shows it every
batch before it is published; all observations of a datastream come through one partition, in order. After a
restart or a rebalance the memory is empty and fills again: a few flags are late, none is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from feeds.contract import DatastreamKind, Feed
from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import Decoded
from ops_center.domain.observations import Float64, Int32, Int64, ObservationBatch, Quality, UInt8
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
    """The newest observation of every datastream; arrays by datastream key, changed in place."""

    time_us: Int64
    """its phenomenon time; 0: none yet"""
    result: Float64
    unchanged_since_us: Int64
    """phenomenon time of the first observation in a row with this result"""

    @classmethod
    def empty(cls, size: int = 0) -> Memory:
        """Return a memory that knows nothing of ``size`` datastreams."""
        return cls(np.zeros(size, np.int64), np.full(size, np.nan), np.zeros(size, np.int64))

    def grow(self, size: int) -> None:
        """Make room for ``size`` datastreams; what is remembered stays."""
        more = Memory.empty(max(size - len(self.time_us), 0))
        if len(more.time_us):
            self.time_us = np.concatenate([self.time_us, more.time_us])
            self.result = np.concatenate([self.result, more.result])
            self.unchanged_since_us = np.concatenate([self.unchanged_since_us, more.unchanged_since_us])


class Doubts:
    """The memory of one worker: flags each batch in the light of the ones before it."""

    def __init__(self, feeds: Iterable[Feed]) -> None:
        self._feeds = tuple(feeds)
        self._memory = Memory.empty()
        self._limits = Limits.of(Catalog.empty(), ())
        self._version = 0

    def flagged(self, decoded: Decoded, catalog: Catalog) -> Decoded:
        """Return ``decoded`` with STUCK and JUMP added; ``catalog`` is the one that it was decoded with."""
        batch = decoded.observations
        if not len(batch):
            return decoded
        if catalog.version != self._version:
            self._limits, self._version = Limits.of(catalog, self._feeds), catalog.version
        return replace(decoded, observations=replace(batch, quality=plausibility(self._memory, batch, self._limits)))

    def forget(self) -> None:
        """Forget everything: what others judge in the meantime is not known here."""
        self._memory = Memory.empty()


def plausibility(memory: Memory, batch: ObservationBatch, limits: Limits) -> UInt8:
    """Return the batch's quality flags, uint8[n], with STUCK and JUMP added; ``memory`` learns the batch.

    ``limits`` must cover the batch's datastreams. What is not newer than what is known is not compared and not
    remembered, so that late, repeated and redelivered observations change nothing. A value that is out of range is
    remembered like any other: the way back from it is a jump too. Zero can be a lasting truth (no rain, no traffic):
    zeros are never stuck.
    """
    memory.grow(len(limits.jump_per_s))
    order = np.lexsort((batch.phenomenon_time_us, batch.datastream))
    key, time, result = batch.datastream[order], batch.phenomenon_time_us[order], batch.result[order]
    first = np.ones(len(key), bool)
    first[1:] = key[1:] != key[:-1]
    known_time = memory.time_us[key]
    # Rows not newer than the memory come first within a datastream: they are skipped, the memory goes before the rest.
    fresh = time > known_time
    follows = ~first & np.concatenate([[False], fresh[:-1]])
    before_time = np.where(follows, np.roll(time, 1), known_time)
    before = np.where(follows, np.roll(result, 1), memory.result[key])
    comparable = fresh & (before_time > 0) & (time > before_time)
    gap_s = (time - before_time) / SECOND_US
    with np.errstate(invalid="ignore"):
        jump = comparable & (np.abs(result - before) > limits.jump_per_s[key] * gap_s)
    since = _unchanged_since(memory, key, time, follows, comparable & (result == before))
    stuck = comparable & (result != 0.0) & (time - since > limits.stuck_after_us[key])
    _remember(memory, key, time, result, since, fresh)
    flags = np.zeros(len(key), np.uint8)
    flags[order] = jump * np.uint8(Quality.JUMP) | stuck * np.uint8(Quality.STUCK)
    return np.asarray(batch.quality | flags, np.uint8)


def _unchanged_since(
    memory: Memory, key: Int32, time: Int64, follows: NDArray[np.bool_], same: NDArray[np.bool_]
) -> Int64:
    """Return since when each row's value has not changed, int64[n]."""
    start = np.where(same & ~follows, memory.unchanged_since_us[key], time)
    begins = ~(same & follows)  # goes on with the memory's run, or starts one of its own
    return np.asarray(start[np.maximum.accumulate(np.where(begins, np.arange(len(key)), 0))])


def _remember(memory: Memory, key: Int32, time: Int64, result: Float64, since: Int64, fresh: NDArray[np.bool_]) -> None:
    """Keep the last row of each datastream, if it is newer than what is known."""
    last = fresh.copy()
    last[:-1] &= key[1:] != key[:-1]
    keys = key[last]
    memory.time_us[keys], memory.result[keys], memory.unchanged_since_us[keys] = time[last], result[last], since[last]


def _limits(kind: DatastreamKind) -> tuple[float, float]:
    stuck_us = np.inf if kind.stuck_after_s is None else kind.stuck_after_s * SECOND_US
    return stuck_us, np.inf if kind.jump_per_s is None else kind.jump_per_s
