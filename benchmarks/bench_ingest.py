"""Raw bytes to committed row and live: how many rows a second, against plain COPY; how late at 10,000 a second.

``python run.py bench ingest --json``. Every figure comes from fresh servers and real processes on this machine, which
the servers share. What is measured:

- ``copy_rows_per_s``: binary COPY of such rows into the same table (same edition, indexes, durability), best of three
  batch sizes: the limit that nothing which stores rows can pass.
- ``<bus>_<n>_per_record_rows_per_s``: messages of n observations lie ready in the raw topic; writer and live worker
  are reading, intake is started. From when intake has accepted its first until all are committed and live: the rows
  that it had not yet accepted then, over the time. Then the rows are counted.
- ``cpu_us_per_row``: processor time of each process for these rows: where the time goes.
- ``committed_ms``, ``frame_ms``: see ``ingest_latency``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import ingest_load
from benchmarks.center import (
    ROOT,
    Servers,
    cpu_seconds,
    fresh_servers,
    is_reading,
    machine,
    running_stages,
    server_pids,
    wait_until,
)
from benchmarks.ingest_copy import copy_rate
from benchmarks.ingest_latency import latency, register_probe
from benchmarks.ingest_load import Filled
from benchmarks.ingest_progress import Progress
from ops_center import bootstrap
from ops_center.domain.realms import Realm
from ops_center.settings import Settings

Report = Callable[[float, str], None]

RUNS = (
    ("kafka", 1, Realm.DRILL, 3.0),
    ("kafka", 100, Realm.LIVE, 1.0),
    ("redis", 1, Realm.SIMULATED, 2.0),
    ("redis", 100, Realm.REPLAY, 1.0),
)
"""bus, observations to a record, a realm of its own, shares of the time to fill the topic: Kafka's client is slow.

Kafka's broker compiles itself while it first works; where the client sets the pace, that hides nothing.
"""
LEAST_ROWS = {100: 600_000, 1: 120_000}
"""more than intake takes before its first counts are committed, which is when the clock starts"""
MOST_ROWS = {100: 1_000_000, 1: 250_000}
_START_S = 3.5
"""what starting and ending the stages of one run takes about"""
_LATENCY_SHARES = 2.0
_LEAST_SHARE = 1 / 40
"""of all the time: on a busy machine, where starting takes longer, the figures are still of enough rows"""
_LIMIT_S = 60.0


def measure(seconds: float, report: Report) -> Mapping[str, Any]:
    """Return the figures. ``seconds`` bounds the run: it decides how much is sent, not what is measured."""
    began_s = time.perf_counter()
    deadline_s = began_s + seconds
    figures: dict[str, Any] = {"machine": machine()}
    report(0.0, "starting servers")
    with fresh_servers() as servers:
        _prepare(servers)
        report(0.15, "COPY")
        figures["edition"] = bootstrap.describe_database(servers.settings("redis", Realm.LIVE))
        figures["copy_rows_per_s"] = copy_rate(
            servers.settings("redis", Realm.DRILL), 2 * _share_s(seconds, deadline_s, RUNS)
        )
        for done, (bus, per_record, realm, shares) in enumerate(RUNS):
            report(0.2 + 0.15 * done, f"{bus}, {per_record} to a record")
            found = throughput(
                servers, servers.settings(bus, realm), per_record, shares * _share_s(seconds, deadline_s, RUNS[done:])
            )
            figures[f"{bus}_{per_record}_per_record_rows_per_s"] = found["rows_per_s"]
            figures.setdefault("cpu_us_per_row", {})[f"{bus}_{per_record}"] = found["cpu_us_per_row"]
            figures.setdefault("rows", {})[f"{bus}_{per_record}"] = found["rows"]
        report(0.8, "10,000 observations a second")
        figures |= latency(servers, max(min(_LATENCY_SHARES * _share_s(seconds, deadline_s, ()), seconds / 7), 3.0))
    figures["ratio"] = round(figures["kafka_100_per_record_rows_per_s"] / figures["copy_rows_per_s"], 3)
    figures["machine"]["load_after"] = os.getloadavg()[0]
    figures["seconds"] = round(time.perf_counter() - began_s, 1)
    return figures


def _share_s(seconds: float, deadline_s: float, runs: Sequence[tuple[str, int, Realm, float]]) -> float:
    """Return what one share of the remaining time is, when ``runs`` and the latencies are still to be measured.

    Starting takes what it takes. Emptying a topic takes about as long as filling it.
    """
    left_s = deadline_s - time.perf_counter() - (len(runs) + 1) * _START_S
    return max(left_s / (2 * sum(shares for *_, shares in runs) + _LATENCY_SHARES), seconds * _LEAST_SHARE)


def throughput(servers: Servers, settings: Settings, per_record: int, fill_s: float) -> dict[str, Any]:
    """Fill the raw topic for ``fill_s``, let the stages empty it; return rate, rows and processor time by process."""
    log = servers.folder / f"{settings.realm.value}.log"
    # What comes behind intake gets ready meanwhile.
    with running_stages(settings, ("writer", "live"), log) as behind:
        filled = ingest_load.fill(settings, per_record, LEAST_ROWS[per_record], MOST_ROWS[per_record], fill_s)
        wait_until(lambda: is_reading(log, "writer") and is_reading(log, "live"), "writer and live worker", _LIMIT_S)
        with Progress(settings, filled) as progress, running_stages(settings, ("intake",), log) as first:
            pids = {**server_pids(servers), **{name: stage.pid for name, stage in {**behind, **first}.items()}}
            return _drained(filled, progress, pids)


def _drained(filled: Filled, progress: Progress, pids: Mapping[str, int]) -> dict[str, Any]:
    """Watch the topic being emptied."""
    wait_until(lambda: progress.accepted() > 0, "the first rows", _LIMIT_S)
    cpu_before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    rows, started_s = filled.rows - progress.accepted(), time.perf_counter()
    assert rows > 0, f"intake had taken all {filled.rows} rows before the clock was started: send more"
    wait_until(lambda: progress.all_stored() and progress.all_live(), f"{filled.rows} rows", _LIMIT_S)
    spent_s = time.perf_counter() - started_s
    cpu_s = {name: cpu_seconds(pid) - cpu_before[name] for name, pid in pids.items()}
    found = progress.count()
    assert (found, progress.quarantined()) == (filled.rows, 0), f"{found} of {filled.rows} rows are there"
    return {
        "rows_per_s": round(rows / spent_s),
        "rows": rows,
        "cpu_us_per_row": {name: round(value / rows * 1e6, 2) for name, value in cpu_s.items()},
    }


def _prepare(servers: Servers) -> None:
    """Bring the database up, make the small city that the web process shows, register everything that sends."""
    settings = servers.settings("redis", Realm.SIMULATED)
    command = [sys.executable, str(ROOT / "run.py"), "city", "make", "--things", "500", str(settings.pack_folder)]
    with (servers.folder / "city.log").open("ab") as log:
        made = subprocess.Popen(command, stdout=log, stderr=log)
    bootstrap.migrate_database(settings)
    ingest_load.register(settings)
    assert made.wait(_LIMIT_S) == 0, (servers.folder / "city.log").read_text()
    bootstrap.register_pack(settings, settings.pack_folder)
    register_probe(settings)
