"""The bench of alarms in a small form: what it says is there and makes sense. Time is not judged."""

from __future__ import annotations

import pytest

from benchmarks import alarms_judging


def test_it_says_how_fast_rules_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("RULES", 200), ("DATASTREAMS", 2_000), ("_LEAST", 20_000)):
        monkeypatch.setattr(alarms_judging, name, value)
    figures = alarms_judging.judging(0.0, lambda share, what: None)
    assert (figures["rules"], figures["datastreams"], figures["observations"]) == (200, 2_000, 20_000)
    assert figures["conditions"] > 0 and figures["memory_mib"] > 0
    assert figures["observations_per_s"] > 0 and figures["empty_per_s"] > 0 and figures["ratio"] > 0
    assert figures["of_one_core"]["observations_per_s"] > 0
