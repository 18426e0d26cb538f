"""Stories: coherent, repeated, the same for the same seed; and everyday life beside them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from ops_center.world.occurrences import KINDS, MAGNITUDES
from ops_center.world.scenario import SCENARIOS
from ops_center.world.story import EVERYDAY_PER_HOUR, Story
from tests.feeds import cities

LOUD = [name for name in SCENARIOS if name != "calm"]


def story(name: str, seed: int = 7) -> Story:
    return Story(cities.city(), seed, cities.START_US, SCENARIOS[name])


@pytest.mark.parametrize("name", LOUD)
def test_a_story_begins_within_two_minutes_and_is_told_again_elsewhere(name: str) -> None:
    told = story(name)
    early = [one for one in told.active(cities.START_US + 2 * MINUTE_US) if one.story == name]
    assert early
    period_us = round(told.scenario.period_s * SECOND_US)
    sites = {
        one.site
        for cycle in range(6)
        for one in told.active(cities.START_US + cycle * period_us + 2 * MINUTE_US)
        if one.story == name
    }
    assert len(sites) > 1


@pytest.mark.parametrize("name", LOUD)
def test_all_beats_of_one_telling_share_their_site_and_end_before_the_next(name: str) -> None:
    scenario = SCENARIOS[name]
    told = [one for one in story(name).between(cities.START_US, cities.START_US + 1) if one.story == name]
    assert not told
    first = [
        one
        for one in story(name).between(cities.START_US, cities.START_US + round(scenario.period_s * SECOND_US))
        if one.story == name
    ]
    assert len(first) == len(scenario.beats)
    assert len({one.site for one in first}) == 1
    assert max(one.end_us for one in first) <= cities.START_US + round(scenario.period_s * SECOND_US)


def test_the_burst_is_on_a_main_and_the_release_at_a_plant() -> None:
    pack = cities.city()
    burst = story("burst").active(cities.START_US + 2 * MINUTE_US, "pipe_burst")[0].site
    mains = pack.table("pipe_links").set_index("link_id")
    assert mains.loc[burst.pipe_link, "network"] == "water"
    release = story("chemical").active(cities.START_US + 2 * MINUTE_US, "toxic_release")[0].site
    assert pack.table("facilities").set_index("facility_id").loc[release.facility_id, "kind"] == "plant"


def test_no_main_bursts_where_works_or_a_tank_hold_the_pressure() -> None:
    pack = cities.city()
    links, nodes = pack.table("pipe_links").set_index("link_id"), pack.table("pipe_nodes").set_index("node_id")
    bursts = {
        story("burst", seed).active(cities.START_US + 2 * MINUTE_US, "pipe_burst")[0].site.pipe_link
        for seed in range(60)
    }
    assert len(bursts) > 10
    ends = links.loc[sorted(bursts), ["from_node", "to_node"]].to_numpy().ravel()
    assert set(nodes.loc[ends, "kind"]) == {"junction"}


def test_strength_rises_stays_and_fades() -> None:
    (rain,) = story("storm").active(cities.START_US + 2 * MINUTE_US, "rainstorm")
    times = np.linspace(rain.start_us - 1, rain.end_us + 1, 200).astype(int)
    strengths = [rain.strength(int(time)) for time in times]
    assert (strengths[0], strengths[-1], max(strengths)) == (0.0, 0.0, 1.0)
    peak = int(np.argmax(strengths))
    assert (np.diff(strengths[: peak + 1]) >= 0).all()


def test_the_same_seed_tells_the_same_and_another_seed_another() -> None:
    day = (cities.START_US, cities.START_US + DAY_US // 4)
    assert story("crash").between(*day) == story("crash").between(*day)
    assert story("crash").between(*day) != story("crash", seed=8).between(*day)


def test_everyday_life_happens_about_as_often_as_stated() -> None:
    hours = 24 * 20
    told = story("calm")
    found = Counter(one.kind for one in told.between(cities.START_US, cities.START_US + hours * HOUR_US))
    assert set(found) == set(EVERYDAY_PER_HOUR)
    for kind, rate in EVERYDAY_PER_HOUR.items():
        expected = rate * told._scale * hours
        assert abs(found[kind] - expected) < 5 * np.sqrt(expected) + 2


def test_what_is_active_is_what_is_between() -> None:
    told = story("burst")
    for minute in range(0, 180, 7):
        now_us = cities.START_US + minute * MINUTE_US
        assert set(told.active(now_us)) == set(told.between(now_us, now_us + 1))


def test_nothing_happened_before_the_city_began() -> None:
    assert story("storm").active(cities.START_US - 1) == ()


def test_identifiers_are_unique_also_after_a_restart() -> None:
    later = Story(cities.city(), 7, cities.START_US + 5 * HOUR_US, SCENARIOS["crash"])
    span = (cities.START_US, cities.START_US + 10 * HOUR_US)
    first, second = story("crash").between(*span), later.between(*span)
    assert len({one.occurrence_id for one in first}) == len(first)
    same = {one.occurrence_id: one for one in first}
    assert all(same[one.occurrence_id] == one for one in second if one.occurrence_id in same and one.story == "crash")


def test_every_kind_says_what_its_magnitude_means() -> None:
    assert set(MAGNITUDES) == set(KINDS)
