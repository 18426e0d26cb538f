"""The door of what people are told on the pages: what was told, and who has read it. See ``notification_port``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ops_center.domain.audit import AuditEntry
from ops_center.store.auditing import append
from ops_center.store.notification_port import Notification, ReadMark
from ops_center.store.notification_rows import COLUMNS, TELL_PAGES, notification
from ops_center.store.people_rows import with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_TOLD = f"""{COLUMNS}
WHERE channel = 'browser' AND state = 'sent' AND finished_us >= %s ORDER BY finished_us DESC, id DESC LIMIT %s
"""

_MARKS = "SELECT notification, account, at_us FROM notification_read WHERE at_us >= %s ORDER BY at_us"

_READ = """
INSERT INTO notification_read (notification, account, at_us)
SELECT id, %(account)s, %(now)s FROM notification
WHERE id = ANY(%(ids)s) AND channel = 'browser' AND state = 'sent' AND target IN (%(account)s, '*')
ON CONFLICT DO NOTHING RETURNING notification
"""


class PostgresNoticeStore:
    """The NoticeStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def told(self, since_us: int, limit: int) -> Sequence[Notification]:
        """Return what was told on the pages since then, newest first."""
        rows = self._pool.run(lambda connection: connection.execute(_TOLD, (since_us, limit)).fetchall())
        return [notification(row) for row in rows]

    def marks(self, since_us: int) -> Sequence[ReadMark]:
        """Return who has read what since then, oldest first."""
        rows: list[Any] = self._pool.run(lambda connection: connection.execute(_MARKS, (since_us,)).fetchall())
        return [ReadMark(*row) for row in rows]

    def read(self, ids: Sequence[int], entry: AuditEntry) -> Sequence[int]:
        """Keep that the actor of ``entry`` has read these, as far as they are theirs; return those that were not."""

        def work(connection: Connection) -> list[int]:
            values = {"ids": list(ids), "account": entry.actor, "now": entry.at_us}
            rows: list[Any] = connection.execute(_READ, values).fetchall()
            if rows:
                append(connection, [with_detail(entry, {"notifications": len(rows)})])
                connection.execute(TELL_PAGES)
            return [row[0] for row in rows]

        return self._pool.run(work)
