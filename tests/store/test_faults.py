"""Each failure of the database says whether trying again helps, and what somebody has to do."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from psycopg import errors

from ops_center.domain.errors import StoreError, StoreUnavailable
from ops_center.embedded.ports import free_port
from ops_center.store.faults import as_store_error
from ops_center.store.opening import open_stream_store
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection, Session
from tests.store.shapes import P0, REALM, T0, number, write


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (errors.DiskFull("no space left on device"), "disk is full"),
        (errors.TooManyConnections("sorry, too many clients"), "max_connections"),
        (errors.ReadOnlySqlTransaction("cannot execute INSERT"), "read only"),
        (errors.QueryCanceled("statement timeout"), "took too long"),
        (errors.LockNotAvailable("lock timeout"), "lock"),
    ],
)
def test_what_somebody_can_mend_is_retriable_and_says_what_to_do(error: psycopg.Error, says: str) -> None:
    ours = as_store_error(error)
    assert ours.retriable
    assert says in str(ours)


def test_what_nobody_can_mend_is_not_retriable() -> None:
    assert not as_store_error(errors.NotNullViolation("null value")).retriable
    assert not as_store_error(errors.InvalidPassword("nope")).retriable


def test_no_server_is_unavailable() -> None:
    store = open_stream_store(f"postgresql://nobody@127.0.0.1:{free_port()}/none", REALM)
    with pytest.raises(StoreUnavailable):
        store.positions("writer", [P0])


def test_a_read_only_database_is_told_and_left_for_the_primary(url: str) -> None:
    name = url.rsplit("/", 1)[1]
    store = open_stream_store(url, REALM, "test")
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
        try:
            with pytest.raises(StoreError, match="read only") as refused:
                write(store, (1, T0, 1.0, 0, T0))
        finally:
            admin.execute("SET default_transaction_read_only = off")
            admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'.encode())
    assert refused.value.retriable
    assert write(store, (1, T0, 1.0, 0, T0)).new == 1
    store.close()


def test_a_statement_that_waits_too_long_is_cancelled_and_told(url: str) -> None:
    session = Session(url, REALM, timeout_s=0.2)
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE realm_simulated.event")
        with pytest.raises(StoreError, match="took too long") as refused:
            session.run(lambda connection: connection.execute("SELECT count(*) FROM event"))
    assert refused.value.retriable
    assert session.run(lambda connection: connection.execute("SELECT count(*) FROM event").fetchone()) == (0,)
    session.close()


def test_a_worker_that_stands_still_in_a_transaction_is_ended_by_the_server(url: str) -> None:
    """What it had locked is free again, and what it did is undone."""
    session = Session(url, REALM, "still", idle_s=0.2)

    def work(connection: psycopg.Connection) -> None:
        connection.execute("INSERT INTO feed_count VALUES ('a', 0, 0, 0, 0, NULL)")
        deadline = time.monotonic() + 20
        while number(url, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'still'"):
            assert time.monotonic() < deadline
            threading.Event().wait(0.05)
        connection.execute("SELECT 1")

    with pytest.raises(StoreUnavailable):
        session.run(work)
    session.close()
    assert number(url, "SELECT count(*) FROM realm.feed_count") == 0


def test_two_that_stand_in_each_others_way_both_succeed(url: str) -> None:
    """A deadlock made on purpose: each locks one row, then wants the other's."""
    first, second = Session(url, REALM, "first"), Session(url, REALM, "second")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO realm_simulated.feed_count VALUES ('a', 0, 0, 0, 0, NULL), ('b', 0, 0, 0, 0, NULL)"
        )
    both_hold = threading.Barrier(2)

    def add(session: Session, order: str) -> None:
        waited = [False]

        def work(connection: psycopg.Connection) -> None:
            for feed in order:
                connection.execute("UPDATE feed_count SET received = received + 1 WHERE feed = %s", (feed,))
                if not waited[0]:
                    waited[0] = True
                    both_hold.wait(20)

        session.run(work)

    threads = [threading.Thread(target=add, args=one) for one in ((first, "ab"), (second, "ba"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    first.close()
    second.close()
    assert number(url, "SELECT sum(received) FROM realm.feed_count") == 4


def _lose(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE application_name = %s", (name,)
        )


def test_a_connection_that_was_lost_while_nobody_used_it_is_made_anew_unnoticed(url: str) -> None:
    session = Session(url, REALM, "idle")
    for _ in range(3):
        assert session.run(lambda connection: connection.execute("SELECT 1").fetchone()) == (1,)
        _lose(url, "idle")
    session.close()


def test_a_connection_that_is_lost_at_work_is_told_and_the_work_is_not_done_twice(url: str) -> None:
    session, times = Session(url, REALM, "at work"), []

    def work(connection: psycopg.Connection[tuple[object, ...]]) -> None:
        times.append(1)
        connection.execute("SELECT 1")
        _lose(url, "at work")
        connection.execute("SELECT 1")

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            session.run(work)
    session.close()
    assert len(times) == 2


def test_a_closed_pool_opens_nothing_any_more(url: str) -> None:
    """A helper that is a moment late must not leave a connection behind that nobody closes."""
    pool = SessionPool(url, REALM)
    sessions: list[Connection] = []
    pool.run(sessions.append)
    pool.close()
    assert sessions[0].closed
    with pytest.raises(StoreUnavailable, match="closed"):
        pool.run(sessions.append)
    assert len(sessions) == 1
