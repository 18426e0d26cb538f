"""What the audit costs: a small transaction with its entry against the same without, and verifying a long chain.

``python -m benchmarks.bench_audit [--edition timescale|plain] [--seconds 40] [--rows 1000000]`` prints one JSON object.
The transaction changes one row of the writer's own and waits for the disk, as the change of an account does. Rounds of
both kinds alternate, so that what else the machine does meets both alike. The peak of memory is a fresh process's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from ops_center.domain.audit import AuditEntry
from ops_center.domain.realms import Realm
from ops_center.embedded.postgres import PostgresServer
from ops_center.people.audit_heads import HeadSigner
from ops_center.people.keys import Keys
from ops_center.services.audit_desk import review
from ops_center.store.auditing import append
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.session import Connection, Session

WRITERS = (1, 8)
ROUND_S = 1.0
REALM = Realm.SIMULATED
ENTRY = AuditEntry(
    1_700_000_000_000_000, "wang", "account.changed", "li", session="s", address="10.0.0.7",
    detail={"before": {"grants": ["operator"]}, "after": {"grants": ["operator", "auditor"]}},
)  # fmt: skip


def measure(url: str, seconds: float, rows: int) -> Mapping[str, Any]:
    """Return transactions a second with and without audit, and what verifying ``rows`` rows takes."""
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE changed (key int PRIMARY KEY, value int NOT NULL)")
        connection.execute("INSERT INTO changed SELECT n, 0 FROM generate_series(1, 8) n")
    return {
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()[0]},
        "append": [_appending(url, writers, seconds / len(WRITERS)) for writers in WRITERS],
        "verify": _verifying(url, rows),
    }


def _appending(url: str, writers: int, seconds: float) -> Mapping[str, Any]:
    sessions = [Session(url, REALM, f"bench {n}") for n in range(writers)]
    made: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(max(round(seconds / ROUND_S / 2), 3)):
        for audited, rates in made.items():
            rates.append(_round(sessions, audited))
    for session in sessions:
        session.close()
    plain, with_audit = median(made[False]), median(made[True])
    return {
        "writers": writers,
        "plain_per_s": round(plain),
        "audited_per_s": round(with_audit),
        "ratio": round(with_audit / plain, 3),
        "audit_ms": round(1000 * writers * (1 / with_audit - 1 / plain), 2),
    }


def _round(sessions: list[Session], audited: bool) -> float:
    """Return transactions a second of all sessions together over a second."""
    counts, end_s = [0] * len(sessions), time.perf_counter() + ROUND_S

    def write(n: int) -> None:
        while time.perf_counter() < end_s:
            sessions[n].run(_work(n + 1, audited))
            counts[n] += 1

    threads = [threading.Thread(target=write, args=(n,)) for n in range(len(sessions))]
    started_s = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started_s)


def _work(key: int, audited: bool) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.execute("UPDATE public.changed SET value = value + 1 WHERE key = %s", (key,))
        if audited:
            append(connection, [ENTRY])

    return work


def _verifying(url: str, rows: int) -> Mapping[str, Any]:
    store = open_store(url, REALM)
    started_s, first = time.perf_counter(), store.audit.end().seq
    while (end := store.audit.end()).seq < rows:
        store.audit.append([ENTRY] * min(2000, rows - end.seq))
    filled = (end.seq - first) / (time.perf_counter() - started_s)
    store.close()
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_audit", "--verify", url], check=True, capture_output=True
    )
    return {"appended_in_batches_rows_per_s": round(filled), **json.loads(said.stdout)}


def verify(url: str) -> Mapping[str, Any]:
    """Verify what is there, in this process."""
    store = open_store(url, REALM)
    before_mib, started_s, used_s = _peak_mib(), time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        found = review(store.audit, Path(folder), HeadSigner(Keys(bytes(32))))
    took_s, used_s = time.perf_counter() - started_s, time.process_time() - used_s
    store.close()
    rows = found.verification.rows
    return {
        "rows": rows,
        "findings": len(found.findings),
        "seconds": round(took_s, 1),
        "rows_per_s": round(rows / took_s),
        "cpu_us_per_row": round(1e6 * used_s / rows, 1),
        "peak_mib_before": before_mib,
        "peak_mib": _peak_mib(),
    }


def _peak_mib() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def main() -> None:
    """Start a server and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edition", choices=["timescale", "plain"], default="plain")
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--verify", help="only verify the audit of this address")
    given = parser.parse_args()
    if given.verify:
        print(json.dumps(verify(given.verify)))  # noqa: T201
        return
    with tempfile.TemporaryDirectory(prefix="ops-center-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with PostgresServer(Path(folder) / "postgres", flavour=given.edition) as server:
            print(json.dumps(measure(server.create_database("bench"), given.seconds, given.rows)))  # noqa: T201


if __name__ == "__main__":
    main()
