"""A book's worker on a real database: conditions are committed as the rules worker commits them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psycopg

import alerts
from alerts.alarm import Alarm
from alerts.book import Book
from alerts.conditions import ConditionBatch, RuleVersion
from alerts.facts import Facts
from alerts.surroundings import Surroundings
from ops_center.domain.catalog import Catalog
from ops_center.domain.place import MetricFrame
from ops_center.domain.rights import Asker
from ops_center.domain.time import SECOND_US, ManualClock
from ops_center.rules_worker.book_worker import BookWorker
from ops_center.services.rules import Refused, RuleDesk
from ops_center.store.alarm_port import AlarmQuery
from ops_center.store.lanes import PostgresLaneStore
from ops_center.store.listening import CONDITIONS
from ops_center.store.opening import open_book_store, open_lane_store, open_store
from ops_center.store.port import Advance
from ops_center.store.rule_watching import RuleWatch
from ops_center.store.watching import CatalogWatch
from tests.store.alarm_shapes import without_alarms
from tests.store.shapes import REALM, T0, stream, thing

WORDS = {"zh": "测", "en": "test"}
LEASE_S = 600.0
NOTHING = Advance("rules", {}, {})
THINGS = 20
_EMPTY = """
TRUNCATE realm_simulated.condition, realm_simulated.condition_record, realm_simulated.condition_standing,
         realm_simulated.rule_lane, realm_simulated.rule_memory, realm_simulated.rule;
TRUNCATE center.thing, center.thing_place, center.datastream, center.catalog_log
"""

Change = tuple[int, bool, int]
"""datastream (counted from 0), entered, second"""


def form(name: str = "slow", type_: str = "threshold", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": type_,
        "label": WORDS,
        "source": WORDS,
        "scope": {"feed": "traffic", "observed_property": "vehicle_speed"},
        "parameters": {"unit": "km/h", "below": 20},
        "priority": {"consequence": "major", "respond_min": 10},
        "texts": dict.fromkeys(("cause", "consequence", "operator_action", "department"), WORDS),
        **more,
    }


MANY = form(
    "many_slow",
    "several",
    scope={"subject": "city"},
    parameters={"of": [{"rule": "slow"}], "k": 8},
)


@dataclass
class BookCity:
    """Everything a book stands on, and the workers that were begun."""

    url: str
    clock: ManualClock = field(default_factory=lambda: ManualClock(T0))
    workers: list[BookWorker] = field(default_factory=list)

    def __post_init__(self) -> None:
        without_alarms(self.url)
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_EMPTY)
        self.store = open_store(self.url, REALM)
        things = [thing(f"S{n}", longitude=118.0 + n) for n in range(THINGS)]
        self.store.catalog.register(things, [stream(f"S{n}") for n in range(THINGS)], "test")
        self.keys = sorted(self.store.catalog.load().datastreams)
        self.rules = RuleDesk(self.store, self.clock)
        self.save(form())
        self.lane: PostgresLaneStore = open_lane_store(self.url, REALM)
        state = self.lane.take("test", LEASE_S)
        assert state is not None
        self.step = state.step

    def close(self) -> None:
        for worker in self.workers:
            worker._store.close()
        self.lane.close()
        self.store.close()

    def save(self, rule: dict[str, Any]) -> None:
        saved = self.rules.save(Asker("li"), rule, 0, "test")
        assert not isinstance(saved, Refused), saved

    def worker(self) -> BookWorker:
        store = open_book_store(self.url, REALM)
        rules, catalog = RuleWatch(self.store.rules, alerts.registry()), CatalogWatch(self.store.catalog)
        ear = self.store.listen(CONDITIONS)
        made = BookWorker(store, ear, rules, catalog, ["traffic"], around, self.clock)
        self.workers.append(made)
        return made

    def conditions(self, changes: Sequence[Change], rule: str = "slow") -> ConditionBatch:
        """Transitions; the onset of what leaves is the second at which it entered, which is the one before."""
        rows = [(self.keys[n], entered, T0 + at * SECOND_US) for n, entered, at in changes]
        size = len(rows)
        zeros, nowhere = np.zeros(size, np.uint8), np.full(size, np.nan)
        time_us = np.array([row[2] for row in rows], np.int64)
        entered = np.array([row[1] for row in rows], np.uint8)
        return ConditionBatch(
            (RuleVersion(rule, 1, ("B",)),), zeros.astype(np.int32), zeros, zeros + 1, entered, zeros, zeros,
            np.array([row[0] for row in rows], np.int64), time_us, time_us - (1 - entered.astype(np.int64)) * SECOND_US,
            np.full(size, 12.0), np.full(size, 20.0), nowhere, nowhere,
        )  # fmt: skip

    def find(self, batch: ConditionBatch) -> None:
        """Commit conditions, as the rules worker does."""
        self.lane.commit(self.step, LEASE_S, NOTHING, [batch], None)
        self.step += 1

    def alarms(self) -> list[Alarm]:
        return sorted(self.store.alarms.search(AlarmQuery(limit=10_000)), key=lambda alarm: alarm.id)

    def pure(self, batches: Sequence[ConditionBatch]) -> list[Alarm]:
        """What an uninterrupted book makes of the same conditions."""
        rules = RuleWatch(self.store.rules, alerts.registry())
        rules.must_load()
        catalog = self.store.catalog.load()
        facts, book = Facts.of(rules.rules, catalog, around(catalog)), Book((), 1)
        made: dict[int, Alarm] = {}
        for batch in batches:
            for turn in book.take(batch.ordered(), facts, self.clock.now_us()):
                made[turn.alarm.id] = turn.alarm
        return [made[number] for number in sorted(made)]


def around(_: Catalog) -> Surroundings:
    return Surroundings(MetricFrame("EPSG:4549"))


def story(choice: random.Random, steps: int) -> list[list[Change]]:
    """Things that become slow and recover, a few each second."""
    standing: set[int] = set()
    told = []
    for at in range(steps):
        moved = choice.sample(range(THINGS), choice.randint(1, 4))
        leaving = [n for n in moved if n in standing]
        told.append([(n, n not in standing, at * 2 + (n in standing)) for n in moved])
        standing = (standing | set(moved)) - set(leaving)
    return told
