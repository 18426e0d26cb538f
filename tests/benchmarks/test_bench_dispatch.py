"""The bench of dispatch in a small form: every figure is there and makes sense. How fast is never a test's business."""

from __future__ import annotations

import pytest

from benchmarks.bench_dispatch import measure


def test_every_figure_is_there() -> None:
    figures = measure(0.3, edges=2_000, cases=20)
    assert figures["cases"] >= 20
    assert figures["cost_ratio_to_optimum"] == pytest.approx(1, abs=1e-6)
    assert figures["worst_ratio_to_optimum"] == pytest.approx(1, abs=1e-6)
    assert 0 < figures["cost_ratio_to_greedy"] < 1
    assert 1_900 < figures["edges"] < 2_200 and figures["queries"] >= 20
    assert figures["found"] > 0.99
    for name in ("query_ms", "search_alone_ms"):
        assert 0 < figures[name]["p50"] <= figures[name]["p95"]
