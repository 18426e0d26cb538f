"""The second stage: rules over conditions of the first, for the whole city at once, because neighbours are elsewhere.

Owned by one writer, who feeds it the topic of conditions in order, ticks it, and commits ``dump()`` with its offsets.
Conditions are judged as they become known: their delays and the lateness of feeds have passed already, so that none is
late here; a row's time never goes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from alerts import saving
from alerts.carrying import Change, Kept, carry_over, kept_of, withdrawn
from alerts.conditions import ConditionBatch
from alerts.contract import Leg, StageTwoType
from alerts.expansion import Part, first_stage, make_table
from alerts.failing import ask
from alerts.members import Members
from alerts.reaching import second_stage
from alerts.rule import Rule
from alerts.scope import Columns
from alerts.stage_one import Rebuilt
from alerts.surroundings import Surroundings
from alerts.table import Table, seen_values
from ops_center.domain.catalog import Catalog
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.observations import Int64, UInt8

Standing = Mapping[Leg, tuple[Int64, UInt8, Int64]]


class StageTwo:
    """Rules over conditions."""

    def __init__(self, feeds: Iterable[str] = (), surroundings: Surroundings | None = None) -> None:
        """Begin without rules; ``feeds`` are all there are."""
        self._feeds = tuple(sorted(feeds))
        self._surroundings = surroundings or Surroundings()
        self._tables: dict[str, Table] = {}
        self.failed: dict[str, str] = {}
        """type → what it raised: its rules judge nothing until rules or catalog change"""
        self._members = Members(())

    @property
    def rows(self) -> int:
        """Return how many pairs of rule and subject there are."""
        return sum(map(len, self._tables.values()))

    def rebuild(self, rules: Iterable[Rule], catalog: Catalog, now_us: int) -> Rebuilt:
        """Take these rules over this catalog from now on. Raises ConfigurationError for a rule over no such rule."""
        before = list(self._tables.values())
        changes = self._build(list(rules), catalog, kept_of(before), self._members.kept())
        after = {rule.name: (table, n) for table in self._tables.values() for n, rule in enumerate(table.rules)}
        gone = withdrawn(before, after, now_us)
        return Rebuilt(ConditionBatch.concat([gone, self._judged_again(now_us)]), tuple(changes))

    def conditions(self, batch: ConditionBatch) -> ConditionBatch:
        """Return what conditions of the first stage turn, in their order; those of the second pass by."""
        members, times, changes = self._members.accept(batch)
        shown, alive = seen_values(times, changes), np.zeros(len(members), np.int64)
        now_us = int(batch.time_us.max(initial=0))
        found = ask(
            self._tables, self._tables, lambda table: table.observe(members, shown, None, alive), self.failed, now_us
        )
        return ConditionBatch.concat(found)

    def tick(self, now_us: int) -> ConditionBatch:
        """Return what became known as time passed."""
        passed = np.array([now_us], np.int64)
        alive = np.zeros(1, np.int64)
        found = ask(self._tables, self._tables, lambda table: table.tick(passed, alive), self.failed, now_us)
        return ConditionBatch.concat(found)

    def dump(self) -> bytes:
        """Return everything that is remembered."""
        return saving.dump(self._tables.values(), members=self._members.kept())

    def restore(self, record: bytes, rules: Iterable[Rule], catalog: Catalog) -> tuple[Change, ...]:
        """Take up what :meth:`dump` returned, perhaps under other rules and another catalog. Raises WireError."""
        kept, standing = saving.load(record), saving.load_members(record)
        return tuple(self._build(list(rules), catalog, kept, standing))

    def _build(
        self, rules: Sequence[Rule], catalog: Catalog, kept: Mapping[str, Kept], standing: Standing
    ) -> list[Change]:
        self.failed = {}
        columns = Columns.of(catalog)
        enabled = [rule for rule in rules if rule.form.enabled]
        first = {rule.name: rule for rule in rules if rule.type.source != "conditions"}
        second = [rule for rule in enabled if rule.type.source == "conditions"]
        wanted = dict.fromkeys(leg for rule in second for leg in legs_of(rule, first))
        heard = {name: first_stage(first[name], columns, self._feeds) for name in {leg.rule for leg in wanted}}
        self._members = Members((leg, heard[leg.rule]) for leg in wanted)
        self._members.keep(standing)
        parts: dict[str, list[Part]] = {}
        for rule in second:
            part = second_stage(rule, legs_of(rule, first), self._members, columns, self._surroundings)
            parts.setdefault(rule.type.name, []).append(part)
        self._tables = {name: make_table(some[0].rule.type, some) for name, some in parts.items()}
        return [change for table in self._tables.values() for change in carry_over(table, kept)]

    def _judged_again(self, now_us: int) -> ConditionBatch:
        """Count anew what stands around each row, and judge the rows around which something changed."""
        on = self._members.mask > 0
        return ConditionBatch.concat([table.recount(_standing(table, on), now_us) for table in self._tables.values()])


def legs_of(rule: Rule, first: Mapping[str, Rule]) -> Sequence[Leg]:
    """Return the legs of a rule of the second stage. Raises ConfigurationError for one that names no such rule."""
    legs = cast("StageTwoType", rule.type).legs(rule.parameters)
    for leg in legs:
        if leg.rule not in first:
            raise ConfigurationError(f"rule {rule.name}: parameters: no rule of the first stage is named {leg.rule!r}")
    return legs


def _standing(table: Table, on: NDArray[np.bool_]) -> NDArray[np.int32]:
    counts = np.zeros_like(table.memory["standing"])
    keys = np.repeat(np.arange(len(table.inputs.starts) - 1), np.diff(table.inputs.starts))
    np.add.at(counts, (table.inputs.rows, table.inputs.codes), on[keys])
    return counts
