"""What the detector finds, and leaves alone, in series whose truth is known; each with six seeds of noise.

All series of one length are stepped side by side, once, in one memory.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from alerts.anomaly import THRESHOLD, Findings, step
from alerts.anomaly_memory import CAUSES, AnomalyMemory
from tests.alerts.series import DAY, Float, daily, every, noise, run, run_at, run_many

SEEDS = range(6)
LENGTH = 12 * DAY
BEGIN = 10 * DAY + 20
RAMP = np.linspace(0, 100, LENGTH)


def changed(seed: int, kind: str) -> Float:
    """Noise of deviation 2 around 50 that something happens to at BEGIN."""
    values = noise(LENGTH, seed)
    match kind:
        case "spike":
            values[BEGIN] += 25
        case "dip":
            values[BEGIN] -= 25
        case "shift":
            values[BEGIN:] += 15
        case "variance":
            values[BEGIN:] += 2 * (values[BEGIN:] - 50)
        case "flat":
            values[BEGIN:] = values[BEGIN]
        case "daily spike":
            values[100::DAY] += 40
            values[BEGIN] += 120
        case "counts":
            values = np.random.default_rng(seed).poisson(0.2, LENGTH).astype(np.float64)
            values[BEGIN] = 25
    return values


def day_stays_down(seed: int) -> Float:
    values = daily(LENGTH, seed)
    values[BEGIN : BEGIN + 100] = 82 + np.random.default_rng(seed).normal(0, 1.0, 100)
    return values


@pytest.fixture(scope="module")
def found() -> Mapping[str, list[Findings]]:
    kinds = ["noise", "spike", "dip", "shift", "variance", "flat", "daily spike", "counts"]
    columns = {kind: [changed(seed, kind) for seed in SEEDS] for kind in kinds}
    columns["drift"] = [noise(LENGTH, seed) + RAMP for seed in SEEDS]
    columns["day"] = [daily(LENGTH, seed) for seed in SEEDS]
    columns["day stays down"] = [day_stays_down(seed) for seed in SEEDS]
    everything = iter(run_many([one for several in columns.values() for one in several]))
    return {kind: [next(everything) for _ in several] for kind, several in columns.items()}


def counted(score: Float, begin: int = 0, end: int | None = None) -> int:
    return int((score[begin:end] >= THRESHOLD).sum())


@pytest.mark.parametrize("kind", ["spike", "dip"])
def test_a_spike_is_found_at_once(found: Mapping[str, list[Findings]], kind: str) -> None:
    assert all(one.score[BEGIN] >= THRESHOLD for one in found[kind])


def test_a_level_shift_is_found_at_once_and_not_said_again_and_again(found: Mapping[str, list[Findings]]) -> None:
    for one in found["shift"]:
        assert counted(one.score, BEGIN, BEGIN + 4) >= 1
        assert counted(one.score, BEGIN) <= 4


def test_a_variance_that_trebles_is_found_within_thirty_observations(found: Mapping[str, list[Findings]]) -> None:
    assert all(counted(one.score, BEGIN, BEGIN + 30) >= 1 for one in found["variance"])


def test_a_noisy_series_that_goes_flat_is_found_as_stuck(found: Mapping[str, list[Findings]]) -> None:
    for one in found["flat"]:
        assert counted(one.score, BEGIN, BEGIN + 40) >= 1
        first = BEGIN + int(np.argmax(one.score[BEGIN:] >= THRESHOLD))
        assert CAUSES[one.cause[first]] == "stuck"


def test_a_day_that_stays_down_is_found_although_its_values_are_ordinary(found: Mapping[str, list[Findings]]) -> None:
    assert all(counted(one.score, BEGIN, BEGIN + 30) >= 1 for one in found["day stays down"])


def test_the_course_of_the_day_is_no_anomaly(found: Mapping[str, list[Findings]]) -> None:
    assert max(counted(one.score, 3 * DAY) for one in found["day"]) <= 3


def test_noise_and_slow_drift_give_at_most_three_findings_in_a_thousand(found: Mapping[str, list[Findings]]) -> None:
    assert max(counted(one.score) for one in [*found["noise"], *found["drift"]]) <= 3 * LENGTH / 1000


def test_a_spike_that_comes_every_day_stops_being_news_and_one_thrice_as_high_is_news(
    found: Mapping[str, list[Findings]],
) -> None:
    for one in found["daily spike"]:
        assert counted(one.score, 5 * DAY, 10 * DAY) <= 3
        assert one.score[BEGIN] >= THRESHOLD


def test_counts_with_many_zeros_are_no_anomaly_and_a_burst_is(found: Mapping[str, list[Findings]]) -> None:
    for one in found["counts"]:
        assert one.score[BEGIN] >= THRESHOLD
        assert counted(one.score) <= 6


def test_what_is_expected_follows_the_course_of_the_day(found: Mapping[str, list[Findings]]) -> None:
    truth = 100 + 20 * np.sin(2 * np.pi * np.arange(LENGTH) / DAY)
    late = slice(8 * DAY, None)
    for one in found["day"]:
        assert np.abs(one.expected[late] - truth[late]).mean() < 3
        assert ((one.low <= truth) & (truth <= one.high))[late].mean() > 0.95


def test_the_first_change_of_a_constant_series_is_found() -> None:
    values = np.full(500, 7.0)
    values[400] = 7.5
    score = run(values).score
    assert counted(score, 0, 400) == 0
    assert score[400] >= THRESHOLD


def test_a_gap_is_no_anomaly() -> None:
    values = daily(5 * DAY)
    gap = slice(4 * DAY, 4 * DAY + 150)
    times, rest = np.delete(every(5, len(values)), gap), np.delete(values, gap)
    assert counted(run_at(times, rest).score, 4 * DAY, 4 * DAY + 20) == 0


def test_a_changed_interval_is_no_anomaly() -> None:
    fast = every(5, 800)
    times = np.concatenate([fast, fast[-1] + np.arange(1, 401) * 3_600_000_000])
    assert counted(run_at(times, noise(1200)).score, 800, 830) == 0


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
