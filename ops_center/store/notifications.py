"""The door of notifications: what is wanted, who took it to send it, what became of it. See ``notification_port``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from alerts.notifying import Wanted
from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import Fenced
from ops_center.domain.time import SECOND_US
from ops_center.store.auditing import append
from ops_center.store.notification_port import (
    Attempt,
    Notification,
    NotificationQuery,
    Overdue,
    Settled,
)
from ops_center.store.notification_rows import COLUMNS, TELL_PAGES, insert, notification
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_MOVE = "UPDATE notification_end SET seq = %(seq)s WHERE seq = %(before)s"

_TAKE = """
WITH due AS (
    SELECT id, state AS was, attempts AS tried FROM notification
    WHERE state IN ('waiting', 'sending') AND due_us <= %(now)s
    ORDER BY due_us, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), noted AS (
    INSERT INTO notification_attempt (notification, number, at_us, outcome, detail)
    SELECT id, tried, %(now)s, 'interrupted', 'whether it arrived is not known' FROM due WHERE was = 'sending'
)
UPDATE notification n SET state = 'sending', attempts = attempts + 1, due_us = %(now)s + %(lease)s
FROM due WHERE n.id = due.id
RETURNING n.id
"""

_BY_ID = f"{COLUMNS} WHERE id = ANY(%s) ORDER BY id"

_HELD_DUE = """
SELECT route, target FROM notification WHERE state = 'held' GROUP BY route, target HAVING min(due_us) <= %s
"""

_HELD = f"{COLUMNS} WHERE state = 'held' AND route = %s AND target = %s ORDER BY id"

_TOLD = """
SELECT finished_us FROM notification
WHERE state = 'sent' AND route = %s AND target = %s AND finished_us > %s ORDER BY finished_us
"""

_SETTLE = """
UPDATE notification SET state = %(state)s, outcome = %(outcome)s, due_us = %(due)s, finished_us = %(finished)s,
                        attempts = attempts - %(untried)s
WHERE id = %(id)s AND state = 'sending' AND attempts = %(attempts)s
"""

_ATTEMPT = """
INSERT INTO notification_attempt (notification, number, at_us, outcome, detail) VALUES (%s, %s, %s, %s, %s)
"""

_DIGESTED = """
UPDATE notification SET state = 'digested', outcome = 'digest', finished_us = %s, digest = %s
WHERE id = ANY(%s) AND state = 'held'
"""

_JOURNAL = f"""{COLUMNS}
WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
  AND (%(after)s::bigint IS NULL OR id > %(after)s)
  AND (%(alarm)s::bigint IS NULL OR alarm = %(alarm)s)
  AND (%(route)s::text IS NULL OR route = %(route)s)
  AND (%(channel)s::text IS NULL OR channel = %(channel)s)
  AND (%(target)s::text IS NULL OR target IN (%(target)s, '*'))
  AND (%(state)s::text IS NULL OR state = %(state)s)
  AND (%(since)s::bigint IS NULL OR made_us >= %(since)s)
  AND (%(everything)s OR EXISTS (SELECT FROM unnest(%(departments)s::text[], %(districts)s::text[])
                                          AS s (in_department, in_district)
                                 WHERE (in_department IS NULL OR in_department = department)
                                   AND (in_district IS NULL OR in_district = district)))
ORDER BY id DESC LIMIT %(limit)s
"""

_ATTEMPTS = "SELECT number, at_us, outcome, detail FROM notification_attempt WHERE notification = %s ORDER BY id"

_OVERDUE = """
SELECT count(*), min(due_us) FROM notification WHERE state IN ('waiting', 'sending', 'held') AND due_us <= %s
"""


class PostgresNotificationStore:
    """The NotificationStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def position(self) -> int:
        """Return up to which change of alarms notifications are planned."""
        row: Any = self._pool.run(lambda connection: connection.execute("SELECT seq FROM notification_end").fetchone())
        return int(row[0])

    def plan(self, before_seq: int, seq: int, wanted: Sequence[Wanted], now_us: int) -> None:
        """Keep what the changes up to ``seq`` ask for, and that they were looked at. Raises Fenced."""

        def work(connection: Connection) -> None:
            if connection.execute(_MOVE, {"before": before_seq, "seq": seq}).rowcount != 1:
                raise Fenced("another process plans notifications")
            insert(connection, wanted, now_us)

        self._pool.run(work)

    def add(self, wanted: Sequence[Wanted], now_us: int, entry: AuditEntry | None = None) -> Sequence[int]:
        """Keep what is wanted otherwise; return the ids of those that were not there already."""

        def work(connection: Connection) -> list[int]:
            made = insert(connection, wanted, now_us)
            append(connection, [entry] if entry and made else [])
            return made

        return self._pool.run(work)

    def take(self, now_us: int, lease_us: int, limit: int) -> Sequence[Notification]:
        """Take what is due, oldest first; it is this caller's until the lease ends."""
        values = {"now": now_us, "lease": lease_us, "limit": limit}

        def work(connection: Connection) -> list[Notification]:
            ids = [row[0] for row in _rows(connection.execute(_TAKE, values))]
            return [notification(row) for row in connection.execute(_BY_ID, (ids,))]

        return self._pool.run(work)

    def held_due(self, now_us: int) -> Sequence[tuple[str, str]]:
        """Return (route, target) whose digest is due."""
        rows = self._pool.run(lambda connection: _rows(connection.execute(_HELD_DUE, (now_us,))))
        return [(route, target) for route, target in rows]

    def held(self, route: str, target: str) -> Sequence[Notification]:
        """Return what waits for a digest, oldest first."""
        return self._pool.run(lambda connection: [*map(notification, connection.execute(_HELD, (route, target)))])

    def told_us(self, route: str, target: str, since_us: int) -> Sequence[int]:
        """Return when the target was told by the route since then, ascending."""
        rows = self._pool.run(lambda connection: _rows(connection.execute(_TOLD, (route, target, since_us))))
        return [row[0] for row in rows]

    def settle(
        self,
        taken: Notification,
        state: Settled,
        at_us: int,
        outcome: str,
        *,
        due_us: int = 0,
        attempt: Attempt | None = None,
        then: Sequence[Wanted] = (),
    ) -> bool:
        """Say what became of one that was taken, and what follows; False: somebody else has it: nothing is kept."""
        values = {
            "id": taken.id,
            "state": state,
            "outcome": outcome[:500],
            "due": due_us,
            "finished": 0 if state in {"waiting", "held"} else at_us,
            "attempts": taken.attempts,
            "untried": 0 if attempt else 1,
        }

        def work(connection: Connection) -> bool:
            if connection.execute(_SETTLE, values).rowcount != 1:
                return False
            if attempt:
                said = (taken.id, attempt.number, attempt.at_us, attempt.outcome, attempt.detail[:500])
                connection.execute(_ATTEMPT, said)
            insert(connection, then, at_us)
            if state == "sent" and taken.wanted.channel == "browser":
                connection.execute(TELL_PAGES)
            return True

        return self._pool.run(work)

    def digest(self, ids: Sequence[int], digest: Wanted, now_us: int) -> None:
        """Put one notification in the place of those held."""

        def work(connection: Connection) -> None:
            for made in insert(connection, [digest], now_us):
                connection.execute(_DIGESTED, (now_us, made, list(ids)))

        self._pool.run(work)

    def journal(self, query: NotificationQuery) -> Sequence[Notification]:
        """Return the newest first."""
        scopes = query.scopes
        values = {
            "before": query.before,
            "after": query.after,
            "alarm": query.alarm,
            "route": query.route,
            "channel": query.channel,
            "target": query.target,
            "state": query.state,
            "since": query.since_us,
            "everything": scopes is None,
            "departments": [department for department, _ in scopes or ()],
            "districts": [district for _, district in scopes or ()],
            "limit": query.limit,
        }
        return self._pool.run(lambda connection: [*map(notification, connection.execute(_JOURNAL, values))])

    def attempts(self, identifier: int) -> Sequence[Attempt]:
        """Return all attempts of one, oldest first."""
        rows = self._pool.run(lambda connection: _rows(connection.execute(_ATTEMPTS, (identifier,))))
        return [Attempt(*row) for row in rows]

    def overdue(self, now_us: int) -> Overdue:
        """Return what is due and not sent."""
        row: Any = self._pool.run(lambda connection: connection.execute(_OVERDUE, (now_us,)).fetchone())
        return Overdue(row[0], (now_us - row[1]) / SECOND_US if row[0] else 0.0)


def _rows(found: psycopg.Cursor[tuple[object, ...]]) -> list[Any]:
    return found.fetchall()
