"""Appending to the audit: one chain whoever appends, nothing changed afterwards, everything read back as it was."""

from __future__ import annotations

import threading
from itertools import pairwise

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_center.domain.audit import AuditEntry
from ops_center.domain.audit_form import BEGINNING, End, hash_of
from ops_center.domain.errors import StoreError
from ops_center.domain.realms import Realm
from ops_center.store.auditing import append
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from ops_center.store.session import Connection, Session
from tests.domain.test_audit_form import ENTRIES
from tests.people.chains import chained
from tests.services.audits import empty
from tests.store.shapes import REALM, T0


@pytest.fixture(autouse=True)
def _an_empty_audit(url: str) -> None:
    empty(url)


def entry(n: int = 0, **more: object) -> AuditEntry:
    return AuditEntry(T0 + n, "wang", "things.moved", f"traffic/S{n}", **more)  # type: ignore[arg-type]


def test_rows_follow_each_other_and_carry_their_own_hash(store: Store) -> None:
    store.audit.append([entry(1), entry(2)])
    store.audit.append([entry(3)])
    rows = list(store.audit.walk())
    assert [row.seq for row in rows] == [1, 2, 3]
    assert rows[0].previous == BEGINNING
    assert all(before.hash == after.previous for before, after in pairwise(rows))
    assert all(hash_of(row) == row.hash for row in rows)


def test_everything_an_entry_says_comes_back(store: Store) -> None:
    said = {"vorher": [1, None, True, {"深": "层"}], "why": 'a "quote" \\ and\nlines', "empty": {}}
    store.audit.append([entry(7, outcome="refused", session="s1", address="2001:db8::1", detail=said)])
    (row,) = store.audit.walk()
    assert (row.at_us, row.actor, row.action, row.subject) == (T0 + 7, "wang", "things.moved", "traffic/S7")
    assert (row.outcome, row.session, row.address, row.detail) == ("refused", "s1", "2001:db8::1", said)
    assert row.realm == REALM.value


def test_what_no_database_can_hold_is_written_as_something_it_can(store: Store) -> None:
    odd = {"half": "\ud800", "nul\0": "\0", "real": 1e16, "huge": 10**40, "not": float("nan"), "bytes": b"\xff"}
    store.audit.append([AuditEntry(T0, "x" * 5000, "session.refused", "\0\ud800", detail=odd)])
    (row,) = store.audit.walk()
    assert hash_of(row) == row.hash
    assert len(row.actor) == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(ENTRIES, min_size=1, max_size=5))
def test_whatever_is_appended_comes_back_as_it_was_hashed(store: Store, entries: list[AuditEntry]) -> None:
    before = store.audit.end()
    store.audit.append(entries)
    rows = list(store.audit.walk(before.seq))
    assert rows == list(chained(entries, REALM.value, before))
    assert store.audit.end() == End(rows[-1].seq, rows[-1].hash)


def test_a_transaction_that_is_undone_leaves_no_gap(store: Store, url: str) -> None:
    session = Session(url, REALM)

    def change_mind(connection: Connection) -> None:
        append(connection, [entry(1)])
        raise KeyError("undone")

    store.audit.append([entry(0)])
    with pytest.raises(KeyError):
        session.run(change_mind)
    session.run(lambda connection: append(connection, [entry(2)]))
    session.close()
    assert [(row.seq, row.at_us) for row in store.audit.walk()] == [(1, T0), (2, T0 + 2)]


def test_eight_that_append_at_once_make_one_chain(store: Store, url: str) -> None:
    def write() -> None:
        own = open_store(url, Realm.LIVE)
        for n in range(25):
            own.audit.append([entry(n)] * (1 + n % 3))
        own.close()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    rows = list(store.audit.walk())
    assert [row.seq for row in rows] == list(range(1, 8 * 49 + 1))
    assert all(before.hash == after.previous for before, after in pairwise(rows))
    assert all(hash_of(row) == row.hash for row in rows)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE center.audit SET actor = 'li'",
        "DELETE FROM center.audit",
        "TRUNCATE center.audit",
        "SET session_replication_role = replica; DELETE FROM center.audit",
        "UPDATE center.audit_end SET seq = 0",
        "DELETE FROM center.audit_end",
        "TRUNCATE center.audit_end",
        "TRUNCATE center.audit_checkpoint",
        "INSERT INTO center.audit_checkpoint VALUES (1, decode(repeat('00', 32), 'hex'), now(), '', '')",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_written(store: Store, url: str, statement: str) -> None:
    store.audit.append([entry()])
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(statement)
    assert len(list(store.audit.walk())) == 1


def test_a_page_is_found_by_who_what_and_when(store: Store) -> None:
    store.audit.append([entry(n) for n in range(5)])
    store.audit.append([AuditEntry(T0 + 100, "li", "account.changed", "wang")])

    def seqs(**wanted: object) -> list[int]:
        return [row.seq for row in store.audit.page(**wanted)]  # type: ignore[arg-type]

    assert seqs() == [6, 5, 4, 3, 2, 1]
    assert seqs(before=4, limit=2) == [3, 2]
    assert seqs(actor="li") == seqs(action="account.changed") == seqs(action="account.") == [6]
    assert seqs(action="account") == seqs(actor="nobody") == []
    assert seqs(since_us=T0 + 2, until_us=T0 + 4) == [4, 3]


def test_walking_reads_in_chunks_and_starts_where_it_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops_center.store.auditing._AT_A_TIME", 2)
    store.audit.append([entry(n) for n in range(5)])
    assert [row.seq for row in store.audit.walk()] == [1, 2, 3, 4, 5]
    assert [row.seq for row in store.audit.walk(3)] == [4, 5]


def test_who_appends_in_a_snapshot_that_another_overtook_is_run_again(store: Store, url: str) -> None:
    session, turns = Session(url, REALM), []

    def slow(connection: Connection) -> None:
        connection.execute("SELECT 1 FROM center.audit_end")
        if not turns:
            store.audit.append([entry(1)])
        turns.append(1)
        append(connection, [entry(2)])

    session.run(slow, isolation=psycopg.IsolationLevel.REPEATABLE_READ)
    session.close()
    assert len(turns) == 2
    assert [row.at_us for row in store.audit.walk()] == [T0 + 1, T0 + 2]


def test_an_outcome_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(StoreError):
        store.audit.append([entry(outcome="perhaps")])


def test_nothing_to_append_writes_nothing(store: Store) -> None:
    store.audit.append([])
    assert list(store.audit.walk()) == []
