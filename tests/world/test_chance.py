"""Chance must be the same however it is asked, and must look like chance."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ops_center.world.chance import normal, rough, uniform, wander

HOURS = np.arange(200_000) * 3_600_000_000


def test_uniform_numbers_fill_the_interval_evenly_and_forget_each_other() -> None:
    numbers = uniform(7, "x", np.arange(200_000))
    counts, _ = np.histogram(numbers, bins=20, range=(0, 1))
    assert np.all(np.abs(counts - 10_000) < 500)
    assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 0.01
    assert abs(np.corrcoef(numbers, uniform(7, "y", np.arange(200_000)))[0, 1]) < 0.01
    assert abs(np.corrcoef(numbers, uniform(8, "x", np.arange(200_000)))[0, 1]) < 0.01


def test_normal_numbers_have_mean_nought_and_deviation_one() -> None:
    numbers = normal(7, "x", np.arange(200_000))
    assert abs(numbers.mean()) < 0.01
    assert abs(numbers.std() - 1) < 0.01


def test_a_wandering_value_is_smooth_and_forgets_after_its_period() -> None:
    day = 86_400.0
    values = wander(7, "x", HOURS, day)
    assert abs(values.std() - 1) < 0.05
    assert np.corrcoef(values[1:], values[:-1])[0, 1] > 0.95
    assert abs(np.corrcoef(values[72:], values[:-72])[0, 1]) < 0.05
    assert abs(rough(7, "x", HOURS, day).std() - 1) < 0.05


@given(st.integers(0, 2**31), st.integers(-(2**40), 2**52), st.floats(60, 1e7))
def test_one_moment_asked_alone_is_what_it_is_among_others(seed: int, time_us: int, period_s: float) -> None:
    alone = rough(seed, "x", time_us, period_s)
    among = rough(seed, "x", [time_us - 5_000_000, time_us, time_us + 7], period_s)
    assert alone == among[1]
