"""A real outage of the database for everybody: connections are ended and none are taken until it is over."""

from __future__ import annotations

from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


class Outage:
    """``with outage:`` the database is away."""

    def __init__(self, url: str) -> None:
        self._name = urlsplit(url).path.lstrip("/")
        self._admin_url = urlunsplit(urlsplit(url)._replace(path="/postgres"))

    def begin(self) -> None:
        self._allow(False)
        with psycopg.connect(self._admin_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = %s", (self._name,)
            )

    def end(self) -> None:
        self._allow(True)

    def _allow(self, allowed: bool) -> None:
        statement = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        with psycopg.connect(self._admin_url, autocommit=True) as admin:
            admin.execute(statement.format(sql.Identifier(self._name), sql.Literal(allowed)))

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
