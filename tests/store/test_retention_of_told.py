"""What was told and what changed is dropped when it is old and over; who is behind what was dropped is told so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from alerts.alarm import State
from alerts.notification_text import Content
from alerts.notifying import Wanted
from ops_center.domain.audit import AuditEntry
from ops_center.domain.time import DAY_US, SystemClock
from ops_center.services.alarm_watch import AlarmWatch
from ops_center.store.alarm_port import BookWork
from ops_center.store.migrate import migrate
from ops_center.store.notification_port import Attempt, NotificationQuery, Settled
from ops_center.store.opening import open_store
from ops_center.store.port import Keep, Store
from ops_center.store.upkeep import PostgresUpkeepStore
from tests.servers.databases import empty_database
from tests.store.alarm_shapes import acknowledged, alarm, raised, taken_book
from tests.store.shapes import REALM, number

KEEP = Keep(35, 90, 400, notification_days=30, change_days=10)
NOW_US = SystemClock().now_us()


@pytest.fixture(scope="module")
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with empty_database(request.getfixturevalue("plain_postgres").url_of("postgres")) as made:
        migrate(made)
        yield made


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, REALM)
    yield opened
    opened.close()


@pytest.fixture
def upkeep(url: str) -> Iterator[PostgresUpkeepStore]:
    opened = PostgresUpkeepStore(url, REALM, "upkeep test")
    yield opened
    opened.close()


def tell(store: Store, key: str, state: Settled, at_us: int) -> int:
    values: dict[str, Any] = {"route": "duty", "route_version": 1, "alarm": 0, "act": "raised", "due_us": at_us}
    wanted = Wanted(key=key, channel="browser", target="zhou", content=Content(key, key), **values)
    (made,) = store.notifications.add([wanted], at_us)
    (taken,) = store.notifications.take(at_us, 1, 1)
    attempt = Attempt(1, at_us, "sent", "on the pages")
    assert store.notifications.settle(taken, state, at_us, "", due_us=at_us + 400 * DAY_US, attempt=attempt)
    return made


def test_notifications_that_are_over_go_with_their_attempts_after_their_time(
    url: str, store: Store, upkeep: PostgresUpkeepStore
) -> None:
    old_us = NOW_US - 31 * DAY_US
    old, dead = tell(store, "old", "sent", old_us), tell(store, "dead", "dead", old_us)
    waits = tell(store, "waits", "waiting", old_us)
    young = tell(store, "young", "sent", NOW_US - 29 * DAY_US)
    store.notices.read([old], AuditEntry(NOW_US, "zhou", "notifications.read", "zhou"))
    upkeep.drop_old(NOW_US, KEEP)
    assert {one.id for one in store.notifications.journal(NotificationQuery())} == {waits, young}
    assert not store.notifications.attempts(old) and not store.notifications.attempts(dead)
    assert store.notifications.attempts(young)
    assert number(url, "SELECT count(*) FROM realm.notification_read") == 0


def test_an_attempt_never_goes_before_its_notification(url: str, store: Store) -> None:
    tell(store, "kept", "sent", NOW_US)
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(f"DELETE FROM {REALM.schema}.notification_attempt")


def test_changes_that_everybody_took_go_and_who_is_behind_takes_all_anew(
    url: str, store: Store, upkeep: PostgresUpkeepStore
) -> None:
    book = taken_book(url)
    watch = AlarmWatch(store.alarms)
    book.commit(lambda _: BookWork(raised(alarm(1), alarm(2))))
    watch.look()
    book.commit(lambda _: BookWork([acknowledged(alarm(1))]))
    changes = lambda: number(url, "SELECT count(*) FROM realm.alarm_change")  # noqa: E731
    upkeep.drop_old(NOW_US + 2 * DAY_US, KEEP)
    assert changes() == 3, "the planner of notifications has not come so far"
    store.notifications.plan(0, 2, [], NOW_US)
    upkeep.drop_old(NOW_US, KEEP)
    assert changes() == 3, "what is younger than a day stays for who was away"
    upkeep.drop_old(NOW_US + 2 * DAY_US, KEEP)
    assert changes() == 1, "what it passed goes"
    assert not store.alarms.changes(2).missed and store.alarms.changes(1).missed
    upkeep.drop_old(NOW_US + 11 * DAY_US, KEEP)
    assert changes() == 0, "after its time all of it goes"
    assert (store.alarms.changes(2).missed, store.alarms.changes(2).seq) == (True, 3)
    assert not store.alarms.changes(3).missed
    assert watch.look(), "who held the second change takes the picture"
    known = watch.find(1)
    assert (watch.seq, known.state if known else None) == (3, State.ACKNOWLEDGED)
    assert watch.since(2) is None and watch.since(3) == (3, [])
    book.close()
