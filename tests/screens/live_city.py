"""A small city whose values the test sets: written as the live worker writes them, into a real cache."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ops_center.certificates import CertificateFiles
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.domain.time import SystemClock
from ops_center.embedded.ports import answers, free_port
from ops_center.live.writer import RedisLiveWriter
from tests.screens.wall_process import catalog_of

CALM = {"vehicle_speed": 60.0, "water_pressure": 320.0, "pm25": 20.0, "pm10": 30.0, "river_level": 6.5}
"""everything else is 1"""


class LiveCity:
    """Every datastream has a value; it is sent again each second, so that nothing ages."""

    def __init__(self, pack: CityPack, redis_url: str) -> None:
        self.catalog: Catalog = catalog_of(pack)
        self.redis_url = redis_url
        self.clock = SystemClock()
        self._writer = RedisLiveWriter(redis_url, Realm.SIMULATED, self.clock)
        self._values = np.array([CALM.get(s.observed_property, 1.0) for s in self.catalog.datastreams.values()])
        self._property = np.array([s.observed_property for s in self.catalog.datastreams.values()])
        self._vehicles = [t for t in self.catalog.things.values() if t.feed == "vehicles"]
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._send()
        self._thread = threading.Thread(target=self._keep_sending, daemon=True)
        self._thread.start()

    def set(self, observed_property: str, value: float) -> None:
        """Every datastream of the property takes this value, at once."""
        self._values[self._property == observed_property] = value
        self._send()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Nothing is sent meanwhile."""
        with self._lock:
            yield

    def happens(self, kind: str = "video.smoke") -> Event:
        """A camera sees something."""
        camera = next(t for t in self.catalog.things.values() if t.kind == "camera")
        now_us = self.clock.now_us()
        event = Event(
            f"E{now_us}", "video", camera.key, kind, now_us, now_us, camera.longitude, camera.latitude, 0.9, {}
        )
        with self._lock:
            self._writer.apply(ObservationBatch.empty(), PositionBatch.empty(), (event,))
            self._writer.flush()
        return event

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)
        self._writer.close()

    def _keep_sending(self) -> None:
        while not self._stop.wait(1.0):
            self._send()

    def _send(self) -> None:
        now_us = self.clock.now_us()
        count = len(self._values)
        times = np.full(count, now_us, np.int64)
        keys = np.arange(count, dtype=np.int32)
        observations = ObservationBatch(keys, times, self._values.copy(), np.zeros(count, np.uint8), times, now_us)
        with self._lock:
            self._writer.apply(observations, self._fixes(now_us), ())
            self._writer.flush()

    def _fixes(self, now_us: int) -> PositionBatch:
        count = len(self._vehicles)
        return PositionBatch(
            np.array([t.key for t in self._vehicles], np.int32),
            np.full(count, now_us, np.int64),
            np.array([t.longitude for t in self._vehicles]),
            np.array([t.latitude for t in self._vehicles]),
            np.full(count, 8.0),
            np.full(count, 45.0),
            np.zeros(count, np.uint8),
            now_us,
        )


class WallServer:
    """The web server as a process: killed without warning, started again on the same port."""

    def __init__(self, pack: Path, redis_url: str, files: CertificateFiles | None = None, **settings: str) -> None:
        """``files``: it ends TLS itself; ``settings``: its ``OPS_`` variables."""
        self.port = free_port()
        self.url = f"http{'s' if files else ''}://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPS_")}
        self._environment = {**inherited, **settings}
        if files is not None:
            paths = {"OPS_TLS_CERTIFICATE": str(files.certificate), "OPS_TLS_KEY": str(files.key)}
            self._environment |= {"OPS_PUBLIC_URL": self.url, **paths}
        self._command = [sys.executable, "-m", "tests.screens.wall_process", str(pack), redis_url, str(self.port)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, env=self._environment)
        wait_until(self._answers, "the wall's server answers", timeout_s=60)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def _answers(self) -> bool:
        assert self._process is not None and self._process.poll() is None, "the wall's server ended"
        return answers(self.port)


def wait_until(holds: Callable[[], object], what: str, timeout_s: float = 20.0, every_s: float = 0.05) -> float:
    """Return how long it took; the test fails when ``holds`` stays false."""
    begun = time.monotonic()
    while not holds():
        waited = time.monotonic() - begun
        assert waited < timeout_s, f"after {timeout_s:.0f} s it is still not so that {what}"
        threading.Event().wait(every_s)
    return time.monotonic() - begun
