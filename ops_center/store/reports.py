"""The door of issued situation reports: only ever added, their content kept under its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ops_center.domain.audit import AuditEntry
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.store.auditing import append
from ops_center.store.people_rows import with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.report_port import Issued
from ops_center.store.session import Connection

_TAKE_TURN = "SELECT pg_advisory_xact_lock(hashtext('ops reports'), hashtext(current_schema()))"
_NEXT = "SELECT coalesce(max(number), 0) + 1 FROM incident_report WHERE incident = %s"
_KEEP = "INSERT INTO incident_report_content (hash, content) VALUES (%s, %s) ON CONFLICT (hash) DO NOTHING"
_ADD = "INSERT INTO incident_report (incident, number, hash, author, at) VALUES (%s, %s, %s, %s, %s)"
_OF = "SELECT incident, number, hash, author, at FROM incident_report WHERE incident = %s ORDER BY number DESC"
_CONTENT = """
SELECT content FROM incident_report JOIN incident_report_content USING (hash) WHERE incident = %s AND number = %s
"""


class PostgresReportStore:
    """The ReportStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def issue(self, incident: int, author: str, at_us: int, make: Callable[[int], bytes], entry: AuditEntry) -> Issued:
        """Freeze what ``make`` returns for the next number of an incident, with its entry in the audit."""

        def work(connection: Connection) -> Issued:
            connection.execute(_TAKE_TURN)
            row: Any = connection.execute(_NEXT, (incident,)).fetchone()
            content = make(int(row[0]))
            digest = hashlib.sha256(content)
            connection.execute(_KEEP, (digest.digest(), content))
            connection.execute(_ADD, (incident, row[0], digest.digest(), author, to_datetime(at_us)))
            told = with_detail(entry, {"number": row[0], "hash": digest.hexdigest()})
            append(connection, [replace(told, subject=f"{incident}/{row[0]}")])
            return Issued(incident, int(row[0]), digest.hexdigest(), author, at_us)

        return self._pool.run(work)

    def issued(self, incident: int) -> Sequence[Issued]:
        """Return the reports of an incident, newest first."""
        return self._pool.run(lambda connection: [_issued(row) for row in connection.execute(_OF, (incident,))])

    def content(self, incident: int, number: int) -> bytes | None:
        """Return what a report holds; None: there is none of that number."""

        def work(connection: Connection) -> bytes | None:
            row: Any = connection.execute(_CONTENT, (incident, number)).fetchone()
            return None if row is None else bytes(row[0])

        return self._pool.run(work)


def _issued(row: tuple[Any, ...]) -> Issued:
    incident, number, digest, author, at = row
    return Issued(incident, number, bytes(digest).hex(), author, from_datetime(at))
