"""What is particular to the embedded PostgreSQL: versions, edition, settings, users, a torn first start."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from ops_center.domain.errors import ServerError
from ops_center.embedded.debian import _archive_in
from ops_center.embedded.identity import Identity, blocked_at, can_reach
from ops_center.embedded.places import cache_folder, server_home
from ops_center.embedded.postgres import PostgresServer

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as another user")
STRANGER = Identity(12345, 12345, "stranger")


def test_the_timescale_flavour_offers_the_extension_and_the_plain_one_does_not(
    timescale_server: PostgresServer, plain_postgres: PostgresServer
) -> None:
    question = "SELECT count(*) FROM pg_available_extensions WHERE name = 'timescaledb'"
    assert timescale_server.sql(question) == "1"
    assert plain_postgres.sql(question) == "0"


def test_hypertables_work_on_the_timescale_flavour(timescale_database: str) -> None:
    with psycopg.connect(timescale_database, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION timescaledb")
        connection.execute("CREATE TABLE observed (at timestamptz NOT NULL, result float8)")
        connection.execute("SELECT create_hypertable('observed', 'at', chunk_time_interval => interval '1 day')")
        connection.execute(
            "INSERT INTO observed SELECT '2026-01-01Z'::timestamptz + n * interval '12 hours', n "
            "FROM generate_series(0, 5) n"
        )
        days = connection.execute("SELECT count(*) FROM show_chunks('observed')").fetchone()
        bucket = connection.execute(
            "SELECT time_bucket('1 day', '2026-01-01 23:00Z'::timestamptz, 'Asia/Shanghai')"
        ).fetchone()
    assert days == (3,)
    assert bucket is not None
    assert bucket[0].isoformat() == "2026-01-01T16:00:00+00:00"


@pytest.mark.parametrize(
    ("setting", "least"), [("max_worker_processes", 24), ("max_locks_per_transaction", 256), ("max_connections", 100)]
)
def test_limits_are_high_enough_for_many_chunks(plain_postgres: PostgresServer, setting: str, least: int) -> None:
    assert int(plain_postgres.sql(f"SHOW {setting}")) >= least


def test_commits_are_durable_and_telemetry_is_off(timescale_server: PostgresServer) -> None:
    assert timescale_server.sql("SHOW synchronous_commit") == "on"
    assert timescale_server.sql("SHOW fsync") == "on"
    assert timescale_server.sql("SHOW timescaledb.telemetry_level") == "off"


def test_a_wrong_password_is_refused(plain_postgres: PostgresServer) -> None:
    wrong = plain_postgres.url.replace(plain_postgres.url.split(":")[2].split("@")[0], "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_the_password_can_be_read_by_its_owner_only(plain_postgres: PostgresServer) -> None:
    assert (plain_postgres.data_dir / "password").stat().st_mode & 0o777 == 0o600


def test_names_in_any_script_are_folded_and_sorted_the_same_on_every_flavour(database: str) -> None:
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT upper('é'), 'Z' < 'a', '南' < '京'").fetchone() == ("É", True, False)


def test_data_is_opened_only_by_the_version_that_wrote_it(
    timescale_server: PostgresServer, plain_postgres: PostgresServer, folder: Path
) -> None:
    with PostgresServer(folder / "server", flavour="plain") as server:
        wrote = server.install.major
    with PostgresServer(folder / "server", flavour="auto") as server:
        assert server.install.major == wrote
    if timescale_server.install.major != wrote:
        with pytest.raises(ServerError, match=f"no PostgreSQL with TimescaleDB {wrote}"):
            PostgresServer(folder / "server", flavour="timescale").start()


def test_a_first_start_that_was_cut_short_is_begun_anew(plain_postgres: PostgresServer, folder: Path) -> None:
    torn = folder / "server" / "data.new"
    torn.mkdir(parents=True)
    (torn / "PG_VERSION").write_text("18\n")
    with PostgresServer(folder / "server", flavour="plain") as server:
        assert server.sql("SELECT 1") == "1"


def test_a_server_that_can_not_start_says_what_its_log_says(plain_postgres: PostgresServer, folder: Path) -> None:
    with PostgresServer(folder / "server", flavour="plain"):
        pass
    (folder / "server" / "data" / "global" / "pg_control").unlink()
    with pytest.raises(ServerError, match="could not find the database system"):
        PostgresServer(folder / "server", flavour="plain").start()


@as_root
def test_root_is_told_which_folder_shuts_the_database_out(plain_postgres: PostgresServer, folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(ServerError, match=f"may not enter {closed}"):
        PostgresServer(closed / "server", flavour="plain").start()


@as_root
def test_root_keeps_data_and_programs_where_the_database_can_reach_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    assert server_home(closed / "var").is_relative_to("/var/lib/ops-center")
    assert server_home(closed / "var") == server_home(closed / "var") != server_home(closed / "other")
    monkeypatch.setenv("OPS_CACHE_DIR", str(closed / "cache"))
    assert cache_folder() == Path("/var/cache/ops-center")
    assert cache_folder(folder / "cache") == folder / "cache"


def test_a_folder_closed_to_others_is_found_on_the_way(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o700)
    assert blocked_at(STRANGER, folder / "closed" / "not yet there") == folder / "closed"
    assert can_reach(STRANGER, folder)
    assert can_reach(None, folder / "closed")


@pytest.mark.parametrize(
    ("sources", "archive"),
    [
        ("Types: deb\nURIs: http://a.example/debian\nSuites: bookworm\n", "http://a.example/debian"),
        ("Types: deb\nURIs: http://a.example/debian-security\nSuites: bookworm-security\n", None),
        ("deb https://b.example/debian/ bookworm main\n", "https://b.example/debian/"),
        ("deb [arch=amd64 signed-by=/k.gpg] https://b.example/debian bookworm main", "https://b.example/debian"),
        ("# deb https://b.example/debian bookworm main\n", None),
        ("deb http://c.example/ubuntu noble main\n", None),
    ],
)
def test_the_archive_is_the_one_that_this_systems_apt_uses(sources: str, archive: str | None) -> None:
    assert _archive_in(sources) == archive
