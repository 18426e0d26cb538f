"""The ingest bench in its short form: every figure is there and makes sense. How fast is never a test's business."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from tests.stages import ROOT

RATES = [
    "copy_rows_per_s",
    "kafka_100_per_record_rows_per_s",
    "kafka_1_per_record_rows_per_s",
    "redis_100_per_record_rows_per_s",
    "redis_1_per_record_rows_per_s",
]
PROCESSES = {"postgres", "valkey", "kafka", "intake", "writer", "live"}

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def figures() -> Mapping[str, Any]:
    command = [sys.executable, "run.py", "bench", "ingest", "--json", "--seconds", "10"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=380, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", RATES)
def test_every_rate_is_there_and_positive(figures: Mapping[str, Any], name: str) -> None:
    assert figures[name] > 0


def test_the_ratio_is_that_of_the_two_rates(figures: Mapping[str, Any]) -> None:
    assert figures["ratio"] == round(figures["kafka_100_per_record_rows_per_s"] / figures["copy_rows_per_s"], 3)


@pytest.mark.parametrize("name", ["committed_ms", "frame_ms"])
def test_latencies_are_ordered_percentiles_under_the_load_that_was_promised(
    figures: Mapping[str, Any], name: str
) -> None:
    assert 0 < figures[name]["p50"] <= figures[name]["p95"] <= figures[name]["p99"]
    assert figures["observations_per_s"] > 5_000, "the load did not come"
    assert figures["probes"] >= 10


def test_every_run_says_where_its_time_went_and_over_how_many_rows(figures: Mapping[str, Any]) -> None:
    assert set(figures["cpu_us_per_row"]) == {"kafka_100", "kafka_1", "redis_100", "redis_1"}
    for run, spent in figures["cpu_us_per_row"].items():
        assert set(spent) == PROCESSES
        assert spent["intake"] > 0
        assert figures["rows"][run] > 0
