"""Cameras see what is near them, a little late, and sometimes what isn't there; and count people."""

from __future__ import annotations

import numpy as np

from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from ops_center.world.cameras import FALSE_PER_CAMERA_HOUR, SIGHTING_OF, Sighting
from ops_center.world.ground import Moment
from ops_center.world.world import World
from tests.feeds import cities


def seen(world: World, hours: float, step_s: int = 30) -> list[Sighting]:
    found: list[Sighting] = []
    for elapsed_s in range(0, round(hours * 3600), step_s):
        start_us = world.ground.start_us + elapsed_s * SECOND_US
        world.cameras.step(Moment(start_us, start_us + step_s * SECOND_US))
        found += world.cameras.sightings
    return found


def test_a_story_is_seen_within_a_minute_or_two_by_cameras_near_it() -> None:
    world = cities.world("crash")
    crash = world.ground.story.active(cities.START_US + 2 * MINUTE_US, "crash")
    (story,) = [one for one in crash if one.story == "crash"]
    reports = [one for one in seen(world, 0.2) if one.occurrence == story]
    assert reports
    assert reports[0].kind == "stopped_vehicle"
    assert 0 < reports[0].time_us - story.start_us < 2 * MINUTE_US
    cameras = world.ground.pack.features("cameras").set_index("camera_id")
    for report in reports:
        x, y = world.ground.metric.to_metres(*cameras.loc[report.camera].geometry.coords[0])
        px, py = world.ground.metric.to_metres(report.longitude, report.latitude)
        assert np.hypot(x - px, y - py) < 470


def test_what_is_seen_is_what_happens_and_reports_repeat_while_it_lasts() -> None:
    found = seen(cities.world("burst"), 2.0)
    for report in found:
        if report.occurrence is not None:
            assert report.kind == SIGHTING_OF[report.occurrence.kind]
            assert report.occurrence.start_us < report.time_us < report.occurrence.end_us
    floods = [one for one in found if one.kind == "flooding" and one.occurrence is not None]
    per_camera = [one for one in floods if one.camera == floods[0].camera]
    assert len(per_camera) > 3
    assert min(np.diff([one.time_us for one in per_camera])) >= 100 * SECOND_US


def test_identifiers_are_unique_and_reports_do_not_depend_on_the_steps() -> None:
    coarse, fine = seen(cities.world("storm"), 1.5, 900), seen(cities.world("storm"), 1.5, 7)
    assert len({one.sighting_id for one in fine}) == len(fine)
    end_us = cities.START_US + 5000 * SECOND_US
    assert sorted(one.sighting_id for one in coarse if one.time_us < end_us) == sorted(
        one.sighting_id for one in fine if one.time_us < end_us
    )


def test_false_reports_come_at_the_stated_rate_and_are_less_sure() -> None:
    world = cities.world()
    found = seen(world, 48, 3600)
    false = [one for one in found if one.occurrence is None]
    true = [one for one in found if one.occurrence is not None]
    expected = FALSE_PER_CAMERA_HOUR * len(world.cameras.things) * 48
    assert abs(len(false) - expected) < 5 * np.sqrt(expected)
    assert np.mean([one.confidence for one in false]) < np.mean([one.confidence for one in true]) - 0.1


def test_a_pause_of_months_reports_at_most_a_day_of_false_alarms() -> None:
    world = cities.world()
    world.cameras.step(Moment(cities.START_US, cities.START_US + 90 * DAY_US))
    false = [one for one in world.cameras.sightings if one.occurrence is None]
    assert all(one.time_us > cities.START_US + 89 * DAY_US for one in false)


def test_streets_are_full_by_day_and_empty_at_night_and_fuller_in_the_centre() -> None:
    day, night = (
        cities.world(start_us=cities.START_US + 4 * HOUR_US),
        cities.world(start_us=cities.START_US - 5 * HOUR_US),
    )
    for world in (day, night):
        world.step(world.now_us + 10 * SECOND_US)
    assert day.people.count.sum() > 8 * night.people.count.sum()
    distance = np.hypot(*(day.people._xy_m - day.ground.centre_m).T)
    near = distance < np.median(distance)
    assert day.people.usual[near].mean() > 1.2 * day.people.usual[~near].mean()
    assert (day.people.sensors.readings["people_count"] >= 0).sum() >= 0.98 * len(day.people.sensors.due)


def test_a_crowd_is_counted_by_the_cameras_around_it() -> None:
    world = cities.world()
    crowd = next(
        iter(
            one for one in world.ground.story.between(world.now_us, world.now_us + 12 * HOUR_US) if one.kind == "crowd"
        )
    )
    middle_us = (crowd.start_us + crowd.end_us) // 2
    before = world.people.usual * world.people._rhythm(middle_us)[0]
    more = world.people._crowds(middle_us)
    watching = world.cameras.watching(crowd)
    assert more[watching[0]] > 5
    assert more.min() < 1
    assert (before + more >= before).all()
