"""How fast raw messages become checked batches, against plain JSON parsing of the same bytes.

    python -m benchmarks.bench_decode [--seconds 10] [--json]

For 1 and 100 observations a message: rows/s of ``feed.decode``, of ``orjson.loads`` alone on the same bytes, and
their ratio. One core, no servers; batches of 500 messages as intake polls them.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import orjson

from feeds.traffic import FEED
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.messages import RawMessage
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US

_THINGS = 5_000
_BATCH = 500
_NOW_US = 1_800_000_000 * SECOND_US
_SHAPES = (1, 100)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON object."""
    options = _parser().parse_args(arguments)
    share_s = options.seconds / (2 * len(_SHAPES))
    figures: dict[str, object] = {"machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"}
    catalog = make_catalog()
    for size in _SHAPES:
        messages = make_messages(size)
        values = [message.value for message in messages]
        rows = size * len(messages)
        assert FEED.decode(messages, catalog, _NOW_US).accepted == rows
        decoded = rate(lambda m=messages: FEED.decode(m, catalog, _NOW_US), rows, share_s)
        parsed = rate(lambda v=values: [orjson.loads(value) for value in v], rows, share_s)
        figures[f"decode_{size}_per_message_rows_per_s"] = round(decoded)
        figures[f"orjson_{size}_per_message_rows_per_s"] = round(parsed)
        figures[f"ratio_{size}_per_message"] = round(decoded / parsed, 3)
    sys.stdout.write(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode() + "\n")


def rate(work: Callable[[], object], rows: int, seconds: float) -> float:
    """Return rows per second of the best of the rounds that fit into ``seconds``."""
    best = 0.0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        work()
        best = max(best, rows / (time.perf_counter() - began))
    return best


def make_catalog() -> Catalog:
    """Return a catalog of things with one datastream of speed each."""
    label = Label("检测器", "sensor")
    things = [Thing(i, "traffic", f"sensor-{i:06d}", "traffic_sensor", "traffic", label, 0, 0) for i in range(_THINGS)]
    streams = [Datastream(i, i, "vehicle_speed", "km/h", "traffic", 10.0) for i in range(_THINGS)]
    return Catalog(1, things, streams)


def make_messages(size: int) -> list[RawMessage]:
    """Return one batch of messages with ``size`` observations each, as gateways send them."""
    chance = np.random.default_rng(7)
    return [_message(size, number, chance) for number in range(_BATCH)]


def _message(size: int, number: int, chance: np.random.Generator) -> RawMessage:
    body = {
        "v": 1,
        "t": _NOW_US - number,
        "things": [f"sensor-{thing:06d}" for thing in chance.integers(0, _THINGS, size).tolist()],
        "vehicle_speed": np.round(chance.uniform(5, 80, size), 1).tolist(),
    }
    return RawMessage("raw.traffic", 0, str(number), b"", orjson.dumps(body), _NOW_US)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to measure in all")
    parser.add_argument("--json", action="store_true", help="accepted for likeness with the other benches: always JSON")
    return parser


if __name__ == "__main__":
    main()
