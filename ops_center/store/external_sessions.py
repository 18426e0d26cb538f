"""The door of sessions that the city's single sign-on vouches for; ending them is the business of ``sessions``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ops_center.domain.time import to_datetime
from ops_center.store.external_port import ProviderSession
from ops_center.store.pool import SessionPool

_KEEP = "UPDATE session SET provider_sid = %s, provider_hint = %s WHERE id = %s"

_OF = "SELECT provider_sid, provider_hint FROM session WHERE id = %s"

_GOING_ON = """
SELECT s.id FROM session s JOIN account a ON a.key = s.account
WHERE s.ended IS NULL AND s.started < %(until)s AND a.issuer = %(issuer)s
AND (%(subject)s::text IS NULL OR a.subject = %(subject)s)
AND (%(sid)s::text IS NULL OR s.provider_sid = %(sid)s OR (s.provider_sid IS NULL AND %(subject)s::text IS NOT NULL))
AND (%(subject)s::text IS NOT NULL OR %(sid)s::text IS NOT NULL)
ORDER BY s.id
"""


class PostgresExternalSessionStore:
    """The ExternalSessionStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def keep(self, session_id: str, provider: ProviderSession) -> None:
        """Note what a session that was just started has at the provider."""
        self._pool.run(lambda connection: connection.execute(_KEEP, (provider.sid, provider.hint, session_id)))

    def of(self, session_id: str) -> ProviderSession | None:
        """Return what a session has, or had, at the provider."""
        row: Any = self._pool.run(lambda connection: connection.execute(_OF, (session_id,)).fetchone())
        return None if row is None or row == (None, None) else ProviderSession(*row)

    def going_on(self, issuer: str, subject: str | None, sid: str | None, until_us: int) -> Sequence[str]:
        """Return the ids of sessions that go on and began before ``until_us``."""
        values = {"issuer": issuer, "subject": subject, "sid": sid, "until": to_datetime(until_us)}
        rows = self._pool.run(lambda connection: connection.execute(_GOING_ON, values).fetchall())
        return [str(row[0]) for row in rows]
