"""What intake owes the database: counts, quarantine rows and positions of what it has already published.

Kept in memory until it is committed, so that the live picture goes on while the database is away; bounded, because
then the worker stops reading (``Rhythm.stop_reading_at``, in KiB of quarantined bytes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ops_center.domain.messages import Decoded, RawMessage, TopicPartition
from ops_center.store.port import Advance, FeedCount, Quarantined

_ROW_BYTES = 512
"""what a quarantine row costs beside its bytes"""


class Ledger:
    """Counts and quarantine of partitions, each from the position last committed to the one reached."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._before: dict[TopicPartition, str | None] = {}
        self._after: dict[TopicPartition, str] = {}
        self._counts: dict[TopicPartition, tuple[str, FeedCount]] = {}
        self._quarantined: dict[TopicPartition, list[Quarantined]] = {}
        self._bytes = 0

    @property
    def kib(self) -> int:
        """Return how much is owed: KiB of quarantine, at least 1 where anything is owed."""
        return max(1, self._bytes // 1024) if self._after else 0

    def open(self, positions: Mapping[TopicPartition, str | None]) -> None:
        """Start partitions at the positions that the database holds."""
        self._before.update(positions)

    def drop(self, partitions: frozenset[TopicPartition]) -> None:
        """Forget partitions that others own now."""
        for partition in partitions:
            self._before.pop(partition, None)
            self._after.pop(partition, None)
            self._counts.pop(partition, None)
            for row in self._quarantined.pop(partition, ()):
                self._bytes -= len(row.message.value) + _ROW_BYTES

    def clear(self) -> None:
        """Forget everything."""
        self.drop(frozenset(self._before) | frozenset(self._after))

    def add(self, feed: str, partition: TopicPartition, messages: Sequence[RawMessage], decoded: Decoded) -> None:
        """Owe what became of ``messages``, the next ones of ``partition``."""
        _, known = self._counts.get(partition, (feed, FeedCount()))
        self._counts[partition] = (feed, _plus(known, decoded))
        self._after[partition] = messages[-1].position
        rows = [Quarantined(feed, messages[r.message], r.reason, r.count, r.detail) for r in decoded.rejects]
        self._quarantined.setdefault(partition, []).extend(rows)
        self._bytes += sum(len(row.message.value) + _ROW_BYTES for row in rows)

    def advance(self) -> Advance:
        """Return the positions to be compared and set."""
        return Advance(self._worker, {p: self._before.get(p) for p in self._after}, dict(self._after))

    def counts(self) -> Mapping[tuple[str, int], FeedCount]:
        """Return (feed, partition number) → counts to be added."""
        return {(feed, partition.partition): count for partition, (feed, count) in self._counts.items()}

    def quarantined(self) -> Sequence[Quarantined]:
        """Return the quarantine rows to be written."""
        return [row for rows in self._quarantined.values() for row in rows]

    def settle(self) -> Mapping[TopicPartition, str]:
        """Owe nothing more, as everything was committed; return the positions reached."""
        reached = dict(self._after)
        self._before.update(reached)
        self._after.clear()
        self._counts.clear()
        self._quarantined.clear()
        self._bytes = 0
        return reached


def _plus(count: FeedCount, decoded: Decoded) -> FeedCount:
    latest = [batch.phenomenon_time_us.max() for batch in (decoded.observations, decoded.positions) if len(batch)]
    latest += [event.phenomenon_time_us for event in decoded.events]
    return FeedCount(
        count.received + decoded.accepted + decoded.rejected,
        count.accepted + decoded.accepted,
        count.quarantined + decoded.rejected,
        max(count.last_time_us, *map(int, latest)) if latest else count.last_time_us,
    )
