"""Positions of workers: rows in the transaction of their work, compared before they are set.

A worker that lost its partition believes something else than the database holds; its comparison fails, it is
Fenced, and nothing of its transaction is kept. Called by ``streaming``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ops_center.domain.errors import Fenced
from ops_center.domain.messages import TopicPartition
from ops_center.store.port import Advance
from ops_center.store.session import Connection

# The rows are locked in one order by everybody, so that two workers wait for each other instead of deadlocking.
_MOVE = """
WITH wanted AS (
    SELECT topic, partition, before, after
    FROM unnest(%(topics)s::text[], %(partitions)s::int[], %(befores)s::text[], %(afters)s::text[])
         AS w (topic, partition, before, after)
), held AS (
    SELECT p.topic, p.partition, wanted.before, wanted.after, p.position
    FROM worker_position p JOIN wanted USING (topic, partition)
    WHERE p.worker = %(worker)s
    ORDER BY p.topic, p.partition
    FOR UPDATE OF p
)
UPDATE worker_position p SET position = held.after, moved = now()
FROM held
WHERE p.worker = %(worker)s AND p.topic = held.topic AND p.partition = held.partition AND p.position = held.before
"""

_START = """
INSERT INTO worker_position (worker, topic, partition, position)
SELECT %(worker)s, topic, partition, after
FROM unnest(%(topics)s::text[], %(partitions)s::int[], %(afters)s::text[]) AS w (topic, partition, after)
ORDER BY topic, partition
ON CONFLICT DO NOTHING
"""

_READ = """
SELECT topic, partition, position FROM worker_position
WHERE worker = %(worker)s
  AND (topic, partition) IN (SELECT * FROM unnest(%(topics)s::text[], %(partitions)s::int[]))
"""


def move(connection: Connection, advance: Advance) -> None:
    """Set the positions if all are where the worker believes; else raise Fenced and have everything undone."""
    started = [p for p in advance.after if advance.before.get(p) is not None]
    fresh = [p for p in advance.after if advance.before.get(p) is None]
    if started:
        _expect(connection, _MOVE, advance, started)
    if fresh:
        _expect(connection, _START, advance, fresh)


def read(
    connection: Connection, worker: str, partitions: Iterable[TopicPartition]
) -> Mapping[TopicPartition, str | None]:
    """Return the position of each partition, None where the worker has committed nothing yet."""
    wanted = list(partitions)
    rows = connection.execute(_READ, {"worker": worker, **_columns(wanted)}).fetchall()
    found = {TopicPartition(str(topic), int(str(partition))): str(position) for topic, partition, position in rows}
    return {partition: found.get(partition) for partition in wanted}


def _expect(connection: Connection, statement: str, advance: Advance, partitions: list[TopicPartition]) -> None:
    values = {
        "worker": advance.worker,
        **_columns(partitions),
        "befores": [advance.before.get(p) for p in partitions],
        "afters": [advance.after[p] for p in partitions],
    }
    moved = connection.execute(statement.encode(), values).rowcount
    if moved != len(partitions):
        names = ", ".join(f"{p.topic}/{p.partition}" for p in sorted(partitions))
        raise Fenced(f"{advance.worker}: {len(partitions) - moved} of {names} moved on without this worker")


def _columns(partitions: list[TopicPartition]) -> dict[str, list[object]]:
    return {"topics": [p.topic for p in partitions], "partitions": [p.partition for p in partitions]}
