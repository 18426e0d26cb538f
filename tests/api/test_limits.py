"""Buckets and slots: how much passes, how long the others wait, and that memory stays bounded."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.api.limits import Buckets, RateLimits, Slots, address_key


class Seconds:
    """A monotonic clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_then_as_much_as_time_brings() -> None:
    seconds = Seconds()
    buckets = Buckets(2.0, 6.0, now=seconds)
    assert [buckets.take("a") for _ in range(6)] == [0.0] * 6
    assert buckets.take("a") == pytest.approx(0.5)
    seconds.now += 0.5
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0.0, "another key has a bucket of its own"


def test_who_waits_as_long_as_told_passes() -> None:
    seconds = Seconds()
    buckets = Buckets(3.0, 5.0, now=seconds)
    while not (wait_s := buckets.take("a", 4)):
        pass
    seconds.now += wait_s + 1e-9
    assert buckets.take("a", 4) == 0.0


@given(st.lists(st.floats(0, 5), max_size=200))
def test_never_more_than_burst_and_rate_together(pauses: list[float]) -> None:
    seconds = Seconds()
    buckets = Buckets(4.0, 8.0, now=seconds)
    passed = 0
    for pause in pauses:
        seconds.now += pause
        passed += buckets.take("a") == 0.0
    assert passed <= 8 + 4 * sum(pauses) + 1e-6


def test_memory_is_bounded_and_the_longest_unused_goes_first() -> None:
    buckets = Buckets(0.001, 1.0, keys=3)
    for key in ("a", "b", "c"):
        assert buckets.take(key) == 0.0
    assert buckets.take("a") > 0, "still known, and now the last used"
    assert buckets.take("d") == 0.0
    assert len(buckets) == 3
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0.0, "b was forgotten"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=300))
def test_slots_never_exceed_their_number_and_leave_nothing_behind(steps: list[tuple[str, bool]]) -> None:
    slots = Slots(3)
    held: Counter[str] = Counter()
    for key, takes in steps:
        if takes:
            assert slots.take(key) == (held[key] < 3)
            held[key] = min(held[key] + 1, 3)
        elif held[key]:
            slots.give_back(key)
            held[key] -= 1
        assert slots.held(key) == held[key]
    for key, number in held.items():
        for _ in range(number):
            slots.give_back(key)
    assert not slots._held


def test_the_setting_is_the_rate_of_a_session_with_ten_seconds_at_once() -> None:
    seconds = Seconds()
    limits = RateLimits(5.0, now=seconds)
    assert sum(limits.session.take("s") == 0.0 for _ in range(100)) == 50
    assert limits.anonymous.take("s") == 0.0, "kinds don't share buckets"
    assert sum(limits.signing_in.take("x") == 0.0 for _ in range(100)) == 30


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("nonsense", "nonsense"),
    ],
)
def test_addresses_of_one_customer_count_as_one(address: str, key: str) -> None:
    assert address_key(address) == key
