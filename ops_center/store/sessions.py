"""The door of sessions. They are found by the digest of their secret; a secret is never stored.

What ended stays for some weeks, for the one who asks where a session went; the audit keeps it for longer. Nothing
here depends on the order in which transactions end or on clocks that agree: a process asks which of *its* sessions
go on (:meth:`PostgresSessionStore.pulse`), not what ended since some moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import AccountChanged
from ops_center.domain.people import Session
from ops_center.domain.time import DAY_US, MINUTE_US, from_datetime, to_datetime
from ops_center.store import people_rows
from ops_center.store.auditing import append
from ops_center.store.ending import end_sessions
from ops_center.store.people_port import Pulse
from ops_center.store.people_rows import SELECT_ACCOUNT, with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

KEEP_US = 60 * DAY_US
_GRACE_US = 2 * MINUTE_US
"""a process writes signs of people a little later than it sees them"""
_SKEW_US = 5 * MINUTE_US
"""clocks of two machines differ by less; a session from further in the future was made by one that was wrong"""

# Sharing the account's row makes who changes it wait for us, or us for it: then the version is another one.
_HOLD_ACCOUNT = "SELECT version = %s AND disabled IS NULL FROM account WHERE key = %s FOR SHARE"
_HOLD_WHAT_IT_HANGS_ON = "SELECT revoked IS NULL FROM token WHERE key = %s FOR SHARE"

_START = """
INSERT INTO session (id, digest, account, kind, token, started, seen, idle_ends, ends, address, agent)
VALUES (%(id)s, %(digest)s, %(account)s, %(kind)s, %(token)s, %(started)s, %(seen)s, %(idle_ends)s, %(ends)s,
        %(address)s, %(agent)s)
"""

# A kiosk asks for a new session whenever it starts anew, and says goodbye to none.
_KEEP_NEWEST = """
UPDATE session SET ended = %(started)s, reason = 'replaced'
WHERE token = %(token)s AND ended IS NULL AND id NOT IN (
    SELECT id FROM session WHERE token = %(token)s AND ended IS NULL ORDER BY started DESC, id LIMIT 5
)
"""

_GOING_ON = f"""
{SELECT_ACCOUNT}, s.id, s.kind, s.started, s.seen, s.idle_ends, s.ends, s.token, s.address, s.agent
FROM session s JOIN account a ON a.key = s.account JOIN credential c ON c.account = a.key
WHERE s.ended IS NULL AND s.idle_ends > %(now)s AND s.ends > %(now)s AND a.disabled IS NULL
"""
_FIND = f"{_GOING_ON} AND s.digest = %(digest)s AND s.started <= %(latest)s"
_LIST = f"{_GOING_ON} AND (%(account)s::int IS NULL OR s.account = %(account)s) ORDER BY s.started DESC, s.id"

_TOUCH = """
UPDATE session s SET seen = greatest(s.seen, t.seen), idle_ends = greatest(s.idle_ends, t.idle_ends)
FROM unnest(%s::text[], %s::timestamptz[], %s::timestamptz[]) AS t (id, seen, idle_ends)
WHERE s.id = t.id AND s.ended IS NULL
"""

_END = """
UPDATE session s SET ended = %(at)s, reason = %(reason)s FROM account a
WHERE s.id = %(id)s AND s.ended IS NULL AND a.key = s.account RETURNING a.name
"""

_PULSE = """
SELECT s.id, s.seen, s.idle_ends, a.version FROM session s JOIN account a ON a.key = s.account
WHERE s.id = ANY(%s) AND s.ended IS NULL AND a.disabled IS NULL
"""

_RAN_OUT = """
UPDATE session s SET ended = %(now)s, reason = CASE WHEN s.ends <= %(before)s THEN 'limit' ELSE 'idle' END
FROM account a
WHERE s.ended IS NULL AND (s.idle_ends <= %(before)s OR s.ends <= %(before)s) AND a.key = s.account
RETURNING s.id, a.name, s.reason
"""
_FORGET = "DELETE FROM session WHERE ended < %s"


class PostgresSessionStore:
    """The SessionStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def start(self, session: Session, digest: bytes, entry: AuditEntry) -> None:
        """Keep a new one. Raises AccountChanged."""

        def work(connection: Connection) -> None:
            _hold(connection, session)
            values = _values(session, digest)
            connection.execute(_START, values)
            if session.token is not None:
                connection.execute(_KEEP_NEWEST, values)
            append(connection, [entry])

        self._pool.run(work)

    def find(self, digest: bytes, now_us: int) -> Session | None:
        """Return the session of a secret if it goes on at ``now_us``."""
        values = {"digest": digest, "now": to_datetime(now_us), "latest": to_datetime(now_us + _SKEW_US)}
        row = self._pool.run(lambda connection: connection.execute(_FIND, values).fetchone())
        return None if row is None else people_rows.session(row)

    def list(self, now_us: int, account: int | None = None) -> Sequence[Session]:
        """Return those that go on, newest first."""
        values = {"now": to_datetime(now_us), "account": account}
        return self._pool.run(lambda connection: list(map(people_rows.session, connection.execute(_LIST, values))))

    def touch(self, seen: Mapping[str, tuple[int, int]]) -> None:
        """Note signs of people: id → seen, idle end; never back in time."""
        # In one order everywhere, so that two processes never hold each other's rows.
        ids = sorted(seen)
        columns = (ids, [to_datetime(seen[i][0]) for i in ids], [to_datetime(seen[i][1]) for i in ids])
        self._pool.run(lambda connection: connection.execute(_TOUCH, columns))

    def end(self, session_id: str, at_us: int, reason: str, entry: AuditEntry) -> bool:
        """End one; False: it had ended before, and there is no entry."""
        values = {"id": session_id, "at": to_datetime(at_us), "reason": reason}

        def work(connection: Connection) -> bool:
            row = connection.execute(_END, values).fetchone()
            if row is None:
                return False
            append(connection, [with_detail(entry, {"account": row[0], "reason": reason})])
            return True

        return self._pool.run(work)

    def end_all(self, account: int, at_us: int, reason: str, entry: AuditEntry, *, spare: str = "") -> int:
        """End all of an account save ``spare``; return how many."""

        def work(connection: Connection) -> int:
            ended = end_sessions(connection, account, at_us, reason, spare)
            append(connection, [with_detail(entry, {"sessions_ended": ended, "reason": reason})])
            return ended

        return self._pool.run(work)

    def pulse(self, ids: Collection[str]) -> Mapping[str, Pulse]:
        """Return those of ``ids`` that were not ended."""
        rows = self._pool.run(lambda connection: connection.execute(_PULSE, (list(ids),)).fetchall())
        return {str(row[0]): _pulse(row) for row in rows}

    def sweep(self, now_us: int) -> int:
        """End what ran out of time a while ago, forget what ended long ago; return how many were ended."""
        values = {"now": to_datetime(now_us), "before": to_datetime(now_us - _GRACE_US)}

        def work(connection: Connection) -> int:
            ended = connection.execute(_RAN_OUT, values).fetchall()
            connection.execute(_FORGET, (to_datetime(now_us - KEEP_US),))
            append(connection, [_ran_out(now_us, row) for row in ended])
            return len(ended)

        return self._pool.run(work)


def _hold(connection: Connection, session: Session) -> None:
    held = connection.execute(_HOLD_ACCOUNT, (session.account.version, session.account.key)).fetchone()
    if session.token is not None and held is not None and held[0]:
        held = connection.execute(_HOLD_WHAT_IT_HANGS_ON, (session.token,)).fetchone()
    if held is None or not held[0]:
        raise AccountChanged(f"{session.account.name} was changed while somebody signed in as it")


def _values(session: Session, digest: bytes) -> Mapping[str, Any]:
    return {
        "id": session.id,
        "digest": digest,
        "account": session.account.key,
        "kind": session.kind,
        "token": session.token,
        "started": to_datetime(session.started_us),
        "seen": to_datetime(session.seen_us),
        "idle_ends": to_datetime(session.idle_ends_us),
        "ends": to_datetime(session.ends_us),
        "address": session.address,
        "agent": session.agent,
    }


def _pulse(row: tuple[Any, ...]) -> Pulse:
    _, seen, idle_ends, version = row
    return Pulse(from_datetime(seen), from_datetime(idle_ends), version)


def _ran_out(now_us: int, row: tuple[Any, ...]) -> AuditEntry:
    identifier, name, reason = row
    return AuditEntry(now_us, "system", "session.ended", identifier, detail={"account": name, "reason": reason})
