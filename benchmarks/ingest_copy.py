"""The limit that nothing which stores rows can pass: binary COPY into the table that the writer writes to."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.ingest_load import FEED, PROPERTY, THINGS
from benchmarks.ingest_progress import connected
from ops_center import bootstrap
from ops_center.domain.observations import ObservationBatch
from ops_center.domain.time import SystemClock
from ops_center.settings import Settings
from ops_center.store.copying import OBSERVATION, copy_rows, observation_rows
from ops_center.store.session import Connection

BATCHES = (5_000, 20_000, 100_000)
_MOST_ROWS = 400_000


def copy_rate(settings: Settings, seconds: float) -> int:
    """Return rows a second of the best of :data:`BATCHES`; takes at most about ``seconds``. The table ends empty.

    The rows are encoded beforehand: this is what the database takes, not what a client makes. One transaction for each
    batch, asynchronous commit, as the writer does with observations.
    """
    batch = _rows(settings)
    with connected(settings) as connection:
        connection.execute("SET synchronous_commit = off")
        return round(max(_rate(connection, batch, size, seconds / len(BATCHES)) for size in BATCHES))


def _rate(connection: Connection, batch: ObservationBatch, size: int, seconds: float) -> float:
    streams = [
        observation_rows(batch.take(np.arange(at, min(at + size, len(batch))))) for at in range(0, len(batch), size)
    ]
    connection.execute("TRUNCATE observation")
    began_s, copied = time.perf_counter(), 0
    for stream in streams:
        copy_rows(connection, OBSERVATION, stream)
        copied += size
        if time.perf_counter() - began_s > seconds:
            break
    rate = copied / (time.perf_counter() - began_s)
    connection.execute("TRUNCATE observation")
    return rate


def _rows(settings: Settings) -> ObservationBatch:
    """Return what intake would make of as many messages, in the same order."""
    catalog = bootstrap.make_store(settings).catalog.load()
    keys = catalog.datastream_keys(FEED, PROPERTY)
    now_us = SystemClock().now_us()
    number = np.arange(_MOST_ROWS)
    times = now_us - _MOST_ROWS + number // 100 * 100
    return ObservationBatch(
        np.array([keys[name] for name in THINGS], np.int32)[number % len(THINGS)],
        times,
        20 + number % 600 / 10,
        np.zeros(len(number), np.uint8),
        times,
        now_us,
    )
