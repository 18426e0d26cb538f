"""A city for the rules worker on a real Valkey and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops_center.store.migrate import migrate
from tests.rules_worker.city import City


@pytest.fixture
def city(plain_database: str, redis_url: str) -> Iterator[City]:
    migrate(plain_database)
    with City(plain_database, redis_url) as opened:
        yield opened
