"""How many messages a second go through each bus, on this machine, against copying the same bytes in memory.

    python -m benchmarks.bench_bus [--seconds 30] [--json]

For 1 and 100 observations a message: one process sends, one process reads what lies ready, as intake does (batches of
5,000 records), without and with decoding. Fresh servers, which share the machine; processor time by process is given
beside the rates, since on few cores the server's share decides.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import orjson

from benchmarks.bench_decode import make_catalog
from benchmarks.center import cpu_seconds
from feeds.traffic import FEED
from ops_center.bus.kafka import KafkaBus
from ops_center.bus.port import Bus
from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.domain.messages import Outgoing, TopicPartition
from ops_center.domain.realms import Realm
from ops_center.domain.time import SystemClock
from ops_center.embedded.kafka import KafkaServer
from ops_center.embedded.processes import ServerProcess
from ops_center.embedded.valkey import ValkeyServer
from ops_center.logs import set_up_logs

SHAPES = (1, 100)
PARTITIONS = 4
_SEND = 5_000
_POLL = 5_000
_BYTES = 60_000_000
"""most bytes lying ready at a time: more would measure the disk"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON object."""
    options = _parser().parse_args(arguments)
    set_up_logs("bench", "console", "warning")
    figures: dict[str, Any] = {"machine": f"{platform.machine()}, {os.cpu_count()} cores"}
    for kind in options.bus or ("redis", "kafka"):
        with _server(kind) as server, _open(kind, server.url) as bus:
            for size in SHAPES:
                share_s = options.seconds / (3 * len(SHAPES) * 2)
                figures[f"{kind}_{size}_per_message"] = measure(bus, server, size, share_s)
    sys.stdout.write(json.dumps(figures, indent=None if options.json else 2) + "\n")


def measure(bus: Bus, server: ServerProcess, size: int, share_s: float) -> Mapping[str, Any]:
    """Return the rates in messages a second and processor µs per message, of sending, reading, reading with decode."""
    topic = f"raw{size}"
    bus.ensure_topics([topic], PARTITIONS)
    records = [_message(number, size) for number in range(_SEND if size == 1 else _SEND // 10)]
    copied = _rate(lambda: len([bytes(bytearray(record.value)) for record in records]), 0.3, server)
    producer = bus.producer()

    def send() -> int:
        producer.send(topic, records)
        producer.flush()
        return len(records)

    send()
    room = max(1, _BYTES // sum(len(record.value) for record in records))
    sent = _rate(send, share_s, server, rounds=room)
    producer.close()
    read = _read(bus, server, topic, share_s, lambda messages: None)
    catalog = make_catalog()
    decoded = _read(bus, server, topic, share_s, lambda messages: FEED.decode(messages, catalog, 0))
    return {
        "copied_per_s": round(copied["per_s"]),
        "sent": sent,
        "read": read,
        "read_and_decoded": decoded,
        "read_to_copied": round(read["per_s"] / copied["per_s"], 4),
    }


def _message(number: int, size: int) -> Outgoing:
    things = [f"sensor-{(number + offset) % 5_000:06d}" for offset in range(size)]
    speeds = [20 + (number + offset) % 600 / 10 for offset in range(size)]
    body = {"v": 1, "t": SystemClock().now_us(), "things": things, "vehicle_speed": speeds}
    return Outgoing(things[0].encode(), orjson.dumps(body), size)


def _read(
    bus: Bus, server: ServerProcess, topic: str, share_s: float, use: Callable[[Any], object]
) -> dict[str, float]:
    """Read everything that lies ready again and again; the first poll, which connects, is not counted."""
    start = {TopicPartition(topic, number): None for number in range(PARTITIONS)}
    with closing(bus.reader(topic, dict.fromkeys(range(PARTITIONS)))) as reader:
        while not reader.poll(1.0, _POLL):
            pass

        def poll() -> int:
            messages = reader.poll(0.05, _POLL)
            if messages:
                use(messages)
            else:
                reader.rewind(start)
            return len(messages)

        return _rate(poll, share_s, server)


def _rate(
    work: Callable[[], int], seconds: float, server: ServerProcess, rounds: int = sys.maxsize
) -> dict[str, float]:
    """Return messages a second and processor time per message, here and in the server."""
    done, pid = 0, server.pid or 0
    began, here, there = time.perf_counter(), time.process_time(), cpu_seconds(pid)
    while rounds and time.perf_counter() - began < seconds:
        done += work()
        rounds -= 1
    spent = time.perf_counter() - began
    return {
        "per_s": round(done / spent),
        "client_cpu_us": round((time.process_time() - here) / max(done, 1) * 1e6, 2),
        "server_cpu_us": round((cpu_seconds(pid) - there) / max(done, 1) * 1e6, 2),
    }


@contextmanager
def _server(kind: str) -> Iterator[ServerProcess]:
    with tempfile.TemporaryDirectory(prefix="ops-center-bench-", ignore_cleanup_errors=True) as name, ExitStack() as on:
        make = KafkaServer if kind == "kafka" else ValkeyServer
        yield on.enter_context(make(Path(name) / kind))


def _open(kind: str, url: str) -> Bus:
    return KafkaBus(url, Realm.LIVE) if kind == "kafka" else RedisStreamsBus(url, Realm.LIVE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long to measure in all, without the servers")
    parser.add_argument("--bus", action="append", choices=["redis", "kafka"], help="only this one")
    parser.add_argument("--json", action="store_true", help="on one line")
    return parser


if __name__ == "__main__":
    main()
