"""Migrating brings any database to the wanted schema, once, whoever comes first."""

from __future__ import annotations

import threading

import psycopg
import pytest

from ops_center.domain.errors import StoreError, StoreUnavailable
from ops_center.domain.realms import Realm
from ops_center.embedded.ports import free_port
from ops_center.store.migrate import migrate, newest_version
from ops_center.store.opening import open_store


def test_migrating_twice_changes_nothing_the_second_time(database: str) -> None:
    assert migrate(database) == newest_version()
    tables = _tables(database)
    assert migrate(database) == newest_version()
    assert _tables(database) == tables


def test_every_realm_has_the_same_tables_from_the_start(database: str) -> None:
    migrate(database)
    by_schema: dict[str, set[str]] = {}
    for schema, name in _tables(database):
        by_schema.setdefault(schema, set()).add(name)
    wanted = {realm.schema for realm in Realm}
    assert wanted < by_schema.keys()
    assert all(by_schema[schema] == by_schema[Realm.LIVE.schema] for schema in wanted)
    assert {"observation", "observation_1m", "observation_1d", "worker_position"} <= by_schema[Realm.LIVE.schema]


def test_several_processes_that_migrate_at_once_all_succeed(database: str) -> None:
    outcomes: list[str] = []
    threads = [threading.Thread(target=lambda: outcomes.append(migrate(database))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes == [newest_version()] * 4


def test_the_store_knows_which_edition_it_is_on(database: str, database_flavour: str) -> None:
    migrate(database)
    store = open_store(database, Realm.LIVE)
    can = store.health.capabilities()
    store.close()
    editions = {"timescale": "timescaledb-apache", "plain": "postgresql", "community": "timescaledb-community"}
    assert can.edition == editions[database_flavour]
    assert can.hypertables == (database_flavour != "plain")
    assert (can.timescaledb_version is None) == (database_flavour == "plain")
    assert can.continuous_aggregates == can.compression == (database_flavour == "community")


def test_a_database_that_is_not_there_is_told_as_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        migrate(f"postgresql://nobody@127.0.0.1:{free_port()}/none")


def test_a_store_on_a_database_without_the_schema_says_to_migrate(plain_database: str) -> None:
    store = open_store(plain_database, Realm.LIVE)
    with pytest.raises(StoreError, match=r"run\.py migrate") as refused:
        store.catalog.version()
    store.close()
    assert not refused.value.retriable


def _tables(url: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT table_schema::text, table_name::text FROM information_schema.tables"
            " WHERE table_schema = 'center' OR table_schema LIKE 'realm%' ORDER BY 1, 2"
        ).fetchall()
    return [(schema, name) for schema, name in rows]
