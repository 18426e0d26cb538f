"""Intake's ledger: what each feed sent, and what was refused with its bytes. Called by ``streaming``.

Sent = accepted + quarantined: both sides are written in the transaction that moves the positions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ops_center.domain.messages import RawMessage
from ops_center.domain.time import to_datetime
from ops_center.store.eventing import storable
from ops_center.store.limits import EARLIEST_US, LATEST_US
from ops_center.store.port import FeedCount, Quarantined
from ops_center.store.session import Connection

_ADD_COUNTS = """
INSERT INTO feed_count AS c (feed, partition, received, accepted, quarantined, last_time)
SELECT feed, partition, received, accepted, quarantined, last_time
FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])
  AS n (feed, partition, received, accepted, quarantined, last_time)
ORDER BY feed, partition
ON CONFLICT (feed, partition) DO UPDATE
SET received = c.received + excluded.received, accepted = c.accepted + excluded.accepted,
    quarantined = c.quarantined + excluded.quarantined, last_time = greatest(c.last_time, excluded.last_time)
"""

_QUARANTINE = """
INSERT INTO quarantine (feed, reason, count, detail, origin, topic, partition, position, received, key, payload)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[],
                     %s::timestamptz[], %s::bytea[], %s::bytea[])
ON CONFLICT (origin, reason) DO NOTHING
"""


def origin_of(message: RawMessage) -> str:
    """Return where a message lies in the log, as ``topic/partition/position@µs``.

    With the bus's own time, since a topic that was made anew counts its positions from the start again.
    """
    return f"{message.topic}/{message.partition}/{message.position}@{message.time_us}"


def add_counts(connection: Connection, counts: Mapping[tuple[str, int], FeedCount]) -> None:
    """Add to the counts by (feed, partition)."""
    if not counts:
        return
    rows = [
        (storable(feed), partition, c.received, c.accepted, c.quarantined, _time(c.last_time_us))
        for (feed, partition), c in counts.items()
    ]
    connection.execute(_ADD_COUNTS, [list(column) for column in zip(*rows, strict=True)])


def requarantine(connection: Connection, refused: Sequence[Quarantined]) -> None:
    """Keep what a second look refused; where some of the message stands for the same reason, there is more of it."""
    if refused:
        more = _QUARANTINE.replace("DO NOTHING", "DO UPDATE SET count = quarantine.count + EXCLUDED.count")
        connection.execute(more, [list(column) for column in zip(*map(_row, refused), strict=True)])


def quarantine(connection: Connection, refused: Sequence[Quarantined]) -> None:
    """Keep what was refused, once per (origin, reason)."""
    if refused:
        connection.execute(_QUARANTINE, [list(column) for column in zip(*map(_row, refused), strict=True)])


def counts_of_damaged(damaged: Sequence[Quarantined]) -> Mapping[tuple[str, int], FeedCount]:
    """Return what damaged records add to the counts: received and quarantined, under the feed they are kept as."""
    sums = Counter[tuple[str, int]]()
    for refused in damaged:
        sums[refused.feed, refused.message.partition] += refused.count
    return {where: FeedCount(received=count, quarantined=count) for where, count in sums.items()}


def _row(refused: Quarantined) -> tuple[object, ...]:
    message = refused.message
    return (
        storable(refused.feed),
        refused.reason.value,
        refused.count,
        storable(refused.detail),
        origin_of(message),
        message.topic,
        message.partition,
        message.position,
        to_datetime(min(max(message.time_us, EARLIEST_US), LATEST_US)),
        message.key,
        message.value,
    )


def _time(us: int) -> object:
    return to_datetime(us) if EARLIEST_US < us < LATEST_US else None
