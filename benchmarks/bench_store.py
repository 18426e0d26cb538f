"""What exactly-once costs: ``commit_data`` against plain binary COPY of the same rows into the same table.

``python -m benchmarks.bench_store [--edition timescale|plain] [--seconds 40]`` prints one JSON object. Both write
5,000 datastreams at 10-second steps, with the same indexes and ``synchronous_commit = off``; COPY sends the same
encoded bytes and nothing else, each batch a transaction. ``repeated`` is a batch that is in the table already.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from ops_center.domain.messages import TopicPartition
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.embedded.installs import inspect_install
from ops_center.embedded.postgres import PostgresServer
from ops_center.store.copying import OBSERVATION, observation_rows
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store, open_stream_store
from ops_center.store.port import Advance

BATCHES = (5_000, 20_000, 50_000)
DATASTREAMS = 5_000
STEP_US = 10_000_000
START_US = 1_700_000_000_000_000 // 86_400_000_000 * 86_400_000_000
P0 = TopicPartition("observations", 0)
REALM = Realm.SIMULATED


def measure(url: str, seconds: float) -> Mapping[str, Any]:
    """Return rows a second of both ways at each batch size, and their ratio; about ``seconds`` long."""
    migrate(url)
    store = open_store(url, REALM)
    can = store.health.capabilities()
    store.close()
    share_s = seconds / len(BATCHES) / 2
    results = [_at(url, size, share_s) for size in BATCHES]
    return {
        "edition": can.edition,
        "server": can.server_version,
        "timescaledb": can.timescaledb_version,
        "machine": {"cores": os.cpu_count(), "system": platform.platform()},
        "batches": results,
        "best_ratio": max(result["ratio"] for result in results),
    }


def _at(url: str, size: int, seconds: float) -> Mapping[str, Any]:
    """Both ways in turns, batch by batch, so that what else the machine does meets both alike."""
    made: dict[str, list[float]] = {"copy": [], "commit": [], "repeated": []}
    _empty(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute(f"SET search_path TO {REALM.schema}, public")
        writer = Writer(url)
        ends_s, number = time.perf_counter() + seconds, 0
        while number < 8 or time.perf_counter() < ends_s:
            copied, committed = _batch(size, number), _batch(size, number + 1)
            made["copy"].append(_timed(lambda b=copied: _copy(connection, b)))  # type: ignore[misc]
            made["commit"].append(_timed(lambda b=committed: writer.commit(b)))  # type: ignore[misc]
            if number % 4 == 0:
                made["repeated"].append(_timed(lambda b=committed: writer.commit(b)))  # type: ignore[misc]
            number += 2
        writer.close()
    rates = {f"{name}_rows_per_s": round(size / float(np.median(times))) for name, times in made.items()}
    ratio = rates["commit_rows_per_s"] / rates["copy_rows_per_s"]
    return {"rows": size, **rates, "ratio": round(ratio, 3), "batches": number}


class Writer:
    """A stream worker that knows where it is, as the real one does."""

    def __init__(self, url: str) -> None:
        self._store = open_stream_store(url, REALM)
        self._position = self._store.positions("bench", [P0])[P0]

    def commit(self, batch: ObservationBatch) -> None:
        """Write a batch and move on."""
        after = str(int(self._position or 0) + 1)
        self._store.commit_data(Advance("bench", {P0: self._position}, {P0: after}), batch, PositionBatch.empty(), ())
        self._position = after

    def close(self) -> None:
        """Let go of the connection."""
        self._store.close()


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _copy(connection: psycopg.Connection[Any], batch: ObservationBatch) -> None:
    with connection.cursor() as cursor, cursor.copy(OBSERVATION.copy_sql) as copy:
        copy.write(observation_rows(batch))


def _batch(size: int, number: int) -> ObservationBatch:
    row = np.arange(size, dtype=np.int64) + number * size
    times = START_US + row // DATASTREAMS * STEP_US
    results = np.random.default_rng(number).normal(50, 20, size)
    return ObservationBatch(
        (row % DATASTREAMS + 1).astype(np.int32), times, results, np.zeros(size, np.uint8), times, int(times[-1])
    )


def _empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("observation", "worker_position", "rollup_dirty"):
            connection.execute(f"TRUNCATE {REALM.schema}.{table}".encode())


def main() -> None:
    """Start a server of its own, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edition", choices=["timescale", "plain"], default="timescale")
    parser.add_argument("--programs", type=Path, help="folder of PostgreSQL programs to use instead")
    parser.add_argument("--seconds", type=float, default=40)
    given = parser.parse_args()
    install = inspect_install(given.programs, "given") if given.programs else None
    with tempfile.TemporaryDirectory(prefix="ops-center-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        with PostgresServer(Path(name) / "db", flavour=given.edition, install=install) as server:
            print(json.dumps(measure(server.url, given.seconds), indent=1))  # noqa: T201 - the result of the command


if __name__ == "__main__":
    main()
