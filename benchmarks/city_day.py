"""A model city that lives for a while in one process: world → feeds → rules of both stages → the book, accelerated.

What the center's workers do between the simulator and the alarm list, without bus and database. Used by
``benchmarks.judge_stories`` and tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import alerts
from alerts.alarm import Act, Alarm, Entry
from alerts.book import Book
from alerts.city_networks import surroundings_of
from alerts.conditions import ConditionBatch
from alerts.facts import Facts
from alerts.loading import shipped_rules
from alerts.rule import Rule
from alerts.stage_one import StageOne
from alerts.stage_two import StageTwo
from feeds import all_feeds
from feeds.contract import Feed
from feeds.plausibility import Doubts
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Datastream, TimeKind
from ops_center.domain.messages import RawMessage
from ops_center.domain.time import SECOND_US
from ops_center.services.history import aggregates_of
from ops_center.services.registration import things_of
from ops_center.world.world import World

STEP_S = 10.0
"""how often the world steps here: most devices report every 10 s or less often"""


def catalog_of(pack: CityPack) -> Catalog:
    """Return the catalog that a center would have of a pack, keys in its order."""
    things = [replace(thing, key=key) for key, thing in enumerate(things_of(pack))]
    key_of = {thing.thing_id: thing.key for thing in things}
    rows = pack.table("datastreams").to_dict("records")
    streams = [
        Datastream(
            key, key_of[row["thing_id"]], row["observed_property"], row["unit"], row["feed"], float(row["interval_s"]),
            TimeKind(row["time_kind"]),
        )
        for key, row in enumerate(rows)
    ]  # fmt: skip
    more, figures = aggregates_of(pack)
    own = {(thing.producer, thing.thing_id): len(things) + n for n, thing in enumerate(more)}
    things += [replace(thing, key=own[thing.producer, thing.thing_id]) for thing in more]
    streams += [
        replace(stream, key=len(streams) + n, thing=own[producer, thing])
        for n, (producer, thing, stream) in enumerate(figures)
    ]
    return Catalog(1, things, streams)


@dataclass
class CityDay:
    """A city under watch; ``journal`` and ``alarms`` grow as it lives."""

    pack: CityPack
    world: World
    rules: Iterable[Rule] = field(default_factory=lambda: shipped_rules(alerts.registry()))
    journal: list[Entry] = field(default_factory=list)
    alarms: dict[int, Alarm] = field(default_factory=dict)
    """every alarm as it was last"""
    lines: list[tuple[int, Alarm]] = field(default_factory=list)
    """(when, alarm) of those that operators saw as a line of their own when they were raised"""
    conditions: int = 0

    def __post_init__(self) -> None:
        self.feeds: Mapping[str, Feed] = all_feeds()
        self.catalog = catalog_of(self.pack)
        self.facts = Facts.of(self.rules, self.catalog, surroundings_of(self.pack, self.catalog))
        self.one = StageOne({name: feed.lateness_s for name, feed in self.feeds.items()})
        self.two = StageTwo(list(self.feeds), self.facts.surroundings)
        now_us = self.world.now_us
        self.one.rebuild(self.rules, self.catalog, now_us)
        self.two.rebuild(self.rules, self.catalog, now_us)
        self.book = Book((), 1)
        self.doubts = Doubts(self.feeds.values())

    def live(self, seconds: float) -> None:
        """Let so much time of the city pass."""
        for _ in range(round(seconds / STEP_S)):
            self.step()

    def step(self) -> None:
        """Let one step pass."""
        now_us = self.world.now_us + round(STEP_S * SECOND_US)
        self.world.step(now_us)
        found = [part for feed in self.feeds.values() for part in self._heard(feed, now_us)]
        first = ConditionBatch.concat([*found, self.one.tick(now_us)])
        both = ConditionBatch.concat([first, self.two.conditions(first), self.two.tick(now_us)])
        self.conditions += len(both)
        turns = (*self.book.take(both, self.facts, now_us), *self.book.tick(now_us))
        raised = dict.fromkeys(turn.alarm.id for turn in turns if turn.entries[0].act is Act.RAISED)
        for turn in turns:
            self.journal += turn.entries
            self.alarms[turn.alarm.id] = turn.alarm
        self.lines += [(now_us, self.alarms[one]) for one in raised if self.alarms[one].wants_somebody]

    def _heard(self, feed: Feed, now_us: int) -> Iterable[ConditionBatch]:
        sent = feed.observe(self.world, now_us)
        messages = [RawMessage(f"raw.{feed.name}", 0, str(n), m.key, m.value, now_us) for n, m in enumerate(sent)]
        decoded = self.doubts.flagged(feed.decode(messages, self.catalog, now_us), self.catalog)
        if decoded.observations is not None and len(decoded.observations):
            yield self.one.observations(decoded.observations)
        if decoded.positions is not None and len(decoded.positions):
            yield self.one.positions(decoded.positions)
        yield self.one.events(decoded.events)
