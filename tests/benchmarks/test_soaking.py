"""The line through a heap: what it says of one that grows, of one that doesn't, and of one that only wanders."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.soaking import line_through

HOURS = np.linspace(0, 0.5, 90)
RUNS = 300


def wandering(seed: int, memory: float) -> list[float]:
    """Return a heap around 40 MB whose samples remember so much of the one before."""
    noise = np.random.default_rng(seed).normal(0, 0.2, len(HOURS))
    for at in range(1, len(noise)):
        noise[at] += memory * noise[at - 1]
    return list(40 + noise)


def test_a_heap_that_grows_is_told_by_how_much() -> None:
    found = line_through(list(HOURS), list(np.array(wandering(1, 0)) + 5 * HOURS))
    assert found["interval"][0] <= 5 <= found["interval"][1]
    assert found["interval"][0] > 0


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.8])
def test_a_heap_that_only_wanders_is_seldom_said_to_grow(memory: float) -> None:
    inside = 0
    for seed in range(RUNS):
        low, high = line_through(list(HOURS), wandering(seed, memory))["interval"]
        inside += low <= 0 <= high
    assert inside / RUNS > 0.85, "95 % of them, or nearly: the correlation itself is only estimated"


def test_a_heap_that_stands_still_has_no_slope_and_no_doubt() -> None:
    found = line_through([0, 0.1, 0.2], [40.0, 40.0, 40.0])
    assert (found["heap_slope_mb_per_h"], found["interval"]) == (0, [0, 0])
