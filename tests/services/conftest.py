"""A center's people on a migrated database of their own."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from ops_center.domain.realms import Realm
from ops_center.domain.time import ManualClock
from ops_center.embedded.postgres import PostgresServer
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.servers.databases import empty_database
from tests.servers.outages import Outage
from tests.services.people_center import People, make_people

_EMPTY = """
TRUNCATE center.account, center.account_grant, center.credential, center.token, center.session, center.sign_in_attempt
"""


@pytest.fixture(scope="module")
def people_url(module_database: str) -> str:
    migrate(module_database)
    return module_database


@pytest.fixture(scope="module")
def alarms_url(plain_postgres: PostgresServer) -> Iterator[str]:
    """A migrated database; what is tried on it depends on no edition, which tests/store looks after."""
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def people_store(people_url: str) -> Iterator[Store]:
    with psycopg.connect(people_url, autocommit=True) as connection:
        connection.execute(_EMPTY)
    store = open_store(people_url, Realm.SIMULATED)
    yield store
    store.close()


@pytest.fixture
def people(people_store: Store) -> People:
    return make_people(people_store, ManualClock())


@pytest.fixture
def outage(people_url: str) -> Outage:
    return Outage(people_url)
