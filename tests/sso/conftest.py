"""One center per module, known to the provider; its people are gone before each test."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from ops_center.domain.realms import Realm
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from tests.servers.databases import empty_database
from tests.servers.keycloaks import CitySignOn
from tests.sso.center import Center, Visit, running, sign_on_at

_EMPTY = """
TRUNCATE center.account, center.account_grant, center.credential, center.token, center.session, center.sign_in_attempt
"""


@pytest.fixture(scope="module")
def people_url(plain_postgres: object) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as url:  # type: ignore[attr-defined]
        migrate(url)
        yield url


@pytest.fixture(scope="module")
def running_center(people_url: str, sso: CitySignOn) -> Iterator[Center]:
    store = open_store(people_url, Realm.SIMULATED)
    with running(Center(store, sign_on_at(sso.issuer)), sso) as center:
        yield center
    store.close()


@pytest.fixture
def empty(people_url: str) -> None:
    """Nobody has an account."""
    with psycopg.connect(people_url, autocommit=True) as connection:
        connection.execute(_EMPTY)


@pytest.fixture
def center(running_center: Center, empty: None) -> Center:
    running_center.clock.off_s = 0.0
    return running_center


@pytest.fixture
def visit(center: Center) -> Visit:
    return Visit(center)
