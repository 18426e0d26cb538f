"""Valkey: one server per session (``valkey``, ``valkey_url``), emptied before each test (``redis_url``)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from ops_center.domain.errors import ServerError
from ops_center.embedded.valkey import ValkeyServer
from tests.servers.absence import missing


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    server = ValkeyServer(tmp_path_factory.mktemp("valkey"))
    try:
        server.start()
    except ServerError as error:
        missing("Valkey", error)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def valkey_url(valkey: ValkeyServer) -> str:
    return valkey.url


@pytest.fixture
def redis_url(valkey_url: str) -> str:
    """Address of a Valkey with nothing in it."""
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
    return valkey_url
