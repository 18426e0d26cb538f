"""The quarantine's door: looked through by people, released after a registration mended the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ops_center.domain.errors import Fenced
from ops_center.domain.messages import RawMessage, RejectReason
from ops_center.domain.time import from_datetime
from ops_center.store import ledger
from ops_center.store.pool import SessionPool
from ops_center.store.port import FeedCount, Held, Quarantined, QuarantineRow, Release
from ops_center.store.session import Connection

_LIST = """
SELECT id, feed, reason, count, detail, origin, received, payload, released
FROM quarantine
WHERE (%(feed)s::text IS NULL OR feed = %(feed)s) AND (NOT %(standing)s OR released IS NULL)
ORDER BY id DESC LIMIT %(limit)s
"""

_RELEASABLE = """
SELECT id, feed, reason, count, detail, topic, partition, position, key, payload, received,
       (SELECT jsonb_object_agg(o.reason, o.count) FROM quarantine o WHERE o.origin = q.origin AND o.id <> q.id)
FROM quarantine q WHERE released IS NULL AND reason = ANY(%s) AND id > %s ORDER BY id LIMIT %s
"""

# The count is compared before it is set: of two who release the same message one finds it changed.
_RELEASE = "UPDATE quarantine SET released = now() WHERE id = %s AND count = %s AND released IS NULL"
_KEEP_REST = "UPDATE quarantine SET count = %s WHERE id = %s AND count = %s AND released IS NULL"

_RELEASABLE_REASONS = [reason.value for reason in RejectReason if reason.releasable]


class PostgresQuarantineStore:
    """The QuarantineStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def list(self, *, feed: str | None = None, standing: bool = True, limit: int = 100) -> Sequence[QuarantineRow]:
        """Return the newest first; with ``standing`` only what was not released."""
        values = {"feed": feed, "standing": standing, "limit": limit}
        return self._pool.run(lambda connection: [_row(row) for row in connection.execute(_LIST, values)])

    def releasable(self, limit: int, after_id: int = 0) -> Sequence[Held]:
        """Return standing messages whose reason can be mended by registering, oldest first, behind ``after_id``."""
        values = (_RELEASABLE_REASONS, after_id, limit)
        return self._pool.run(lambda connection: [_held(row) for row in connection.execute(_RELEASABLE, values)])

    def release(self, releases: Sequence[Release]) -> None:
        """Record what became of messages and correct the counts, in one transaction.

        Raises Fenced if another releaser was there first with any of them: then nothing is changed.
        """

        def work(connection: Connection) -> None:
            for one in releases:
                _settle(connection, one)
            ledger.requarantine(connection, [refused for one in releases for refused in one.refused])
            ledger.add_counts(connection, _corrections(releases))

        self._pool.run(work)


def _settle(connection: Connection, release: Release) -> None:
    before = release.held.quarantined.count
    if release.unknown:
        changed = connection.execute(_KEEP_REST, (release.unknown, release.held.id, before))
    else:
        changed = connection.execute(_RELEASE, (release.held.id, before))
    if changed.rowcount != 1:
        raise Fenced(f"quarantined message {release.held.id} was released by somebody else")


def _corrections(releases: Sequence[Release]) -> Mapping[tuple[str, int], FeedCount]:
    """Return what moves from quarantined to accepted, by (feed, partition)."""
    moved = Counter[tuple[str, int]]()
    for one in releases:
        moved[one.held.quarantined.feed, one.held.quarantined.message.partition] += one.accepted
    return {where: FeedCount(accepted=count, quarantined=-count) for where, count in moved.items() if count}


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


def _held(row: tuple[Any, ...]) -> Held:
    identifier, feed, reason, count, detail, topic, partition, position, key, payload, received, beside = row
    message = RawMessage(topic, partition, position, key, payload, from_datetime(received))
    held = Quarantined(feed, message, RejectReason(reason), count, detail)
    return Held(identifier, held, {RejectReason(other): number for other, number in (beside or {}).items()})
