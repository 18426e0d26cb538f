"""The first stage: rules over observations, fixes and events, for the things of one partition.

Owned by one worker, which feeds it what it reads in order, ticks it, publishes what it returns, and commits ``dump()``
together with its offsets. Pure but for its memory: it opens nothing and asks no clock. ``alerts/replay.py`` is the same
over history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np

from alerts import saving
from alerts.carrying import Change, Kept, carry_over, kept_of, withdrawn
from alerts.clocks import Clocks
from alerts.conditions import ConditionBatch, Identity
from alerts.contract import NEVER_US, EventType, Seen
from alerts.expansion import Part, first_stage, make_table
from alerts.failing import ask
from alerts.rule import Rule
from alerts.scope import Columns
from alerts.table import Table, seen_values
from alerts.touching import touched
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Event, Int32, Int64, ObservationBatch, PositionBatch
from ops_center.domain.time import SECOND_US

_PAUSES = 3
"""intervals of its most frequent datastream without anything: the feed itself has paused"""
_PAUSE_S = 60.0
"""for feeds without datastreams"""
Space = tuple[str, str]
"""type, and what its inputs are: datastreams, things or feeds"""


@dataclass(frozen=True, slots=True, eq=False)
class Rebuilt:
    """What a change of rules or catalog did."""

    conditions: ConditionBatch
    """what stood where nothing is known any more: left, with the reason WITHDRAWN"""
    changes: tuple[Change, ...]


class StageOne:
    """Rules over what is observed."""

    def __init__(self, lateness_s: Mapping[str, float], *, feeds_pause: bool = True) -> None:
        """Begin without rules; ``lateness_s`` by feed, as the feeds declare it.

        ``feeds_pause``: a long time without anything from a feed is its own silence and not that of its members.
        """
        self._feeds_pause = feeds_pause
        self._feeds = tuple(sorted(lateness_s))
        lateness_us = np.array([round(lateness_s[name] * SECOND_US) for name in self._feeds], np.int64)
        self._clocks = Clocks.of(lateness_us, np.full(len(self._feeds), NEVER_US))
        self._tables: dict[Space, Table] = {}
        self.failed: dict[str, str] = {}
        """type → what it raised: its rules judge nothing until rules or catalog change"""
        self._columns = Columns.of(Catalog.empty())
        self._feed_of_stream = self._feed_of_thing = np.empty(0, np.int32)

    @property
    def rows(self) -> int:
        """Return how many pairs of rule and subject there are."""
        return sum(map(len, self._tables.values()))

    @property
    def late(self) -> int:
        """Return how many observations were not newer than what their rows knew, since the last change of rules."""
        return sum(table.late for table in self._tables.values())

    def rebuild(self, rules: Iterable[Rule], catalog: Catalog, now_us: int) -> Rebuilt:
        """Take these rules over this catalog from now on; rows that keep their meaning keep their memory."""
        before = list(self._tables.values())
        changes = self._build([rule for rule in rules if rule.type.source != "conditions"], catalog, kept_of(before))
        after = {rule.name: (table, n) for table in self._tables.values() for n, rule in enumerate(table.rules)}
        gone = [
            Change(rule.name, rule.version, "removed", len(table.rows_of(number)))
            for table in before
            for number, rule in enumerate(table.rules)
            if rule.name not in after
        ]
        return Rebuilt(withdrawn(before, after, now_us), (*changes, *gone))

    def observations(self, batch: ObservationBatch, sources: Int32 | None = None) -> ConditionBatch:
        """Return what a batch of observations turns.

        ``sources``: where each was read, 0, 1, …, if it is read in several places at once: a feed's time passes only
        as far as all of them have come.
        """
        shown = seen_values(batch.phenomenon_time_us, batch.result)
        feeds = _looked_up(self._feed_of_stream, batch.datastream)
        alive = self._saw(feeds, batch.phenomenon_time_us, batch.received_us, sources)
        found = self._asked(
            self._over("observations", "inputs"),
            lambda table: table.observe(batch.datastream, shown, batch.quality, alive),
            batch.received_us,
        )
        return ConditionBatch.concat([*found, self._heard(feeds, batch.received_us)])

    def positions(self, batch: PositionBatch, sources: Int32 | None = None) -> ConditionBatch:
        """Return what a batch of fixes turns; ``sources`` as of observations."""
        nothing = seen_values(batch.phenomenon_time_us, batch.speed_mps)
        shown = Seen(
            batch.phenomenon_time_us, batch.speed_mps, batch.longitude, batch.latitude, nothing.code, nothing.until_us
        )
        feeds = _looked_up(self._feed_of_thing, batch.thing)
        alive = self._saw(feeds, batch.phenomenon_time_us, batch.received_us, sources)
        found = self._asked(
            self._over("positions", "inputs"),
            lambda table: table.observe(batch.thing, shown, batch.quality, alive),
            batch.received_us,
        )
        return ConditionBatch.concat([*found, self._heard(feeds, batch.received_us)])

    def events(self, events: Sequence[Event]) -> ConditionBatch:
        """Return what events turn, one after another."""
        found: list[ConditionBatch] = []
        for event in events:
            judge = partial(self._event, event=event)
            found += self._asked(self._over("events", "inputs"), judge, event.received_us)
        for event in events:
            if event.feed in self._feeds:
                feeds = np.array([self._feeds.index(event.feed)], np.int32)
                self._saw(feeds, np.array([event.phenomenon_time_us]), event.received_us)
                found.append(self._heard(feeds, event.received_us))
        return ConditionBatch.concat(found)

    def tick(self, now_us: int) -> ConditionBatch:
        """Return what became known as time passed; ``now_us`` is the wall's, and a clock set back is waited for.

        Who reads a log from several ends says up to when all of it was read: no feed's time passes that, so that a
        thing whose records are still unread isn't taken for silent.
        """
        passed = self._clocks.passed(now_us)
        found = self._asked(self._tables, lambda table: table.tick(passed, self._clocks.alive_us), now_us)
        return ConditionBatch.concat(found)

    def standing(self) -> frozenset[Identity]:
        """Return the conditions that stand."""
        return frozenset(identity for table in self._tables.values() for identity in table.standing())

    def advance(self, to_us: int) -> ConditionBatch:
        """Return what becomes known if every feed has come as far as ``to_us``: the end of a replay."""
        self._clocks.advance(to_us)
        return self.tick(to_us)

    def dump(self) -> bytes:
        """Return everything that is remembered."""
        return saving.dump(self._tables.values(), self._feeds, self._clocks)

    def restore(self, record: bytes, rules: Iterable[Rule], catalog: Catalog) -> tuple[Change, ...]:
        """Take up what :meth:`dump` returned, perhaps under other rules and another catalog. Raises WireError."""
        kept = saving.load(record, self._feeds, self._clocks)
        return tuple(self._build([rule for rule in rules if rule.type.source != "conditions"], catalog, kept))

    def _build(self, rules: Sequence[Rule], catalog: Catalog, kept: Mapping[str, Kept]) -> list[Change]:
        """Make all tables anew and fill them with what is kept."""
        self.failed = {}
        self._columns = Columns.of(catalog)
        self._learn_feeds(catalog)
        parts: dict[Space, list[Part]] = {}
        changes: list[Change] = []
        for rule in rules:
            if rule.form.enabled:
                part = first_stage(rule, self._columns, self._feeds)
                space = "feeds" if rule.scope.subject == "feed" else "inputs"
                parts.setdefault((rule.type.name, space), []).append(part)
                if part.left_out:
                    changes.append(Change(rule.name, rule.version, "left_out", part.left_out, "unit"))
        self._tables = {space: make_table(some[0].rule.type, some) for space, some in parts.items()}
        return changes + [change for table in self._tables.values() for change in carry_over(table, kept)]

    def _learn_feeds(self, catalog: Catalog) -> None:
        place = {name: number for number, name in enumerate(self._feeds)}
        self._feed_of_stream = np.full(catalog.size, -1, np.int32)
        self._feed_of_thing = np.full(max(catalog.things, default=-1) + 1, -1, np.int32)
        shortest = np.full(len(self._feeds), np.inf)
        for thing in catalog.things.values():
            self._feed_of_thing[thing.key] = place.get(thing.feed, -1)
        for stream in catalog.datastreams.values():
            number = place.get(stream.feed, -1)
            self._feed_of_stream[stream.key] = number
            if number >= 0 and not stream.retired:
                shortest[number] = min(shortest[number], stream.interval_s)
        if not self._feeds_pause:
            return
        pause_s = np.where(np.isfinite(shortest), _PAUSES * shortest, _PAUSE_S)
        self._clocks.outage_us[:-1] = np.rint(pause_s * SECOND_US)

    def _over(self, source: str, inputs: str) -> list[Space]:
        tables = self._tables.items()
        return [space for space, table in tables if table.type.source == source and space[1] == inputs]

    def _asked(
        self, spaces: Iterable[Space], judge: Callable[[Table], ConditionBatch], now_us: int
    ) -> list[ConditionBatch]:
        return ask(self._tables, spaces, judge, self.failed, now_us)

    def _saw(self, feeds: Int32, time_us: Int64, received_us: int, sources: Int32 | None = None) -> Int64:
        """Return since when the feed of each observation was alive then."""
        if sources is not None:
            self._clocks.saw_from(feeds, sources, time_us, received_us)
        alive = np.zeros(len(feeds), np.int64)
        for number in np.unique(feeds).tolist():
            if number >= 0:
                its = feeds == number
                alive[its] = self._clocks.saw(number, time_us[its], received_us)
        return alive

    def _heard(self, feeds: Int32, received_us: int) -> ConditionBatch:
        """Let rules about whole feeds know which of them were heard of."""
        over = self._over("observations", "feeds")
        known = np.unique(feeds[feeds >= 0]) if over else feeds[:0]
        if not len(known):
            return ConditionBatch.empty()
        shown = seen_values(np.full(len(known), received_us, np.int64), np.zeros(len(known)))
        alive = np.zeros(len(known), np.int64)
        found = self._asked(over, lambda table: table.observe(known, shown, None, alive), received_us)
        return ConditionBatch.concat(found)

    def _event(self, table: Table, event: Event) -> ConditionBatch:
        type_ = cast("EventType", table.type)
        wanted = np.array([event.kind in type_.kinds(rule.parameters) for rule in table.rules], bool)
        reading = type_.reads(event) if wanted.any() else None
        if reading is None:
            return ConditionBatch.empty()
        things = touched(event, reading, self._columns)
        size = len(things)
        shown = Seen(
            np.full(size, event.phenomenon_time_us, np.int64),
            np.full(size, event.confidence),
            np.full(size, event.longitude),
            np.full(size, event.latitude),
            np.full(size, reading.code, np.int32),
            np.full(size, min(reading.until_us, NEVER_US), np.int64),
        )
        return table.observe(things, shown, None, np.zeros(size, np.int64), wanted)


def _looked_up(of: Int32, keys: Int32) -> Int32:
    """Return what ``of`` says of each key, -1 of those that the catalog doesn't know yet."""
    known = (keys >= 0) & (keys < len(of))
    found = np.full(len(keys), -1, np.int32)
    found[known] = of[keys[known]]
    return found
