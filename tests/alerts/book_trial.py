"""A book with a few rules and things to try it on: conditions by hand, as small batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from alerts.alarm import Alarm, Entry, Turn
from alerts.book import Book
from alerts.conditions import ConditionBatch, Reason, RuleVersion
from alerts.contract import SubjectKind
from alerts.facts import Facts
from alerts.relations import Relations, shipped_relations
from alerts.rule import Rule
from alerts.surroundings import Surroundings
from ops_center.domain.place import MetricFrame
from ops_center.domain.time import SECOND_US
from tests.alerts.trial import T0_US, TYPES, catalog, rule

LIMITS = TYPES["limits"]
CHANNELS = tuple(channel.code for channel in LIMITS.channels)
LEVELS = {channel.code: channel.level for channel in LIMITS.channels}


def limits(name: str = "pressure", recovery: str = "clear", consequence: str = "major", minutes: float = 10.0) -> Rule:
    priority = {"consequence": consequence, "respond_min": minutes}
    return rule("limits", dict(LIMITS.example), name=name, recovery=recovery, priority=priority)


def us(at_s: float) -> int:
    return T0_US + round(at_s * SECOND_US)


def batch(
    rule_: Rule,
    items: Iterable[tuple[int, str, float, float, bool]],
    reason: Reason = Reason.JUDGED,
    kind: SubjectKind = SubjectKind.THING,
) -> ConditionBatch:
    """Return transitions of one rule: (subject, channel, onset in s, time in s, entered)."""
    codes = tuple(channel.code for channel in rule_.type.channels)
    levels = {channel.code: channel.level for channel in rule_.type.channels}
    rows = list(items)
    size = len(rows)
    nan = np.full(size, np.nan)
    return ConditionBatch(
        (RuleVersion(rule_.name, rule_.version, codes),),
        np.zeros(size, np.int32),
        np.array([codes.index(row[1]) for row in rows], np.uint8),
        np.array([levels[row[1]] for row in rows], np.uint8),
        np.array([row[4] for row in rows], np.uint8),
        np.full(size, reason, np.uint8),
        np.full(size, kind, np.uint8),
        np.array([row[0] for row in rows], np.int64),
        np.array([us(row[3]) for row in rows], np.int64),
        np.array([us(row[2]) for row in rows], np.int64),
        np.full(size, 0.1), np.full(size, 0.14), nan, nan,
    )  # fmt: skip


class Trial:
    """A book, its clock and everything that it said."""

    def __init__(
        self,
        *rules: Rule,
        surroundings: Surroundings | None = None,
        size: int = 8,
        relations: Relations | None = None,
    ) -> None:
        self.rules = {one.name: one for one in rules}
        frame = surroundings or Surroundings(MetricFrame("EPSG:4549"))
        self.facts = replace(Facts.of(rules, catalog(size=size), frame), relations=relations or shipped_relations())
        self.book = Book((), 1)
        self.now_s = 0.0
        self.journal: list[Entry] = []

    def said(self, turns: Sequence[Turn]) -> Sequence[Turn]:
        self.journal += [entry for turn in turns for entry in turn.entries]
        return turns

    def enter(
        self, name: str, subject: int, at_s: float, channel: str | None = None, onset_s: float | None = None
    ) -> Any:
        return self.change(name, subject, channel, at_s if onset_s is None else onset_s, at_s, entered=True)

    def leave(self, name: str, subject: int, onset_s: float, at_s: float, channel: str | None = None) -> Any:
        return self.change(name, subject, channel, onset_s, at_s, entered=False)

    def change(
        self, name: str, subject: int, channel: str | None, onset_s: float, at_s: float, *, entered: bool
    ) -> Any:
        self.now_s = max(self.now_s, at_s)
        of = self.rules[name]
        code = channel or of.type.channels[0].code
        return self.take(batch(of, [(subject, code, onset_s, at_s, entered)]))

    def take(self, conditions: ConditionBatch) -> Sequence[Turn]:
        return self.said(self.book.take(conditions, self.facts, us(self.now_s)))

    def tick(self, at_s: float) -> Sequence[Turn]:
        self.now_s = max(self.now_s, at_s)
        return self.said(self.book.tick(us(self.now_s), self.facts))

    def restart(self) -> None:
        self.book = Book(self.book.open_alarms.values(), self.book.next_id, self.book.dump())

    @property
    def open(self) -> Sequence[Alarm]:
        return sorted(self.book.open_alarms.values(), key=lambda alarm: alarm.id)

    @property
    def lines(self) -> Sequence[Alarm]:
        return [alarm for alarm in self.open if alarm.wants_somebody]
