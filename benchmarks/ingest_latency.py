"""How late: from before something is sent to its row in the database and to a frame with it, under a steady load.

The whole center runs as processes (Redis Streams, as on one machine), with 10,000 observations a second arriving, 100
to a message. A probe is a vehicle whose latitude encodes the probe's number. Beside the load, one after the other is
sent at irregular moments; the database is asked every few milliseconds for the newest that is committed, and a
WebSocket client that looks at every layer notes when a frame shows a probe or a later one. Called by ``bench_ingest``.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

import layers
from benchmarks.center import Servers, program_token, running_stages, wait_until
from benchmarks.ingest_load import FEED, THINGS, message
from benchmarks.ingest_progress import connected
from ops_center import bootstrap
from ops_center.bus.port import Bus
from ops_center.domain.catalog import Thing
from ops_center.domain.messages import Outgoing
from ops_center.domain.observations import Float64
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock, from_datetime
from ops_center.domain.topics import raw
from ops_center.embedded.ports import LOOPBACK, free_port
from ops_center.screens.stream.frames import decode_frames
from ops_center.settings import Settings

RATE = 10_000
"""observations a second"""
PER_MESSAGE = 100
PROBE = "probe"
_DISTRICT = "PROBE"
"""a district of its own: its cell holds the probe alone"""
_STEP_DEG = 1e-3
"""latitude from one probe to the next: a hundred times what float32 resolves there"""
_SOUTH_DEG = 30.0
_TICK_S = 0.02
"""the load comes in as many portions a second as this says, as gateways send independently of each other"""
_PROBE_EVERY_S = 0.05
_POLL_S = 0.003
_WARM_UP_S = 2.0
_LIMIT_S = 60.0


def register_probe(settings: Settings) -> None:
    """Register the vehicle."""
    probe = Thing(-1, "vehicles", PROBE, "bus", "vehicles", Label("探针", PROBE), 119.6, _SOUTH_DEG, _DISTRICT)
    bootstrap.make_store(settings).catalog.register([probe], [], "bench")


def latency(servers: Servers, seconds: float) -> dict[str, Any]:
    """Return ``committed_ms`` and ``frame_ms``, percentiles over the probes of ``seconds``."""
    settings = servers.settings("redis", Realm.SIMULATED, web_port=free_port())
    stages = ("web", "live", "writer", "intake")
    with (
        running_stages(settings, stages, servers.folder / "stages.log"),
        bootstrap.make_bus(settings) as bus,
        steady_load(bus) as sent,
        Probes(settings, bus) as probes,
    ):
        probes.send_for(_WARM_UP_S)
        sent_before, began_s = sent[0], time.perf_counter()
        first = probes.send_for(seconds)
        rate = (sent[0] - sent_before) / (time.perf_counter() - began_s)
        wait_until(probes.have_arrived, "the last probe's row and frame", _LIMIT_S)
        return {**probes.figures(first), "observations_per_s": round(rate)}


@contextmanager
def steady_load(bus: Bus) -> Iterator[list[int]]:
    """Send in a thread of its own; gives how many observations were sent so far."""
    stop, sent = threading.Event(), [0]
    thread = threading.Thread(target=_send_load, args=(bus, stop, sent), name="load")
    thread.start()
    try:
        yield sent
    finally:
        stop.set()
        thread.join()


def _send_load(bus: Bus, stop: threading.Event, sent: list[int]) -> None:
    producer, clock, began_s = bus.producer(), SystemClock(), time.perf_counter()
    while not stop.wait(_TICK_S):
        due = int((time.perf_counter() - began_s) * RATE) - sent[0]
        now_us = clock.now_us()
        starts = range(sent[0], sent[0] + due - PER_MESSAGE + 1, PER_MESSAGE)
        producer.send(raw(FEED), [message(at % len(THINGS), PER_MESSAGE, now_us) for at in starts])
        producer.flush()
        sent[0] += len(starts) * PER_MESSAGE
    producer.close()


class Probes:
    """Sends probes and notes when each is committed and when it is seen. Times are of ``perf_counter``."""

    def __init__(self, settings: Settings, bus: Bus) -> None:
        self._producer = bus.producer()
        self._sent: list[tuple[int, float]] = []
        """(phenomenon time, when it was sent) of probe 0, 1, …"""
        self._committed: list[tuple[int, float]] = []
        """(phenomenon time of the newest row, when it was found)"""
        self._seen: list[tuple[int, float]] = []
        """(number of the probe that a frame shows, when it arrived)"""
        self._stop = threading.Event()
        self._thing = self._key(settings)
        self._database = connected(settings)
        token = program_token(settings)
        self._client = connected_to(f"ws://{LOOPBACK}:{settings.web_port}/live", token)
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._poll, self._listen)]

    @staticmethod
    def _key(settings: Settings) -> int:
        return bootstrap.make_store(settings).catalog.load().thing_keys["vehicles"][PROBE]

    def __enter__(self) -> Probes:
        self._client.send(json.dumps({"subscribe": {"layers": list(layers.registry())}}))
        for thread in self._threads:
            thread.start()
        self._send()
        wait_until(self.have_arrived, "the first probe's row and frame", _LIMIT_S)
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._client.close()
        for thread in self._threads:
            thread.join(5)
        self._database.close()
        self._producer.close()

    def send_for(self, seconds: float) -> int:
        """Send probes at irregular moments; return the number of the first."""
        first, until_s = len(self._sent), time.perf_counter() + seconds
        while time.perf_counter() < until_s:
            self._send()
            # Irregular: a beat of its own would meet those of the stages always at the same phase.
            time.sleep(random.uniform(0.5, 1.5) * _PROBE_EVERY_S)  # noqa: S311 - a pause, not a secret
        return first

    def have_arrived(self) -> bool:
        """Return whether the newest probe is committed and seen."""
        return (
            bool(self._committed and self._seen)
            and self._committed[-1][0] >= self._sent[-1][0]
            and self._seen[-1][0] >= len(self._sent) - 1
        )

    def figures(self, first: int) -> dict[str, Any]:
        """Return the percentiles of the probes from ``first`` on."""
        sent_s = np.array([at_s for _, at_s in self._sent[first:]])
        committed = _arrivals([time_us for time_us, _ in self._sent[first:]], self._committed)
        seen = _arrivals(range(first, len(self._sent)), self._seen)
        return {
            "committed_ms": percentiles(committed - sent_s),
            "frame_ms": percentiles(seen - sent_s),
            "probes": len(sent_s),
        }

    def _send(self) -> None:
        number, time_us = len(self._sent), SystemClock().now_us()
        body = {
            "v": 1,
            "t": time_us,
            "things": [PROBE],
            "longitude": [119.6],
            "latitude": [_SOUTH_DEG + number * _STEP_DEG],
            "speed_mps": [10.0],
            "heading_deg": [0.0],
        }
        self._sent.append((time_us, time.perf_counter()))
        self._producer.send(raw("vehicles"), [Outgoing(PROBE.encode(), msgspec.json.encode(body))])
        self._producer.flush()

    def _poll(self) -> None:
        sql = "SELECT max(phenomenon_time) FROM position WHERE thing_id = %s"
        while not self._stop.wait(_POLL_S):
            row = self._database.execute(sql, (self._thing,)).fetchone()
            newest_us = from_datetime(row[0]) if row and row[0] is not None else 0
            if newest_us and (not self._committed or newest_us > self._committed[-1][0]):
                self._committed.append((newest_us, time.perf_counter()))

    def _listen(self) -> None:
        try:
            for frames in self._client:
                arrived_s = time.perf_counter()
                for header, arrays in decode_frames(frames if isinstance(frames, bytes) else b""):
                    if header["kind"] == "cell" and header["cell"] == f"vehicles/{_DISTRICT}/-":
                        self._note(header, arrays, arrived_s)
        except ConnectionClosed:
            return  # by us, at the end

    def _note(self, header: Mapping[str, Any], arrays: Mapping[str, Any], arrived_s: float) -> None:
        assert header["n"] == 1, "the probe is alone in its district"
        if int(arrays["time_s"][0]):
            number = round((float(arrays["positions"][0][1]) - _SOUTH_DEG) / _STEP_DEG)
            if not self._seen or number > self._seen[-1][0]:
                self._seen.append((number, arrived_s))


def connected_to(url: str, token: str) -> ClientConnection:
    headers = {"Authorization": f"Bearer {token}"}
    found: list[ClientConnection] = []

    def is_open() -> bool:
        try:
            found.append(connect(url, compression=None, max_size=None, additional_headers=headers))
        except OSError:
            return False
        return True

    wait_until(is_open, "the web process", _LIMIT_S, every_s=0.1)
    return found[0]


def _arrivals(marks: Sequence[int], found: list[tuple[int, float]]) -> Float64:
    """Return for each mark when it, or a later one, was first found: float64[marks]."""
    reached = np.array([mark for mark, _ in found], np.int64)
    moments = np.array([at_s for _, at_s in found])
    return np.asarray(moments[np.searchsorted(reached, np.asarray(marks, np.int64))])


def percentiles(spans_s: Float64) -> dict[str, float]:
    return {f"p{p}": round(float(np.percentile(spans_s, p)) * 1000, 1) for p in (50, 95, 99)}
