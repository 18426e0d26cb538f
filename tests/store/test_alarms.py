"""Alarms in the store: what is written comes back, in one order, with its journal, and nobody's change is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from alerts.alarm import Act, Alarm, State, Turn
from alerts.conditions import encode_conditions
from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import Fenced, StoreError
from ops_center.store.alarm_port import AlarmQuery, BookWork, JournalQuery
from ops_center.store.booking import PostgresBookStore
from ops_center.store.listening import ALARMS, Listener
from ops_center.store.opening import open_book_store
from ops_center.store.port import Store
from tests.servers.webs import until
from tests.store.alarm_shapes import acknowledged, alarm, conditions, entry, raised, taken_book, without_alarms
from tests.store.shapes import REALM, T0, number


@pytest.fixture(autouse=True)
def _nothing_yet(url: str) -> None:
    without_alarms(url)


@pytest.fixture
def book(url: str) -> Iterator[PostgresBookStore]:
    opened = taken_book(url)
    yield opened
    opened.close()


def keep(book: PostgresBookStore, *turns: Turn) -> int:
    return book.commit(lambda _: BookWork(turns))


def commented(of: Alarm, who: str) -> Turn:
    return Turn(of, (entry(of, Act.COMMENTED, of.state, actor=who, reason=f"by {who}"),))


def test_what_is_written_comes_back(book: PostgresBookStore, store: Store) -> None:
    """What a database can't hold (NUL, half a character, an endless number) comes back as near as can be."""
    nowhere = alarm(2, longitude=float("nan"), latitude=float("nan"), thing=-1, aside_reason="a\0b \ud800 泵站")
    closed = alarm(3, state=State.NORMAL, findings=(), closed_us=T0 + 3)
    endless = alarm(4, value=float("inf"))
    assert keep(book, *raised(alarm(1), nowhere, closed, endless)) == 4
    picture = store.alarms.open()
    assert picture.seq == 4
    assert [one.id for one in picture.alarms] == [1, 2, 4]
    assert picture.alarms[0] == alarm(1)
    assert picture.alarms[1].aside_reason == "a\ufffdb ? 泵站"
    assert picture.alarms[1].longitude != picture.alarms[1].longitude
    assert picture.alarms[2].value > 1e308
    assert store.alarms.find([3, 99]) == [closed]


def test_a_command_is_one_transaction_with_journal_change_and_audit(book: PostgresBookStore, store: Store) -> None:
    keep(book, *raised(alarm(1), alarm(2, state=State.NORMAL)))
    said = AuditEntry(T0, "li", "alarms.acknowledged", "1,2")

    def act(one: Alarm) -> Turn | str:
        return acknowledged(one, reason="seen") if one.is_open else "closed"

    outcomes = store.alarms.command([1, 2, 77], act, said)
    assert outcomes == {1: acknowledged(alarm(1), reason="seen"), 2: "closed"}
    line, first = store.alarms.journal(JournalQuery(alarm=1))
    assert (line.act, line.actor, line.reason, line.before, line.after, line.at_us) == (
        Act.ACKNOWLEDGED,
        "li",
        "seen",
        State.UNACKNOWLEDGED,
        State.ACKNOWLEDGED,
        T0 + 10,
    )
    assert (first.act, first.detail, first.rule, first.department) == (
        Act.RAISED,
        {"level": 3},
        "water_pressure_low",
        "water",
    )
    (changed,) = store.alarms.changes(2).changed
    assert (changed.alarm.acknowledged_by, changed.acts) == ("li", (Act.ACKNOWLEDGED,))
    written = store.audit.page(limit=1)[0]
    assert (written.action, written.outcome, written.detail) == (
        "alarms.acknowledged",
        "done",
        {"alarms": [1], "not_done": [2, 77]},
    )


def test_what_fails_within_a_command_leaves_no_trace(book: PostgresBookStore, store: Store) -> None:
    keep(book, *raised(alarm(1), alarm(2)))
    before = store.audit.end()

    def act(one: Alarm) -> Turn:
        if one.id == 2:
            raise RuntimeError("a program's error")
        return acknowledged(one)

    with pytest.raises(RuntimeError):
        store.alarms.command([1, 2], act, AuditEntry(T0, "li", "alarms.acknowledged"))
    assert store.alarms.find([1]) == [alarm(1)]
    assert store.alarms.changes(2).changed == ()
    assert store.audit.end() == before


def test_a_hundred_writers_on_one_alarm_lose_nothing_and_have_one_order(
    book: PostgresBookStore, store: Store, url: str
) -> None:
    keep(book, *raised(alarm(1, times=0)))

    def write(who: str) -> None:
        def act(one: Alarm) -> Turn:
            return commented(replace(one, times=one.times + 1), who)

        store.alarms.command([1], act, AuditEntry(T0, who, "alarms.commented", "1"))

    def write_as_the_book() -> None:
        for _ in range(20):
            book.commit(lambda _: BookWork([commented(replace(store_now(), times=store_now().times), "book")]))

    def store_now() -> Alarm:
        with psycopg.connect(url) as connection:
            row = connection.execute(f"SELECT times FROM {REALM.schema}.alarm").fetchone()
        return alarm(1, times=row[0] if row else -1)

    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(100)]
    threads.append(threading.Thread(target=write_as_the_book))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert store.alarms.find([1])[0].times == 100
    lines = store.alarms.journal(JournalQuery(alarm=1, acts=(Act.COMMENTED,)))
    assert len(lines) == 120
    assert {line.actor for line in lines} == {"book", *(f"w{n}" for n in range(100))}
    assert store.alarms.open().seq == 121
    assert number(url, "SELECT count(*) FROM realm.alarm_change") == 121
    assert number(url, "SELECT max(seq) FROM realm.alarm_change") == 121
    in_audit = [row.actor for row in store.audit.page(action="alarms.commented", limit=100)]
    assert in_audit == [line.actor for line in lines if line.actor != "book"]


def test_the_book_is_told_what_people_did_before_it_works(book: PostgresBookStore, store: Store) -> None:
    keep(book, *raised(alarm(1), alarm(2)))
    store.alarms.command([2], acknowledged, None)
    told: list[Alarm] = []

    def work(others: object) -> BookWork:
        told.extend(others)  # type: ignore[arg-type]
        return BookWork([])

    book.commit(work)
    book.commit(lambda others: BookWork(told.extend(others) or []))
    assert told == [acknowledged(alarm(2)).alarm]


def test_there_is_one_writer_and_a_second_goes_on_where_the_first_committed(
    book: PostgresBookStore, url: str, store: Store
) -> None:
    book.commit(lambda _: BookWork(raised(alarm(1)), {0: 7, 3: 2}, b"two", b"memory"))
    second = open_book_store(url, REALM)
    assert second.acquire() is None
    book.close()
    start = until(second.acquire)
    assert (start.positions, start.stage_two, start.memory, start.open) == (
        {0: 7, 3: 2},
        b"two",
        b"memory",
        (alarm(1),),
    )
    assert (start.seq, start.last_alarm) == (1, 1)
    second.commit(lambda _: BookWork([], {0: 8}))
    second.close()


def test_a_writer_that_was_replaced_without_knowing_it_is_fenced(
    book: PostgresBookStore, url: str, store: Store
) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%book'")
    second = taken_book(url)
    keep(second, *raised(alarm(1)))
    with pytest.raises(Fenced):
        keep(book, *raised(alarm(2)))
    second.close()
    assert [one.id for one in store.alarms.open().alarms] == [1]
    with pytest.raises(Fenced):
        keep(book, *raised(alarm(2)))


def test_conditions_come_behind_the_positions_in_order_of_each_partition(book: PostgresBookStore, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(f"SET search_path TO {REALM.schema}")
        connection.execute("TRUNCATE condition_record, rule_lane")
        lanes = [(0, 0, 3), (2, 0, 1)]
        for lane in lanes:
            connection.execute("INSERT INTO rule_lane VALUES (%s, %s, %s, '', now())", lane)
        for partition, seq in ((0, 1), (0, 2), (0, 3), (2, 1)):
            values = (partition, seq, encode_conditions(conditions(partition * 10 + seq)))
            connection.execute("INSERT INTO condition_record (partition, seq, record) VALUES (%s, %s, %s)", values)
    found = book.conditions({0: 1}, 1000)
    assert [(one.partition, one.seq) for one in found] == [(2, 1), (0, 2), (0, 3)]
    assert [one.batch.subject.tolist() for one in found] == [[21], [2], [3]]
    assert [(one.partition, one.seq) for one in book.conditions({0: 1, 2: 1}, 1)] == [(0, 2)]
    assert book.conditions({0: 3, 2: 1}, 1000) == []


def test_the_journal_is_only_appended_to(book: PostgresBookStore, url: str) -> None:
    keep(book, *raised(alarm(1)))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SET search_path TO {REALM.schema}")
        for statement in (
            "UPDATE alarm_journal SET actor = 'x'",
            "DELETE FROM alarm_journal",
            "TRUNCATE alarm_journal",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation):
                connection.execute(statement)
        assert connection.execute("SELECT count(*) FROM alarm_journal").fetchone() == (1,)


def test_changes_come_in_pages_and_each_alarm_once(book: PostgresBookStore, store: Store) -> None:
    keep(book, *raised(alarm(1), alarm(2), alarm(3)))
    keep(book, acknowledged(alarm(1)), commented(acknowledged(alarm(1)).alarm, "li"))
    first = store.alarms.changes(0, limit=2)
    assert (first.seq, [one.alarm.id for one in first.changed]) == (2, [1, 2])
    rest = store.alarms.changes(first.seq)
    assert (rest.seq, [(one.alarm.id, one.acts) for one in rest.changed]) == (
        4,
        [(3, (Act.RAISED,)), (1, (Act.ACKNOWLEDGED, Act.COMMENTED))],
    )
    assert store.alarms.changes(rest.seq).seq == 4


def test_journal_and_search_are_cut_by_scope_and_paged(book: PostgresBookStore, store: Store) -> None:
    others = [alarm(n, department="police", district="gulou", rule="traffic_jam") for n in (3, 4)]
    keep(book, *raised(alarm(1), alarm(2), *others))
    water, gulou = (("water", None),), ((None, "gulou"),)
    assert [line.alarm for line in store.alarms.journal(JournalQuery(scopes=water))] == [2, 1]
    assert [one.id for one in store.alarms.search(AlarmQuery(scopes=gulou))] == [4, 3]
    assert [one.id for one in store.alarms.search(AlarmQuery(scopes=(*water, *gulou), limit=3))] == [4, 3, 2]
    assert [one.id for one in store.alarms.search(AlarmQuery(before=2))] == [1]
    assert store.alarms.search(AlarmQuery(scopes=())) == []
    newest = store.alarms.journal(JournalQuery(limit=1))[0]
    assert [line.alarm for line in store.alarms.journal(JournalQuery(before=newest.id, rule="traffic_jam"))] == [3]
    assert store.alarms.journal(JournalQuery(since_us=T0 + 1)) == []
    assert len(store.alarms.journal(JournalQuery(since_us=T0, until_us=T0 + 1, thing=3))) == 1


def test_whoever_listens_hears_of_a_change(book: PostgresBookStore, url: str) -> None:
    ear = Listener(url, REALM, ALARMS)
    never = threading.Event()
    assert ear.wait(never, 0.01), "it listens from now on: what was before is looked for once more"
    assert not ear.wait(never, 0.01)
    keep(book, *raised(alarm(1)))
    assert ear.wait(never, 20)
    ear.close()


def test_ten_thousand_turns_are_one_transaction_of_about_a_second(book: PostgresBookStore, store: Store) -> None:
    turns = raised(*(alarm(n) for n in range(1, 10_001)))
    began = time.perf_counter()
    assert keep(book, *turns) == 10_000
    took = time.perf_counter() - began
    print(f"10,000 turns: {took:.2f} s")
    assert len(store.alarms.open().alarms) == 10_000
    assert took < 20, "far from about a second, on any machine"


def test_a_program_error_of_the_book_is_an_error_of_nothing_else(book: PostgresBookStore, store: Store) -> None:
    keep(book, *raised(alarm(1)))
    with pytest.raises(StoreError, match=r"null value|not-null"):
        keep(book, Turn(alarm(2), (entry(alarm(2), at_us=None),)))
    assert [one.id for one in store.alarms.open().alarms] == [1]


def test_what_was_open_at_a_moment_is_shown_in_the_state_of_then(book: PostgresBookStore, store: Store) -> None:
    late = replace(alarm(2), raised_us=T0 + 30, changed_us=T0 + 30)
    keep(book, *raised(alarm(1), late, alarm(3)))
    keep(book, acknowledged(alarm(1), at_us=T0 + 10))
    over = replace(alarm(3), state=State.NORMAL, findings=(), changed_us=T0 + 20, closed_us=T0 + 20)
    keep(book, Turn(over, (entry(over, Act.CLOSED, State.UNACKNOWLEDGED, at_us=T0 + 20),)))

    def states(at_us: int) -> dict[int, State]:
        return {one.id: one.state for one in store.alarms.standing_at(at_us)}

    assert states(T0 - 1) == {}
    assert states(T0 + 5) == {1: State.UNACKNOWLEDGED, 3: State.UNACKNOWLEDGED}
    assert states(T0 + 15) == {1: State.ACKNOWLEDGED, 3: State.UNACKNOWLEDGED}
    assert states(T0 + 25) == {1: State.ACKNOWLEDGED}
    assert states(T0 + 30) == {1: State.ACKNOWLEDGED, 2: State.UNACKNOWLEDGED}
    assert store.alarms.standing_at(T0 + 30, scopes=(("fire", None),)) == []
