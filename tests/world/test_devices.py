"""Devices: each in its time, with its faults, the same for the same seed however the world is stepped."""

from __future__ import annotations

import numpy as np
import pytest

from ops_center.domain.time import HOUR_US, MINUTE_US, SECOND_US
from ops_center.world.ground import Ground, Moment
from ops_center.world.scenario import SCENARIOS
from ops_center.world.sensors import IMPOSSIBLE, NULL, SILENT, STUCK, Accuracy, FaultRates, SensorBank, gateways
from ops_center.world.story import Story
from tests.feeds import cities

NEVER = FaultRates(0.0, 0.0, 0.0, 0.0, 0.0)
ACCURACY = {"x": Accuracy(0.0, 0.0, 0.0, 3, implausible=500.0, impossible=-1.0)}


def bank(rates: FaultRates = NEVER, count: int = 200, interval_s: float = 10.0, seed: int = 7) -> SensorBank:
    pack = cities.city()
    ground = Ground(pack, seed, cities.START_US, Story(pack, seed, cities.START_US, SCENARIOS["calm"]))
    ids = np.array([f"d{i}" for i in range(count)], object)
    groups = gateways("made", np.array([f"D{i % 3}" for i in range(count)], object), 10)
    return SensorBank(ground, "made", ids, groups, interval_s, ACCURACY, rates)


def step(devices: SensorBank, from_us: int, to_us: int, value: float = 5.0) -> None:
    devices.step(Moment(from_us, to_us), {"x": np.full(len(devices.ids), value)})


def test_each_device_sends_once_an_interval_and_a_gateway_at_once() -> None:
    devices, sent = bank(), np.zeros(200, int)
    for second in range(60):
        step(devices, cities.START_US + second * SECOND_US, cities.START_US + (second + 1) * SECOND_US)
        sent[devices.due] += 1
        groups = devices.groups[devices.due]
        assert all((devices.groups == group).sum() == (groups == group).sum() for group in set(groups))
        assert len(devices.due) < 200, "all at once"
    assert (sent == 6).all()


def test_after_a_long_step_each_sends_once_as_of_its_latest_time() -> None:
    devices = bank()
    step(devices, cities.START_US, cities.START_US + HOUR_US)
    assert devices.due.tolist() == list(range(200))
    assert (cities.START_US + HOUR_US - devices.time_us < 10 * SECOND_US).all()
    step(devices, cities.START_US + HOUR_US, cities.START_US + HOUR_US)
    assert len(devices.due) == 0


def test_times_do_not_depend_on_the_steps() -> None:
    def times(step_s: int) -> set[tuple[int, int]]:
        devices, found = bank(), set()
        for second in range(0, 60, step_s):
            step(devices, cities.START_US + second * SECOND_US, cities.START_US + (second + step_s) * SECOND_US)
            found |= set(zip(devices.due.tolist(), devices.time_us.tolist(), strict=True))
        return found

    assert times(1) == times(5) == times(10)


def test_faults_come_at_their_rates() -> None:
    rates = FaultRates(0.1, 0.1, 0.1, 0.1, 0.1)
    devices, states = bank(rates), []
    for spell in range(60):
        step(devices, cities.START_US + spell * 10 * MINUTE_US, cities.START_US + (spell + 1) * 10 * MINUTE_US)
        states.append(devices.state.copy())
    shares = np.bincount(np.concatenate(states), minlength=6) / (60 * 200)
    assert shares[:5] == pytest.approx([0.1] * 5, abs=0.02)


def test_each_fault_shows_as_it_should() -> None:
    devices = bank(FaultRates(0.1, 0.2, 0.1, 0.1, 0.1))
    first: dict[int, float] = {}
    for second in range(0, 300, 10):
        start_us = cities.START_US + second * SECOND_US
        step(devices, start_us, start_us + 10 * SECOND_US, value=5.0 + second)
        state = devices.state[devices.due]
        reading = dict(zip(devices.due.tolist(), devices.readings["x"].tolist(), strict=True))
        assert SILENT not in state
        assert np.isnan([reading[row] for row in devices.due[state == NULL]]).all()
        assert {reading[row] for row in devices.due[state == IMPOSSIBLE]} == {-1.0}
        for row in devices.due[state == STUCK].tolist():
            assert first.setdefault(row, reading[row]) == reading[row]
    assert first


def test_no_devices_are_no_error() -> None:
    devices = bank(count=0)
    step(devices, cities.START_US, cities.START_US + HOUR_US)
    assert len(devices.due) == 0
    assert devices.readings["x"].shape == (0,)
