"""Time is exact to the microsecond, aware, and shown in the city's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.time import ManualClock, SystemClock, from_datetime, in_zone, to_datetime


@given(st.integers(-(10**16), 10**17))
def test_microseconds_survive_the_way_through_datetime(us: int) -> None:
    assert from_datetime(to_datetime(us)) == us


def test_the_zone_of_a_datetime_does_not_change_the_moment() -> None:
    noon_in_nanjing = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=8)))
    assert to_datetime(from_datetime(noon_in_nanjing)) == datetime(2026, 3, 1, 4, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        from_datetime(datetime(2026, 3, 1))  # noqa: DTZ001


def test_a_screen_shows_the_city_s_time() -> None:
    assert in_zone(0, "Asia/Shanghai").isoformat() == "1970-01-01T08:00:00+08:00"


def test_a_manual_clock_moves_when_told_and_the_system_clock_is_now() -> None:
    clock = ManualClock(us=5)
    clock.advance(1.5)
    assert clock.now_us() == 1_500_005
    assert abs(SystemClock().now_us() - from_datetime(datetime.now(UTC))) < 5_000_000
