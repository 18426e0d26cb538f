"""Which scene is due: windows by the city's clock, else turns that everybody counts alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US, from_datetime
from ops_center.scenes.reading import judged
from ops_center.scenes.scene import Scene
from ops_center.scenes.timetable import due
from tests.scenes.shapes import KINDS, form, window

ZONE = "Asia/Shanghai"
PEAK = window("mon tue wed thu fri", "07:00", "09:30")


def scene(name: str, **more: Any) -> Scene:
    found = judged(form(name, **more), KINDS)
    assert isinstance(found, Scene), found
    return found


def at(day: int, hour: int, minute: int = 0, zone: str = ZONE) -> int:
    return from_datetime(datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(zone)))  # the 30th is a Monday


def test_a_window_is_meant_by_the_citys_clock_and_says_until_when() -> None:
    scenes = [scene("calm", rotate_s=60), scene("peak", schedule=[PEAK])]
    found = due(scenes, at(30, 8), ZONE)
    assert found and (found.name, found.until_us) == ("peak", at(30, 9, 30))
    before = due(scenes, at(30, 6, 59), ZONE)
    assert before and (before.name, before.until_us) == ("calm", at(30, 7))
    assert (due(scenes, at(30, 9, 30), ZONE) or found).name == "calm"
    assert (due(scenes, at(29, 8), ZONE) or found).name == "calm", "it was a Sunday"
    assert (due(scenes, at(30, 8, zone="UTC"), ZONE) or found).name == "calm", "it is the afternoon there"


def test_a_window_over_midnight_ends_on_the_next_day_and_over_the_week() -> None:
    scenes = [scene("night", schedule=[window("sun", "22:00", "06:00")])]
    assert due(scenes, at(29, 23), ZONE) and due(scenes, at(30, 5, 59), ZONE)
    assert due(scenes, at(30, 6), ZONE) is None and due(scenes, at(29, 5), ZONE) is None


def test_the_rotation_gives_each_its_turn_in_order() -> None:
    scenes = [scene("b", order=2, rotate_s=30), scene("a", order=1, rotate_s=60), scene("c", order=0)]
    begin = at(30, 12)
    begin -= begin % (90 * SECOND_US)
    shown = [due(scenes, begin + second * SECOND_US, ZONE) for second in range(0, 180, 10)]
    names = [one.name for one in shown if one]
    assert names == [*(["a"] * 6 + ["b"] * 3), *(["a"] * 6 + ["b"] * 3)]
    assert shown[0] and shown[0].until_us == begin + 60 * SECOND_US


def test_where_windows_overlap_their_scenes_take_turns() -> None:
    scenes = [scene("one", schedule=[PEAK]), scene("two", schedule=[PEAK], order=501)]
    shown = {found.name for minute in range(4) if (found := due(scenes, at(30, 8, minute), ZONE))}
    assert shown == {"one", "two"}


def test_nothing_is_due_where_nothing_is_planned() -> None:
    assert due([scene("a"), scene("b")], at(30, 8), ZONE) is None
    assert due([], at(30, 8), ZONE) is None


@given(st.integers(0, 8 * DAY_US), st.integers(0, 300), st.integers(0, 300))
def test_what_is_due_stays_so_until_it_said(offset: int, first_s: int, second_s: int) -> None:
    now = at(23, 0) + offset
    scenes = [
        scene("a", rotate_s=first_s),
        scene("b", rotate_s=second_s, order=501),
        scene("peak", schedule=[PEAK, window("sat", "20:00", "02:00")], order=502),
    ]
    found = due(scenes, now, ZONE)
    if found is None:
        assert not first_s and not second_s
        return
    assert now < found.until_us <= now + DAY_US + MINUTE_US
    for moment in (now + (found.until_us - now) // 2, found.until_us - 1):
        again = due(scenes, moment, ZONE)
        assert again and again.name == found.name
    assert HOUR_US > 0
