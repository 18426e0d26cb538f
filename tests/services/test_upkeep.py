"""Upkeep takes its turns, lives through a database that is away, and drops once an hour."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from structlog.testing import capture_logs

from ops_center.domain.realms import Realm
from ops_center.domain.time import DAY_US, ManualClock
from ops_center.services.upkeep import RETENTION_EVERY_S, Upkeep
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_stream_store
from ops_center.store.port import Keep
from ops_center.store.upkeep import PostgresUpkeepStore
from tests.store.shapes import T0, number, write


@pytest.fixture
def url(plain_database: str) -> str:
    migrate(plain_database)
    return plain_database


@pytest.fixture
def upkeep_store(url: str) -> Iterator[PostgresUpkeepStore]:
    opened = PostgresUpkeepStore(url, Realm.SIMULATED, "upkeep test")
    yield opened
    opened.close()


def put(url: str, time_us: int) -> None:
    store = open_stream_store(url, Realm.SIMULATED)
    write(store, (1, time_us, 1.0, 0, T0))
    store.close()


def test_a_turn_makes_rollups_and_retention_comes_once_an_hour(url: str, upkeep_store: PostgresUpkeepStore) -> None:
    clock, seconds = ManualClock(T0 + 40 * DAY_US), [0.0]
    upkeep = Upkeep(upkeep_store, Keep(35, 90, 400), clock, lambda: seconds[0])
    put(url, T0)
    upkeep.turn()
    assert number(url, "SELECT count(*) FROM realm.observation_1m") == 1
    assert number(url, "SELECT count(*) FROM realm.observation") == 0
    put(url, T0 + 1)
    upkeep.turn()
    assert number(url, "SELECT count(*) FROM realm.observation") == 1
    seconds[0] += RETENTION_EVERY_S
    upkeep.turn()
    assert number(url, "SELECT count(*) FROM realm.observation") == 0


def test_a_database_that_goes_away_is_said_once_and_so_is_its_return(
    url: str, upkeep_store: PostgresUpkeepStore
) -> None:
    upkeep = Upkeep(upkeep_store, Keep(35, 90, 400), ManualClock(T0))
    upkeep.turn()
    with psycopg.connect(url, autocommit=True) as admin, capture_logs() as logs:
        admin.execute("ALTER TABLE realm_simulated.rollup_dirty RENAME TO gone")
        upkeep.turn()
        upkeep.turn()
        admin.execute("ALTER TABLE realm_simulated.gone RENAME TO rollup_dirty")
        upkeep.turn()
        upkeep.turn()
    events = [entry["event"] for entry in logs if entry["log_level"] != "debug"]
    assert events == ["upkeep.failed", "upkeep.works_again"]


def test_it_ends_when_it_is_asked_to(upkeep_store: PostgresUpkeepStore) -> None:
    stop = threading.Event()
    thread = Upkeep(upkeep_store, Keep(35, 90, 400), ManualClock(T0)).start(stop)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
