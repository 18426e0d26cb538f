"""The door of public warnings: each message is written once, with what is sent of it and who issued it."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from alerts.notifying import Wanted
from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import Fenced
from ops_center.store.auditing import append
from ops_center.store.notification_port import Notification, WarningMessage
from ops_center.store.notification_rows import COLUMNS, insert, notification, values_of, warning
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_WARN = """
INSERT INTO public_warning (identifier, first, number, msg_type, alarm, department, district, sender, sent_us, author,
                            note, draft, message)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)
"""

_WARNINGS = """
SELECT identifier, first, number, msg_type, alarm, department, district, sender, sent_us, author, note, draft, message
FROM public_warning
"""

_OF_WARNING = f"{_WARNINGS} WHERE first = %s ORDER BY number"

_NEWEST_WARNINGS = f"{_WARNINGS} ORDER BY id DESC LIMIT %s"

_SENT = f"{COLUMNS} WHERE alarm = 0 AND act = 'warning' AND split_part(key, '/', 2) = ANY(%s) ORDER BY id"


class PostgresWarningStore:
    """The WarningStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def warn(self, message: WarningMessage, wanted: Sequence[Wanted], entry: AuditEntry) -> None:
        """Keep a message of a public warning, what is sent of it, who issued it. Raises Fenced."""

        def work(connection: Connection) -> None:
            try:
                connection.execute(_WARN, values_of(message))
            except psycopg.errors.UniqueViolation:
                raise Fenced("somebody else has changed this warning meanwhile: look again") from None
            insert(connection, wanted, message.sent_us)
            append(connection, [entry])

        self._pool.run(work)

    def warning(self, first: str) -> Sequence[WarningMessage]:
        """Return all messages of a warning, oldest first."""
        return self._pool.run(lambda connection: [*map(warning, connection.execute(_OF_WARNING, (first,)))])

    def warnings(self, limit: int = 100) -> Sequence[WarningMessage]:
        """Return messages of all warnings, newest first."""
        return self._pool.run(lambda connection: [*map(warning, connection.execute(_NEWEST_WARNINGS, (limit,)))])

    def sent(self, identifiers: Sequence[str]) -> Sequence[Notification]:
        """Return the notifications by which messages went out, oldest first."""
        return self._pool.run(lambda connection: [*map(notification, connection.execute(_SENT, ([*identifiers],)))])
