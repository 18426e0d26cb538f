"""What the data plane costs against a plain broadcast of as many bytes, in the same run on the same machine.

    python -m benchmarks.bench_live [--seconds 40] [--clients 50] [--json]

For 10,000 and 100,000 features that all change five times a second, sent to all clients: share of one core that the
web process takes (``cpu``), and for a process that only sends the same number of bytes to as many sockets
(``broadcast_cpu``); milliseconds from the live worker's ``apply`` to the whole change at a client (``latency_ms``).
Starts a Valkey and the web processes; clients are sockets of this process that read and discard.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import orjson
from websockets.sync.client import connect

from benchmarks.live_process import DISTRICTS, EVERY_S
from benchmarks.readers import Readers
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.domain.time import SystemClock
from ops_center.embedded.valkey import ValkeyServer
from ops_center.live.writer import RedisLiveWriter
from ops_center.screens.stream.frames import decode_frames

SIZES = (10_000, 100_000)
_SUBSCRIBE = '{"subscribe": {"layers": ["dots"]}}'
_WARM_UP_S = 1.5


def measure(seconds: float, clients: int = 50) -> dict[str, Any]:
    """Return the figures of all sizes; takes about ``seconds``."""
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    figures: dict[str, Any] = {"machine": machine, "clients": clients, "changes_per_s": round(1 / EVERY_S, 1)}
    share_s = max(seconds / (2 * len(SIZES)) - _WARM_UP_S - 2.0, 2.0)
    with tempfile.TemporaryDirectory() as folder, ValkeyServer(folder) as valkey:
        for size in SIZES:
            figures[f"features_{size}"] = _compare(size, valkey.url, share_s, clients)
    return figures


def _compare(size: int, url: str, seconds: float, clients: int) -> Mapping[str, Any]:
    ours = _plane(size, url, seconds, clients)
    limit = _broadcast(ours["bytes_per_change"], seconds, clients)
    return {**ours, "broadcast_cpu": limit, "ratio": round(ours["cpu"] / limit, 2)}


def _plane(size: int, url: str, seconds: float, clients: int) -> dict[str, Any]:
    with _process("plane", size, url) as (process, address), Readers(address, clients * [_SUBSCRIBE]) as readers:
        changes = Changes(size, url)
        probe = Probe(address)
        changes.keep_on(_WARM_UP_S)
        probe.arrived.clear()
        began_cpu_s, began_s, began_bytes = cpu_s(process.pid), time.perf_counter(), readers.total
        changes.latest_s.clear()
        changes.keep_on(seconds)
        took_s = time.perf_counter() - began_s
        used_s, read = cpu_s(process.pid) - began_cpu_s, readers.total - began_bytes
        probe.close()
        count = len(changes.latest_s)
        changes.close()
    waited_ms = probe.latencies_ms(changes.latest_s)
    return {
        "cpu": round(used_s / took_s, 4),
        "bytes_per_change": round(read / clients / count),
        "bytes_per_s_and_client": round(read / clients / took_s),
        "latency_ms": {f"p{p}": round(float(np.percentile(waited_ms, p)), 1) for p in (50, 95, 99)},
        "seen": f"{len(waited_ms)} of {count}",
    }


def _broadcast(size: int, seconds: float, clients: int) -> float:
    with _process("broadcast", size, "") as (process, address), Readers(address, clients * [_SUBSCRIBE]):
        time.sleep(_WARM_UP_S)
        began_cpu_s, began_s = cpu_s(process.pid), time.perf_counter()
        time.sleep(seconds)
        return round((cpu_s(process.pid) - began_cpu_s) / (time.perf_counter() - began_s), 4)


class Changes:
    """The live worker's part: all values change at every turn."""

    def __init__(self, size: int, url: str) -> None:
        self._keys = np.arange(size, dtype=np.int32)
        self._quality = np.zeros(size, np.uint8)
        self._writer = RedisLiveWriter(url, Realm.SIMULATED, SystemClock())
        self.latest_s: dict[int, float] = {}
        """second of the observations → when they were applied; the time a cell shows names the change"""

    def keep_on(self, seconds: float) -> None:
        """Change everything five times a second."""
        until = time.perf_counter() + seconds
        due = time.perf_counter()
        while due < until:
            self._change()
            due += EVERY_S
            time.sleep(max(due - time.perf_counter(), 0.0))

    def _change(self) -> None:
        now_us = SystemClock().now_us()
        turn = len(self.latest_s)
        times = np.full(len(self._keys), now_us)
        results = (self._keys + turn).astype(np.float64)
        self.latest_s[now_us] = time.perf_counter()
        batch = ObservationBatch(self._keys, times, results, self._quality, times, now_us)
        self._writer.apply(batch, PositionBatch.empty(), ())
        self._writer.flush()

    def close(self) -> None:
        """Let go."""
        self._writer.close()


class Probe:
    """One real client: notes when the whole of a change has arrived."""

    def __init__(self, address: str) -> None:
        self._socket = connect(f"ws://{address}/live", compression=None, max_size=None, legacy=True)
        self._socket.send(_SUBSCRIBE)
        self.arrived: list[tuple[float, int]] = []
        """when all districts had been sent once more, and the server's time of the newest of them"""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        cells: dict[int, int] = {}
        for message in self._socket:
            for header, _ in decode_frames(message if isinstance(message, bytes) else b""):
                if header["kind"] == "cell":
                    cells[header["now_us"]] = cells.get(header["now_us"], 0) + 1
                    if cells[header["now_us"]] == DISTRICTS:
                        self.arrived.append((time.perf_counter(), header["now_us"]))

    def latencies_ms(self, applied: Mapping[int, float]) -> list[float]:
        """Return how long each change took that was drawn: the newest one applied before the drawing."""
        moments = sorted(applied)
        found: dict[int, float] = {}
        for arrived_s, drawn_us in self.arrived:
            before = [us for us in moments if us <= drawn_us]
            if before and before[-1] not in found:
                found[before[-1]] = (arrived_s - applied[before[-1]]) * 1000
        return list(found.values()) or [float("nan")]

    def close(self) -> None:
        """Leave."""
        self._socket.close()
        self._thread.join(5)


@contextmanager
def plane_process(size: int, url: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the data plane with one layer of so many features; yields the process and its address."""
    with _process("plane", size, url) as running:
        yield running


@contextmanager
def _process(kind: str, size: int, url: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "benchmarks.live_process", kind, str(size)]
    environment = {**os.environ, "OPS_REDIS_URL": url}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        yield process, f"127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(10)


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used, all its threads together."""
    from pathlib import Path

    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--json", action="store_true", help="print on one line")
    options = parser.parse_args(arguments)
    figures = measure(options.seconds, options.clients)
    sys.stdout.write(orjson.dumps(figures, option=0 if options.json else orjson.OPT_INDENT_2).decode() + "\n")


if __name__ == "__main__":
    main()
