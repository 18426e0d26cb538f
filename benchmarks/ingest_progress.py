"""How far intake, writer and live worker are, asked in ways that cost next to nothing. Used by ``bench_ingest``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, LiteralString, Self

import psycopg

from benchmarks.ingest_load import FEED, PROPERTY, Filled
from ops_center import bootstrap
from ops_center.domain.time import to_datetime
from ops_center.settings import Settings


def connected(settings: Settings) -> psycopg.Connection[tuple[Any, ...]]:
    """Return a connection of our own, whose names mean the tables of the settings' realm."""
    assert settings.database_url is not None
    path = f"-c search_path={settings.realm.schema}"
    return psycopg.connect(settings.database_url.get_secret_value(), autocommit=True, options=path)


class Progress:
    """Looks at one realm. Counting rows is dear and would slow what is measured: single rows are looked for instead.

    A partition keeps its order up to the row, so that all rows are there when the last one of each partition is.
    """

    def __init__(self, settings: Settings, filled: Filled) -> None:
        self._connection = connected(settings)
        self._mirror = bootstrap.make_live_mirror(settings)
        self._mirror.load()
        keys = bootstrap.make_store(settings).catalog.load().datastream_keys(FEED, PROPERTY)
        self._last: Mapping[int, int] = {keys[thing]: time_us for thing, time_us in filled.last.values()}
        self._stored: set[int] = set()

    def accepted(self) -> int:
        """Return how many observations intake has accepted."""
        return self._number("SELECT coalesce(sum(accepted), 0) FROM feed_count")

    def quarantined(self) -> int:
        """Return how many observations intake has refused."""
        return self._number("SELECT coalesce(sum(quarantined), 0) FROM feed_count")

    def all_stored(self) -> bool:
        """Return whether the last row of every partition is committed."""
        for key, time_us in self._last.items():
            if key not in self._stored and not self._is_stored(key, time_us):
                return False
            self._stored.add(key)
        return True

    def all_live(self) -> bool:
        """Return whether the last row of every partition, or a later one of its sensor, is live."""
        self._follow()
        times = self._mirror.values.time_us
        return all(key < len(times) and int(times[key]) >= time_us for key, time_us in self._last.items())

    def count(self) -> int:
        """Return how many rows are committed; dear."""
        return self._number("SELECT count(*) FROM observation")

    def _is_stored(self, key: int, time_us: int) -> bool:
        sql = "SELECT 1 FROM observation WHERE datastream_id = %s AND phenomenon_time = %s"
        return self._connection.execute(sql, (key, to_datetime(time_us))).fetchone() is not None

    def _follow(self) -> None:
        """Take in what the live worker said since, as a web process does."""
        until_s = time.perf_counter() + 0.02
        while self._mirror.follow(0.0) is not None and time.perf_counter() < until_s:
            pass

    def _number(self, sql: LiteralString) -> int:
        row = self._connection.execute(sql).fetchone()
        assert row is not None
        return int(row[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mirror.close()
        self._connection.close()
