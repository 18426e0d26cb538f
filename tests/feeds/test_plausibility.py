"""Stuck and jumping values are flagged by a memory, whatever the batches they come in."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.plausibility import Doubts, Limits, Memory, plausibility
from ops_center.domain.observations import ObservationBatch, Quality
from ops_center.domain.time import SECOND_US
from tests.feeds.messages import FLOW, NOW_US, SPEED, catalog, decoder, raw

START_S = 1_800_000_000
LIMITS = Limits(np.array([300e6, np.inf]), np.array([np.inf, 2.0]))
"""datastream 0 is stuck after 300 s, datastream 1 moves at most 2 a second"""
Row = tuple[int, float, float]


def batch(*rows: Row) -> ObservationBatch:
    """Return observations of (datastream, seconds, result)."""
    keys, times, results = zip(*rows, strict=True) if rows else ((), (), ())
    times_us = np.array([round((START_S + t) * SECOND_US) for t in times], np.int64)
    count = len(rows)
    return ObservationBatch(
        np.array(keys, np.int32), times_us, np.array(results, float), np.zeros(count, np.uint8), times_us, 0
    )


def flags(*batches: ObservationBatch) -> list[list[int]]:
    memory = Memory.empty()
    return [plausibility(memory, one, LIMITS).tolist() for one in batches]


def test_an_unchanged_value_is_stuck_after_its_time_and_free_when_it_moves() -> None:
    values = [(0, 100.0 * i, 5.0) for i in range(5)] + [(0, 500.0, 5.1), (0, 600.0, 5.1)]
    assert flags(batch(*values)) == [[0, 0, 0, 0, Quality.STUCK, 0, 0]]
    assert flags(*(batch(row) for row in values)) == [[0], [0], [0], [0], [Quality.STUCK], [0], [0]]


def test_zero_is_never_stuck() -> None:
    assert flags(batch((0, 0, 0.0), (0, 1000, 0.0))) == [[0, 0]]


def test_a_value_that_moves_too_fast_jumps_and_its_way_back_too() -> None:
    assert flags(batch((1, 0, 10.0), (1, 10, 30.0), (1, 20, 51.0), (1, 30, 30.0))) == [
        [0, 0, Quality.JUMP, Quality.JUMP]
    ]


def test_the_first_value_after_a_start_is_never_odd() -> None:
    assert flags(batch((0, 0, 1.0), (1, 0, 1e9))) == [[0, 0]]


def test_late_repeated_and_redelivered_observations_change_nothing() -> None:
    memory = Memory.empty()
    plausibility(memory, batch((1, 0, 10.0), (1, 100, 20.0)), LIMITS)
    for again in (batch((1, 100, 20.0)), batch((1, 50, 900.0)), batch((1, 100, 900.0))):
        assert plausibility(memory, again, LIMITS).tolist() == [0]
    assert memory.result.tolist()[1] == 20.0
    assert plausibility(memory, batch((1, 50, 900.0), (1, 101, 21.0)), LIMITS).tolist() == [0, 0]


def test_flags_that_were_there_stay() -> None:
    rows = batch((1, 0, 0.0), (1, 1, 9.0))
    marked = ObservationBatch(
        rows.datastream, rows.phenomenon_time_us, rows.result, rows.quality | np.uint8(64), rows.result_time_us, 0
    )
    assert plausibility(Memory.empty(), marked, LIMITS).tolist() == [64, 64 | Quality.JUMP]


def test_the_memory_grows_with_the_catalog_and_keeps_what_it_knows() -> None:
    memory = Memory.empty()
    plausibility(memory, batch((1, 0, 10.0)), LIMITS)
    wider = Limits(np.full(5, np.inf), np.full(5, 2.0))
    assert plausibility(memory, batch((1, 1, 99.0), (4, 0, 1.0)), wider).tolist() == [Quality.JUMP, 0]


def test_an_empty_batch_is_no_error() -> None:
    assert flags(batch()) == [[]]


def slowly(rows: list[Row]) -> list[int]:
    """Say once more, row by row, what the rules are."""
    known: dict[int, tuple[float, float, float]] = {}
    found = []
    for key, time, result in rows:
        flag = 0
        before = known.get(key)
        if before is not None and time > before[0]:
            since = before[2] if result == before[1] else time
            if abs(result - before[1]) > LIMITS.jump_per_s[key] * (time - before[0]):
                flag |= Quality.JUMP
            if result != 0.0 and (time - since) * SECOND_US > LIMITS.stuck_after_us[key]:
                flag |= Quality.STUCK
            known[key] = (time, result, since)
        elif before is None:
            known[key] = (time, result, time)
        found.append(int(flag))
    return found


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.0, 1.0, 5.0, 9.0]), st.integers(1, 200)), max_size=30),
    st.lists(st.integers(0, 30), max_size=4),
)
def test_cutting_a_stream_into_batches_changes_no_flag(steps: list[tuple[int, float, int]], cuts: list[int]) -> None:
    clock = [0, 0]
    rows: list[Row] = []
    for key, result, gap in steps:
        clock[key] += gap
        rows.append((key, float(clock[key]), result))
    edges = sorted({0, len(rows), *(cut for cut in cuts if cut <= len(rows))})
    parts = [batch(*rows[a:b]) for a, b in pairwise(edges)]
    assert [flag for part in flags(*parts) for flag in part] == slowly(rows)


@pytest.mark.parametrize("size", [10_000])
def test_a_large_batch_of_one_value_each_is_quiet(size: int) -> None:
    limits = Limits(np.full(size, 300e6), np.full(size, 1.0))
    memory = Memory.empty()
    for second in range(3):
        rows = batch(*((key, float(second), 5.0) for key in range(size)))
        assert not plausibility(memory, rows, limits).any()


def test_a_worker_remembers_between_messages_and_forgets_when_it_loses_its_partitions() -> None:
    known, doubts = catalog(), Doubts([Made()])
    found = []
    for minute in (0, 3, 6, 9):
        messages = raw({"t": NOW_US + (minute - 9) * 60 * SECOND_US, "things": ["a"], "speed": [7.0]})
        decoded = decoder(lateness_s=3600.0).decode(messages, known, NOW_US)
        found.append(doubts.flagged(decoded, known).observations.quality.tolist())
        if minute == 6:
            doubts.forget()
    assert found == [[0], [0], [Quality.STUCK], [0]]


class Made:
    """A feed as far as doubts ask it."""

    name = "made"
    kinds = (replace(SPEED, stuck_after_s=300.0), FLOW)
