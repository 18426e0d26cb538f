"""From an alarm's change to the mail in the box, on a real database and real servers; the journal says everything."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from alerts.alarm import Act, State
from alerts.notifying import SETTLE_US
from ops_center.domain.time import MINUTE_US, SECOND_US, ManualClock
from ops_center.services.notifications.running import Heart, Notifier
from ops_center.services.notifications.sending import LEASE_US
from ops_center.store.booking import PostgresBookStore
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.servers.databases import empty_database
from tests.servers.hooks import hook_server
from tests.servers.mail_servers import free_port, mail_server
from tests.servers.outages import Outage
from tests.servers.webs import until
from tests.services.notifying_center import doors_to, make_center
from tests.store.alarm_shapes import alarm, taken_book, without_alarms
from tests.store.shapes import REALM, T0

SETTLED_S = SETTLE_US / SECOND_US
_EMPTY = """
TRUNCATE realm_simulated.notification, realm_simulated.notification_read,
         realm_simulated.notification_attempt, realm_simulated.notification_route;
UPDATE realm_simulated.notification_end SET seq = 0
"""


@pytest.fixture(scope="module")
def migrated(request: pytest.FixtureRequest) -> Iterator[str]:
    with empty_database(request.getfixturevalue("plain_postgres").url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def url(migrated: str) -> str:
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute(_EMPTY)
    return without_alarms(migrated)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, REALM)
    yield opened
    opened.close()


@pytest.fixture
def book(url: str) -> Iterator[PostgresBookStore]:
    opened = taken_book(url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T0)


def test_a_raised_alarm_is_in_the_box_and_in_the_journal(
    store: Store, book: PostgresBookStore, clock: ManualClock
) -> None:
    with mail_server(None) as box:
        center = make_center(store, book, doors_to(box.port), clock)
        center.route(acts=["raised", "returned"])
        center.happens(alarm(1), Act.RAISED)
        center.goes()
        assert box.mails == [] and center.states() == ["waiting"], "something else may explain it yet"
        center.goes(SETTLED_S)
        center.happens(alarm(1, state=State.RETURNED, findings=()), Act.RETURNED)
        center.goes()
        center.goes(60)
    assert [mail["Subject"] for mail in box.mails] == [
        "[模拟数据] [高] 报警: 供水压力低, 鼓楼区",
        "[模拟数据] [高] 恢复: 供水压力低, 鼓楼区",
    ]
    first, second = center.journal()
    assert (first.state, first.attempts, first.outcome) == ("sent", 1, "250 accepted")
    assert (first.department, first.district, first.wanted.alarm) == ("water", "xuanwu", 1)
    assert [one.outcome for one in store.notifications.attempts(second.id)] == ["sent"]


def test_what_could_not_be_sent_is_sent_when_the_server_is_back(
    store: Store, book: PostgresBookStore, clock: ManualClock
) -> None:
    port = free_port()
    center = make_center(store, book, doors_to(port), clock)
    center.route()
    center.happens(alarm(1), Act.RAISED)
    center.goes()
    for _ in range(3):
        center.goes(60)
    (one,) = center.journal()
    assert (one.state, one.attempts) == ("waiting", 3)
    with mail_server(None, port=port) as box:
        center.goes(60)
    assert len(box.mails) == 1 and center.states() == ["sent"]
    outcomes = [attempt.outcome for attempt in store.notifications.attempts(one.id)]
    assert outcomes == ["failed", "failed", "failed", "sent"]


def test_what_is_refused_is_a_dead_letter_at_once(store: Store, book: PostgresBookStore, clock: ManualClock) -> None:
    with hook_server() as hook:
        hook.status = 410
        center = make_center(store, book, doors_to(hook_port=hook.port, clock=clock), clock)
        center.route(channel="webhook", targets=["duty"])
        center.happens(alarm(1), Act.RAISED)
        center.goes()
        center.goes(60)
        center.goes(3600)
    assert len(hook.asked) == 1
    (one,) = center.journal(state="dead")
    assert one.outcome == "HTTP 410" and store.notifications.attempts(one.id)[0].outcome == "refused"


def test_a_server_that_fails_is_asked_by_one_alone(store: Store, book: PostgresBookStore, clock: ManualClock) -> None:
    with hook_server() as hook:
        hook.status = 503
        center = make_center(store, book, doors_to(hook_port=hook.port, clock=clock), clock)
        center.route(channel="webhook", targets=["duty"], most=1000)
        for number in range(1, 41):
            center.happens(alarm(number), Act.RAISED)
        center.goes()
        center.goes(SETTLED_S)
        assert len(hook.asked) == 1
        hook.status = 200
        for _ in range(4):
            center.goes(60)
        assert center.states() == ["sent"] * 40
        sent = [headers["ops-notification"] for _, headers, _ in hook.asked]
        assert len(sent) == 41 and len(set(sent)) == 40


def test_a_slow_target_keeps_no_other_one_waiting(store: Store, book: PostgresBookStore, clock: ManualClock) -> None:
    with hook_server() as slow, mail_server(None) as box:
        slow.hold = threading.Event()
        center = make_center(store, book, doors_to(box.port, slow.port, clock), clock)
        center.route(channel="webhook", targets=["duty"])
        center.route(name="mail")
        center.happens(alarm(1), Act.RAISED)
        center.planner.turn()
        clock.advance(SETTLED_S)
        center.sender.turn()
        assert slow.came.wait(10)
        until(lambda: (center.sender.turn(), box.mails)[1])
        until(lambda: "sent" in center.states())  # the box has it first: until then the way is busy
        center.happens(alarm(2), Act.RAISED)
        center.planner.turn()
        clock.advance(SETTLED_S)
        until(lambda: (center.sender.turn(), len(box.mails) == 2)[1])
        slow.hold.set()
        center.goes(60)
        center.goes(60)
        assert len(slow.asked) == 2, "one after the other"
    assert center.states() == ["sent"] * 4


def test_a_sender_that_is_killed_in_the_middle_loses_nothing_and_the_journal_says_so(
    url: str, store: Store, book: PostgresBookStore, clock: ManualClock
) -> None:
    with hook_server() as hook:
        hook.hold = threading.Event()
        center = make_center(store, book, doors_to(hook_port=hook.port, clock=clock), clock)
        center.route(channel="webhook", targets=["duty"])
        center.happens(alarm(1), Act.RAISED)
        center.planner.turn()
        clock.advance(SETTLED_S)
        command = [sys.executable, "-m", "tests.services.notifying_center", url, str(hook.port), str(clock.us)]
        process = subprocess.Popen(command)
        try:
            assert hook.came.wait(60)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        hook.hold.set()
        assert center.states() == ["sending"]
        center.goes()
        assert len(hook.asked) == 1, "nobody else has it until its lease is over"
        center.goes(LEASE_US / SECOND_US)
    assert center.states() == ["sent"]
    first, second = (headers["ops-notification"] for _, headers, _ in hook.asked)
    assert first == second, "by which the other side sees that it has it already"
    (one,) = center.journal()
    attempts = store.notifications.attempts(one.id)
    assert [(attempt.number, attempt.outcome) for attempt in attempts] == [(1, "interrupted"), (2, "sent")]


def test_more_than_the_rate_goes_out_as_one_digest(store: Store, book: PostgresBookStore, clock: ManualClock) -> None:
    with mail_server(None) as box:
        center = make_center(store, book, doors_to(box.port), clock)
        center.route(most=2, per_min=10, language="en")
        for number in range(1, 8):
            center.happens(alarm(number), Act.RAISED)
        center.goes()
        center.goes(SETTLED_S)
        assert center.states() == ["sent", "sent", *["held"] * 5]
        center.goes(9 * 60)
        assert len(box.mails) == 2
        center.goes(60)
        center.goes(60)
    assert center.states() == ["sent", "sent", *["digested"] * 5, "sent"]
    assert box.mails[2]["Subject"] == "[SIMULATED DATA] digest: 5"
    assert box.mails[2].get_content().count("low water pressure") == 5
    assert {one.digest for one in center.journal(state="digested")} == {center.journal()[-1].id}


def test_it_is_said_again_until_somebody_acknowledges(
    store: Store, book: PostgresBookStore, clock: ManualClock
) -> None:
    with mail_server(None) as box:
        center = make_center(store, book, doors_to(box.port), clock)
        center.route(repeat_min=5, language="en")
        center.happens(alarm(1), Act.RAISED)
        center.goes()
        center.goes(SETTLED_S)
        center.goes(5 * 60)
        assert len(box.mails) == 2 and box.mails[1].get_content().startswith("Again: nobody has acknowledged (2)")
        center.happens(alarm(1, state=State.ACKNOWLEDGED), Act.ACKNOWLEDGED)
        center.goes(5 * 60)
        center.goes(60 * 60)
    assert len(box.mails) == 2
    assert [(one.state, one.outcome) for one in center.journal()][2:] == [("void", "acknowledged")]


def test_after_a_delay_it_is_sent_only_if_nobody_has_acknowledged(
    store: Store, book: PostgresBookStore, clock: ManualClock
) -> None:
    with mail_server(None) as box:
        center = make_center(store, book, doors_to(box.port), clock)
        center.route(delay_min=10)
        center.happens(alarm(1), Act.RAISED)
        center.happens(alarm(2), Act.RAISED)
        center.goes(9 * 60)
        center.happens(alarm(2, state=State.ACKNOWLEDGED), Act.ACKNOWLEDGED)
        center.goes(10 * 60)
    assert [(one.wanted.alarm, one.state) for one in center.journal()] == [(1, "sent"), (2, "void")]
    assert len(box.mails) == 1


def test_what_a_group_explains_is_not_sent_one_by_one(
    store: Store, book: PostgresBookStore, clock: ManualClock
) -> None:
    with mail_server(None) as box:
        center = make_center(store, book, doors_to(box.port), clock)
        center.route()
        center.happens(alarm(1), Act.RAISED)
        for number in range(2, 12):
            center.happens(alarm(number), Act.RAISED)
        center.goes()
        for number in range(2, 12):
            center.happens(replace(alarm(number), parent=1, explained_by="network"), Act.CHANGED)
        center.goes(SETTLED_S)
    assert len(box.mails) == 1 and center.states() == ["sent", *["void"] * 10]
    assert {one.outcome for one in center.journal(state="void")} == {"grouped"}


def test_nothing_that_is_not_live_leaves_but_to_a_test_target(
    store: Store, book: PostgresBookStore, clock: ManualClock
) -> None:
    with mail_server(None) as box:
        center = make_center(store, book, doors_to(box.port), clock)
        center.route(test_target=False)
        center.route(name="desk", channel="browser", targets=["*"], test_target=False)
        center.happens(alarm(1), Act.RAISED)
        center.goes()
        center.goes(SETTLED_S)
    assert box.mails == []
    assert [(one.wanted.channel, one.state) for one in center.journal()] == [("browser", "sent")]


def test_two_planners_tell_of_each_change_once(store: Store, book: PostgresBookStore, clock: ManualClock) -> None:
    with mail_server(None) as box:
        center = make_center(store, book, doors_to(box.port), clock)
        center.route(most=1000)
        others = [make_center(store, book, doors_to(box.port), ManualClock(T0)) for _ in range(3)]
        for number in range(1, 21):
            center.happens(alarm(number), Act.RAISED)
        notifiers = [Notifier([one.planner], one.sender, _Deaf()) for one in others]
        threads = [threading.Thread(target=notifier.turn) for notifier in notifiers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for other in others:
            other.sender.finish()
        for _ in range(4):
            center.goes(60)
    assert len(box.mails) == 20 and center.states() == ["sent"] * 20


def test_a_database_that_is_away_is_waited_for(
    url: str, store: Store, book: PostgresBookStore, clock: ManualClock
) -> None:
    with mail_server(None) as box:
        center = make_center(store, book, doors_to(box.port), clock)
        center.route()
        center.happens(alarm(1), Act.RAISED)
        notifier = Notifier([center.planner], center.sender, _Deaf())
        assert notifier.turn()
        clock.advance(MINUTE_US / SECOND_US)
        with Outage(url):
            assert not notifier.turn()
        assert box.mails == []
        assert notifier.turn()
        center.sender.finish()
    assert len(box.mails) == 1 and center.states() == ["sent"]


def test_the_notifier_says_how_long_what_is_due_has_not_left(
    store: Store, book: PostgresBookStore, clock: ManualClock
) -> None:
    with mail_server(None) as box:
        center = make_center(store, book, doors_to(box.port), clock)
        center.route()
        center.happens(alarm(1), Act.RAISED)
        center.planner.turn()
        clock.advance(SETTLED_S + 90)
        Heart(store, clock).beat()
        (late,) = store.health.pulses()
        assert (late.worker, late.at_us, late.lag_records, late.lag_s) == ("notify", clock.now_us(), 1, 90.0)
        Notifier([center.planner], center.sender, _Deaf(), Heart(store, clock)).turn()
        center.sender.finish()
        Heart(store, clock).beat()
    (well,) = store.health.pulses()
    assert (well.lag_records, well.lag_s) == (0, 0.0) and center.states() == ["sent"]


class _Deaf:
    def wait(self, stop: threading.Event, timeout_s: float) -> bool:
        return stop.wait(timeout_s)
