"""A real Valkey with the topics, a real migrated PostgreSQL with a few things, and intake between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops_center.embedded.ports import free_port
from ops_center.embedded.postgres import PostgresServer
from ops_center.embedded.valkey import ValkeyServer
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from tests.intake.center import REALM, SPEED, THINGS, Center, registered


@pytest.fixture
def center(plain_database: str, redis_url: str) -> Iterator[Center]:
    migrate(plain_database)
    _register(plain_database)
    with Center(plain_database, redis_url) as opened:
        yield opened


@pytest.fixture
def postgres(open_folder: Path) -> Iterator[PostgresServer]:
    """A database server that the test may kill; it comes back at the same address."""
    folder = open_folder / f"own-{free_port()}"
    with PostgresServer(folder, flavour="plain", port=free_port()) as server:
        migrate(server.url)
        _register(server.url)
        yield server


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A Valkey that the test may kill; it comes back at the same address."""
    with ValkeyServer(tmp_path / "valkey", port=free_port()) as server:
        yield server


def _register(url: str) -> None:
    store = open_store(url, REALM)
    things, streams = registered(THINGS, SPEED)
    store.catalog.register(things, streams, "test")
    store.close()
