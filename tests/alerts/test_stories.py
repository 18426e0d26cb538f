"""The rules that ship, over the model city: each story shows within minutes as few lines, a calm while is calm."""

from __future__ import annotations

import pytest

from benchmarks.city_day import CityDay
from benchmarks.judge_stories import START_US, WANTED
from ops_center.domain.time import HOUR_US, MINUTE_US
from ops_center.world.world import World
from tests.feeds.cities import city

THINGS = 800
MINUTES = {"burst": 8, "crash": 8, "chemical": 12, "storm": 26}


@pytest.mark.parametrize("story", WANTED)
def test_a_story_shows_within_minutes_as_few_lines(story: str) -> None:
    pack = city(THINGS)
    day = CityDay(pack, World.from_pack(pack, seed=7, start_us=START_US, scenario=story))
    day.live(60 * MINUTES[story])
    raised = {alarm.rule for alarm in day.alarms.values()}
    for kind, rules in WANTED[story].items():
        assert raised & set(rules), f"{kind} was not noticed"
    assert len(day.lines) <= 8, [alarm.rule for _, alarm in day.lines]
    first_us = min(one.start_us for one in day.world.ground.story.between(START_US, day.world.now_us) if one.story)
    assert min(time_us for time_us, alarm in day.lines if alarm.priority <= 2) - first_us < 6 * MINUTE_US


@pytest.mark.parametrize("hour", [0, 16])
def test_a_burst_is_found_wherever_it_is_by_day_and_by_night(hour: int) -> None:
    pack = city(THINGS)
    for seed in range(1, 7):
        day = CityDay(pack, World.from_pack(pack, seed=seed, start_us=START_US + hour * HOUR_US, scenario="burst"))
        day.live(240)
        assert "water_burst" in {alarm.rule for alarm in day.alarms.values()}, f"seed {seed}"


def test_a_calm_while_is_calm() -> None:
    pack = city(THINGS)
    day = CityDay(pack, World.from_pack(pack, seed=7, start_us=START_US))
    day.live(1200)
    assert len(day.lines) <= 4, [alarm.rule for _, alarm in day.lines]
