"""The door of issued situation reports: only ever added, their content kept under its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ops_center.domain.audit import AuditEntry
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.incidents.incident import Refusal
from ops_center.store.auditing import append
from ops_center.store.incidents import commanded
from ops_center.store.people_rows import with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.report_port import Issued, Issuing
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

    def issue(self, issuing: Issuing, entry: AuditEntry) -> Issued | Refusal:
        """Freeze a report under the next number of its incident: content, line of the log and audit, or none of them.

        It is made before the turn of incidents is taken, so that nobody's command waits while it is drawn.
        """

        def work(connection: Connection) -> Issued | Refusal:
            connection.execute(_TAKE_TURN)
            row: Any = connection.execute(_NEXT, (issuing.incident,)).fetchone()
            number = int(row[0])
            content = issuing.make(number)
            told = commanded(connection, (issuing.incident,), lambda locked: issuing.tell(locked, number))
            return told if isinstance(told, Refusal) else _keep(connection, issuing, number, content, entry)

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


def _keep(connection: Connection, issuing: Issuing, number: int, content: bytes, entry: AuditEntry) -> Issued:
    digest, at = hashlib.sha256(content), to_datetime(issuing.at_us)
    connection.execute(_KEEP, (digest.digest(), content))
    connection.execute(_ADD, (issuing.incident, number, digest.digest(), issuing.author, at))
    said = with_detail(entry, {"number": number, "hash": digest.hexdigest()})
    append(connection, [replace(said, subject=f"{issuing.incident}/{number}")])
    return Issued(issuing.incident, number, digest.hexdigest(), issuing.author, issuing.at_us)


def _issued(row: tuple[Any, ...]) -> Issued:
    incident, number, digest, author, at = row
    return Issued(incident, number, bytes(digest).hex(), author, from_datetime(at))
