"""A small synthetic city on disk, made once per session."""

from __future__ import annotations

import pytest

from ops_center.city.make import make_city
from ops_center.city.pack import CityPack


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> CityPack:
    return make_city(7, 500, tmp_path_factory.mktemp("small") / "city")
