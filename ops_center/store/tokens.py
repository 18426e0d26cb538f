"""The door of tokens: secrets that stand for an account until they are revoked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import AccountError
from ops_center.domain.people import Account, Token, TokenKind
from ops_center.domain.time import to_datetime
from ops_center.store import people_rows
from ops_center.store.auditing import append
from ops_center.store.ending import end_token_sessions
from ops_center.store.people_rows import ACCOUNT_WIDTH, SELECT_ACCOUNT, moment, with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_LIST = """
SELECT t.key, a.name, t.kind, t.label, t.created, t.created_by, t.expires, t.revoked, t.used
FROM token t JOIN account a ON a.key = t.account
WHERE (%(kind)s::text IS NULL OR t.kind = %(kind)s) AND (%(account)s::int IS NULL OR t.account = %(account)s)
ORDER BY t.key DESC
"""

_ADD = """
INSERT INTO token (digest, account, kind, label, created, created_by, expires)
SELECT %(digest)s, key, %(kind)s, %(label)s, %(created)s, %(created_by)s, %(expires)s
FROM account WHERE name = %(account)s AND disabled IS NULL
RETURNING key
"""

_FIND = f"""
{SELECT_ACCOUNT}, t.key, a.name, t.kind, t.label, t.created, t.created_by, t.expires, t.revoked, t.used
FROM token t JOIN account a ON a.key = t.account JOIN credential c ON c.account = a.key
WHERE t.digest = %(digest)s AND t.revoked IS NULL AND (t.expires IS NULL OR t.expires > %(now)s) AND a.disabled IS NULL
"""

_REVOKE = """
UPDATE token t SET revoked = %(at)s FROM account a
WHERE t.key = %(key)s AND t.revoked IS NULL AND a.key = t.account RETURNING a.name, t.kind, t.label
"""
_EXISTS = "SELECT FROM token WHERE key = %s"

_USED = """
UPDATE token t SET used = u.used FROM unnest(%s::int[], %s::timestamptz[]) AS u (key, used)
WHERE t.key = u.key AND (t.used IS NULL OR t.used < u.used)
"""

_PULSE = """
SELECT t.key, a.version FROM token t JOIN account a ON a.key = t.account
WHERE t.key = ANY(%(keys)s) AND t.revoked IS NULL AND (t.expires IS NULL OR t.expires > %(now)s) AND a.disabled IS NULL
"""


class PostgresTokenStore:
    """The TokenStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def list(self, kind: TokenKind | None = None, account: int | None = None) -> Sequence[Token]:
        """Return all, newest first, revoked ones too."""
        values = {"kind": kind, "account": account}
        return self._pool.run(lambda connection: list(map(people_rows.token, connection.execute(_LIST, values))))

    def add(self, token: Token, digest: bytes, entry: AuditEntry) -> Token:
        """Add it to the account it names and return it with its key. Raises AccountError."""
        values = {
            "digest": digest,
            "account": token.account,
            "kind": token.kind,
            "label": token.label,
            "created": moment(token.created_us),
            "created_by": token.created_by,
            "expires": moment(token.expires_us),
        }

        def work(connection: Connection) -> Token:
            row: Any = connection.execute(_ADD, values).fetchone()
            if row is None:
                raise AccountError(f"there is no account {token.account} that is enabled")
            append(connection, [with_detail(entry, {"token": row[0], "kind": token.kind, "label": token.label})])
            return replace(token, key=row[0])

        return self._pool.run(work)

    def find(self, digest: bytes, now_us: int) -> tuple[Token, Account] | None:
        """Return the token of a secret and its account, if both are good at ``now_us``."""
        values = {"digest": digest, "now": to_datetime(now_us)}
        row = self._pool.run(lambda connection: connection.execute(_FIND, values).fetchone())
        if row is None:
            return None
        return people_rows.token(row[ACCOUNT_WIDTH:]), people_rows.account(row[:ACCOUNT_WIDTH])

    def revoke(self, key: int, at_us: int, entry: AuditEntry) -> bool:
        """Revoke it and end its sessions; False: it was revoked before. Raises AccountError if there is none."""

        def work(connection: Connection) -> bool:
            row = connection.execute(_REVOKE, {"key": key, "at": to_datetime(at_us)}).fetchone()
            if row is None:
                _must_exist(connection, key)
                return False
            ended = end_token_sessions(connection, key, at_us, "token")
            detail = {"token": key, "kind": row[1], "label": row[2], "sessions_ended": ended}
            append(connection, [replace(with_detail(entry, detail), subject=str(row[0]))])
            return True

        return self._pool.run(work)

    def used(self, at_us: Mapping[int, int]) -> None:
        """Note when tokens were used last."""
        keys = sorted(at_us)
        columns = (keys, [to_datetime(at_us[key]) for key in keys])
        self._pool.run(lambda connection: connection.execute(_USED, columns))

    def pulse(self, keys: Collection[int], now_us: int) -> Mapping[int, int]:
        """Return those of ``keys`` that are good at ``now_us``, with the version of their account."""
        values = {"keys": list(keys), "now": to_datetime(now_us)}
        rows: Any = self._pool.run(lambda connection: connection.execute(_PULSE, values).fetchall())
        return dict(rows)


def _must_exist(connection: Connection, key: int) -> None:
    if connection.execute(_EXISTS, (key,)).fetchone() is None:
        raise AccountError(f"there is no token {key}")
