"""The quarantine's door: looked through by people, released after a registration mended the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ops_center.domain.errors import Fenced
from ops_center.domain.messages import RawMessage, RejectReason
from ops_center.domain.time import from_datetime
from ops_center.store import ledger
from ops_center.store.pool import SessionPool
from ops_center.store.port import FeedCount, Quarantined, QuarantineRow
from ops_center.store.session import Connection

_LIST = """
SELECT id, feed, reason, count, detail, origin, received, payload, released
FROM quarantine
WHERE (%(feed)s::text IS NULL OR feed = %(feed)s) AND (NOT %(standing)s OR released IS NULL)
ORDER BY id DESC LIMIT %(limit)s
"""

_RELEASABLE = """
SELECT id, feed, reason, count, detail, topic, partition, position, key, payload, received
FROM quarantine WHERE released IS NULL AND reason = ANY(%s) ORDER BY id LIMIT %s
"""

_RELEASE = "UPDATE quarantine SET released = now() WHERE id = ANY(%s) AND released IS NULL"

_RELEASABLE_REASONS = [reason.value for reason in RejectReason if reason.releasable]


class PostgresQuarantineStore:
    """The QuarantineStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def list(self, *, feed: str | None = None, standing: bool = True, limit: int = 100) -> Sequence[QuarantineRow]:
        """Return the newest first; with ``standing`` only what was not released."""
        values = {"feed": feed, "standing": standing, "limit": limit}
        return self._pool.run(lambda connection: [_row(row) for row in connection.execute(_LIST, values)])

    def releasable(self, limit: int) -> Sequence[tuple[int, Quarantined]]:
        """Return standing rows whose reason can be mended by registering, oldest first."""
        values = (_RELEASABLE_REASONS, limit)
        return self._pool.run(lambda connection: [_held(row) for row in connection.execute(_RELEASABLE, values)])

    def release(self, ids: Sequence[int], counts: Mapping[tuple[str, int], FeedCount]) -> None:
        """Mark the rows released and correct the counts, in one transaction.

        Raises Fenced if another releaser was there first with any of them: then nothing is changed.
        """

        def work(connection: Connection) -> None:
            released = connection.execute(_RELEASE, (list(ids),)).rowcount
            if released != len(set(ids)):
                raise Fenced(f"{len(set(ids)) - released} of {len(set(ids))} quarantined messages were released before")
            ledger.add_counts(connection, counts)

        self._pool.run(work)


def _row(row: tuple[Any, ...]) -> QuarantineRow:
    identifier, feed, reason, count, detail, origin, received, payload, released = row
    return QuarantineRow(
        identifier,
        feed,
        RejectReason(reason),
        count,
        detail,
        origin,
        from_datetime(received),
        payload,
        None if released is None else from_datetime(released),
    )


def _held(row: tuple[Any, ...]) -> tuple[int, Quarantined]:
    identifier, feed, reason, count, detail, topic, partition, position, key, payload, received = row
    message = RawMessage(topic, partition, position, key, payload, from_datetime(received))
    return identifier, Quarantined(feed, message, RejectReason(reason), count, detail)
