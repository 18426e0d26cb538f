"""What the book made of the conditions, compared with a book that nobody interrupted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing

import alerts
from alerts.alarm import Act, Alarm, Turn
from alerts.book import Book
from alerts.facts import Facts
from ops_center.bootstrap import make_store
from ops_center.domain.time import SystemClock
from ops_center.settings import Settings
from ops_center.store.alarm_port import AlarmQuery, JournalQuery
from ops_center.store.port import Store
from ops_center.store.rule_watching import RuleWatch
from tests.stages import wait_until

Query = Callable[[str], list[tuple[object, ...]]]
Key = tuple[str, int, int]
BY_CONDITIONS = (Act.RAISED, Act.JOINED, Act.RETURNED, Act.WITHDRAWN)
"""time alone changes alarms as well: chattering ends"""
_ALL = 1_000_000


def compare_alarms(settings: Settings, query: Query) -> None:
    """Every condition that stands is under one open alarm, and the journal says each change once."""
    wait_until(lambda: position(query) == last(query), "the book to take every record", 120, 0.5)
    with closing(make_store(settings)) as store:
        found = store.alarms.search(AlarmQuery(limit=_ALL))
        lines = store.alarms.journal(JournalQuery(acts=BY_CONDITIONS, limit=_ALL))
        expected = uninterrupted(store)
    open_keys = Counter(key_of(alarm) for alarm in found if alarm.is_open)
    assert max(open_keys.values()) == 1, "raised twice"
    assert standing(found) == standing(turn.alarm for turn in expected)
    by_id = {alarm.id: alarm for alarm in found}
    said = Counter((key_of(by_id[line.alarm]), line.act, line.at_us) for line in lines)
    wanted = Counter(
        (key_of(turn.alarm), entry.act, entry.at_us)
        for turn in expected
        for entry in turn.entries
        if entry.act in BY_CONDITIONS
    )
    lost, invented = wanted - said, said - wanted
    assert not lost, f"lost: {list(lost.items())[:3]}"
    assert not invented, f"twice, or invented: {list(invented.items())[:3]}"
    print(f"{len(found)} alarms, {len(lines)} changes by conditions in the journal")


def position(query: Query) -> int:
    return number(query("SELECT max(position::bigint) FROM realm.worker_position WHERE worker = 'book'"))


def last(query: Query) -> int:
    return number(query("SELECT max(seq) FROM realm.condition_record"))


def number(rows: list[tuple[object, ...]]) -> int:
    return int(str(rows[0][0] or 0))


def key_of(alarm: Alarm) -> Key:
    return alarm.rule, alarm.subject_kind, alarm.subject


def standing(alarms: Iterable[Alarm]) -> dict[Key, tuple[object, ...]]:
    """What stands under the newest state of each subject's alarm."""
    newest = {key_of(alarm): alarm for alarm in sorted(alarms, key=lambda alarm: alarm.id)}
    return {key: alarm.findings for key, alarm in newest.items() if alarm.stands}


def uninterrupted(store: Store) -> list[Turn]:
    """What a book makes of the same conditions in one go."""
    rules = RuleWatch(store.rules, alerts.registry())
    rules.must_load()
    facts, book, now_us = Facts.of(rules.rules, store.catalog.load()), Book((), 1), SystemClock().now_us()
    records = store.conditions.records({}, _ALL)
    return [turn for record in records for turn in book.take(record.batch.ordered(), facts, now_us)]
