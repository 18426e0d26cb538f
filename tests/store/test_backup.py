"""The way back that docs/operations.md describes: dumped, restored into an empty database, and written on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ops_center.domain.audit_form import Checkpoint
from ops_center.embedded.postgres import PostgresServer
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store, open_stream_store
from ops_center.store.port import Written
from ops_center.store.upkeep import PostgresUpkeepStore
from tests.services.audits import entry
from tests.store.shapes import NO_FIXES, P0, REALM, moved, stored, stream, thing
from tests.store.test_rollups import LATER, found, some_observations


@pytest.mark.parametrize("flavour", ["timescale", "plain"])
def test_a_restored_database_goes_on_where_its_rows_end(
    request: pytest.FixtureRequest, make_database: Callable[[str], str], flavour: str, tmp_path: Path
) -> None:
    server: PostgresServer = request.getfixturevalue(
        {"timescale": "timescale_server", "plain": "plain_postgres"}[flavour]
    )
    original, restored = make_database(flavour), make_database(flavour)
    migrate(original)
    batch = some_observations(1)
    _fill(original)
    _copy(server, original, restored, tmp_path / "center.dump", has_extension=flavour == "timescale")
    assert migrate(restored) == migrate(original)
    assert stored(restored) == stored(original)
    assert found(restored, "1h") == found(original, "1h")
    store, before = open_store(restored, REALM), open_store(original, REALM)
    assert len(store.catalog.load().datastreams) == 1
    assert list(store.audit.walk()) == list(before.audit.walk())
    assert (store.audit.end(), store.audit.checkpoints()) == (before.audit.end(), before.audit.checkpoints())
    store.audit.append([entry(9)])
    for opened in (store, before):
        opened.close()
    with psycopg.connect(restored) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute("SET session_replication_role = replica; UPDATE center.audit SET actor = 'li'")
    writer = open_stream_store(restored, REALM)
    assert writer.positions("writer", [P0]) == {P0: "5"}
    assert writer.commit_data(moved("5", "6"), batch, NO_FIXES, ()) == Written(0, len(batch), 0)
    writer.close()


def _fill(url: str) -> None:
    writer, upkeep, store = open_stream_store(url, REALM), PostgresUpkeepStore(url, REALM), open_store(url, REALM)
    writer.commit_data(moved(None, "5"), some_observations(1), NO_FIXES, ())
    upkeep.refresh_rollups(LATER)
    store.catalog.register([thing("S1")], [stream("S1")], "test")
    store.audit.append([entry(k) for k in range(3)])  # old enough for an archive
    last = list(store.audit.walk())[1]
    store.audit.archive(Checkpoint(last.seq, last.hash, LATER, "test", b""), entry(3))
    for opened in (writer, upkeep, store):
        opened.close()


def _copy(server: PostgresServer, original: str, restored: str, file: Path, has_extension: bool) -> None:
    _run(server, "pg_dump", "--format=custom", f"--file={file}", original)
    with psycopg.connect(restored, autocommit=True) as connection:
        if has_extension:
            connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
            connection.execute("SELECT timescaledb_pre_restore()")
    _run(server, "pg_restore", f"--dbname={restored}", "--no-owner", str(file))
    if has_extension:
        with psycopg.connect(restored, autocommit=True) as connection:
            connection.execute("SELECT timescaledb_post_restore()")


def _run(server: PostgresServer, program: str, *arguments: str) -> None:
    done = subprocess.run(
        [server.install.program(program), *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
