from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.feeds import cities
from tests.fuzz.whole_center import WholeCenter, whole_center


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WholeCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    with whole_center(admin, valkey_url, cities.city(), tmp_path_factory.mktemp("state")) as running:
        yield running
