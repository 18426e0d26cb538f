"""Databases: one server per flavour and session, one empty database per test.

``database`` and ``module_database`` are addresses of an empty database; a test that uses one runs once per flavour:
Debian's TimescaleDB (Apache edition), the wheel's plain PostgreSQL and, where OPS_TEST_COMMUNITY_URL is a superuser's
address on one or OPS_TEST_COMMUNITY_BIN the folder of its programs, the community edition. ``timescale_database``,
``plain_database`` and ``community_database`` are for tests that mean one flavour.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from ops_center.domain.errors import ServerError
from ops_center.embedded.installs import Flavour, inspect_install
from ops_center.embedded.postgres import PostgresServer
from tests.servers.absence import missing

FLAVOURS = ("timescale", "plain", "community")


def _has_community() -> bool:
    return any(os.environ.get(name) for name in ("OPS_TEST_COMMUNITY_URL", "OPS_TEST_COMMUNITY_BIN"))


def present_flavours() -> tuple[str, ...]:
    """The flavours a parametrised test runs on; a community server only where one is given."""
    return FLAVOURS if _has_community() else FLAVOURS[:2]


@contextmanager
def _server(folder: Path, flavour: Flavour) -> Iterator[PostgresServer]:
    server = PostgresServer(folder / flavour, flavour=flavour)
    try:
        server.start()
    except ServerError as error:
        missing(f"PostgreSQL ({flavour})", error)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that the database's own user can enter; pytest's are closed to it, and closed again by every session."""
    with tempfile.TemporaryDirectory(prefix="ops-center-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="session")
def timescale_server(open_folder: Path) -> Iterator[PostgresServer]:
    with _server(open_folder, "timescale") as server:
        yield server


@pytest.fixture(scope="session")
def plain_postgres(open_folder: Path) -> Iterator[PostgresServer]:
    with _server(open_folder, "plain") as server:
        yield server


@pytest.fixture(scope="session")
def community_url(open_folder: Path) -> Iterator[str]:
    """A superuser's address on a server with the community edition."""
    if given := os.environ.get("OPS_TEST_COMMUNITY_URL"):
        yield given
    elif folder := os.environ.get("OPS_TEST_COMMUNITY_BIN"):
        install = inspect_install(Path(folder), "given")
        with PostgresServer(open_folder / "community", install=install) as server:
            yield server.url_of("postgres")
    else:
        pytest.skip("no community edition of TimescaleDB: neither OPS_TEST_COMMUNITY_URL nor _BIN is set")


def _admin_url(request: pytest.FixtureRequest, flavour: str) -> str:
    if flavour == "community":
        return str(request.getfixturevalue("community_url"))
    name = {"timescale": "timescale_server", "plain": "plain_postgres"}[flavour]
    server: PostgresServer = request.getfixturevalue(name)
    return server.url_of("postgres")


@contextmanager
def empty_database(admin_url: str) -> Iterator[str]:
    """Make a database, give its address, drop it."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    _run(admin_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(admin_url)._replace(path=f"/{name}"))
    finally:
        _run(admin_url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _run(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def database(request: pytest.FixtureRequest, database_flavour: str) -> Iterator[str]:
    with empty_database(_admin_url(request, database_flavour)) as url:
        yield url


@pytest.fixture(scope="module")
def module_database(request: pytest.FixtureRequest, database_flavour: str) -> Iterator[str]:
    with empty_database(_admin_url(request, database_flavour)) as url:
        yield url


@pytest.fixture
def timescale_database(request: pytest.FixtureRequest) -> Iterator[str]:
    with empty_database(_admin_url(request, "timescale")) as url:
        yield url


@pytest.fixture
def plain_database(request: pytest.FixtureRequest) -> Iterator[str]:
    with empty_database(_admin_url(request, "plain")) as url:
        yield url


@pytest.fixture
def community_database(request: pytest.FixtureRequest) -> Iterator[str]:
    with empty_database(_admin_url(request, "community")) as url:
        yield url


@pytest.fixture
def make_database(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """Makes an empty database of the flavour named, as often as asked."""
    with ExitStack() as made:
        yield lambda flavour: made.enter_context(empty_database(_admin_url(request, flavour)))


@pytest.fixture(scope="session", params=present_flavours())
def database_flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)
