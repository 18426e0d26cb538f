from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops_center.city.pack import CityPack
from tests.screens.live_city import LiveCity, WallServer


@pytest.fixture(scope="module")
def live_city(small_city: CityPack, valkey_url: str) -> Iterator[LiveCity]:
    city = LiveCity(small_city, valkey_url)
    yield city
    city.close()


@pytest.fixture(scope="module")
def wall_server(small_city: CityPack, live_city: LiveCity) -> Iterator[WallServer]:
    assert small_city.folder is not None
    server = WallServer(Path(small_city.folder), live_city.redis_url)
    server.start()
    yield server
    server.kill()
