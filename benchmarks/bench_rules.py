"""How fast rules are evaluated while observations are consumed, against consuming alone in the same run.

    python -m benchmarks.bench_rules [--seconds 10] [--rules 1000] [--datastreams 100000] [--json]

1,000 rules of all types over observations, over 100,000 datastreams, ten of them over each; canonical records of 100
observations, 50 to a poll, as the worker reads them. Both passes decode and join the records of a poll; one evaluates
them. One core, no servers.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

import alerts
from alerts.loading import read_rule
from alerts.rule import Rule
from alerts.stage_one import StageOne
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.observations import ObservationBatch
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US
from ops_center.domain.wire import decode_observations, encode_observations

_RECORD, _POLL = 100, 50
_INTERVAL_S = 10
_T0_US = 1_790_000_000 * SECOND_US
_AREAS = 100
_WORDS = {"zh": "测", "en": "bench"}
_KINDS: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("threshold", {"unit": "kPa", "below": 120, "deadband": 5, "on_delay_s": 30}),
    ("limits", {"unit": "kPa", "low_low": 60, "low": 100, "high": 500, "high_high": 700, "deadband": 5}),
    ("threshold", {"unit": "kPa", "above": 450, "deadband": 10, "off_delay_s": 60}),
    ("rate", {"unit": "kPa", "change": 150, "within_s": 60}),
    ("threshold", {"unit": "MPa", "above": 0.6, "deadband": 0.02}),
    ("stuck", {"unit": "kPa", "after_s": 600}),
    ("silence", {"intervals": 3}),
    ("count", {"unit": "kPa", "below": 150, "times": 5, "within_s": 300}),
    ("threshold", {"unit": "kPa", "below": 200, "on_delay_s": 300, "max_gap_s": 60}),
    ("seasonal", {"unit": "kPa", "deviations": 5, "at_least": 20}),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON object."""
    options = _parser().parse_args(arguments)
    catalog = make_catalog(options.datastreams)
    stage = StageOne({"water": 300.0})
    rules = make_rules(options.rules)
    began = time.perf_counter()
    stage.rebuild(rules, catalog, _T0_US)
    built_s = time.perf_counter() - began
    polls = make_polls(options.datastreams)
    empty, judged, turned, ticks = measure(stage, polls, options.seconds)
    figures: dict[str, object] = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "rules": len(rules),
        "datastreams": options.datastreams,
        "rows": stage.rows,
        "rows_per_observation": round(stage.rows / options.datastreams, 2),
        "observations_per_s": round(judged),
        "empty_pass_per_s": round(empty),
        "ratio": round(judged / empty, 3),
        "conditions": turned,
        "tick_ms": round(1000 * ticks, 1),
        "rebuild_s": round(built_s, 2),
        "memory_mib": round(len(stage.dump()) / 2**20, 1),
    }
    sys.stdout.write(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode() + "\n")


def measure(stage: StageOne, polls: Sequence[Sequence[bytes]], seconds: float) -> tuple[float, float, int, float]:
    """Return observations per second of CPU consumed, and consumed and judged; transitions; seconds of a tick.

    By the CPU time of this process: what others do on the machine meanwhile is not ours.
    """
    turned, number, ticked = 0, 0, []

    def judge() -> int:
        nonlocal turned, number
        polled = shifted(consume(polls[number % len(polls)]), number // len(polls))
        number += 1
        turned += len(stage.observations(polled))
        if number % 20 == 0:  # a tick a second at 100,000 observations/s
            began = time.process_time()
            turned += len(stage.tick(polled.received_us))
            ticked.append(time.process_time() - began)
        return len(polled)

    passed = 0

    def read() -> int:
        nonlocal passed
        passed += 1
        return len(shifted(consume(polls[passed % len(polls)]), 0))

    empty = rate(read, seconds / 4)
    return empty, rate(judge, seconds), turned, float(np.mean(ticked)) if ticked else 0.0


def rate(work: Callable[[], int], seconds: float) -> float:
    """Return what ``work`` counts, per second of CPU."""
    counted, began, until = 0, time.process_time(), time.process_time() + seconds
    while time.process_time() < until:
        counted += work()
    return counted / (time.process_time() - began)


def consume(records: Sequence[bytes]) -> ObservationBatch:
    """Return the records of one poll as one batch, as the worker does."""
    return ObservationBatch.concat([decode_observations(record) for record in records])


def shifted(batch: ObservationBatch, rounds: int) -> ObservationBatch:
    """Return a batch as it would come that many rounds of all datastreams later."""
    later_us = rounds * _INTERVAL_S * SECOND_US
    time_us = batch.phenomenon_time_us + later_us
    return ObservationBatch(
        batch.datastream, time_us, batch.result, batch.quality, time_us, batch.received_us + later_us
    )


def make_catalog(size: int) -> Catalog:
    """Return things with one datastream of pressure each, spread over owners."""
    label = Label("压力计", "sensor")
    things = [
        Thing(i, "water", f"p{i}", "water_pressure_sensor", "water", label, 0, 0, attributes={"area": i % _AREAS})
        for i in range(size)
    ]
    streams = [Datastream(i, i, "water_pressure", "kPa", "water", float(_INTERVAL_S)) for i in range(size)]
    return Catalog(1, things, streams)


def make_rules(count: int) -> list[Rule]:
    """Return rules of all types, each over a hundredth of the datastreams."""
    types = alerts.registry()
    return [read_rule(_form(number), f"bench {number}", types) for number in range(count)]


def _form(number: int) -> Mapping[str, Any]:
    type_, parameters = _KINDS[number // _AREAS % len(_KINDS)]
    return {
        "name": f"bench_{number}",
        "type": type_,
        "label": _WORDS,
        "source": _WORDS,
        "scope": {"feed": "water", "attributes": {"area": number % _AREAS}},
        "parameters": parameters,
        "priority": {"consequence": "minor", "respond_min": 30},
        "texts": dict.fromkeys(("cause", "consequence", "operator_action", "department"), _WORDS),
    }


def make_polls(size: int) -> list[list[bytes]]:
    """Return records of one round in which every datastream reports once, in the order of gateways."""
    chance = np.random.default_rng(7)
    keys = np.arange(size, dtype=np.int32)
    values = chance.normal(300.0, 60.0, size)
    records = [_record(keys[i : i + _RECORD], values[i : i + _RECORD]) for i in range(0, size, _RECORD)]
    return [records[i : i + _POLL] for i in range(0, len(records), _POLL)]


def _record(keys: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> bytes:
    times = _T0_US + keys.astype(np.int64) % _INTERVAL_S * SECOND_US
    good = np.zeros(len(keys), np.uint8)
    return encode_observations(ObservationBatch(keys, times, values, good, times, int(times.max()) + SECOND_US))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--datastreams", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="accepted for symmetry; the output always is")
    return parser


if __name__ == "__main__":
    main()
