"""How many datastreams a minute the anomaly detector keeps up with on one core, and what it remembers of each.

    python -m benchmarks.bench_anomaly [--seconds 20] [--datastreams 100000] [--json]

One batch with an observation of every datastream (a tenth each of constants, counts, walks and spikes, the rest noise)
a minute, after 70 minutes of warming up with a smaller memory's worth of them. Beside it, in the same run, the least
that numpy could do: gather the memory of these datastreams and write it back.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from alerts.anomaly import step
from alerts.anomaly_memory import AnomalyMemory

_MINUTE_US = 60_000_000
_START_US = 1_800_000_000 * 1_000_000
_WARM = 70
_DISTINCT = 2_000
_CHUNK = 2048


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON object."""
    options = _parser().parse_args(arguments)
    size = options.datastreams
    memory, minute = warmed(size)
    chance = np.random.default_rng(3)
    keys = np.arange(size, dtype=np.int32)
    batches = iter(range(minute, 10**9))

    def one_minute() -> None:
        times = np.full(size, _START_US + next(batches) * _MINUTE_US)
        step(memory, keys, times, values(size, chance))

    stepped = best(one_minute, options.seconds * 0.7)
    copied = best(lambda: gather(memory, keys), options.seconds * 0.3)
    figures = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "datastreams": size,
        "bytes_per_datastream": memory.bytes_per_datastream,
        "memory_mib": round(size * memory.bytes_per_datastream / 2**20),
        "step_s": round(stepped, 3),
        "us_per_observation": round(stepped / size * 1e6, 2),
        "datastreams_a_minute_on_one_core": round(size / stepped * 60),
        "gather_and_write_back_s": round(copied, 3),
        "ratio_to_gather_and_write_back": round(stepped / copied, 1),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


def best(work: Callable[[], object], seconds: float) -> float:
    """Return processor seconds of the fastest of the rounds that fit into ``seconds``; at least one."""
    least, until = float("inf"), time.perf_counter() + seconds
    while least == float("inf") or time.perf_counter() < until:
        began = time.process_time()
        work()
        least = min(least, time.process_time() - began)
    return least


def warmed(size: int) -> tuple[AnomalyMemory, int]:
    """Return a memory whose datastreams all have some history (that of 2,000, repeated), and the next minute."""
    some = min(size, _DISTINCT)
    memory, keys = AnomalyMemory.empty(some), np.arange(some, dtype=np.int32)
    chance = np.random.default_rng(2)
    for minute in range(_WARM):
        step(memory, keys, np.full(some, _START_US + minute * _MINUTE_US), values(some, chance))
    rows = np.arange(size) % some
    return AnomalyMemory.from_arrays({name: array[rows] for name, array in memory.to_arrays().items()}), _WARM


def values(size: int, chance: np.random.Generator) -> np.ndarray:
    """Return one value for each of ``size`` datastreams of different kinds."""
    kind = np.arange(size) % 10
    noise = chance.normal(50, 2, size)
    return np.select(
        [kind == 0, kind == 1, kind == 2, kind == 3],
        [np.full(size, 7.0), chance.poisson(0.3, size), np.round(noise), noise + 40 * (chance.random(size) < 0.01)],
        noise,
    )


def gather(memory: AnomalyMemory, keys: np.ndarray) -> None:
    """Read every row and write it back."""
    for begin in range(0, len(keys), _CHUNK):
        part = keys[begin : begin + _CHUNK]
        for array in memory.to_arrays().values():
            array[part] = array[part]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to measure in all")
    parser.add_argument("--datastreams", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="accepted for likeness with the other benches: always JSON")
    return parser


if __name__ == "__main__":
    main()
