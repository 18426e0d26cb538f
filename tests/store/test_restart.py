"""The database is killed while a writer writes; it starts again; every row is there once."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops_center.domain.errors import Fenced, StoreError
from ops_center.embedded.installs import Flavour
from ops_center.embedded.ports import free_port
from ops_center.embedded.postgres import PostgresServer
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_stream_store
from ops_center.store.streaming import TimescaleStreamStore
from tests.store.shapes import NO_FIXES, P0, REALM, T0, Row, moved, number, observations, stored

BATCHES = 400
ROWS = 50
KILLS = 3


@pytest.fixture(params=["timescale", "plain"])
def server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    flavour: Flavour = request.param
    request.getfixturevalue({"timescale": "timescale_server", "plain": "plain_postgres"}[flavour])
    with tempfile.TemporaryDirectory(prefix="ops-center-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        with PostgresServer(Path(name) / "db", port=free_port(), flavour=flavour) as running:
            migrate(running.url)
            yield running


def rows_of(batch: int) -> list[Row]:
    return [(row + 1, T0 + batch, float(batch), 0, T0 + batch) for row in range(ROWS)]


def write_all(store: TimescaleStreamStore, failures: list[StoreError], deadline_s: float) -> None:
    """Write the batches in order as a stream worker does: after a failure again, after a fence where the store is."""
    position: str | None = None
    batch = 0
    while batch < BATCHES:
        assert time.monotonic() < deadline_s, f"stuck at batch {batch}: {failures[-1:]}"
        try:
            store.commit_data(moved(position, str(batch)), observations(rows_of(batch)), NO_FIXES, ())
            position, batch = str(batch), batch + 1
        except Fenced:
            # The server lost the last fraction of a second, or had committed what it could not confirm.
            position = store.positions("writer", [P0])[P0]
            batch = 0 if position is None else int(position) + 1
        except StoreError as error:
            assert error.retriable, error
            failures.append(error)
            threading.Event().wait(0.05)


def test_killed_in_the_middle_of_writing_it_loses_and_repeats_nothing(server: PostgresServer) -> None:
    store = open_stream_store(server.url, REALM, "writer")
    failures: list[StoreError] = []
    worker = threading.Thread(target=write_all, args=(store, failures, time.monotonic() + 120))
    worker.start()
    choice = random.Random(7)
    for kill in range(1, KILLS + 1):
        deadline = time.monotonic() + 60
        while number(server.url, "SELECT count(*) FROM realm.observation") < kill * BATCHES * ROWS // 5:
            assert time.monotonic() < deadline
        threading.Event().wait(choice.uniform(0, 0.05))
        server.kill()
        server.start()
    worker.join(120)
    store.close()
    assert not worker.is_alive()
    assert failures, "no kill was felt"
    assert sorted(stored(server.url)) == sorted(row for batch in range(BATCHES) for row in rows_of(batch))
