"""What the ingest bench sends: messages of traffic sensors, one or a hundred observations each, every row once.

Called by ``bench_ingest`` (everything lies ready in the topic) and ``ingest_latency`` (a steady load).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from ops_center import bootstrap
from ops_center.bus.partitioning import partition_of
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.messages import Outgoing
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US, SystemClock
from ops_center.domain.topics import raw
from ops_center.settings import Settings

FEED = "traffic"
PROPERTY = "vehicle_speed"
THINGS = [f"S{number:05d}" for number in range(10_000)]
_AT_A_TIME = 10_000
"""rows between two looks at the clock while the topic is filled"""


@dataclass(frozen=True, slots=True)
class Filled:
    """What lies in the raw topic: rows, and the last of them in each partition, as (thing, phenomenon time in µs)."""

    rows: int
    last: Mapping[int, tuple[str, int]]
    seconds: float
    """how long the producer took"""


def register(settings: Settings) -> None:
    """Register the sensors that send."""
    things = [Thing(-1, FEED, name, "traffic_sensor", FEED, Label(name, name), 118.7, 32.0) for name in THINGS]
    streams = [(FEED, name, Datastream(-1, -1, PROPERTY, "km/h", FEED, 10.0)) for name in THINGS]
    bootstrap.make_store(settings).catalog.register(things, streams, "bench")


def fill(settings: Settings, per_record: int, least: int, most: int, seconds: float) -> Filled:
    """Put observations into the raw topic for ``seconds``, but no less than ``least`` and no more than ``most``."""
    start_us = SystemClock().now_us() - 10 * SECOND_US
    last: dict[int, tuple[str, int]] = {}
    with bootstrap.make_bus(settings) as bus:
        producer = bus.producer()
        began_s, sent = time.perf_counter(), 0
        while sent < least or (sent < most and time.perf_counter() - began_s < seconds):
            records = [message(at, per_record, start_us + at) for at in range(sent, sent + _AT_A_TIME, per_record)]
            producer.send(raw(FEED), records)
            for at, record in zip(range(sent, sent + _AT_A_TIME, per_record), records, strict=True):
                last[partition_of(record.key, settings.partitions)] = (THINGS[at % len(THINGS)], start_us + at)
            sent += _AT_A_TIME
        producer.flush(60)
        producer.close()
    return Filled(sent, last, time.perf_counter() - began_s)


def message(at: int, count: int, time_us: int) -> Outgoing:
    """Return a message of ``count`` sensors, the ``at``-th and those after it, all at one time."""
    things = [THINGS[(at + number) % len(THINGS)] for number in range(count)]
    values = [20 + (at + number) % 600 / 10 for number in range(count)]
    body = {"v": 1, "t": time_us, "things": things, PROPERTY: values}
    return Outgoing(things[0].encode(), msgspec.json.encode(body), count)
