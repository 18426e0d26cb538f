"""A small city to try rules in: eight things in pairs, and inputs of every source, in any order and any batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np

import alerts
from alerts.conditions import ConditionBatch, Identity, RuleVersion
from alerts.contract import RuleType, SubjectKind
from alerts.loading import read_rule
from alerts.rule import Rule
from alerts.stage_one import StageOne
from alerts.stage_two import StageTwo
from alerts.surroundings import Surroundings
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.place import MetricFrame
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US

TYPES = alerts.registry()
T0_US = 1_790_000_000 * SECOND_US
END_US = T0_US + 40 * 86_400 * SECOND_US
FEED = "trial"
THINGS = 8
INTERVAL_S = 10.0
WORDS = {"zh": "试", "en": "trial"}


@dataclass(frozen=True)
class Item:
    """One observation, fix, event or change of a condition."""

    subject: int
    at_s: float
    value: float
    longitude: float = 118.71
    latitude: float = 32.01
    quality: int = 0
    leg: int = 0

    @property
    def time_us(self) -> int:
        return T0_US + round(self.at_s * SECOND_US)


@dataclass(frozen=True, order=True)
class Turn:
    """A transition as tests compare them."""

    at_s: float
    subject: int
    channel: str
    entered: bool
    onset_s: float
    value: float
    limit: float


def catalog(unit: str = "1", size: int = THINGS, version: int = 1) -> Catalog:
    things = [
        Thing(
            key, FEED, f"t{key}", "trial_thing", FEED, Label("物", "thing"), 118.70 + 0.05 * (key // 2), 32.0,
            f"D{key // 2}", "water_company", {"road_class": ["expressway", "local"][key % 2], "tags": ["hospital"]},
        )
        for key in range(size)
    ]  # fmt: skip
    streams = [Datastream(key, key, "trial_value", unit, FEED, INTERVAL_S) for key in range(size)]
    return Catalog(version, things, streams)


def rule(
    type_: str, parameters: Mapping[str, Any], *, subject: str | None = None, name: str = "trial", **more: Any
) -> Rule:
    scope = {"subject": subject or _subject(TYPES[type_]), **more.pop("scope", {})}
    form = {
        "name": name,
        "type": type_,
        "label": WORDS,
        "source": WORDS,
        "scope": scope,
        "parameters": dict(parameters),
        "priority": {"consequence": "minor", "respond_min": 30},
        "texts": dict.fromkeys(("cause", "consequence", "operator_action", "department"), WORDS),
        **more,
    }
    return read_rule(form, name, TYPES)


def _subject(type_: RuleType) -> str:
    return next(subject for subject in ("datastream", "thing", "district") if subject in type_.subjects)


def leg_rules(of: Rule) -> list[Rule]:
    """The rules of the first stage that a rule of the second listens to."""
    legs = of.type.legs(of.parameters) if of.type.source == "conditions" else ()  # type: ignore[attr-defined]
    return [rule("threshold", {"unit": "1", "above": 1}, name=name) for name in dict.fromkeys(leg.rule for leg in legs)]


class Trial:
    """One rule at work: takes items, gives turns."""

    def __init__(self, of: Rule, *, feeds_pause: bool = False) -> None:
        self.rules = [of, *leg_rules(of)]
        self.source = of.type.source
        self.catalog = catalog(getattr(of.parameters, "unit", "1") if self.source == "observations" else "1")
        self.found: list[ConditionBatch] = []
        self._legs = [leg.rule for leg in of.type.legs(of.parameters)] if self.source == "conditions" else []  # type: ignore[attr-defined]
        self._of = of
        self._pause = feeds_pause
        self.stage = self._fresh()
        self.stage.rebuild(self._mine(), self.catalog, T0_US)

    def _fresh(self) -> Any:
        if self.source == "conditions":
            return StageTwo([FEED], Surroundings(MetricFrame("EPSG:4549")))
        return StageOne({FEED: 0.0}, feeds_pause=self._pause)

    def _mine(self) -> list[Rule]:
        return self.rules if self.source == "conditions" else self.rules[:1]

    def show(self, items: Sequence[Item]) -> ConditionBatch:
        """One batch."""
        batch = getattr(self, f"_{self.source}")(items)
        self.found.append(batch)
        return batch  # type: ignore[no-any-return]

    def tick(self, at_s: float) -> ConditionBatch:
        """Everything before ``at_s`` has passed, for feeds and on the wall."""
        now_us = T0_US + round(at_s * SECOND_US)
        batch = self.stage.advance(now_us) if isinstance(self.stage, StageOne) else self.stage.tick(now_us)
        self.found.append(batch)
        return batch

    def moved_on(self) -> None:
        """Its memory goes to another process."""
        record = self.stage.dump()
        self.stage = self._fresh()
        self.stage.restore(record, self._mine(), self.catalog)

    def turns(self) -> list[Turn]:
        return turns(self.found)

    def _observations(self, items: Sequence[Item]) -> ConditionBatch:
        return self.stage.observations(observations(items))  # type: ignore[no-any-return]

    def _positions(self, items: Sequence[Item]) -> ConditionBatch:
        batch = PositionBatch(
            np.array([i.subject for i in items], np.int32),
            np.array([i.time_us for i in items], np.int64),
            np.array([i.longitude for i in items], np.float64),
            np.array([i.latitude for i in items], np.float64),
            np.array([i.value for i in items], np.float64),
            np.zeros(len(items)),
            np.array([i.quality for i in items], np.uint8),
            END_US,
        )
        return self.stage.positions(batch)  # type: ignore[no-any-return]

    def _events(self, items: Sequence[Item]) -> ConditionBatch:
        kind = self._of.type.kinds(self._of.parameters)[0]  # type: ignore[attr-defined]
        return self.stage.events([event(item, kind) for item in items])  # type: ignore[no-any-return]

    def _conditions(self, items: Sequence[Item]) -> ConditionBatch:
        return self.stage.conditions(conditions(items, self._legs))  # type: ignore[no-any-return]


def observations(items: Sequence[Item]) -> ObservationBatch:
    times = np.array([i.time_us for i in items], np.int64)
    return ObservationBatch(
        np.array([i.subject for i in items], np.int32),
        times,
        np.array([i.value for i in items], np.float64),
        np.array([i.quality for i in items], np.uint8),
        times,
        END_US,
    )


def event(item: Item, kind: str) -> Event:
    level = ["none", "blue", "yellow", "orange", "red"][min(max(int(item.value * 5), 0), 4)]
    attributes = {"level": level, "area": {"districts": [f"D{item.subject // 2}"]}}
    sure = item.value if np.isfinite(item.value) else 0.0
    return Event(f"{item}", FEED, item.subject, kind, item.time_us, END_US, 118.7, 32.0, sure, attributes)


def conditions(items: Sequence[Item], legs: Sequence[str]) -> ConditionBatch:
    """Items in their order, not in that of their times: as a topic delivers them."""
    rules = tuple(RuleVersion(name, 1, ("on",)) for name in dict.fromkeys(legs))
    place = {one.name: number for number, one in enumerate(rules)}
    size = len(items)
    times = np.array([i.time_us for i in items], np.int64)
    number = np.array([place[legs[i.leg % len(legs)]] for i in items], np.int32)
    ones = np.ones(size, np.uint8)
    entered = np.array([i.value > 0 for i in items], np.uint8)
    kind = np.full(size, SubjectKind.DATASTREAM, np.uint8)
    subject = np.array([i.subject for i in items], np.int64)
    nothing = np.zeros(size)
    what = (rules, number, ones * 0, ones, entered, ones * 0, kind, subject)
    return ConditionBatch(*what, times, times, nothing, nothing, nothing, nothing)


def turns(batches: Iterable[ConditionBatch]) -> list[Turn]:
    return sorted(turn for batch in batches for turn in _turns(batch))


def _turns(batch: ConditionBatch) -> Iterable[Turn]:
    rows = zip(batch.identities(), batch.time_us.tolist(), batch.entered.tolist(), batch.value.tolist(), strict=True)
    for (identity, time_us, entered, value), limit in zip(rows, batch.limit.tolist(), strict=True):
        at_s, onset_s = (time_us - T0_US) / SECOND_US, (identity.onset_us - T0_US) / SECOND_US
        yield Turn(at_s, identity.subject, identity.channel, bool(entered), onset_s, value, limit)


def identities(batches: Iterable[ConditionBatch]) -> set[Identity]:
    return {identity for batch in batches for identity in batch.identities()}


def series(of: Rule, seed: int, length: int = 120) -> list[Item]:
    """What makes rules of any type speak: values about their own numbers, runs of them, gaps."""
    chance = np.random.default_rng(seed)
    levels = _levels(of)
    clock = np.zeros(THINGS)
    value = np.full(THINGS, levels[0])
    standing = np.zeros((THINGS, 8), bool)
    items = []
    for _ in range(length):
        subject = int(chance.integers(THINGS))
        clock[subject] += float(chance.choice([1.0, 5.0, 10.0, 10.0, 25.0, 70.0]))
        if chance.random() < 0.4:
            value[subject] = chance.choice(levels)
        leg = int(chance.integers(3))
        said = float(value[subject])
        if of.type.source == "conditions":
            standing[subject, leg] = not standing[subject, leg]
            said = 1.0 if standing[subject, leg] else -1.0
        where = (118.71, 32.01) if chance.random() < 0.6 else (118.76, 32.05)
        items.append(Item(subject, float(clock[subject]), said, *where, leg=leg))
    return items


def _levels(of: Rule) -> list[float]:
    """Numbers of the rule's own, just beside them, and far away."""
    if of.type.source == "events":
        return [0.1, 0.3, 0.45, 0.6, 0.9]
    if of.type.source == "positions":
        return [0.0, 5.0, 15.0, 18.0, 25.0]
    own = [float(v) for v in of.type.example.values() if isinstance(v, (int, float)) and not isinstance(v, bool)]
    return sorted({0.0, 1000.0, *own, *(one + off for one in own for off in (-6.0, -0.5, 0.5))})


def cut(items: Sequence[Item], cuts: Iterable[int]) -> list[Sequence[Item]]:
    edges = [0, *sorted(cuts), len(items)]
    return [items[a:b] for a, b in pairwise(edges)]


def shuffled(items: Sequence[Item], seed: int) -> list[Item]:
    """Another order in which the pairs of things keep theirs."""
    chance = np.random.default_rng(seed)
    ordered = sorted(items, key=lambda i: i.subject // 2)
    queues = [list(group) for _, group in groupby(ordered, key=lambda i: i.subject // 2)]
    found = []
    while any(queues):
        queue = queues[int(chance.choice([n for n, q in enumerate(queues) if q]))]
        found.append(queue.pop(0))
    return found
