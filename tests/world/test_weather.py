"""Weather over a year, a storm over a day: seasons, what follows what, and warnings by the book."""

from collections.abc import Callable

import numpy as np
import pytest

from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US, to_datetime
from ops_center.world.climate import Climate
from ops_center.world.drains import DrainLevels, drawn
from ops_center.world.rain import Rain, Storm
from ops_center.world.rainstorm import RAINSTORM, RainstormWarnings
from ops_center.world.rivers import RiverLevels, reach
from ops_center.world.world import World
from tests.world.conftest import START_US

YEAR = START_US // DAY_US * DAY_US - np.arange(365 * 24, 0, -1) * HOUR_US
CLIMATE = Climate(7, "Asia/Shanghai", 32.0)


def one_storm(peak_mm_h: float = 80.0, hours: float = 1.5, radius_m: float = 5000.0) -> Storm:
    start = START_US + 2 * HOUR_US
    return Storm(start, start + int(hours * HOUR_US), 15 * MINUTE_US, peak_mm_h, 0.0, 0.0, radius_m)


def dry_but_for(*storms: Storm) -> Rain:
    """Rain of a seed and time without rain of its own."""
    for seed in range(100):
        rain = Rain(seed, (0.0, 0.0), 10_000.0, lambda first, last: [s for s in storms if s.start_us < last])
        natural = Rain(seed, (0.0, 0.0), 10_000.0)
        if not natural.areal(START_US - 5 * DAY_US + np.arange(8 * 24) * HOUR_US).any():
            return rain
    raise AssertionError("a hundred wet seeds")


def test_summer_is_warm_winter_is_cold_and_afternoons_are_warmer_than_dawns() -> None:
    air = CLIMATE.at(YEAR)
    month = np.array([to_datetime(int(time)).month for time in YEAR])
    hour = CLIMATE.local_hours(YEAR)
    assert 25 < air.temperature_c[month == 7].mean() < 32
    assert -1 < air.temperature_c[month == 1].mean() < 7
    afternoon, dawn = air.temperature_c[hour == 15], air.temperature_c[hour == 5]
    assert 5 < afternoon.mean() - dawn.mean() < 13
    assert air.humidity_percent[hour == 5].mean() > air.humidity_percent[hour == 15].mean() + 15


def test_the_sun_is_down_at_night_and_highest_at_noon_in_june() -> None:
    sun = CLIMATE.sun(YEAR)
    hour = CLIMATE.local_hours(YEAR)
    assert np.all(sun[(hour < 4) | (hour > 20)] == 0)
    assert to_datetime(int(YEAR[np.argmax(sun)])).month in {6, 7}


def test_the_wind_comes_from_the_south_in_summer_and_from_the_north_in_winter() -> None:
    speed, origin = CLIMATE.wind(YEAR)
    northward = -np.cos(np.radians(origin)) * speed
    month = np.array([to_datetime(int(time)).month for time in YEAR])
    assert northward[np.isin(month, (6, 7, 8))].mean() > 0.3
    assert northward[np.isin(month, (12, 1, 2))].mean() < -0.3
    assert 1.5 < speed.mean() < 3.5


def test_yearly_rain_is_that_of_the_normals_and_most_of_it_falls_in_summer() -> None:
    times = np.arange(365 * 24 * 6) * 10 * MINUTE_US + YEAR[0]
    months = np.array([to_datetime(int(time)).month for time in times[::6]])
    totals, summers = [], []
    for seed in range(12):
        hourly = Rain(seed, (0.0, 0.0), 10_000.0).areal(times).reshape(-1, 6).mean(axis=1)
        totals.append(hourly.sum())
        summers.append(hourly[np.isin(months, (5, 6, 7, 8))].sum())
    assert 950 < np.mean(totals) < 1300  # the twelve normals add up to 1,121 mm
    assert 0.45 < np.sum(summers) / np.sum(totals) < 0.7


def test_a_cell_moves_with_its_wind() -> None:
    rain = Rain(7, (0.0, 0.0), 10_000.0)
    grid_x, grid_y = (axis.ravel() for axis in np.meshgrid(np.linspace(-3e4, 3e4, 61), np.linspace(-3e4, 3e4, 61)))
    event = rain._made(1, START_US, START_US + 2 * HOUR_US, 0.3, 1.0)  # one single cell
    from ops_center.world.rain import _of_event

    middle = int(event.cells.born_us[0] + event.cells.life_us[0] / 2)
    times = np.array([middle - 5 * MINUTE_US, middle + 5 * MINUTE_US])
    fields = _of_event(event, times, grid_x, grid_y)
    centres = [(np.average(grid_x, weights=f), np.average(grid_y, weights=f)) for f in fields]
    moved = np.subtract(centres[1], centres[0]) / 600.0
    np.testing.assert_allclose(moved, event.velocity_mps, rtol=0.1, atol=0.3)


def test_a_storm_raises_drains_at_once_and_the_river_hours_later() -> None:
    storm = one_storm()
    rain = dry_but_for(storm)
    spots = np.zeros(20), np.zeros(20)
    drains = DrainLevels(drawn(7, *spots, np.full(20, np.nan), np.full(20, np.nan)), rain)
    rivers = RiverLevels(7, (reach(7, "R", "river"),), rain, CLIMATE)
    times = storm.start_us + np.arange(-6, 48 * 6) * 10 * MINUTE_US
    levels = np.array([drains.at(int(time)).mean() for time in times])
    stages = rivers.at(times)[:, 0] - RiverLevels(7, rivers.reaches, dry_but_for(), CLIMATE).at(times)[:, 0]
    assert levels[:6].max() == pytest.approx(drains.drains.dry_m.mean(), rel=1e-6)
    drain_peak, river_peak = times[np.argmax(levels)], times[np.argmax(stages)]
    assert storm.start_us < drain_peak <= storm.end_us + 15 * MINUTE_US
    assert levels.max() > drains.drains.diameter_m.mean(), "a cloudburst surcharges"
    assert levels[-1] == pytest.approx(levels[0], rel=0.01), "and runs off"
    assert stages.max() > 0.2
    assert 3 * HOUR_US < river_peak - drain_peak < 24 * HOUR_US


def test_ordinary_rain_runs_off_in_the_pipes() -> None:
    rain = dry_but_for(one_storm(peak_mm_h=8.0, hours=5))
    drains = DrainLevels(drawn(7, np.zeros(9), np.zeros(9), np.full(9, np.nan), np.full(9, np.nan)), rain)
    highest = np.max([drains.at(START_US + step * 10 * MINUTE_US) for step in range(60)], axis=0)
    assert np.all(highest < drains.drains.diameter_m)
    assert np.all(highest > drains.drains.dry_m)


def test_levels_of_drains_are_the_same_whenever_they_are_asked() -> None:
    rain = dry_but_for(one_storm())
    make = lambda: DrainLevels(drawn(7, np.zeros(3), np.zeros(3), np.full(3, np.nan), np.full(3, np.nan)), rain)  # noqa: E731
    forwards, backwards = make(), make()
    times = [START_US + hour * HOUR_US for hour in range(0, 80, 7)]
    there = [forwards.at(time) for time in times]
    back = [backwards.at(time) for time in reversed(times)][::-1]
    np.testing.assert_array_equal(there, back)


@pytest.mark.parametrize(
    ("peak", "hours", "level"),
    [(4.2, 13.0, "blue"), (10.0, 6.0, "yellow"), (25.0, 2.8, "orange"), (60.0, 2.2, "red"), (2.0, 10.0, None)],
)
def test_each_level_is_issued_at_its_threshold(peak: float, hours: float, level: str | None) -> None:
    storm = one_storm(peak, hours, radius_m=1e7)
    warnings = RainstormWarnings(dry_but_for(storm), {"D01": (0.0, 0.0)})
    issued = warnings.issued(START_US, START_US + 23 * HOUR_US)
    order = [None, *(one.name for one in RAINSTORM)]
    highest = max((order.index(one.level.name if one.level else None) for one in issued), default=0)
    assert order[highest] == level


def test_a_warning_says_from_when_to_when_and_is_ended_after_the_rain() -> None:
    warnings = RainstormWarnings(dry_but_for(one_storm(60.0, 2.2)), {"D01": (0.0, 0.0)})
    issued = warnings.issued(START_US, START_US + 23 * HOUR_US)
    first, last = issued[0], issued[-1]
    assert first.level is not None and first.depth_mm >= first.level.depth_mm
    assert first.valid_until_us - first.issued_us == first.level.hours * HOUR_US
    assert last.level is None
    pieces = [w for k in range(23) for w in warnings.issued(START_US + k * HOUR_US, START_US + (k + 1) * HOUR_US)]
    assert pieces == list(issued), "however often one asks, each is issued once"


def test_the_storm_of_the_story_falls_on_the_gauges(make_world: Callable[..., World]) -> None:
    world = make_world("storm")
    before = world.weather.rain_mm_h(START_US)
    world.step(START_US + 45 * MINUTE_US)
    assert world.weather.rain_mm_h(world.now_us) > before + 20
    measured = world.weather.gauges.readings["rain_intensity"]
    assert np.nanmedian(measured) > 20
    assert {one.district for one in world.weather.issued} and all(one.level for one in world.weather.issued)
