"""Lets one of several processes do something: a lock that a connection holds, and that falls with it."""

from __future__ import annotations

from ops_center.domain.realms import Realm
from ops_center.store.session import Connection, Session

_TRY = """
SELECT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
) OR pg_try_advisory_lock(hashtext(%s), hashtext(current_schema()))
"""


class PostgresTurn:
    """The turn of one task in a realm; belongs to one thread, and keeps one connection."""

    def __init__(self, url: str, realm: Realm, task: str) -> None:
        self._task = task
        self._session = Session(url, realm, f"ops-center {task}")

    def is_mine(self) -> bool:
        """Return whether this process has the turn; once it has, it keeps it while connected. Raises StoreError."""

        def work(connection: Connection) -> bool:
            row = connection.execute(_TRY, (self._task,)).fetchone()
            return bool(row and row[0])

        return self._session.run(work)

    def close(self) -> None:
        """Give it up."""
        self._session.close()
