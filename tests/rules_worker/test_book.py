"""Conditions become alarms once, whoever is killed: the store's alarms equal those of an uninterrupted book."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import psycopg
import pytest

from alerts.alarm import Act, Alarm, State
from ops_center.domain.errors import Fenced, StoreError
from ops_center.domain.time import MINUTE_US, SECOND_US
from ops_center.embedded.postgres import PostgresServer
from ops_center.rules_worker.book_worker import BookWorker
from ops_center.rules_worker.judging import tell_failed
from ops_center.services.alarm_watch import AlarmWatch
from ops_center.services.alarms import AlarmDesk
from ops_center.store.alarm_port import JournalQuery
from ops_center.store.listening import ALARMS
from ops_center.store.migrate import migrate
from ops_center.store.rule_port import SetAside
from tests.rules_worker.book_city import MANY, BookCity, form, story
from tests.servers.databases import empty_database
from tests.servers.outages import Outage
from tests.servers.webs import until
from tests.services.alarm_center import OPERATOR, who
from tests.store.shapes import REALM, T0, number

STEP_S = 30.0
"""far longer than anything takes: nothing here is decided by it"""


@pytest.fixture(scope="module")
def book_url(plain_postgres: PostgresServer) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def city(book_url: str) -> Iterator[BookCity]:
    made = BookCity(book_url)
    yield made
    made.close()


def work(worker: BookWorker) -> None:
    """Take everything there is; the first turn takes the office and ticks."""
    while worker.turn():
        pass
    worker.turn()


def told(alarms: list[Alarm]) -> list[tuple[object, ...]]:
    """What must be the same, whenever it was done."""
    return [(a.id, a.rule, a.subject, a.state, a.times, a.raised_us, a.changed_us, a.findings, a.thing) for a in alarms]


def test_the_writer_says_that_it_is_alive_and_how_far_behind(city: BookCity) -> None:
    worker = city.worker()
    city.find(city.conditions([(0, True, 0)]))
    work(worker)
    (pulse,) = [one for one in city.store.health.pulses() if one.worker == "book"]
    assert (pulse.lag_records, pulse.lag_s, pulse.set_aside, pulse.at_us) == (0, 0.0, (), city.clock.now_us())
    city.find(city.conditions([(1, True, 0)]))
    office = worker._office
    assert office is not None
    worker._store.pulse("test", city.clock.now_us() + 1, office.positions, [SetAside("brittle", "thirteen", T0)])
    (pulse,) = [one for one in city.store.health.pulses() if one.worker == "book"]
    assert pulse.lag_records == 1 and pulse.lag_s >= 0.0
    assert [(one.type, one.why, one.since_us) for one in pulse.set_aside] == [("brittle", "thirteen", T0)]


def test_what_is_set_aside_is_known_since_when_and_forgotten_when_it_works_again() -> None:
    told: dict[str, SetAside] = {}
    tell_failed("book", {"brittle": "one"}, told, 1)
    tell_failed("book", {"brittle": "one"}, told, 2)
    assert told == {"brittle": SetAside("brittle", "one", 1)}
    tell_failed("book", {"brittle": "two"}, told, 3)
    assert told == {"brittle": SetAside("brittle", "two", 3)}
    tell_failed("book", {}, told, 4)
    assert told == {}


def test_conditions_become_alarms_and_return(city: BookCity) -> None:
    worker = city.worker()
    city.find(city.conditions([(0, True, 0), (1, True, 0)]))
    work(worker)
    one, two = city.alarms()
    assert (one.rule, one.subject, one.state, one.raised_us) == ("slow", city.keys[0], State.UNACKNOWLEDGED, T0)
    assert (two.id, two.department, two.district) == (2, "police", "xuanwu")
    city.find(city.conditions([(1, False, 1)]))
    work(worker)
    assert [a.state for a in city.alarms()] == [State.UNACKNOWLEDGED, State.RETURNED]
    assert [line.act for line in city.store.alarms.journal(JournalQuery(alarm=2))] == [Act.RETURNED, Act.RAISED]
    desk = AlarmDesk(city.store, AlarmWatch(city.store.alarms), city.clock)
    rows = desk.conditions(OPERATOR, 2)
    assert rows is not None
    assert [(row.entered, row.time_us, row.onset_us) for row in rows] == [(False, T0 + SECOND_US, T0), (True, T0, T0)]
    assert desk.conditions(who("qian", "department/fire"), 2) is None
    assert number(city.url, "SELECT position::int FROM realm.worker_position WHERE worker = 'book'") == 2


def test_what_the_second_stage_finds_is_raised_too_over_a_restart(city: BookCity) -> None:
    city.save(MANY)
    first = city.worker()
    city.find(city.conditions([(n, True, 0) for n in range(5)]))
    work(first)
    first._store.close()
    city.find(city.conditions([(n, True, 1) for n in range(5, 9)]))
    second = city.worker()
    until(lambda: (second.turn(), second.is_writer)[1])
    work(second)
    assert sorted(a.rule for a in city.alarms()).count("many_slow") == 1


def test_what_people_do_meanwhile_stays(city: BookCity) -> None:
    worker = city.worker()
    desk = AlarmDesk(city.store, AlarmWatch(city.store.alarms), city.clock)
    city.find(city.conditions([(0, True, 0), (1, True, 0)]))
    work(worker)
    desk.acknowledge(OPERATOR, [1])
    desk.assign(OPERATOR, [2], "fire")
    city.find(city.conditions([(0, False, 1), (1, False, 1)]))
    work(worker)
    one, two = city.alarms()
    assert (one.state, one.acknowledged_by) == (State.NORMAL, "li"), "acknowledged and returned is closed"
    assert (two.state, two.assigned_department) == (State.RETURNED, "fire")


def test_shelves_end_by_themselves(city: BookCity) -> None:
    worker = city.worker()
    desk = AlarmDesk(city.store, AlarmWatch(city.store.alarms), city.clock)
    city.find(city.conditions([(0, True, 0)]))
    work(worker)
    desk.shelve(OPERATOR, [1], city.clock.now_us() + MINUTE_US, "works")
    city.clock.advance(61)
    restarted = city.worker()
    worker._store.close()
    until(lambda: (restarted.turn(), restarted.is_writer)[1])
    work(restarted)
    line = city.store.alarms.journal(JournalQuery(alarm=1, limit=1, acts=(Act.UNSHELVED,)))[0]
    assert (line.actor, city.alarms()[0].aside_until_us) == ("", 0)


@pytest.mark.parametrize("seed", [20261129, 7])
def test_killed_anywhere_nothing_is_lost_and_nothing_raised_twice(city: BookCity, seed: int) -> None:
    """The connection is cut by the server at any moment, also between the last statement and the commit."""
    choice = random.Random(seed)
    batches = [city.conditions(changes) for changes in story(choice, 40)]
    stop, cuts = threading.Event(), 0
    threads = [threading.Thread(target=city.worker().run, args=(stop,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for batch in batches:
        city.find(batch)
        if choice.random() < 0.5:
            cuts += until(lambda: cut(city.url))
    wait_for_position(city, len(batches))
    stop.set()
    for thread in threads:
        thread.join(STEP_S)
    pure = city.pure(batches)
    assert told(city.alarms()) == told(pure)
    raised = city.store.alarms.journal(JournalQuery(acts=(Act.RAISED,), limit=10_000))
    assert sorted(line.alarm for line in raised) == sorted({line.alarm for line in raised})
    print(f"seed {seed}: {cuts} connections cut, {len(pure)} alarms")
    assert cuts > 5
    assert len(pure) >= 15


def cut(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ops-center book'"
            " AND datname = current_database()"
        ).fetchall()
    return len(found)


def wait_for_position(city: BookCity, position: int) -> None:
    sql = "SELECT max(position::int) FROM realm.worker_position WHERE worker = 'book'"
    ear = city.store.listen(ALARMS)
    never = threading.Event()
    for _ in range(round(STEP_S / 0.2)):
        if number(city.url, sql) >= position:
            ear.close()
            return
        ear.wait(never, 0.2)
    pytest.fail(f"the book stands at {number(city.url, sql)} of {position}")


def test_a_writer_that_stood_still_is_followed_and_fenced(city: BookCity) -> None:
    first, second = city.worker(), city.worker()
    work(first)
    work(second)
    assert (first.is_writer, second.is_writer) == (True, False)
    silence = f"UPDATE {REALM.schema}.alarm_book SET at = now() - interval '1 hour'"
    with psycopg.connect(city.url, autocommit=True) as connection:
        connection.execute(silence)
    work(second)
    assert second.is_writer
    city.find(city.conditions([(0, True, 0)]))
    with pytest.raises(Fenced):
        first.turn()
    work(second)
    assert len(city.alarms()) == 1


def test_while_the_database_is_away_it_waits_and_then_goes_on(city: BookCity) -> None:
    worker = city.worker()
    city.find(city.conditions([(0, True, 0)]))
    work(worker)
    with Outage(city.url), pytest.raises(StoreError) as error:
        worker.turn()
    assert error.value.retriable
    city.find(city.conditions([(0, False, 1)]))
    work(worker)
    assert [a.state for a in city.alarms()] == [State.RETURNED]


def test_a_rule_that_is_new_counts_for_its_first_condition(city: BookCity) -> None:
    worker = city.worker()
    work(worker)

    city.save(form("slower"))
    city.find(city.conditions([(0, True, 0)], rule="slower"))
    work(worker)
    assert [a.rule for a in city.alarms()] == ["slower"]
