"""History is the models' own past: deterministic, seasonal, cheap, and it goes on where the live city begins."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from ops_center.domain.time import HOUR_US, MINUTE_US
from ops_center.world.figures import POLLUTANTS
from ops_center.world.history import Grown, History, Track
from ops_center.world.subjects import GROUPS
from ops_center.world.world import World
from tests.world.conftest import START_US

FULL_HOUR = START_US // HOUR_US * HOUR_US
TOLERANCE = {
    "mean_speed": 0.06,
    "congestion_index": 0.08,
    "mean_lane_flow": 0.15,
    "mean_pm25": 0.25,
    "people_present": 0.08,
    "inflow": 0.25,
    "least_pressure": 0.15,
    "mean_pressure": 0.08,
    "mean_tank_level": 0.5,
    "mean_drain_level": 0.3,
    "mean_river_level": 0.02,
}
"""stated: by how much the first live hour may differ from the last hour of history, over it, where nothing happens"""


@pytest.fixture(scope="module")
def world(make_world: Callable[..., World]) -> World:
    return make_world(start_us=FULL_HOUR)


@pytest.fixture(scope="module")
def grown(world: World) -> Grown:
    return History(world).grow("1h", days=30)


def tracks(grown: Grown) -> dict[tuple[str, str], Track]:
    return {(track.thing_id, track.observed_property): track for track in grown.tracks}


def test_every_figure_of_every_subject_has_a_past(world: World, grown: Grown) -> None:
    expected = {
        (one.thing_id, name) for one in world.figures.subjects for name in GROUPS[one.group] if name != "aqi"
    } | {(str(station), name) for station in world.air.stations.ids for name in POLLUTANTS}
    assert set(tracks(grown)) == expected
    assert set(grown.hourly_means) == {one.thing_id for one in world.figures.subjects if "aqi" in GROUPS[one.group]}
    for track in grown.tracks:
        assert np.all(track.low <= track.mean + 1e-9) and np.all(track.mean <= track.high + 1e-9)
        assert np.isfinite(track.mean).all(), track.observed_property


def test_history_ends_where_the_live_city_begins(grown: Grown) -> None:
    assert grown.bucket_us[-1] == FULL_HOUR - HOUR_US
    assert len(grown.bucket_us) == 30 * 24
    assert np.all(np.diff(grown.bucket_us) == HOUR_US)


def test_the_same_city_has_the_same_past(make_world: Callable[..., World], grown: Grown) -> None:
    again = History(make_world(start_us=FULL_HOUR)).grow("1h", days=30)
    for one, other in zip(grown.tracks, again.tracks, strict=True):
        np.testing.assert_array_equal(one.mean, other.mean)


def test_a_city_that_starts_an_hour_later_has_the_same_past(make_world: Callable[..., World], grown: Grown) -> None:
    later = tracks(History(make_world(start_us=FULL_HOUR + HOUR_US)).grow("1h", days=3))
    for key, track in tracks(grown).items():
        np.testing.assert_allclose(later[key].mean[-25:-1], track.mean[-24:], rtol=1e-9, err_msg=str(key))


def test_the_first_live_hour_goes_on_where_history_ends(world: World, make_world: Callable[..., World]) -> None:
    """Compared with the past of a city that began an hour later: the same hour, as history and as life."""
    past = tracks(History(make_world(start_us=FULL_HOUR + HOUR_US)).grow("1h", days=1))
    lived: dict[tuple[str, str], list[float]] = {}
    for minute in range(60):
        world.step(FULL_HOUR + minute * MINUTE_US + 5_000_000)
        for key, value in _figures(world):
            lived.setdefault(key, []).append(value)
    compared = 0
    for key, values in lived.items():
        tolerance = TOLERANCE.get(key[1])
        if tolerance is not None:
            compared += 1
            assert np.mean(values) == pytest.approx(past[key].mean[-1], rel=tolerance), key
    assert compared > 20
    world.step(FULL_HOUR + HOUR_US + 1_000_000)
    for name in POLLUTANTS:
        sent = world.air.stations.readings[name]
        history = np.array([past[str(i), name].mean[-1] for i in world.air.stations.ids[world.air.stations.due]])
        assert np.nanmedian(np.abs(sent - history) / history) < 0.12, name


def _figures(world: World) -> Iterator[tuple[tuple[str, str], float]]:
    for group, columns in world.figures.values.items():
        names = [one.thing_id for one in world.figures.subjects if one.group == group]
        for name, values in columns.items():
            for thing_id, value in zip(names, values.tolist(), strict=True):
                yield (thing_id, name), value


def test_quarters_are_finer_but_no_other_past(world: World, grown: Grown) -> None:
    quarters = History(world).grow("15m", days=2)
    by_hour = tracks(grown)
    for track in quarters.tracks:
        hourly = by_hour[track.thing_id, track.observed_property].mean[-48:]
        if track.producer == "air":
            np.testing.assert_allclose(track.mean[::4], hourly)
            assert np.isnan(track.mean.reshape(48, 4)[:, 1:]).all()
        elif track.observed_property not in {"mean_rain", "surcharged_share", "mean_drain_level"}:
            np.testing.assert_allclose(track.mean.reshape(48, 4).mean(axis=1), hourly, rtol=0.12)


def test_rush_hours_are_slower_than_nights(world: World, grown: Grown) -> None:
    speed = tracks(grown)["road_class:arterial", "mean_speed"].mean
    local = world.weather.climate.local_hours(grown.bucket_us).astype(int)
    weekday = (world.weather.climate.local_days(grown.bucket_us) + 3) % 7
    rush = speed[(local == 8) & (weekday < 5)].mean()
    assert rush < 0.9 * speed[local == 3].mean()


def test_thirteen_months_take_seconds(make_world: Callable[..., World]) -> None:
    world = make_world(start_us=FULL_HOUR)
    began = time.process_time()
    history = History(world)
    rows = sum(np.isfinite(track.mean).sum() for grain in ("1h", "15m") for track in history.grow(grain).tracks)
    assert rows > 500_000
    assert time.process_time() - began < 15
