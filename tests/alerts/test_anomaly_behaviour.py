"""What the detector finds, and leaves alone, in series whose truth is known; each with six seeds of noise."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.anomaly import THRESHOLD, step
from alerts.anomaly_memory import CAUSES, AnomalyMemory
from tests.alerts.series import DAY, Float, daily, every, noise, run, run_at, run_many

SEEDS = range(6)
LENGTH = 3000
BEGIN = 2500


def counted(score: Float, begin: int = 0, end: int | None = None) -> int:
    return int((score[begin:end] >= THRESHOLD).sum())


@pytest.mark.parametrize("height", [25.0, -25.0])
def test_a_spike_is_found_at_once(height: float) -> None:
    columns = [noise(LENGTH, seed) for seed in SEEDS]
    for values in columns:
        values[BEGIN] += height
    assert all(found.score[BEGIN] >= THRESHOLD for found in run_many(columns))


def test_a_level_shift_is_found_at_once_and_not_said_again_and_again() -> None:
    columns = [noise(LENGTH, seed) for seed in SEEDS]
    for values in columns:
        values[BEGIN:] += 15
    for found in run_many(columns):
        assert counted(found.score, BEGIN, BEGIN + 4) >= 1
        assert counted(found.score, BEGIN) <= 4


def test_a_variance_that_trebles_is_found_within_thirty_observations() -> None:
    columns = [noise(LENGTH, seed) for seed in SEEDS]
    for values in columns:
        values[BEGIN:] += 2 * (values[BEGIN:] - 50)
    assert all(counted(found.score, BEGIN, BEGIN + 30) >= 1 for found in run_many(columns))


def test_a_noisy_series_that_goes_flat_is_found_as_stuck() -> None:
    columns = [noise(LENGTH, seed) for seed in SEEDS]
    for values in columns:
        values[BEGIN:] = values[BEGIN]
    for found in run_many(columns):
        assert counted(found.score, BEGIN, BEGIN + 40) >= 1
        first = BEGIN + int(np.argmax(found.score[BEGIN:] >= THRESHOLD))
        assert CAUSES[found.cause[first]] == "stuck"


def test_a_day_that_stays_down_is_found_although_its_values_are_ordinary() -> None:
    columns = [daily(12 * DAY, seed) for seed in SEEDS]
    begin = 10 * DAY + 20
    for seed, values in zip(SEEDS, columns, strict=True):
        values[begin : begin + 100] = 82 + np.random.default_rng(seed).normal(0, 1.0, 100)
    assert all(counted(found.score, begin, begin + 30) >= 1 for found in run_many(columns))


def test_the_course_of_the_day_is_no_anomaly() -> None:
    found = run_many([daily(12 * DAY, seed) for seed in SEEDS])
    assert max(counted(one.score, 3 * DAY) for one in found) <= 3


def test_noise_and_slow_drift_give_at_most_three_findings_in_a_thousand() -> None:
    plain = [noise(LENGTH, seed) for seed in SEEDS]
    found = run_many([*plain, *(values + np.linspace(0, 100, LENGTH) for values in plain)])
    assert max(counted(one.score) for one in found) <= 3 * LENGTH / 1000


def test_a_spike_that_comes_every_day_stops_being_news_and_one_thrice_as_high_is_news() -> None:
    columns = [noise(12 * DAY, seed) for seed in SEEDS]
    for values in columns:
        values[100::DAY] += 40
        values[11 * DAY + 7] += 120
    for found in run_many(columns):
        assert counted(found.score, 5 * DAY, 11 * DAY) <= 3
        assert found.score[11 * DAY + 7] >= THRESHOLD


def test_counts_with_many_zeros_are_no_anomaly_and_a_burst_is() -> None:
    values = np.random.default_rng(3).poisson(0.2, LENGTH).astype(float)
    values[BEGIN] = 25
    score = run(values).score
    assert score[BEGIN] >= THRESHOLD
    assert counted(score) <= 5


def test_the_first_change_of_a_constant_series_is_found() -> None:
    values = np.full(1000, 7.0)
    values[800] = 7.5
    score = run(values).score
    assert counted(score, 0, 800) == 0
    assert score[800] >= THRESHOLD


def test_a_gap_is_no_anomaly() -> None:
    values = daily(10 * DAY)
    gap = slice(9 * DAY, 9 * DAY + 150)
    times, rest = np.delete(every(5, len(values)), gap), np.delete(values, gap)
    assert counted(run_at(times, rest).score, 9 * DAY, 9 * DAY + 20) == 0


def test_a_changed_interval_is_no_anomaly() -> None:
    fast = every(5, 2000)
    times = np.concatenate([fast, fast[-1] + np.arange(1, 1001) * 3_600_000_000])
    assert counted(run_at(times, noise(LENGTH)).score) <= 5


def test_times_that_come_late_or_again_are_not_scored_and_not_learned() -> None:
    memory = AnomalyMemory.empty(1)
    run(noise(500), memory=memory)
    before = {name: array.copy() for name, array in memory.to_arrays().items()}
    late = step(memory, np.zeros(2, np.int32), every(5, 500)[[499, 100]], np.array([1e9, -1e9]))
    assert not late.score.any()
    assert all((memory.to_arrays()[name] == before[name]).all() for name in before if name != "late")


def test_a_clock_set_back_for_good_is_believed_at_the_sixteenth_observation() -> None:
    memory = AnomalyMemory.empty(1)
    run(noise(500), memory=memory)
    times = every(5, 100) - 10**12
    run_at(times, noise(100, 2), memory)
    assert memory.time_us[0] == times[-1]
    assert memory.count[0] == 500 + 100 - 15


def test_what_is_expected_follows_the_course_of_the_day() -> None:
    found = run(daily(10 * DAY))
    truth = 100 + 20 * np.sin(2 * np.pi * np.arange(10 * DAY) / DAY)
    late = slice(8 * DAY, None)
    assert np.abs(found.expected[late] - truth[late]).mean() < 3
    assert ((found.low <= truth) & (truth <= found.high))[late].mean() > 0.95
