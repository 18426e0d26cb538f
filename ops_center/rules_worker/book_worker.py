"""The book's process: conditions become alarms, by one writer for the city.

It reads the records of conditions behind its positions, shows them to the second stage and both to the book, and keeps
positions, memories, alarms, journal and the outbox in one transaction, in which it has first been told what people did
meanwhile. Whatever goes wrong, it drops everything it holds and begins with what the store holds: so a kill, a lost
database or a second writer lose nothing and raise nothing twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import structlog

from alerts.alarm import Alarm
from alerts.book import Book
from alerts.conditions import ConditionBatch
from alerts.facts import Facts
from alerts.relations import Relations, shipped_relations
from alerts.stage_two import StageTwo
from alerts.surroundings import Surroundings, SurroundingsOf
from alerts.turns import ESCALATE_AFTER
from ops_center.domain.errors import Fenced, StoreError, WireError
from ops_center.domain.time import Clock
from ops_center.rules_worker.judging import tell_failed
from ops_center.store.alarm_port import BookStart, BookStore, BookWork
from ops_center.store.port import Ear
from ops_center.store.pulses import this_process
from ops_center.store.rule_port import ConditionRecord, SetAside
from ops_center.store.rule_watching import RuleWatch
from ops_center.store.watching import CatalogWatch

log = structlog.get_logger(__name__)

AT_A_TIME = 5_000
"""conditions in one transaction, about: people who change alarms wait for it"""
_TICK_S = 1.0
_LOOK_S = 0.5
"""without being told of conditions"""
_RETRY_S = 1.0


@dataclass(slots=True, eq=False)
class Office:
    """What the writer holds while it is the writer; dropped whole when anything goes wrong."""

    book: Book
    stage: StageTwo
    facts: Facts
    built: tuple[int, int]
    """versions of rules and catalog that stage and facts have"""
    positions: dict[int, int]
    found: list[ConditionBatch] = field(default_factory=list)
    """what changed rules or things withdrew, not taken yet"""
    ticked_s: float = float("-inf")
    failed: dict[str, SetAside] = field(default_factory=dict)
    """types of the second stage that were said to have raised"""


@dataclass(frozen=True)
class Custom:
    """How a city wants it: what explains what, and when an alarm that nobody acknowledges escalates."""

    relations: Relations = field(default_factory=shipped_relations)
    escalate_after: tuple[float, ...] = ESCALATE_AFTER


class BookWorker:
    """Becomes the writer when there is none, and writes until it is stopped. Used by one thread."""

    def __init__(  # noqa: PLR0913 - everything that it works with
        self,
        store: BookStore,
        ear: Ear,
        rules: RuleWatch,
        catalog: CatalogWatch,
        feeds: Iterable[str],
        surroundings_of: SurroundingsOf,
        clock: Clock,
        *,
        custom: Custom | None = None,
    ) -> None:
        """``custom``: None: as it ships."""
        self._store = store
        self._ear = ear
        self._rules = rules
        self._catalog = catalog
        self._feeds = tuple(feeds)
        self._surroundings_of = surroundings_of
        self._clock = clock
        self._custom = custom or Custom()
        self._instance = this_process()
        self._office: Office | None = None
        self._around: tuple[int, Surroundings] | None = None
        self._failed = False
        self._waiting = False

    @property
    def is_writer(self) -> bool:
        """Return whether it writes, as far as it knows."""
        return self._office is not None

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop``. Raises StoreError for what no waiting mends."""
        while not stop.is_set():
            pause_s = self._turn_anyhow()
            if pause_s:
                self._ear.wait(stop, pause_s)
        self._office = None
        self._store.close()
        self._ear.close()

    def turn(self) -> bool:
        """Become the writer, or take what there is; return whether there may be more.

        Raises StoreError and Fenced, and has forgotten everything then: what is in memory counts only once it is kept.
        """
        try:
            return self._taken()
        except BaseException:
            self._office = None
            self._store.close()
            raise

    def _taken(self) -> bool:
        office = self._office or self._enter()
        if office is None:
            return False
        self._follow(office)
        records = self._store.conditions(office.positions, AT_A_TIME)
        batch = ConditionBatch.concat([one.batch for one in records])
        if office.facts.lacks(batch) and self._rules.look():
            self._follow(office)
        ticks = time.monotonic() - office.ticked_s >= _TICK_S
        if records or office.found or ticks:
            self._keep(office, records, batch, ticks)
        return sum(len(one.batch) for one in records) >= AT_A_TIME

    def _keep(self, office: Office, records: Sequence[ConditionRecord], batch: ConditionBatch, ticks: bool) -> None:
        self._store.commit(lambda others: self._work(office, others, records, batch, ticks))
        office.positions.update(_newest(records))
        office.found.clear()
        if ticks:
            office.ticked_s = time.monotonic()
            set_aside = list(office.failed.values())
            self._store.pulse(self._instance, self._clock.now_us(), office.positions, set_aside)

    def _turn_anyhow(self) -> float:
        """Take a turn; return how long to wait for the next."""
        try:
            more = self.turn()
        except Fenced as error:
            log.warning("book.fenced", why=str(error))
            return _RETRY_S
        except StoreError as error:
            if not error.retriable:
                raise
            if not self._failed:
                log.warning("book.store_away", why=str(error))
            self._failed = True
            return _RETRY_S
        if self._failed:
            log.info("book.store_back")
        self._failed = False
        return 0.0 if more else (_LOOK_S if self._office else _RETRY_S)

    def _enter(self) -> Office | None:
        self._rules.must_load()
        self._catalog.must_load()
        self._rules.look()
        self._catalog.look()
        start = self._store.acquire()
        if start is None:
            if not self._waiting:
                log.info("book.waits", note="another process writes the book")
            self._waiting = True
            return None
        self._waiting = False
        self._office = self._opened(start)
        log.info("book.writes", writer=start.writer, open=len(start.open), positions=dict(start.positions))
        return self._office

    def _opened(self, start: BookStart) -> Office:
        rules, catalog = self._rules.rules, self._catalog.catalog
        facts = self._facts()
        stage, found = StageTwo(self._feeds, facts.surroundings), []
        try:
            if start.stage_two is None:
                found.append(stage.rebuild(rules, catalog, self._clock.now_us()).conditions)
            else:
                stage.restore(start.stage_two, rules, catalog)
        except WireError as error:
            log.error("book.stage_two_unreadable", why=str(error), note="what stands is counted from here on")
            stage = StageTwo(self._feeds, facts.surroundings)
            stage.rebuild(rules, catalog, self._clock.now_us())
        try:
            book = Book(start.open, start.last_alarm + 1, start.memory)
        except WireError as error:
            log.error("book.memory_unreadable", why=str(error), note="open alarms are known from the store")
            book = Book(start.open, start.last_alarm + 1, None)
        return Office(book, stage, facts, self._versions(), dict(start.positions), [one for one in found if len(one)])

    def _follow(self, office: Office) -> None:
        """Take up rules and things that changed; a look is cheap, and only now and then."""
        if time.monotonic() - office.ticked_s >= _TICK_S:
            self._rules.look()
            self._catalog.look()
        if office.built == self._versions():
            return
        if office.built[1] != self._catalog.catalog.version:
            office.stage = self._moved(office)
        office.facts, office.built = self._facts(), self._versions()
        rebuilt = office.stage.rebuild(self._rules.rules, self._catalog.catalog, self._clock.now_us())
        if len(rebuilt.conditions):
            office.found.append(rebuilt.conditions)
        log.info("book.rebuilt", rules=len(self._rules.rules), rows=office.stage.rows)

    def _moved(self, office: Office) -> StageTwo:
        """Return the second stage in surroundings as they are now, with what it remembers."""
        stage = StageTwo(self._feeds, self._surroundings())
        stage.restore(office.stage.dump(), self._rules.rules, self._catalog.catalog)
        return stage

    def _facts(self) -> Facts:
        made = Facts.of(self._rules.rules, self._catalog.catalog, self._surroundings())
        return replace(made, relations=self._custom.relations, escalate_after=self._custom.escalate_after)

    def _surroundings(self) -> Surroundings:
        catalog = self._catalog.catalog
        if self._around is None or self._around[0] != catalog.version:
            self._around = (catalog.version, self._surroundings_of(catalog))
        return self._around[1]

    def _versions(self) -> tuple[int, int]:
        return self._rules.version, self._catalog.catalog.version

    def _work(
        self,
        office: Office,
        others: Sequence[Alarm],
        records: Sequence[ConditionRecord],
        batch: ConditionBatch,
        ticks: bool,
    ) -> BookWork:
        """Do what belongs into one transaction; memory goes with it where it changed."""
        now_us = self._clock.now_us()
        for alarm in others:
            office.book.put(alarm)
        found = [*office.found, office.stage.conditions(batch) if len(batch) else batch]
        if ticks:
            found.append(office.stage.tick(now_us))
        tell_failed("book", office.stage.failed, office.failed, now_us)
        second = ConditionBatch.concat(found)
        turns = []
        for part in (batch, second):
            if len(part):
                turns += office.book.take(part, office.facts, now_us)
        if ticks:
            turns += office.book.tick(now_us, office.facts)
        if not (records or turns or len(second)):
            return BookWork(())
        return BookWork(turns, _newest(records), office.stage.dump(), office.book.dump())


def _newest(records: Sequence[ConditionRecord]) -> dict[int, int]:
    """Return partition → seq of the last record; they come in order."""
    return {record.partition: record.seq for record in records}
