"""Forecasts are judged on hours they have not seen; the band holds about as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import HOUR_US
from ops_center.indicators.forecast import LEAST_H, Outlook, outlook
from ops_center.indicators.forecast_ways import HORIZON_H, NOMINAL, WEEK_H, damping, profile

SIZE = 300 * 24
HOURS: Int64 = np.arange(SIZE, dtype=np.int64) * HOUR_US + 1_700_000 * HOUR_US // 3600 * 3600
NOW_US = int(HOURS[-1]) + HOUR_US


def seasons() -> Float64:
    hours = np.arange(SIZE)
    return 20.0 + 5 * np.sin(hours * 2 * np.pi / 24) + 2 * np.sin(hours * 2 * np.pi / WEEK_H)


def wandering(left: float, seed: int = 1) -> Float64:
    """A remainder that forgets: each hour ``left`` of the last one and something new."""
    chance = np.random.default_rng(seed)
    found = np.zeros(SIZE)
    for hour, shock in enumerate(chance.normal(size=SIZE)):
        found[hour] = (left * found[hour - 1] if hour else 0.0) + shock
    return found


def forecast(values: Float64, now_us: int = NOW_US) -> Outlook:
    found = outlook(HOURS, values, now_us)
    assert found is not None
    return found


def test_the_present_deviation_counts_less_the_further_one_looks() -> None:
    found = damping(wandering(0.9))
    assert found == pytest.approx(0.9 ** np.arange(1, HORIZON_H + 1), abs=0.06)
    assert (np.diff(found) < 0).all()


def test_beats_the_naive_way_where_there_is_something_to_know_and_the_band_holds() -> None:
    judged = forecast(seasons() + wandering(0.9)).judged
    assert judged.mae < 0.8 * judged.naive_mae and judged.mase < 0.8
    assert judged.coverage == pytest.approx(NOMINAL, abs=0.05)
    assert judged.mae_by_hour[0] == pytest.approx(np.sqrt(2 / np.pi), abs=0.15), "one hour ahead: what nobody can know"
    assert judged.forecasts > 5000


def test_where_last_week_knows_most_the_naive_way_is_shown() -> None:
    shocks = np.random.default_rng(3).normal(size=(SIZE // WEEK_H + 1, WEEK_H))
    found = forecast(np.cumsum(shocks, axis=0).reshape(-1)[:SIZE])  # each hour of the week wanders for itself
    assert found.method == "naive" and found.judged.mae == found.judged.naive_mae


def test_looks_ahead_from_the_last_full_hour_and_the_band_is_around_it() -> None:
    found = forecast(seasons() + wandering(0.9), NOW_US + HOUR_US // 3)
    assert found.from_us == NOW_US - HOUR_US and found.time_us[0] == NOW_US and len(found.time_us) == HORIZON_H
    assert (found.low <= found.expected).all() and (found.expected <= found.high).all()
    truth = seasons()[-WEEK_H : -WEEK_H + HORIZON_H]
    assert np.abs(found.expected - truth).max() < 5


def test_knows_nothing_of_what_lies_ahead() -> None:
    values = seasons() + wandering(0.9)
    cut = SIZE - 40
    later = values.copy()
    later[cut:] = 1e6
    now_us = int(HOURS[cut])
    before, after = (outlook(HOURS, series, now_us) for series in (values, later))
    assert before is not None and after is not None
    assert np.array_equal(before.expected, after.expected) and np.array_equal(before.high, after.high)
    assert before.judged.mae == after.judged.mae


def test_gaps_are_no_zeros() -> None:
    values = seasons() + wandering(0.5)
    holes = np.random.default_rng(5).random(SIZE) < 0.2
    kept = ~holes
    found = outlook(HOURS[kept], values[kept], NOW_US)
    assert found is not None and np.isfinite(found.expected).all()
    assert found.judged.mae < 2.0
    usual = profile(np.where(holes, np.nan, values))
    assert np.isfinite(usual[WEEK_H * 7 :]).mean() > 0.99


@pytest.mark.parametrize("size", [0, 10, LEAST_H - 1])
def test_too_little_past_makes_no_forecast(size: int) -> None:
    assert outlook(HOURS[:size], seasons()[:size], int(HOURS[size]) if size else NOW_US) is None


def test_a_quiet_past_and_one_that_is_always_the_same_are_no_error() -> None:
    found = forecast(np.zeros(SIZE))
    assert found.method == "naive" and (found.expected == 0).all() and (found.high == 0).all()
