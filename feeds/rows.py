"""Messages of one producer as flat arrays: one row for each thing of each message. Made by ``columnar``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feeds.events import Time
from feeds.reading import Columns
from ops_center.domain.messages import RawMessage
from ops_center.domain.observations import Float64, Int32, Int64, Quality, UInt8
from ops_center.domain.time import from_datetime

SOURCE_FLAGS = int(Quality.SUSPECT | Quality.ESTIMATED | Quality.SIMULATED)
"""what a source may say of its own values; the other flags are ours to set"""
NO_TIME = -(2**62)
"""stands for a time that can't be read"""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """n rows of some messages."""

    columns: Sequence[Columns]
    counts: NDArray[np.int64]
    """int64[messages]: rows of each"""
    things: list[str]
    """n thing ids"""
    message: Int64
    """int64[n]: index of the message"""
    time_us: Int64
    """int64[n]; NO_TIME where it can't be read"""
    result_time_us: Int64
    arrived_us: Int64
    flags: UInt8
    """uint8[n], of the source"""

    def __len__(self) -> int:
        return len(self.things)

    @classmethod
    def of(cls, columns: Sequence[Columns], owners: Sequence[int], messages: Sequence[RawMessage]) -> Rows:
        """Return the rows of ``columns``, which belong to the messages ``owners``."""
        counts = np.fromiter((len(mine.things) for mine in columns), np.int64, len(columns))
        arrived = np.repeat(np.fromiter((messages[i].time_us for i in owners), np.int64, len(owners)), counts)
        return cls(
            columns,
            counts,
            list(chain.from_iterable(map(attrgetter("things"), columns))),
            np.repeat(np.asarray(owners, np.int64), counts),
            _spread([mine.t for mine in columns], counts, None),
            _spread([mine.rt for mine in columns], counts, arrived),
            arrived,
            _flags([mine.q for mine in columns], counts),
        )

    def column(self, name: str) -> tuple[Rows, Float64]:
        """Return the rows that have a value of the property, and the values, float64; NaN where null."""
        found = list(map(attrgetter(name), self.columns))
        if None not in found:
            return self, _numbers(chain.from_iterable(found))
        there = np.repeat(np.fromiter((one is not None for one in found), bool, len(found)), self.counts)
        return self._only(there), _numbers(chain.from_iterable(one for one in found if one is not None))

    def parts(self, names: Sequence[str]) -> tuple[Rows, list[Float64]]:
        """Return the rows that have a value in any of the columns, and the columns; NaN where there is none."""
        found = [[getattr(mine, name) for mine in self.columns] for name in names]
        has = np.fromiter((any(one is not None for one in ours) for ours in zip(*found, strict=True)), bool)
        columns = [
            _numbers(
                chain.from_iterable(
                    repeat(None, count) if one is None else one
                    for one, count, here in zip(ours, self.counts.tolist(), has.tolist(), strict=True)
                    if here
                )
            )
            for ours in found
        ]
        return self if has.all() else self._only(np.repeat(has, self.counts)), columns

    def keys(self, known: Mapping[str, int]) -> Int32:
        """Return the key of each row's thing, int32[n], -1 where it isn't known."""
        return np.fromiter(map(known.get, self.things, repeat(-1)), np.int32, len(self.things))

    def _only(self, there: NDArray[np.bool_]) -> Rows:
        return Rows(
            self.columns,
            self.counts,
            [thing for thing, here in zip(self.things, there.tolist(), strict=True) if here],
            self.message[there],
            self.time_us[there],
            self.result_time_us[there],
            self.arrived_us[there],
            self.flags[there],
        )


def _numbers(values: Iterable[float | None]) -> Float64:
    return np.array(list(values), np.float64)  # None becomes NaN


def _spread(times: Sequence[Any], counts: NDArray[np.int64], default: Int64 | None) -> Int64:
    """Return one time for each row: a message has one or one a thing; None: the default, else NO_TIME."""
    kinds = set(map(type, times))
    if kinds == {int}:
        return np.repeat(_whole(times), counts)
    if kinds == {type(None)} and default is not None:
        return default
    flat: list[Any] = []
    for mine, count in zip(times, counts.tolist(), strict=True):
        flat.extend(mine if isinstance(mine, list) else repeat(mine, count))
    known = {time: micros(time) for time in set(flat) if isinstance(time, str)}
    spread = _whole([known[time] if isinstance(time, str) else NO_TIME if time is None else time for time in flat])
    if default is None or None not in flat:
        return spread
    return np.where(np.fromiter((time is None for time in flat), bool, len(flat)), default, spread)


def _whole(times: Sequence[int]) -> Int64:
    """Return whole numbers as int64, clipped to where differences can't overflow."""
    try:
        found = np.array(times, np.int64)
    except OverflowError:
        found = np.array([min(max(time, NO_TIME), -NO_TIME) for time in times], np.int64)
    return np.clip(found, NO_TIME, -NO_TIME)


def micros(time: Time) -> int:
    """Return µs since the epoch of a whole number or an ISO 8601 text with its zone; NO_TIME if it is neither."""
    if isinstance(time, int):
        return min(max(time, NO_TIME), -NO_TIME)
    try:
        return from_datetime(datetime.fromisoformat(time))
    except ValueError:
        return NO_TIME


def _flags(flags: Sequence[int | list[int] | None], counts: NDArray[np.int64]) -> UInt8:
    if not any(flags):
        return np.zeros(int(counts.sum()), np.uint8)
    flat: list[int] = []
    for mine, count in zip(flags, counts.tolist(), strict=True):
        flat.extend(mine if isinstance(mine, list) else repeat(mine or 0, count))
    return np.array([flag & SOURCE_FLAGS for flag in flat], np.uint8)
