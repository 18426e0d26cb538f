"""What holds for every series: the same in, the same out; order, rest, scale and origin don't matter; no NaN."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.anomaly import step
from alerts.anomaly_memory import CAUSES, AnomalyMemory
from tests.alerts.series import daily, every, noise, run

SIZE, LENGTH = 7, 400


def table(seed: int = 5) -> np.ndarray:
    """LENGTH rows of SIZE quite different series."""
    chance = np.random.default_rng(seed)
    walk = np.cumsum(chance.normal(0, 1, LENGTH))
    columns = [
        noise(LENGTH, seed),
        daily(LENGTH, seed),
        chance.poisson(0.3, LENGTH),
        np.round(walk),
        np.full(LENGTH, 3.0),
    ]
    columns += [chance.lognormal(0, 2, LENGTH), np.where(np.arange(LENGTH) < 200, 0.0, walk)]
    return np.stack(columns, axis=1).astype(np.float64)


def scores(memory: AnomalyMemory, values: np.ndarray, begin: int = 0) -> np.ndarray:
    keys = np.arange(values.shape[1], dtype=np.int32)
    times = every(5, begin + len(values))[begin:]
    return np.stack(
        [step(memory, keys, np.full(len(keys), t), row).score for t, row in zip(times, values, strict=True)]
    )


def test_the_same_observations_give_the_same_scores() -> None:
    first, second = (scores(AnomalyMemory.empty(SIZE), table()) for _ in range(2))
    assert (first == second).all()
    assert first.any()


def test_many_at_once_score_as_one_by_one() -> None:
    together = scores(AnomalyMemory.empty(SIZE), table())
    alone = np.stack([run(column).score for column in table().T], axis=1)
    assert (together == alone).all()


def test_the_order_of_keys_within_a_batch_does_not_matter() -> None:
    plain, mixed = AnomalyMemory.empty(SIZE), AnomalyMemory.empty(SIZE)
    order = np.random.default_rng(0).permutation(SIZE)
    for t, row in zip(every(5, LENGTH), table(), strict=True):
        one = step(plain, np.arange(SIZE, dtype=np.int32), np.full(SIZE, t), row).score
        other = step(mixed, order.astype(np.int32), np.full(SIZE, t), row[order]).score
        assert (one[order] == other).all()


def test_stopping_committing_and_reading_back_changes_nothing() -> None:
    whole = scores(AnomalyMemory.empty(SIZE), table())
    memory = AnomalyMemory.empty(SIZE)
    first = scores(memory, table()[:250])
    stored = {
        name: np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape).copy() for name, a in memory.to_arrays().items()
    }
    second = scores(AnomalyMemory.from_arrays(stored), table()[250:], begin=250)
    assert (np.concatenate([first, second]) == whole).all()


def test_a_memory_that_grows_keeps_what_it_knows() -> None:
    memory = AnomalyMemory.empty(SIZE)
    scores(memory, table()[:250])
    grown = memory.grown(SIZE + 3)
    assert len(grown) == SIZE + 3
    assert (scores(grown, table()[250:], begin=250) == scores(memory, table()[250:], begin=250)).all()


@pytest.mark.parametrize("factor", [2.0**-30, 4.0, 2.0**40])
def test_another_unit_gives_the_same_scores(factor: float) -> None:
    assert (scores(AnomalyMemory.empty(SIZE), table() * factor) == scores(AnomalyMemory.empty(SIZE), table())).all()


def test_another_origin_gives_the_same_scores_up_to_rounding() -> None:
    shifted = scores(AnomalyMemory.empty(SIZE), table() + 1024.0)
    assert np.allclose(shifted, scores(AnomalyMemory.empty(SIZE), table()), atol=2e-3)


def test_the_same_memory_for_every_series_and_no_more_than_two_kilobytes() -> None:
    memory = AnomalyMemory.empty(SIZE)
    size = sum(array.nbytes for array in memory.to_arrays().values())
    scores(memory, table())
    assert sum(array.nbytes for array in memory.to_arrays().values()) == size == SIZE * memory.bytes_per_datastream
    assert memory.bytes_per_datastream < 2000


def test_nothing_is_said_in_the_first_hour_of_a_series() -> None:
    assert not scores(AnomalyMemory.empty(SIZE), table())[:60].any()


def test_no_observations_give_no_findings() -> None:
    empty = step(AnomalyMemory.empty(1), np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0))
    assert len(empty.score) == len(empty.cause) == 0


def test_what_is_not_finite_is_not_scored_and_changes_nothing() -> None:
    values = table()[:, :1]
    memory, disturbed = AnomalyMemory.empty(1), AnomalyMemory.empty(1)
    plain = scores(memory, values)
    for index, (t, row) in enumerate(zip(every(5, LENGTH), values, strict=True)):
        for bad in (np.nan, np.inf, -np.inf):
            assert step(disturbed, np.zeros(1, np.int32), np.array([t]), np.array([bad])).score[0] == 0
        assert step(disturbed, np.zeros(1, np.int32), np.array([t]), row).score[0] == plain[index, 0]


ANY = st.floats(allow_nan=True, allow_infinity=True, width=64)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-(10**17), 10**17), ANY), max_size=200))
def test_whatever_comes_scores_lie_between_0_and_1_without_a_warning(rows: list[tuple[int, int, float]]) -> None:
    keys = np.array([row[0] for row in rows], np.int32)
    times = np.array([row[1] for row in rows], np.int64)
    values = np.array([row[2] for row in rows], np.float64)
    memory = AnomalyMemory.empty(3)
    found = step(memory, keys, times, values)
    assert ((found.score >= 0) & (found.score <= 1)).all()
    assert np.isin(found.cause, np.arange(-1, len(CAUSES))).all()
    assert all(not np.isnan(array).any() for array in memory.to_arrays().values() if array.dtype.kind == "f")
    assert np.isfinite(found.expected[np.isfinite(values)]).all()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([0.0, 1.0, 5e-324, 1e-200, 1.7e308, -1.7e308, 1e300]), min_size=80, max_size=150))
def test_extreme_values_survive(values: list[float]) -> None:
    found = run(np.array(values))
    assert ((found.score >= 0) & (found.score <= 1)).all()
