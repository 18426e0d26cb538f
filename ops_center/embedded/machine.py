"""The servers of a center on one machine, started and stopped as one.

`ops_center.bootstrap` uses it when no address of a real database or Redis is configured.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops_center.embedded.places import server_home
from ops_center.embedded.postgres import PostgresServer
from ops_center.embedded.valkey import ValkeyServer


@dataclass(frozen=True)
class EmbeddedServers:
    """Addresses of what was started here, or of what was configured instead."""

    database_url: str
    """PostgreSQL, ``postgresql://…``."""
    redis_url: str
    """Valkey or Redis, ``redis://…``."""


@contextmanager
def embedded_servers(
    state_dir: Path,
    database_url: str | None = None,
    redis_url: str | None = None,
    cache_dir: Path | None = None,
) -> Iterator[EmbeddedServers]:
    """Start the servers that have no address yet; stop them, in reverse order, at the end.

    ``state_dir`` holds their data, ``cache_dir`` the programs that had to be fetched.
    Raises `ServerError` when one can't be started; those started before it are stopped again.
    """
    home = server_home(state_dir)
    with ExitStack() as started:
        redis = redis_url or started.enter_context(ValkeyServer(home / "valkey")).url
        database = database_url or started.enter_context(PostgresServer(home / "postgres", cache_dir=cache_dir)).url
        yield EmbeddedServers(database, redis)
