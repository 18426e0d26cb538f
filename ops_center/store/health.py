"""The door for health pages: what intake counted, and what the server is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ops_center.domain.time import from_datetime
from ops_center.store import capabilities
from ops_center.store.pool import SessionPool
from ops_center.store.port import Capabilities, FeedCount
from ops_center.store.pulses import PULSES, read_pulse, write_pulse
from ops_center.store.rule_port import Pulse

_COUNTS = """
SELECT feed, sum(received)::bigint, sum(accepted)::bigint, sum(quarantined)::bigint, max(last_time)
FROM feed_count GROUP BY feed ORDER BY feed
"""

_CLOCK = "SELECT clock_timestamp()"


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

    def clock_us(self) -> int:
        """Return what time it is for the server, µs since the epoch."""
        row: Any = self._pool.run(lambda connection: connection.execute(_CLOCK).fetchone())
        return from_datetime(row[0])

    def pulses(self) -> Sequence[Pulse]:
        """Return how workers are, by name: what the newest of each said, and how far behind all of its kind are."""
        return self._pool.run(lambda connection: list(map(read_pulse, connection.execute(PULSES))))

    def speak(self, pulse: Pulse) -> None:
        """Say how a worker is."""
        self._pool.run(lambda connection: write_pulse(connection, pulse))


def _count(row: tuple[Any, ...]) -> tuple[str, FeedCount]:
    feed, received, accepted, quarantined, last_time = row
    last_us = from_datetime(last_time) if isinstance(last_time, datetime) else 0
    return feed, FeedCount(received, accepted, quarantined, last_us)
