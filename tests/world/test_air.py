"""Air: plumes go where the wind goes, ozone mirrors NO2, rain cleans, and a release reaches those downwind."""

from collections.abc import Callable

import numpy as np
import pytest

from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US
from ops_center.world.air import Sites
from ops_center.world.plume import Source, dilution, released, stability
from ops_center.world.world import World
from tests.world.conftest import START_US

GROUND = Source(0.0, 0.0, 2.0)
ONE = np.ones(1)


@pytest.mark.parametrize(("wind_from", "towards"), [(0, (0, -1)), (90, (-1, 0)), (225, (0.7071, 0.7071))])
def test_a_plume_lies_downwind(wind_from: float, towards: tuple[float, float]) -> None:
    grid_x, grid_y = (a.ravel() for a in np.meshgrid(np.linspace(-5000, 5000, 41), np.linspace(-5000, 5000, 41)))
    thinned, _ = dilution(GROUND, grid_x, grid_y, 3 * ONE, wind_from * ONE, 0.5 * ONE)
    centre = np.array([np.average(grid_x, weights=thinned[0]), np.average(grid_y, weights=thinned[0])])
    np.testing.assert_allclose(centre / np.hypot(*centre), towards, atol=0.05)
    behind = grid_x * towards[0] + grid_y * towards[1] < -100
    assert thinned[0][behind].max() == 0


def test_a_plume_thins_with_distance_and_with_wind_and_loses_nothing() -> None:
    along = np.array([500.0, 1000.0, 2000.0, 4000.0])
    thinned, travel_s = dilution(GROUND, -along, 0 * along, 4 * ONE, 90 * ONE, 0.3 * ONE)
    assert np.all(np.diff(thinned[0]) < 0)
    np.testing.assert_allclose(travel_s[0], along / 4)
    faster, _ = dilution(GROUND, -along, 0 * along, 4.5 * ONE, 90 * ONE, 0.3 * ONE)
    assert np.all(faster < thinned)
    # What passes a plane across the wind is what was emitted: integrate the crosswind profile, given sigma z.
    across = np.linspace(-3000, 3000, 6001)
    profile, _ = dilution(GROUND, np.full(6001, -2000.0), across, 4 * ONE, 90 * ONE, 0.3 * ONE)
    kind = stability(4 * ONE, 0.3 * ONE)[0]
    sigma_z = 0.20 * 2000.0
    assert kind == 2, "class C: sigma z = 0.20 x (Briggs, urban)"
    np.testing.assert_allclose(profile.sum() * 4.0 * sigma_z * np.sqrt(np.pi / 2), 1.0, rtol=0.01)


def test_air_is_unstable_on_sunny_calm_days_and_stable_in_calm_nights() -> None:
    assert stability(np.array([1.0, 1.0, 7.0, 7.0]), np.array([0.9, 0.0, 0.9, 0.0])).tolist() == [0, 5, 3, 3]


def test_a_high_stack_spares_its_neighbours() -> None:
    near, far = np.array([-100.0]), np.array([-2500.0])
    high = Source(0.0, 0.0, 80.0)
    wind = (3 * ONE, 90 * ONE, 0.0 * ONE)
    assert dilution(high, near, 0 * near, *wind)[0][0, 0] < 0.01 * dilution(high, far, 0 * far, *wind)[0][0, 0]


def test_a_release_arrives_with_the_wind_and_leaves_with_it() -> None:
    def strength(at: np.ndarray) -> np.ndarray:
        return ((at >= 0) & (at < 600_000_000)).astype(float)

    places = np.array([-300.0, -3000.0]), np.zeros(2)
    times = np.arange(0, 60) * MINUTE_US
    wind = (np.full(60, 5.0), np.full(60, 90.0))
    found = released(GROUND, strength, times, places, wind, np.full(60, 0.3))
    near, far = (np.flatnonzero(column > 0) for column in found.T)
    assert (near[0], near[-1]) == (1, 10)  # 300 m at 5 m/s is a minute
    assert (far[0], far[-1]) == (10, 19)  # 3 km ten of them
    assert found[5, 0] > found[15, 1]


def test_days_have_their_shape(make_world: Callable[..., World]) -> None:
    world = make_world()
    times = START_US // DAY_US * DAY_US - np.arange(120 * 24, 0, -1) * HOUR_US
    air = world.air.air.at(times, Sites(np.zeros(1), np.zeros(1), np.ones(1)))
    hour = world.weather.climate.local_hours(times).astype(int)
    mean = {name: np.array([values[hour == h, 0].mean() for h in range(24)]) for name, values in air.items()}
    assert np.argmax(mean["o3"]) in range(13, 17)
    assert np.argmax(mean["no2"]) in {7, 8, 18, 19, 20, 21}
    assert np.corrcoef(air["o3"][:, 0], air["no2"][:, 0])[0, 1] < -0.35
    assert np.all(air["pm10"] > air["pm25"])
    for values in air.values():
        assert np.all(np.isfinite(values)) and np.all(values >= 0)


def test_winter_brings_haze_and_summer_ozone(make_world: Callable[..., World]) -> None:
    world = make_world()
    times = START_US // DAY_US * DAY_US - np.arange(365 * 24, 0, -1) * HOUR_US
    air = world.air.air.at(times, Sites(np.zeros(1), np.zeros(1), np.ones(1)))
    season = world.weather.climate.season(times)
    winter, summer = season < -0.6, season > 0.6
    assert air["pm25"][winter].mean() > 1.4 * air["pm25"][summer].mean()
    assert air["o3"][summer].mean() > 1.6 * air["o3"][winter].mean()
    assert 18 < air["pm25"].mean() < 45


def test_rain_washes_particles_out(make_world: Callable[..., World]) -> None:
    world = make_world()
    times = START_US - np.arange(200 * 24, 0, -1) * HOUR_US
    rain = world.weather.rain.areal(times)
    pm10 = world.air.air.at(times, Sites(np.zeros(1), np.zeros(1), np.ones(1)))["pm10"][:, 0]
    assert pm10[rain > 2].mean() < 0.7 * pm10[rain == 0].mean()


def test_busy_roads_have_more_no2(make_world: Callable[..., World]) -> None:
    world = make_world()
    times = START_US - np.arange(24, 0, -1) * HOUR_US
    air = world.air.air.at(times, Sites(np.zeros(2), np.zeros(2), np.array([0.1, 2.0])))
    assert air["no2"][:, 1].mean() > 1.5 * air["no2"][:, 0].mean()


def test_a_chlorine_release_is_smelt_downwind_and_nowhere_else(make_world: Callable[..., World]) -> None:
    world = make_world("chemical")
    release = next(o for o in world.ground.story.between(START_US, START_US + HOUR_US) if o.kind == "toxic_release")
    x, y = (float(a) for a in world.ground.metric.to_metres(release.site.longitude, release.site.latitude))
    at = release.start_us + 12 * MINUTE_US
    wind = world.weather.climate.at(np.array([at]), world.weather.rain.areal(at))
    angle = np.radians(wind.wind_from_deg[0] + 180.0)
    downwind = Sites(
        x + np.array([600.0, -600.0]) * np.sin(angle), y + np.array([600.0, -600.0]) * np.cos(angle), np.ones(2)
    )
    before, during, after = (world.air.now_at(time, downwind) for time in (START_US, at, release.end_us + HOUR_US))
    assert before["chlorine"].max() == after["chlorine"].max() == 0
    assert during["chlorine"][0] > 1.0, "beyond the limit for workplaces, 1 mg/m³ (GBZ 2.1)"
    assert during["chlorine"][1] == 0
    assert during["pm25"][0] > before["pm25"][0] + 10 > during["pm25"][1]


def test_stations_send_hours_when_they_are_over_and_one_at_once(make_world: Callable[..., World]) -> None:
    world = make_world()
    world.step(START_US + 1_000_000)
    hour = START_US // HOUR_US
    assert set(world.air.stations.time_us.tolist()) == {(hour - 1) * HOUR_US}
    truth = world.air.hour_at_stations((hour - 1) * HOUR_US)
    off = world.air.stations.readings["pm25"] - truth["pm25"][world.air.stations.due]
    assert np.nanmax(np.abs(off)) < 0.2 * truth["pm25"].max()
    world.step(START_US + 2_000_000)
    assert len(world.air.stations.due) == 0
    world.step((hour + 1) * HOUR_US + 1_000_000)
    assert set(world.air.stations.time_us.tolist()) == {hour * HOUR_US}
