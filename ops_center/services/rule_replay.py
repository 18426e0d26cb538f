"""A rule over stored history: what it would have raised. Called by ``RuleDesk.replay``.

The series go through the same code as live ones, one thing after another: rows of different things know nothing of
each other, so that no more than one thing's history is in memory at a time. Conditions of all things are: they are
what is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

import numpy as np

from alerts.conditions import ConditionBatch
from alerts.contract import SubjectKind
from alerts.expansion import first_stage
from alerts.replay import Series, replay
from alerts.rule import Rule
from alerts.scope import Columns
from alerts.stage_two import StageTwo, legs_of
from alerts.subjects import CITY, district, feed, group_key
from alerts.surroundings import Surroundings
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Event, ObservationBatch
from ops_center.domain.text import Label
from ops_center.store.port import HistoryStore


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """What a rule would have raised."""

    rule: Rule
    conditions: ConditionBatch
    subjects: Mapping[tuple[int, int], Label]
    """(kind, key) of every subject in ``conditions`` → its name"""
    inputs: int
    """datastreams, or things, whose history was read"""
    left_out: int
    """how many more the rule covers"""


def replay_rule(
    rule: Rule,
    others: Mapping[str, Rule],
    catalog: Catalog,
    history: HistoryStore,
    span_us: tuple[int, int],
    most: int,
    surroundings: Surroundings | None = None,
) -> Replayed:
    """Return what ``rule`` would have raised in ``span_us``, from → to, over ``most`` inputs at most.

    A rule over conditions is shown those that its legs' rules, as they are now, would have raised. Raises StoreError,
    and ConfigurationError for one that listens to rules that are not there.
    """
    first = {name: one for name, one in others.items() if one.type.source != "conditions"}
    if rule.type.source != "conditions":
        conditions, inputs, left_out = _first(rule, catalog, history, span_us, most)
        return Replayed(rule, conditions, _names(conditions, catalog), inputs, left_out)
    heard = {leg.rule: first[leg.rule] for leg in legs_of(rule, first)}
    parts = [_first(one, catalog, history, span_us, most) for one in heard.values()]
    stage = StageTwo(_feeds(catalog), surroundings)
    stage.rebuild([*heard.values(), rule], catalog, 0)
    told = stage.conditions(ConditionBatch.concat([part[0] for part in parts]))
    conditions = ConditionBatch.concat([told, stage.tick(span_us[1])])
    inputs, left_out = sum(part[1] for part in parts), sum(part[2] for part in parts)
    return Replayed(rule, conditions, _names(conditions, catalog), inputs, left_out)


def _first(
    rule: Rule, catalog: Catalog, history: HistoryStore, span_us: tuple[int, int], most: int
) -> tuple[ConditionBatch, int, int]:
    start_us, end_us = span_us
    keys = sorted(set(first_stage(rule, Columns.of(catalog), _feeds(catalog)).key.tolist()))
    wanted, series = keys[:most], cast("Iterable[Series]", ())
    if rule.type.source == "events":
        events = (event for event in history.events_since(start_us) if event.phenomenon_time_us < end_us)
        series, wanted = (tuple[Event, ...]((event,)) for event in events), keys
    elif rule.type.source == "positions":
        series = (history.fixes(key, start_us, end_us) for key in wanted)
    elif rule.scope.subject != "feed":
        series = _series(wanted, catalog, history, span_us)
    return replay([rule], catalog, series, end_us), len(wanted), len(keys) - len(wanted)


def _series(
    keys: Sequence[int], catalog: Catalog, history: HistoryStore, span_us: tuple[int, int]
) -> Iterator[ObservationBatch]:
    """Yield the history of one thing after another, in the order of time."""
    owned = sorted(keys, key=lambda key: catalog.datastreams[key].thing)
    for _, mine in groupby(owned, key=lambda key: catalog.datastreams[key].thing):
        batch = ObservationBatch.concat([_one(key, history, span_us) for key in mine])
        yield batch.take(np.argsort(batch.phenomenon_time_us, kind="stable"))


def _one(key: int, history: HistoryStore, span_us: tuple[int, int]) -> ObservationBatch:
    found = history.series(key, *span_us, "raw")
    streams = np.full(len(found.time_us), key, np.int32)
    last_us = int(found.time_us.max(initial=0))
    return ObservationBatch(streams, found.time_us, found.mean, found.quality, found.time_us, last_us)


def _feeds(catalog: Catalog) -> list[str]:
    return sorted({thing.feed for thing in catalog.things.values()})


def _names(batch: ConditionBatch, catalog: Catalog) -> Mapping[tuple[int, int], Label]:
    pairs = set(zip(batch.subject_kind.tolist(), batch.subject.tolist(), strict=True))
    groups = _groups(catalog)
    return {(kind, key): _name(kind, key, catalog, groups) for kind, key in pairs}


def _groups(catalog: Catalog) -> Mapping[int, Label]:
    things = catalog.things.values()
    names = {feed(name): name for name in {thing.feed for thing in things}}
    names |= {district(code): code for code in {thing.district for thing in things} if code}
    return {
        group_key(CITY): Label("全市", "the city"),
        **{group_key(k): Label(name, name) for k, name in names.items()},
    }


def _name(kind: int, key: int, catalog: Catalog, groups: Mapping[int, Label]) -> Label:
    if kind == SubjectKind.GROUP:
        return groups.get(key, Label(str(key), str(key)))
    stream = catalog.datastreams.get(key) if kind == SubjectKind.DATASTREAM else None
    thing = catalog.things.get(stream.thing if stream else key)
    if thing is None:
        return Label(str(key), str(key))
    more = f" {stream.observed_property}" if stream else ""
    return Label(f"{thing.name.zh}{more}", f"{thing.name.en}{more}")
