"""The servers of one machine are started as one and stopped as one; what has an address is not started."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import redis

from ops_center.domain.errors import ServerError
from ops_center.embedded.machine import embedded_servers
from tests.embedded.processes_seen import working_in


def test_database_and_redis_are_there_and_gone_together(folder: Path) -> None:
    with embedded_servers(folder) as servers:
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("ops_center",)
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.ping()
    assert not working_in(folder)


def test_a_server_with_an_address_is_left_alone(folder: Path) -> None:
    with embedded_servers(folder, "postgresql://db.example/city", "redis://cache.example") as servers:
        assert servers.database_url == "postgresql://db.example/city"
        assert servers.redis_url == "redis://cache.example"
    assert not (folder / "servers").exists()


def test_when_one_can_not_start_the_others_are_stopped(folder: Path) -> None:
    (folder / "servers").mkdir()
    (folder / "servers" / "postgres").write_text("in the way")
    with pytest.raises(ServerError, match="PostgreSQL can't use"), embedded_servers(folder):
        raise AssertionError("unreachable")
    assert not working_in(folder)
