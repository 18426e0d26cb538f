"""What people are told on the pages: to whom, until they have read it, in every process; on a real database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from alerts.notification_text import Content
from alerts.notifying import Wanted
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import DAY_US, SECOND_US, ManualClock
from ops_center.screens.stream.notice_line import APART_S, NoticeLine, NoticePlane
from ops_center.services.notices import NoticeWatch
from ops_center.store.listening import NOTICES
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.servers.databases import empty_database
from tests.store.shapes import REALM, T0

ZHOU = Asker("zhou", (Grant(Role.OPERATOR),))
CHEN = Asker("chen", (Grant(Role.COMMANDER),))
FIRE = Asker("huo", (Grant(Role.DEPARTMENT, "fire"),))
WALL = Asker("wall", (Grant(Role.DISPLAY),))
STEP_S = 20.0


@pytest.fixture(scope="module")
def migrated(request: pytest.FixtureRequest) -> Iterator[str]:
    with empty_database(request.getfixturevalue("plain_postgres").url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def store(migrated: str) -> Iterator[Store]:
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute("TRUNCATE realm_simulated.notification CASCADE")
    opened = open_store(migrated, REALM)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T0)


@pytest.fixture
def watch(store: Store, clock: ManualClock) -> NoticeWatch:
    made = NoticeWatch(store.notices, clock)
    made.look()
    return made


def tell(store: Store, key: str, target: str, now_us: int, **facts: Any) -> int:
    """One is sent to the pages, as the sender does it."""
    given = {"department": "water", "district": "D01", "priority": 1, **facts}
    values: dict[str, Any] = {"route": "duty", "route_version": 1, "alarm": 7, "act": "raised", "due_us": now_us}
    wanted = Wanted(key=key, channel="browser", target=target, content=Content(f"told {key}", key, given), **values)
    (number,) = store.notifications.add([wanted], now_us)
    (taken,) = store.notifications.take(now_us, SECOND_US, 1)
    assert store.notifications.settle(taken, "sent", now_us, "on the pages")
    return number


def test_each_is_told_what_is_theirs_until_they_have_read_it(
    store: Store, watch: NoticeWatch, clock: ManualClock
) -> None:
    own, everybody = tell(store, "own", "zhou", clock.now_us()), tell(store, "all", "*", clock.now_us())
    assert watch.look()
    assert [one.id for one in watch.unread(ZHOU)] == [everybody, own]
    assert [one.id for one in watch.unread(CHEN)] == [everybody]
    assert watch.unread(FIRE) == [], "it is another department's"
    assert list(watch.read(CHEN, [own, everybody])) == [everybody], "nobody reads for somebody else"
    assert watch.unread(CHEN) == [] and len(watch.unread(ZHOU)) == 2
    assert list(watch.read(CHEN, [everybody])) == [], "once"
    (entry,) = [one for one in store.audit.walk() if one.action == "notifications.read"]
    assert entry.actor == "chen"


def test_another_process_hears_what_is_told_and_read(store: Store, watch: NoticeWatch, clock: ManualClock) -> None:
    other, stop, heard = NoticeWatch(store.notices, clock), threading.Event(), threading.Semaphore(0)
    other.hear(heard.release)
    thread = other.follow(store.listen(NOTICES), stop)
    assert heard.acquire(timeout=STEP_S), "its first look"
    number = tell(store, "one", "zhou", clock.now_us())
    assert heard.acquire(timeout=STEP_S)
    assert [one.id for one in other.unread(ZHOU)] == [number]
    watch.read(ZHOU, [number])
    assert heard.acquire(timeout=STEP_S)
    assert other.unread(ZHOU) == []
    stop.set()
    thread.join(STEP_S)
    again = NoticeWatch(store.notices, clock)
    again.look()
    assert again.unread(ZHOU) == [], "who starts later knows it, too"


def test_what_was_written_late_is_told_and_what_is_old_is_not(
    store: Store, watch: NoticeWatch, clock: ManualClock
) -> None:
    clock.advance(30)
    watch.look()
    late = tell(store, "late", "zhou", clock.now_us() - 20 * SECOND_US)
    assert watch.look(), "a sender whose clock is behind"
    assert [one.id for one in watch.unread(ZHOU)] == [late]
    clock.advance(DAY_US / SECOND_US + 60)
    watch.look()
    assert watch.unread(ZHOU) == []


def test_a_browser_gets_what_it_lacks_and_hears_what_was_read(
    store: Store, watch: NoticeWatch, clock: ManualClock
) -> None:
    import msgspec

    line = NoticeLine(NoticePlane(watch), ZHOU)
    assert line.next_frame(0.0) == "", "nobody asked"
    line.subscribe(True)
    first = msgspec.json.decode(line.next_frame(0.0))["notices"]
    assert first == {"unread": 0, "new": [], "read": []}
    number = tell(store, "one", "zhou", clock.now_us())
    watch.look()
    assert line.due_s(APART_S / 2) == pytest.approx(APART_S / 2), "not more often than that"
    second = msgspec.json.decode(line.next_frame(APART_S))["notices"]
    assert (second["unread"], second["new"][0]["id"], second["new"][0]["priority"]) == (1, number, 1)
    line.subscribe(True)
    assert line.next_frame(1.0) == "", "asking again tells nothing again"
    watch.read(ZHOU, [number])
    assert msgspec.json.decode(line.next_frame(2.0))["notices"] == {"unread": 0, "new": [], "read": [number]}


def test_a_display_is_told_nothing(store: Store, watch: NoticeWatch, clock: ManualClock) -> None:
    tell(store, "all", "*", clock.now_us())
    watch.look()
    line = NoticeLine(NoticePlane(watch), WALL)
    line.subscribe(True)
    assert line.next_frame(0.0) == "" and watch.unread(WALL) == []
