"""The door of who is told of incidents: lines of the log in their order, and the place up to which they were looked at.

The place moves in the transaction that keeps what is wanted, by compare and set: of several planners one does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alerts.notifying import Wanted
from ops_center.domain.errors import Fenced
from ops_center.store.incident_port import LogLine
from ops_center.store.incidents import line_of_log
from ops_center.store.notification_rows import insert
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_POSITION = "SELECT seq FROM incident_told"
_LINES = """
SELECT id, incident, at, recorded, act, who, text, before, after, mentions, detail FROM incident_log
WHERE id > %s ORDER BY id LIMIT %s
"""
_MOVE_ON = "UPDATE incident_told SET seq = %(seq)s WHERE seq = %(before)s"


class PostgresTellingStore:
    """The TellingStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def position(self) -> int:
        """Return the last line of the log of which people were told."""
        row: Any = self._pool.run(lambda connection: connection.execute(_POSITION).fetchone())
        return int(row[0])

    def lines(self, after_id: int, limit: int) -> Sequence[LogLine]:
        """Return lines of all incidents behind one, in their order."""
        return self._pool.run(
            lambda connection: [line_of_log(row) for row in connection.execute(_LINES, (after_id, limit))]
        )

    def tell(self, before_seq: int, seq: int, wanted: Sequence[Wanted], now_us: int) -> None:
        """Keep who is to be told of the lines up to ``seq``, and that they were looked at. Raises Fenced."""

        def work(connection: Connection) -> None:
            if connection.execute(_MOVE_ON, {"before": before_seq, "seq": seq}).rowcount != 1:
                raise Fenced("another process tells of incidents")
            insert(connection, wanted, now_us)

        self._pool.run(work)
