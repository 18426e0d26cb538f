"""The door for health pages: what intake counted, and what the server is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ops_center.domain.time import from_datetime
from ops_center.store import capabilities
from ops_center.store.pool import SessionPool
from ops_center.store.port import Capabilities, FeedCount

_COUNTS = """
SELECT feed, sum(received)::bigint, sum(accepted)::bigint, sum(quarantined)::bigint, max(last_time)
FROM feed_count GROUP BY feed ORDER BY feed
"""


class PostgresHealthStore:
    """The HealthStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def feed_counts(self) -> Mapping[str, FeedCount]:
        """Return what intake has counted per feed, over all partitions."""
        return self._pool.run(lambda connection: dict(map(_count, connection.execute(_COUNTS))))

    def capabilities(self) -> Capabilities:
        """Return what the server is and can do; asked anew each time, since a server may be upgraded."""
        return self._pool.run(capabilities.ask)


def _count(row: tuple[Any, ...]) -> tuple[str, FeedCount]:
    feed, received, accepted, quarantined, last_time = row
    last_us = from_datetime(last_time) if isinstance(last_time, datetime) else 0
    return feed, FeedCount(received, accepted, quarantined, last_us)
