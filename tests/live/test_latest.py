"""Which value is the latest: the rule itself, against a plain loop."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.observations import ObservationBatch
from ops_center.domain.time import SECOND_US
from ops_center.live.latest import FUTURE_US, MAX_KEYS, rows_of_observations, rows_of_positions, take
from ops_center.live.port import LatestPositions, LatestValues
from tests.live.batches import T0, fixes, observations

FAR_S = FUTURE_US / SECOND_US + 1


def taken(latest: LatestValues, batch: ObservationBatch, now_s: float = 0.0) -> list[int]:
    now_us = T0 + round(now_s * SECOND_US)
    return take(latest, batch.datastream, rows_of_observations(batch), now_us).tolist()


def test_a_newer_phenomenon_time_wins_and_an_older_one_changes_nothing() -> None:
    latest = LatestValues()
    assert taken(latest, observations([3], [0], [1.0])) == [3]
    assert taken(latest, observations([3], [-1], [2.0])) == []
    assert latest.result[3] == 1.0
    assert taken(latest, observations([3], [1], [3.0])) == [3]
    assert latest.result[3] == 3.0


def test_of_two_results_for_one_moment_the_one_made_later_counts() -> None:
    latest = LatestValues()
    taken(latest, observations([0], [0], [1.0], [5]))
    assert taken(latest, observations([0], [0], [2.0], [4])) == []
    assert taken(latest, observations([0], [0], [3.0], [6])) == [0]


def test_taking_the_same_batch_again_changes_nothing() -> None:
    latest = LatestValues()
    batch = observations([1, 2, 1], [0, 0, 1], [1.0, 2.0, 3.0])
    assert taken(latest, batch) == [1, 2]
    assert taken(latest, batch) == []


def test_a_position_without_a_heading_is_the_same_when_it_comes_again() -> None:
    latest = LatestPositions()
    batch = fixes([7], [0], [118.8])
    assert take(latest, batch.thing, rows_of_positions(batch), T0).tolist() == [7]
    assert take(latest, batch.thing, rows_of_positions(batch), T0).tolist() == []


def test_a_value_from_the_future_gives_way_to_one_that_is_not() -> None:
    latest = LatestValues()
    taken(latest, observations([0], [FAR_S], [1.0]))
    assert latest.result[0] == 1.0
    assert taken(latest, observations([0], [0], [2.0])) == [0]
    assert taken(latest, observations([0], [FAR_S], [1.0])) == []
    assert latest.result[0] == 2.0


def test_values_go_on_after_the_clock_of_the_center_was_set_back() -> None:
    latest = LatestValues()
    taken(latest, observations([0], [3600], [1.0]), now_s=3600)
    assert taken(latest, observations([0], [1], [2.0]), now_s=1) == [0]


def test_keys_that_cannot_be_are_passed_over() -> None:
    latest = LatestValues()
    assert taken(latest, observations([-1, MAX_KEYS, 2], [0, 0, 0], [1.0, 1.0, 1.0])) == [2]
    assert len(latest.time_us) < MAX_KEYS


rows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 9)), min_size=1, max_size=40
)


@given(rows)
def test_a_batch_is_taken_as_if_its_rows_came_one_by_one(given_rows: list[tuple[int, int, int, int]]) -> None:
    latest = LatestValues()
    keys, times, made, results = zip(*given_rows, strict=True)
    changed = taken(latest, observations(keys, times, results, made))
    one_by_one: dict[int, tuple[int, int, int]] = {}
    for key, time_s, made_s, result in given_rows:
        if key not in one_by_one or (time_s, made_s) >= one_by_one[key][:2]:
            one_by_one[key] = (time_s, made_s, result)
    assert changed == sorted(one_by_one)
    for key, (time_s, made_s, result) in one_by_one.items():
        assert latest.time_us[key] == T0 + time_s * SECOND_US
        assert latest.result_time_us[key] == T0 + made_s * SECOND_US
        assert latest.result[key] == result


@given(rows, st.integers(1, 40))
def test_it_does_not_matter_how_rows_are_cut_into_batches(
    given_rows: list[tuple[int, int, int, int]], cut: int
) -> None:
    keys, times, made, results = (np.array(column) for column in zip(*given_rows, strict=True))
    whole, parts = LatestValues(), LatestValues()
    taken(whole, observations(keys, times, results, made))
    for some in (slice(0, cut), slice(cut, None)):
        taken(parts, observations(keys[some], times[some], results[some], made[some]))
    assert np.array_equal(whole.result, parts.result)
    assert np.array_equal(whole.time_us, parts.time_us)
