"""Cities that the tests of this folder share: made once, never changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ops_center.city.import_ import import_city
from ops_center.city.make import make_city
from ops_center.city.pack import CityPack


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> CityPack:
    """Return a synthetic city of 500 things on disk."""
    return make_city(3, 500, tmp_path_factory.mktemp("packs") / "small")


@pytest.fixture(scope="session")
def trial_data() -> Path:
    """Return the folder with the trial data; skip where it is absent."""
    folder = os.environ.get("OPS_TRIAL_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the trial data: set OPS_TRIAL_DATA")
    return Path(folder)


@pytest.fixture(scope="session")
def nanjing(trial_data: Path, tmp_path_factory: pytest.TempPathFactory) -> CityPack:
    """Return Nanjing, imported by the shipped recipe."""
    return import_city("nanjing", tmp_path_factory.mktemp("packs") / "nanjing", trial_data)
