"""Judges grouping in a storm: 10,000 conditions in 10 s from two causes of the model city, and five unrelated alarms.

    python -m benchmarks.judge_storm [--things 20000] [--seeds 1 2 3] [--causes burst+crash] [--apart 0 1e9] [--json]

Prints one line of JSON for each seed: operator lines at the end and at most, pairwise precision and recall of groups
against the truth (over all pairs of conditions), how many of the unrelated alarms kept a line, the CPU it took, and
whether every condition was found in an alarm again. ``benchmarks.storm_city`` says what the truth is.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from alerts.alarm import Alarm
from alerts.book import Book
from benchmarks.storm_city import LASTS_S, START_US, Storm, make_storm
from ops_center.city.make import make_city
from ops_center.domain.time import SECOND_US

BENCH_SEED, BENCH_THINGS = 17, 20_000


def judged(storm: Storm) -> dict[str, Any]:
    """Return what became of a storm."""
    book = Book((), 1)
    most = turns = 0
    began = time.process_time()
    for number, batch in enumerate(storm.batches, 1):
        now_us = START_US + round(number * 0.5 * SECOND_US)
        turns += len(book.take(batch, storm.facts, now_us))
        most = max(most, lines_of(book.open_alarms))
    turns += len(book.tick(START_US + round(LASTS_S * SECOND_US)))
    cpu_s = time.process_time() - began
    of = {(alarm.rule, alarm.subject): alarm for alarm in book.open_alarms.values()}
    precision, recall = pairwise(storm, of)
    alone = [alarm for key, alarm in of.items() if storm.cause[key] >= 2 and not alarm.parent]
    return {
        "conditions": sum(storm.sizes), "by_cause": list(storm.sizes[:2]), "apart_m": round(storm.apart_m),
        "alarms": len(of), "operator_lines": lines_of(book.open_alarms), "most_lines": most,
        "precision": round(precision, 4), "recall": round(recall, 4), "unrelated_kept": len(alone),
        "all_found": all_found(storm, of), "turns": turns, "cpu_s": round(cpu_s, 2),
        "memory_kb": round(len(book.dump()) / 1000),
    }  # fmt: skip


def storm(seconds: float, report: Callable[[float, str], None]) -> Mapping[str, Any]:
    """Return the storm as a part of ``run.py bench alarms``: 20,000 things, a seed that nothing was set on."""
    with TemporaryDirectory(prefix="ops-storm-") as folder:
        report(0.1, "a city")
        pack = make_city(BENCH_SEED, BENCH_THINGS, Path(folder) / "city")
        report(0.4, "what a burst and a crash do to it")
        made = make_storm(pack, BENCH_SEED)
        report(0.9, "ten thousand conditions")
        return {"storm": judged(made)}


def lines_of(alarms: Mapping[int, Alarm]) -> int:
    """Return how many lines operators see."""
    return sum(alarm.wants_somebody for alarm in alarms.values())


def pairwise(storm: Storm, of: Mapping[tuple[str, int], Alarm]) -> tuple[float, float]:
    """Return precision and recall over all pairs of conditions: together here, together in truth."""
    rows = [key for batch in storm.batches for key in ((one.rule, one.subject) for one in batch.identities())]
    cause = np.array([storm.cause[key] for key in rows])
    group = np.unique([of[key].parent or of[key].id for key in rows], return_inverse=True)[1]
    table = np.zeros((cause.max() + 1, group.max() + 1))
    np.add.at(table, (cause, group), 1)
    both, truth, here = (_pairs(counts) for counts in (table, table.sum(axis=1), table.sum(axis=0)))
    return both / max(here, 1), both / max(truth, 1)


def all_found(storm: Storm, of: Mapping[tuple[str, int], Alarm]) -> bool:
    """Return whether every condition stands in its alarm, with its channel and onset."""
    return all(
        any(
            (one.channel, one.onset_us) == (found.channel, found.onset_us)
            for one in of[found.rule, found.subject].findings
        )
        for batch in storm.batches
        for found in batch.identities()
    )


def _pairs(counts: Any) -> float:
    return float((counts * (counts - 1) / 2).sum())


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--things", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--causes", default="burst+crash", choices=["burst+crash", "burst+burst"])
    parser.add_argument(
        "--apart", type=float, nargs=2, default=[0.0, 1e9], metavar="M", help="least and greatest distance"
    )
    parser.add_argument("--json", action="store_true", help="accepted for symmetry; the output always is")
    chosen = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="ops-storm-") as folder:
        for seed in chosen.seeds:
            pack = make_city(seed, chosen.things, Path(folder) / f"city{seed}")
            storm = make_storm(pack, seed, chosen.causes, tuple(chosen.apart))
            print(json.dumps({"seed": seed, "causes": chosen.causes, **judged(storm)}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
