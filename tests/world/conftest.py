"""One small city, made once, and worlds of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ops_center.city.make import make_city
from ops_center.city.pack import CityPack
from ops_center.world.world import World

START_US = 1_795_000_000_000_000
"""2026-11-18 11:06:40 UTC, a Wednesday evening in the city"""


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> CityPack:
    return make_city(7, 700, tmp_path_factory.mktemp("world") / "city")


@pytest.fixture(scope="session")
def make_world(city: CityPack) -> Callable[..., World]:
    def make(scenario: str = "calm", start_us: int = START_US, seed: int = 7) -> World:
        return World.from_pack(city, seed=seed, start_us=start_us, scenario=scenario)

    return make


@pytest.fixture
def model(city: CityPack) -> Path:
    path = city.water_model
    assert path is not None
    return path
