"""The anomaly bench in a short form: every figure is there and makes sense. How fast is never a test's business."""

from __future__ import annotations

import json

import pytest

from alerts.anomaly_memory import AnomalyMemory
from benchmarks.bench_anomaly import main


def test_every_figure_is_there_and_positive(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--datastreams", "3000", "--seconds", "0.1"])
    figures = json.loads(capsys.readouterr().out)
    assert figures["bytes_per_datastream"] == AnomalyMemory.empty(0).bytes_per_datastream
    assert figures["datastreams"] == 3000
    assert figures["datastreams_a_minute_on_one_core"] > 0
    assert figures["ratio_to_gather_and_write_back"] > 0
