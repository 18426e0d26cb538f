"""How late: from before something is sent to its row in the database and to a frame with it, under a steady load.

The whole center runs as processes (Redis Streams, as on one machine), with 10,000 observations a second arriving, 100
to a message. A probe is a vehicle whose latitude encodes the probe's number. Beside the load, one after the other is
sent at irregular moments; the database is asked every few milliseconds for the newest that is committed, and a
WebSocket client that looks at every layer notes when a frame shows a probe or a later one. Called by ``bench_ingest``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import msgspec
import numpy as np

import layers
from benchmarks.center import Servers, running_stages, wait_until
from benchmarks.ingest_load import FEED, THINGS, message
from benchmarks.probes import LIMIT_S, Probing, percentiles
from ops_center import bootstrap
from ops_center.bus.port import Bus
from ops_center.domain.catalog import Thing
from ops_center.domain.messages import Outgoing
from ops_center.domain.observations import Float64
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock, from_datetime
from ops_center.domain.topics import raw
from ops_center.embedded.ports import free_port
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
_WARM_UP_S = 2.0


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
        wait_until(probes.have_arrived, "the last probe's row and frame", LIMIT_S)
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


class Probes(Probing):
    """A vehicle whose latitude encodes the probe's number."""

    subscription: ClassVar[Mapping[str, Any]] = {"layers": list(layers.registry())}

    def __init__(self, settings: Settings, bus: Bus) -> None:
        self._time_us: list[int] = []
        """phenomenon time of probe 0, 1, …"""
        self._committed: list[tuple[int, float]] = []
        """(phenomenon time of the newest row, when it was found)"""
        self._seen: list[tuple[int, float]] = []
        """(number of the probe that a frame shows, when it arrived)"""
        self._thing = bootstrap.make_store(settings).catalog.load().thing_keys["vehicles"][PROBE]
        super().__init__(settings, bus)

    def message(self, number: int) -> tuple[str, Outgoing]:
        """Return the topic and the message of a probe."""
        self._time_us.append(SystemClock().now_us())
        body = {
            "v": 1,
            "t": self._time_us[-1],
            "things": [PROBE],
            "longitude": [119.6],
            "latitude": [_SOUTH_DEG + number * _STEP_DEG],
            "speed_mps": [10.0],
            "heading_deg": [0.0],
        }
        return raw("vehicles"), Outgoing(PROBE.encode(), msgspec.json.encode(body))

    def have_arrived(self) -> bool:
        """Return whether the newest probe is committed and seen."""
        return (
            bool(self._committed and self._seen)
            and self._committed[-1][0] >= self._time_us[-1]
            and self._seen[-1][0] >= len(self.sent_s) - 1
        )

    def figures(self, first: int) -> dict[str, Any]:
        """Return the percentiles of the probes from ``first`` on."""
        sent_s = np.array(self.sent_s[first:])
        committed = _arrivals(self._time_us[first:], self._committed)
        seen = _arrivals(range(first, len(self.sent_s)), self._seen)
        return {
            "committed_ms": percentiles(committed - sent_s),
            "frame_ms": percentiles(seen - sent_s),
            "probes": len(sent_s),
        }

    def look(self) -> None:
        """Note the newest row."""
        sql = "SELECT max(phenomenon_time) FROM position WHERE thing_id = %s"
        row = self.database.execute(sql, (self._thing,)).fetchone()
        newest_us = from_datetime(row[0]) if row and row[0] is not None else 0
        if newest_us and (not self._committed or newest_us > self._committed[-1][0]):
            self._committed.append((newest_us, time.perf_counter()))

    def heard(self, frame: str | bytes, arrived_s: float) -> None:
        """Note which probe the cell of its district shows."""
        for header, arrays in decode_frames(frame if isinstance(frame, bytes) else b""):
            if header["kind"] == "cell" and header["cell"] == f"vehicles/{_DISTRICT}/-":
                self._note(header, arrays, arrived_s)

    def _note(self, header: Mapping[str, Any], arrays: Mapping[str, Any], arrived_s: float) -> None:
        assert header["n"] == 1, "the probe is alone in its district"
        if int(arrays["time_s"][0]):
            number = round((float(arrays["positions"][0][1]) - _SOUTH_DEG) / _STEP_DEG)
            if not self._seen or number > self._seen[-1][0]:
                self._seen.append((number, arrived_s))


def _arrivals(marks: Sequence[int], found: list[tuple[int, float]]) -> Float64:
    """Return for each mark when it, or a later one, was first found: float64[marks]."""
    reached = np.array([mark for mark, _ in found], np.int64)
    moments = np.array([at_s for _, at_s in found])
    return np.asarray(moments[np.searchsorted(reached, np.asarray(marks, np.int64))])
