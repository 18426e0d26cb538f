"""The door of conditions for readers: the book, which takes them in order, and whoever asks what stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alerts.conditions import ConditionBatch, decode_conditions
from ops_center.store.condition_rows import STANDING, standing_batch
from ops_center.store.pool import SessionPool
from ops_center.store.rule_port import ConditionRecord

_RECORDS = """
SELECT r.partition, r.seq, r.record
FROM condition_record r
LEFT JOIN unnest(%s::int[], %s::bigint[]) AS a (partition, seq) USING (partition)
WHERE r.seq > coalesce(a.seq, 0)
ORDER BY r.partition, r.seq LIMIT %s
"""


class PostgresConditionStore:
    """The ConditionStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def records(self, after: Mapping[int, int], limit: int = 100) -> Sequence[ConditionRecord]:
        """Return records behind ``after`` (partition → seq), by partition and seq."""
        values = (list(after), list(after.values()), limit)
        rows: Any = self._pool.run(lambda connection: connection.execute(_RECORDS, values, binary=True).fetchall())
        return [ConditionRecord(partition, seq, decode_conditions(record)) for partition, seq, record in rows]

    def standing(self) -> ConditionBatch:
        """Return the conditions that were entered and not left."""
        return standing_batch(self._pool.run(lambda connection: connection.execute(STANDING).fetchall()))
