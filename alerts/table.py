"""All rows of one rule type: their parameters, memory and inputs, stepped together.

Whatever arrives is sent to the rows it reaches, in rounds, so that a judge sees each row once and later than before:
what a datastream says twice in a batch is taken in order, and what is not newer than what its row knows changes
nothing (late, repeated and redelivered observations). Called by ``alerts.engine``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts import standing
from alerts.conditions import ConditionBatch, Identity, Reason, RuleVersion
from alerts.contract import NEVER_US, Cells, Flags, RuleType, Seen
from alerts.rule import Rule
from alerts.standing import Found, Rows
from ops_center.domain.observations import Float64, Int32, Int64, UInt8

MOVING = ("positions", "events")
"""sources that say where: their rows remember it"""


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Which rows an input reaches: input key i reaches ``rows[starts[i]:starts[i + 1]]``."""

    starts: Int64
    rows: NDArray[np.intp]
    codes: Int32
    """which of its rule's inputs it is to the row; 0 where a rule has one"""

    @classmethod
    def of(cls, keys: NDArray[Any], rows: NDArray[Any], codes: NDArray[Any] | None = None) -> Inputs:
        """Return the inputs of pairs (key, row)."""
        order = np.argsort(keys, kind="stable")
        starts = np.zeros(int(keys.max(initial=-1)) + 2, np.int64)
        np.cumsum(np.bincount(keys, minlength=len(starts) - 1), out=starts[1:])
        codes = np.zeros(len(keys), np.int32) if codes is None else codes
        return cls(starts, rows[order].astype(np.intp), codes[order].astype(np.int32))

    def reached(self, keys: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp], Int32]:
        """Return (index into ``keys``, row, code) for each row reached, in the order of ``keys``."""
        known = np.flatnonzero((keys >= 0) & (keys < len(self.starts) - 1))
        begin = self.starts[keys[known]]
        counts = self.starts[keys[known] + 1] - begin
        which = np.repeat(known, counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        place = np.repeat(begin, counts) + within
        return which, self.rows[place], self.codes[place]


@dataclass(slots=True, eq=False)
class Table:
    """n rows of one type; the arrays of ``memory`` are changed in place."""

    type: RuleType
    rules: tuple[Rule, ...]
    rule: Int32
    """int32[n], indices into ``rules``"""
    subject_kind: UInt8
    subject: Int64
    """int64[n], see ``alerts.conditions``"""
    clock: Int32
    """int32[n]: whose time passes for the row, an index into the clocks of ``tick``; -1 is the last, the wall's"""
    parameters: Mapping[str, NDArray[Any]]
    memory: dict[str, NDArray[Any]]
    inputs: Inputs
    late: int = 0
    """observations that were not newer than what their rows knew, since the table was made"""
    versions: tuple[RuleVersion, ...] = field(init=False)
    levels: UInt8 = field(init=False)

    def __post_init__(self) -> None:
        codes = tuple(channel.code for channel in self.type.channels)
        self.versions = tuple(RuleVersion(rule.name, rule.version, codes) for rule in self.rules)
        self.levels = np.array([channel.level for channel in self.type.channels], np.uint8)

    def __len__(self) -> int:
        return len(self.rule)

    def rows_of(self, number: int) -> Rows:
        """Return the rows of the rule ``rules[number]``: they lie together, in the order of the rules."""
        return np.arange(*np.searchsorted(self.rule, [number, number + 1]))

    def observe(
        self, keys: NDArray[Any], shown: Seen, quality: UInt8 | None, alive_us: Int64, wanted: Flags | None = None
    ) -> ConditionBatch:
        """Return what an input batch turns; ``keys`` says whose each entry of ``shown`` is.

        ``alive_us`` is, for each entry, since when its feed brings anything without a long pause. ``wanted``, by rule:
        which of them it is for; None: all.
        """
        which, rows, codes = self.inputs.reached(keys)
        if wanted is not None:  # one event for many things: each row hears of it once
            rows, first = np.unique(np.where(wanted[self.rule[rows]], rows, -1), return_index=True)
            rows, which, codes = rows[rows >= 0], which[first][rows >= 0], codes[first][rows >= 0]
        value = shown.value[which] * self.parameters["scale"][rows]
        keep = np.isfinite(value)
        if quality is not None:
            keep &= (quality[which] & self.parameters["skipped"][rows]) == 0
        if not keep.all():
            which, rows, codes, value = which[keep], rows[keep], codes[keep], value[keep]
        if self.type.source == "events":  # they carry codes of their own
            codes = shown.code[which]
        found: list[Found] = []
        for part in rounds(rows):
            some = which[part]
            seen = Seen(
                shown.time_us[some],
                value[part],
                shown.longitude[some],
                shown.latitude[some],
                codes[part],
                shown.until_us[some],
            )
            found += self._step(rows[part], seen, alive_us[some] if self.type.anew else None)
        return self._batch(found)

    def tick(self, now_us: Int64, alive_us: Int64) -> ConditionBatch:
        """Return what became known as time passed up to ``now_us``, int64 by clock."""
        before = now_us[self.clock]
        alive = alive_us[self.clock] if self.type.anew else None
        rows = standing.due(self.parameters, self.memory, before, alive)
        some = None if alive is None else alive[rows]
        return self._batch(standing.settle(self.parameters, self.memory, rows, before[rows], some))

    def recount(self, standing_now: NDArray[np.int32], now_us: int) -> ConditionBatch:
        """Take over how many conditions stand around each row; return what that turns where it is another number."""
        rows = np.flatnonzero((standing_now != self.memory["standing"]).any(axis=1))
        self.memory["standing"][:] = standing_now
        shown = seen_values(np.full(len(rows), now_us, np.int64), np.zeros(len(rows)))
        return self._batch(self._step(rows, shown, None))

    def standing(self) -> Iterator[Identity]:
        """Yield the conditions that stand."""
        row, channel = np.nonzero(self.memory["on"])
        columns = (
            self.rule[row],
            self.subject_kind[row],
            self.subject[row],
            channel,
            self.memory["onset_us"][row, channel],
        )
        for number, kind, subject, code, onset_us in zip(*(column.tolist() for column in columns), strict=True):
            version = self.versions[number]
            yield Identity(version.name, kind, subject, version.channels[code], onset_us)

    def withdraw(self, rows: Rows, now_us: int) -> ConditionBatch:
        """Return the conditions that stand in ``rows`` as left: nothing is known of them any more."""
        place, channel = np.nonzero(self.memory["on"][rows])
        row = rows[place]
        when = np.maximum(self.memory["time_us"][row] + 1, now_us)
        left = Found(
            row,
            channel,
            False,
            when,
            self.memory["onset_us"][row, channel],
            self.memory["value"][row],
            self.memory["limit"][row, channel],
        )
        return self._batch([left], Reason.WITHDRAWN)

    def _step(self, rows: Rows, seen: Seen, alive_us: Int64 | None) -> Iterator[Found]:
        """Yield what one entry of each of ``rows`` turns."""
        known = self.memory["time_us"][rows]
        if self.type.source == "conditions":  # they come as they become known: none is late
            seen = _moved(seen, np.maximum(seen.time_us, known + 1))
        fresh = seen.time_us > known
        if not fresh.all():
            self.late += int(len(fresh) - fresh.sum())
            rows, seen = rows[fresh], _taken(seen, fresh)
            alive_us = None if alive_us is None else alive_us[fresh]
        yield from standing.settle(self.parameters, self.memory, rows, seen.time_us, alive_us)
        if self.type.source == "conditions":
            self.memory["standing"][rows, seen.code] += seen.value.astype(np.int32)
        verdict = self.type.judge(Cells(self.parameters, rows), Cells(self.memory, rows), seen)
        if self.type.source in MOVING:
            self.memory["longitude"][rows], self.memory["latitude"][rows] = seen.longitude, seen.latitude
        yield from standing.observe(self.parameters, self.memory, rows, seen.time_us, verdict, anew=self.type.anew)

    def _batch(self, found: Sequence[Found] | Iterator[Found], reason: Reason = Reason.JUDGED) -> ConditionBatch:
        found = list(found)
        if not found:
            return ConditionBatch.empty()
        row = np.concatenate([one.row for one in found])
        channel = np.concatenate([one.channel for one in found])
        nowhere = np.full(len(row), np.nan)
        moving = self.type.source in MOVING
        return ConditionBatch(
            self.versions,
            self.rule[row],
            channel.astype(np.uint8),
            self.levels[channel],
            np.concatenate([np.full(len(one.row), one.entered, np.uint8) for one in found]),
            np.full(len(row), reason, np.uint8),
            self.subject_kind[row],
            self.subject[row],
            np.concatenate([one.time_us for one in found]),
            np.concatenate([one.onset_us for one in found]),
            np.concatenate([one.value for one in found]),
            np.concatenate([one.limit for one in found]),
            np.concatenate([self.memory["longitude"][one.row] for one in found]) if moving else nowhere,
            np.concatenate([self.memory["latitude"][one.row] for one in found]) if moving else nowhere,
        ).ordered()


def rounds(rows: Rows) -> Iterator[NDArray[np.intp]]:
    """Yield positions in ``rows`` such that no row comes twice in a round and each row's order is kept."""
    if len(rows) == 0:
        return
    order = np.argsort(rows, kind="stable")
    ranked = rows[order]
    begins = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    sizes = np.diff(begins, append=len(rows))
    if sizes.max() == 1:
        yield order
        return
    turn = np.arange(len(rows)) - np.repeat(begins, sizes)
    yield from np.split(order[np.argsort(turn, kind="stable")], np.cumsum(np.bincount(turn))[:-1])


def seen_values(time_us: Int64, value: Float64) -> Seen:
    """Return n observations as rows are shown them."""
    size = len(time_us)
    nowhere = np.full(size, np.nan)
    return Seen(time_us, value, nowhere, nowhere, np.zeros(size, np.int32), np.full(size, NEVER_US))


def _moved(seen: Seen, time_us: Int64) -> Seen:
    return Seen(time_us, seen.value, seen.longitude, seen.latitude, seen.code, seen.until_us)


def _taken(seen: Seen, index: NDArray[np.bool_]) -> Seen:
    return Seen(
        seen.time_us[index],
        seen.value[index],
        seen.longitude[index],
        seen.latitude[index],
        seen.code[index],
        seen.until_us[index],
    )
