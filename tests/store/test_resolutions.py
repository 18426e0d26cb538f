"""A chart gets the resolution it can show, and its line breaks where data is missing."""

from __future__ import annotations

import numpy as np
import pytest

from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US
from ops_center.store.port import Resolution, Series
from ops_center.store.resolutions import resolution_for, with_gaps


@pytest.mark.parametrize(
    ("span_us", "interval_s", "wanted"),
    [
        (HOUR_US, 10.0, "raw"),
        (DAY_US, 10.0, "1m"),
        (7 * DAY_US, 10.0, "15m"),
        (30 * DAY_US, 10.0, "1h"),
        (400 * DAY_US, 10.0, "1d"),
        (4000 * DAY_US, 10.0, "1d"),
        (30 * DAY_US, 3600.0, "raw"),
    ],
)
def test_the_finest_resolution_that_fits_is_chosen(span_us: int, interval_s: float, wanted: Resolution) -> None:
    assert resolution_for(span_us, interval_s) == wanted


def series(resolution: Resolution, times: list[int]) -> Series:
    n = len(times)
    ones = np.ones(n)
    return Series(resolution, np.array(times, np.int64), ones, ones, ones, np.ones(n, np.int64), np.zeros(n, np.uint8))


def test_a_missing_bucket_breaks_the_line() -> None:
    broken = with_gaps(series("1m", [0, MINUTE_US, 4 * MINUTE_US]), interval_s=10.0)
    assert np.isnan(broken.mean).tolist() == [False, False, True, False]
    assert (np.diff(broken.time_us) > 0).all()
    assert broken.count.tolist() == [1, 1, 0, 1]


def test_a_station_that_reports_hourly_is_not_cut_into_pieces() -> None:
    whole = with_gaps(series("15m", [0, HOUR_US, 2 * HOUR_US]), interval_s=3600.0)
    assert not np.isnan(whole.mean).any()


def test_three_missed_reports_break_a_raw_line() -> None:
    broken = with_gaps(series("raw", [0, 10_000_000, 30_000_000, 70_000_000]), interval_s=10.0)
    assert np.isnan(broken.mean).tolist() == [False, False, False, True, False]


def test_an_empty_series_stays_empty() -> None:
    assert len(with_gaps(series("1h", []), 10.0).time_us) == 0
