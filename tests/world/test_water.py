"""The water supply: EPANET stepped by us is EPANET, and a burst does what bursts do."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import wntr

from ops_center.city.pack import CityPack
from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US
from ops_center.world.epanet import EpanetNetwork, NodeKind
from ops_center.world.water import KPA_PER_M
from ops_center.world.water_quality import chlorine_mg_l, turbidity_ntu, water_age_h
from ops_center.world.world import World
from tests.world.conftest import START_US

NETWORKS = Path(wntr.__file__).parent / "library" / "networks"


@pytest.mark.parametrize("name", ["Net1.inp", "Net3.inp", "ky10.inp"])
def test_steps_of_ours_are_the_steps_of_wntr(name: str, tmp_path: Path) -> None:
    judge = wntr.network.WaterNetworkModel(str(NETWORKS / name))
    judge.options.time.duration = 6 * 3600
    judge.options.time.hydraulic_timestep = judge.options.time.report_timestep = 3600
    judge.options.quality.parameter = "NONE"
    expected = wntr.sim.EpanetSimulator(judge).run_sim(file_prefix=str(tmp_path / "judge"))
    ours = EpanetNetwork(NETWORKS / name)
    curves, step_s = ours.patterns()
    start = judge.options.time.pattern_start
    for hour in range(7):
        for number, curve in curves.items():
            # Stepwise, as EPANET itself does it: our own curves are smooth only in the city.
            ours.set_pattern(number, float(curve[int((start + hour * 3600) // step_s) % len(curve)]))
        state = ours.solve()
        pressure = expected.node["pressure"].loc[hour * 3600, list(ours.node_ids)].to_numpy()
        np.testing.assert_allclose(state.pressure_m, pressure, atol=0.35, rtol=0.01)
        ours.advance(3600)
    ours.close()


def test_a_file_that_is_no_network_is_refused_with_its_name(tmp_path: Path) -> None:
    from ops_center.domain.errors import CityPackError

    path = tmp_path / "no.inp"
    path.write_text("this is no network")
    with pytest.raises(CityPackError, match=r"no\.inp"):
        EpanetNetwork(path)


def test_what_flows_in_is_drawn_or_stored(model: Path) -> None:
    network = EpanetNetwork(model)
    state = network.solve()
    assert abs(state.demand_l_s.sum()) < 0.01 * np.abs(state.demand_l_s).sum()
    first, last = network.ends.T
    balance = np.bincount(last, state.flow_l_s, len(network.node_ids)) - np.bincount(
        first, state.flow_l_s, len(network.node_ids)
    )
    np.testing.assert_allclose(balance, state.demand_l_s, atol=0.05)
    network.close()


def test_pressure_falls_near_a_burst_and_recovers(make_world: Callable[..., World]) -> None:
    calm, burst = make_world("calm"), make_world("burst")
    occurrence = next(o for o in burst.ground.story.between(START_US, START_US + HOUR_US) if o.kind == "pipe_burst")
    running = burst.water.running
    assert running is not None
    link = running.network.link_ids.index(occurrence.site.pipe_link)
    ends = running.network.ends[link]
    before, during, after = (
        _difference(calm, burst, time)
        for time in (
            occurrence.start_us - 10_000_000,
            occurrence.start_us + 10 * MINUTE_US,
            occurrence.end_us + 5 * MINUTE_US,
        )
    )
    np.testing.assert_allclose(before, 0.0, atol=0.01)
    served = running.served
    assert during[ends].max() < -1.0, "metres of head lost at the burst"
    assert during[ends].mean() < np.median(during[served]) <= 0.01, "less is lost far away"
    assert np.abs(after[ends]).max() < 0.25 * np.abs(during[ends]).max(), "mended: it comes back"


def _difference(calm: World, burst: World, time_us: int) -> np.ndarray:
    for world in (calm, burst):
        for now in range(world.now_us, time_us, 30_000_000):
            world.water.step(type(world.moment)(now, now + 30_000_000))
        world.moment = type(world.moment)(time_us, time_us)
    assert calm.water.state is not None and burst.water.state is not None
    return np.asarray(burst.water.state.pressure_m - calm.water.state.pressure_m)


def test_a_burst_leaks_what_its_size_says(make_world: Callable[..., World]) -> None:
    world = make_world("burst")
    world.water.step(type(world.moment)(START_US, START_US + 12 * MINUTE_US))
    figures = world.water.figures()
    assert figures is not None
    assert 120 < figures.leak_l_s < 300  # 180 L/s at 30 m; the head there is some 30 to 60 m


def test_tanks_breathe_and_none_runs_over_or_dry(make_world: Callable[..., World]) -> None:
    running = make_world("calm").water.running
    assert running is not None
    levels = []
    for hour in range(48):
        running.run_to(START_US + hour * HOUR_US)
        levels.append(running.at(START_US + hour * HOUR_US).pressure_m[running.network.node_kind == NodeKind.TANK])
    assert np.ptp(levels, axis=0).min() > 0.1
    assert np.min(levels) > 1.0 and np.max(levels) < 4.2, "within what the shipped rule calls low and high"


def test_a_burst_stirs_the_water_nearby_and_it_settles(make_world: Callable[..., World]) -> None:
    world = make_world("burst")
    burst = next(o for o in world.ground.story.between(START_US, START_US + HOUR_US) if o.kind == "pipe_burst")
    places = np.array([100.0, 800.0, 9000.0]), np.zeros(3)
    clear, soon, later = (
        turbidity_ntu(7, burst.start_us + minutes * MINUTE_US, *places, [(burst, 0.0, 0.0)])
        for minutes in (-1, 15, 600)
    )
    assert clear.max() < 0.5
    assert soon[0] > 3.0 and soon[0] > soon[2] + 3.0, "near it is turbid, far away it is not"
    assert later.max() < 0.5


def test_chlorine_fades_with_age_and_faster_in_summer(make_world: Callable[..., World]) -> None:
    climate = make_world("calm").weather.climate
    times = np.array([START_US // DAY_US * DAY_US + day * DAY_US for day in (60, 240)])  # January, July
    january, july = chlorine_mg_l(7, climate, np.array([1.0, 12.0, 40.0]), times)
    assert january[0] > january[1] > january[2] > 0.3
    assert july[2] < january[2] - 0.05


def test_demand_has_two_peaks_a_quiet_night_and_pressure_mirrors_it(make_world: Callable[..., World]) -> None:
    world = make_world("calm")
    midnight = START_US - (START_US + 8 * HOUR_US) % (24 * HOUR_US) + 24 * HOUR_US
    inflow, pressure = [], []
    for hour in range(24):
        world.water.step(type(world.moment)(world.now_us, midnight + hour * HOUR_US))
        state = world.water.state
        figures = world.water.figures()
        assert state is not None and figures is not None
        drawn = state.demand_l_s[world.water.running.served].sum()  # type: ignore[union-attr]
        inflow.append(drawn)
        pressure.append(figures.mean_pressure_kpa)
    assert np.argmin(inflow) in range(1, 6)
    assert np.argmax(inflow) in {7, 8, 18, 19, 20}
    assert max(inflow) > 2 * min(inflow)
    assert np.corrcoef(inflow, pressure)[0, 1] < -0.8


def test_sensors_read_what_the_network_has(make_world: Callable[..., World]) -> None:
    world = make_world("calm")
    world.step(START_US + 20_000_000)
    bank, state, running = world.water.pressure_sensors, world.water.state, world.water.running
    assert state is not None and running is not None and len(bank.due) > 20
    node = dict(zip(running.network.node_ids, state.pressure_m, strict=True))
    places = world.ground.things("water_pressure_sensor")["pipe_node"]
    truth = np.array([node[str(places.iloc[row])] for row in bank.due]) * KPA_PER_M
    off = np.abs(bank.readings["water_pressure"] - truth)
    assert np.nanmedian(off) < 4.0


def test_water_grows_older_away_from_the_works(model: Path) -> None:
    network = EpanetNetwork(model)
    state = network.solve()
    age = water_age_h(network, state.flow_l_s, state.head_m)
    works = network.node_kind == NodeKind.RESERVOIR
    assert age[works].max() < age[~works].mean() < 72
    carrying = np.abs(state.flow_l_s) > 1.0
    first, last = network.ends[carrying].T
    upstream = np.where(state.flow_l_s[carrying] > 0, first, last)
    downstream = np.where(state.flow_l_s[carrying] > 0, last, first)
    assert np.mean(age[downstream] >= age[upstream] - 1e-9) > 0.8, "mixing aside, downstream is older"
    network.close()


def test_a_city_without_a_water_model_is_silent(city: CityPack) -> None:
    bare = CityPack(city.manifest, {name: city.table(name) for name in ("things", "districts", "roads", "water")})
    world = World.from_pack(bare, seed=7, start_us=START_US)
    world.step(START_US + 60_000_000)
    assert world.water.figures() is None
    assert len(world.water.pressure_sensors.due) == 0


def test_a_pause_of_a_day_is_caught_up_with_in_less_than_a_second_of_work(make_world: Callable[..., World]) -> None:
    import time

    world = make_world("calm")
    began = time.process_time()
    world.water.step(type(world.moment)(START_US, START_US + 24 * HOUR_US))
    assert time.process_time() - began < 1.0
    figures = world.water.figures()
    assert figures is not None and figures.least_pressure_kpa > 50
