"""Days on the leader's page are days of the city, also where a day has 23 or 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from ops_center.domain.time import HOUR_US, from_datetime
from ops_center.screens.leader_chart import daily, days, months


def us(*when: int) -> int:
    return from_datetime(datetime(*when, tzinfo=UTC))  # type: ignore[misc, arg-type]


def hours(begin_us: int, count: int) -> np.ndarray:
    return begin_us + np.arange(count) * HOUR_US


def test_a_day_is_the_city_s_and_the_one_that_runs_is_not_counted() -> None:
    time_us = hours(us(2026, 11, 28, 16), 24 + 24 + 5)  # the 29th, the 30th and five hours of December, at +8
    mean = np.repeat([1.0, 2.0, 9.0], [24, 24, 5])
    began, means = daily(time_us, mean, "Asia/Shanghai", us(2026, 11, 30, 21))
    assert began == [us(2026, 11, 28, 16) / HOUR_US, us(2026, 11, 29, 16) / HOUR_US]
    np.testing.assert_array_equal(means, [1.0, 2.0])


def test_days_and_months_begin_at_midnight_of_the_city() -> None:
    first, last = us(2026, 11, 29, 12) / HOUR_US, us(2026, 12, 1, 12) / HOUR_US
    assert days(first, last, "Asia/Shanghai") == [
        (us(2026, 11, 29, 16) / HOUR_US, "11-30"),
        (us(2026, 11, 30, 16) / HOUR_US, "12-1"),
    ]
    assert months(first, last, "Asia/Shanghai") == [(us(2026, 11, 30, 16) / HOUR_US, "12/26")]


def test_where_clocks_change_days_are_longer_and_shorter() -> None:
    summer = [hour for hour, _ in days(us(2026, 3, 28) / HOUR_US, us(2026, 3, 31) / HOUR_US, "Europe/Berlin")]
    winter = [hour for hour, _ in days(us(2026, 10, 24) / HOUR_US, us(2026, 10, 27) / HOUR_US, "Europe/Berlin")]
    assert np.diff(summer).tolist() == [23.0, 24.0]
    assert np.diff(winter).tolist() == [25.0, 24.0]
    began, _ = daily(hours(us(2026, 10, 23, 22), 73), np.ones(73), "Europe/Berlin", us(2026, 10, 27))
    assert np.diff(began).tolist() == [24.0, 25.0]
