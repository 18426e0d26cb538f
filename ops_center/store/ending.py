"""Ends sessions within somebody's transaction: what changes an account or revokes a token calls it."""

from __future__ import annotations

from ops_center.domain.time import to_datetime
from ops_center.store.session import Connection

_END_ACCOUNTS = """
UPDATE session SET ended = %(at)s, reason = %(reason)s
WHERE account = %(account)s AND ended IS NULL AND id <> %(spare)s
"""

_END_HANGING = "UPDATE session SET ended = %(at)s, reason = %(reason)s WHERE token = %(token)s AND ended IS NULL"


def end_sessions(connection: Connection, account: int, at_us: int, reason: str, spare: str = "") -> int:
    """End all sessions of an account save ``spare``; return how many."""
    values = {"account": account, "at": to_datetime(at_us), "reason": reason, "spare": spare}
    return connection.execute(_END_ACCOUNTS, values).rowcount


def end_token_sessions(connection: Connection, token: int, at_us: int, reason: str) -> int:
    """End all sessions that hang on a token; return how many."""
    return connection.execute(_END_HANGING, {"token": token, "at": to_datetime(at_us), "reason": reason}).rowcount
