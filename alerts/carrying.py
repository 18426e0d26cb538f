"""What rows keep when rules or the catalog change, and what is said about it. Called by ``alerts.engine``.

A row is carried over where its rule has the same name, type and kind of subject, and no parameter changed without which
its memory has no meaning (``RuleType.restarts``). Everything else starts anew, and what stood there is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from alerts import memory
from alerts.conditions import ConditionBatch
from alerts.contract import RuleType
from alerts.expansion import memory_columns
from alerts.rule import Rule
from alerts.table import Table
from ops_center.domain.observations import Int64

What = Literal["new", "kept", "restarted", "removed", "left_out"]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one rule's memory: a line of the log."""

    rule: str
    version: int
    what: What
    rows: int
    because: str = ""
    """the parameters whose edit restarted it, or the unit that doesn't fit"""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The rows of one rule as they were: of a live table, or read from bytes."""

    type: str
    meaning: Mapping[str, Any]
    """the parameters without which the memory has no meaning, and the kind of subject"""
    subject: Int64
    rows: NDArray[np.intp]
    """where they are in ``memory``"""
    memory: Mapping[str, NDArray[Any]]


def meaning(rule: Rule) -> Mapping[str, Any]:
    """Return what of a rule gives its memory a meaning, as plain JSON."""
    whole = msgspec.json.decode(msgspec.json.encode(rule.parameters))
    return {
        "subject": rule.scope.subject,
        **{name: whole[name] for name in sorted(rule.type.restarts) if name in whole},
    }


def kept_of(tables: Iterable[Table]) -> dict[str, Kept]:
    """Return rule → its rows, of live tables."""
    found = {}
    for table in tables:
        for number, rule in enumerate(table.rules):
            rows = table.rows_of(number)
            found[rule.name] = Kept(table.type.name, meaning(rule), table.subject[rows], rows, table.memory)
    return found


def carry_over(table: Table, before: Mapping[str, Kept]) -> list[Change]:
    """Fill the memory of a new table with what its rows may keep; return what became of each rule."""
    return [_carried(table, number, rule, before.get(rule.name)) for number, rule in enumerate(table.rules)]


def _carried(table: Table, number: int, rule: Rule, kept: Kept | None) -> Change:
    rows = table.rows_of(number)
    if kept is None:
        return Change(rule.name, rule.version, "new", len(rows))
    because = restarted_by(rule, kept, table.type)
    if because:
        return Change(rule.name, rule.version, "restarted", len(rows), because)
    _, to, source = np.intersect1d(table.subject[rows], kept.subject, assume_unique=True, return_indices=True)
    memory.carry(table.memory, rows[to], kept.memory, kept.rows[source])
    return Change(rule.name, rule.version, "kept", len(to))


def restarted_by(rule: Rule, kept: Kept, type_: RuleType) -> str:
    """Return what makes the memory of a rule meaningless; "" where nothing does."""
    if kept.type != rule.type.name:
        return "type"
    now = meaning(rule)
    edited = [name for name in sorted(now.keys() | kept.meaning.keys()) if now.get(name) != kept.meaning.get(name)]
    if not edited and not memory.fits(memory_columns(type_), kept.memory):
        return "form of the memory"
    return ", ".join(edited)


def withdrawn(before: Iterable[Table], after: Mapping[str, tuple[Table, int]], now_us: int) -> ConditionBatch:
    """Return what stood in rows that are not carried over as left. ``after``: rule → its table and place there."""
    found = []
    for table in before:
        gone = np.ones(len(table), bool)
        for number, rule in enumerate(table.rules):
            rows = table.rows_of(number)
            gone[rows] = _gone(table, rule, rows, after.get(rule.name))
        found.append(table.withdraw(np.flatnonzero(gone), now_us))
    return ConditionBatch.concat(found)


def _gone(table: Table, rule: Rule, rows: NDArray[np.intp], now: tuple[Table, int] | None) -> Any:
    if now is None:
        return True
    after, number = now
    kept = Kept(table.type.name, meaning(rule), table.subject[rows], rows, table.memory)
    if restarted_by(after.rules[number], kept, after.type):
        return True
    return ~np.isin(table.subject[rows], after.subject[after.rows_of(number)])
