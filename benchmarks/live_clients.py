"""What many browsers cost the web process: each with a view of its own, ten of them reading nothing at all."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from itertools import combinations, cycle, islice
from typing import Any

import numpy as np
from websockets.sync.client import connect

from benchmarks.bench_live import Changes, cpu_s, plane_process
from benchmarks.browsing import percentile
from benchmarks.live_process import DISTRICTS
from benchmarks.readers import Readers
from ops_center.embedded.valkey import ValkeyServer
from ops_center.screens.stream.frames import decode_frames

CHANGES = 10_000
STALLED = 10
_WARM_UP_S = 2.0


def clients_figures(counts: tuple[int, ...], seconds: float, folder: str) -> Mapping[str, Any]:
    """Return clients → ``cpu_per_client`` (share of a core), ``cpu``, ``frame_age_p95_ms``; 10,000 changes a tick."""
    with ValkeyServer(folder) as valkey:
        return {str(count): _figures(count, seconds, valkey.url) for count in counts}


def views(count: int) -> list[str]:
    """Return what so many browsers subscribe to: sets of districts, different as far as there are any."""
    names = [f"D{number:02}" for number in range(DISTRICTS)]
    sets = [list(chosen) for size in range(1, DISTRICTS + 1) for chosen in combinations(names, size)]
    return [_wanted(chosen) for chosen in islice(cycle(sets[::-1]), count)]


def _wanted(districts: list[str]) -> str:
    return json.dumps({"subscribe": {"layers": ["dots"], "districts": districts}})


def _figures(count: int, seconds: float, url: str) -> dict[str, Any]:
    wanted = views(count)
    with (
        plane_process(CHANGES, url) as (process, address),
        Readers(address, wanted[STALLED + 1 :]) as readers,
        Readers(address, wanted[1 : STALLED + 1], reads=False),
        _Ages(address, wanted[0]) as ages,
    ):
        changes = Changes(CHANGES, url)
        changes.keep_on(_WARM_UP_S)
        ages.seen_ms.clear()
        used_s, began_s, read = cpu_s(process.pid), time.perf_counter(), readers.total
        changes.keep_on(seconds)
        took_s = time.perf_counter() - began_s
        cpu = (cpu_s(process.pid) - used_s) / took_s
        received = readers.total - read
        changes.close()
    return {
        "cpu": round(cpu, 3),
        "cpu_per_client": round(cpu / count, 5),
        "frame_age_p95_ms": percentile(np.array(ages.seen_ms), 95),
        "bytes_per_s": round(received / took_s),
        "stalled": STALLED,
        "distinct_views": len(set(wanted)),
    }


class _Ages:
    """One client that reads everything and notes how old each cell is when it arrives."""

    def __init__(self, address: str, subscription: str) -> None:
        self.seen_ms: list[float] = []
        self._socket = connect(f"ws://{address}/live", compression=None, max_size=None, legacy=True)
        self._socket.send(subscription)
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> _Ages:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._thread.join(5)

    def _read(self) -> None:
        for message in self._socket:
            for header, _ in decode_frames(message if isinstance(message, bytes) else b""):
                if header["kind"] == "cell":
                    self.seen_ms.append(time.time() * 1000 - header["now_us"] / 1000)
