"""Probes: things of our own, sent one after the other beside a load, and when each is found at the far ends.

What two measurements of lateness have in common; which thing, and where it is looked for, they say themselves
(``ingest_latency``, ``alarm_latency``). Times are of ``perf_counter``.
"""

from __future__ import annotations

import json
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from benchmarks.center import program_token, wait_until
from benchmarks.ingest_progress import connected
from ops_center.bus.port import Bus
from ops_center.domain.messages import Outgoing
from ops_center.domain.observations import Float64
from ops_center.embedded.ports import LOOPBACK
from ops_center.settings import Settings

LIMIT_S = 60.0
"""longer than any probe takes"""
_POLL_S = 0.003
_PROBE_EVERY_S = 0.05


class Probing(ABC):
    """Sends probes, asks the database every few milliseconds, and listens to ``/live``."""

    subscription: ClassVar[Mapping[str, Any]]
    most: ClassVar[int] = 1_000_000
    """there are no more probes than this"""

    def __init__(self, settings: Settings, bus: Bus) -> None:
        self._producer = bus.producer()
        self.sent_s: list[float] = []
        """when probe 0, 1, … was sent"""
        self._stop = threading.Event()
        self.database = connected(settings)
        self._client = connected_to(f"ws://{LOOPBACK}:{settings.web_port}/live", program_token(settings))
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._poll, self._listen)]

    @abstractmethod
    def message(self, number: int) -> tuple[str, Outgoing]:
        """Return the topic and the message of a probe."""

    @abstractmethod
    def look(self) -> None:
        """Note what of the probes is in the database."""

    @abstractmethod
    def heard(self, frame: str | bytes, arrived_s: float) -> None:
        """Note what of the probes a message of the stream shows."""

    @abstractmethod
    def have_arrived(self) -> bool:
        """Return whether all probes are in the database and were seen."""

    def __enter__(self) -> Self:
        self._client.send(json.dumps({"subscribe": dict(self.subscription)}))
        for thread in self._threads:
            thread.start()
        self._send()
        wait_until(self.have_arrived, "the first probe", LIMIT_S)
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._client.close()
        for thread in self._threads:
            thread.join(5)
        self.database.close()
        self._producer.close()

    def send_for(self, seconds: float) -> int:
        """Send probes at irregular moments; return the number of the first."""
        first, until_s = len(self.sent_s), time.perf_counter() + seconds
        while time.perf_counter() < until_s and len(self.sent_s) < self.most:
            self._send()
            # Irregular: a beat of its own would meet those of the stages always at the same phase.
            time.sleep(random.uniform(0.5, 1.5) * _PROBE_EVERY_S)  # noqa: S311 - a pause, not a secret
        return first

    def _send(self) -> None:
        topic, outgoing = self.message(len(self.sent_s))
        self.sent_s.append(time.perf_counter())
        self._producer.send(topic, [outgoing])
        self._producer.flush()

    def _poll(self) -> None:
        while not self._stop.wait(_POLL_S):
            self.look()

    def _listen(self) -> None:
        try:
            for frame in self._client:
                self.heard(frame, time.perf_counter())
        except ConnectionClosed:
            return  # by us, at the end


def connected_to(url: str, token: str) -> ClientConnection:
    """Return a connection to the stream as soon as the web process takes one."""
    headers = {"Authorization": f"Bearer {token}"}
    found: list[ClientConnection] = []

    def is_open() -> bool:
        try:
            found.append(connect(url, compression=None, max_size=None, additional_headers=headers))
        except OSError:
            return False
        return True

    wait_until(is_open, "the web process", LIMIT_S, every_s=0.1)
    return found[0]


def percentiles(spans_s: Float64) -> dict[str, float]:
    """Return the percentiles in ms."""
    return {f"p{p}": round(float(np.percentile(spans_s, p)) * 1000, 1) for p in (50, 95, 99)}
