"""Rows of people as values, and the statements that read them. Called by ``accounts``, ``sessions`` and ``tokens``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ops_center.domain.audit import AuditEntry
from ops_center.domain.people import Account, Credentials, Session, Token
from ops_center.domain.rights import Grant
from ops_center.domain.time import from_datetime, to_datetime

SELECT_ACCOUNT = """
SELECT a.key, a.name, a.display_name,
       ARRAY(SELECT g.role || '/' || g.department || '/' || g.district FROM account_grant g WHERE g.account = a.key),
       a.origin, a.language, a.created, a.disabled, c.must_change_password, c.password_expires,
       c.password_hash IS NOT NULL, c.totp_secret IS NOT NULL, a.issuer, a.subject, a.version
"""
ACCOUNT_WIDTH = 15


def account(row: tuple[Any, ...]) -> Account:
    """Return what ``SELECT_ACCOUNT`` reads."""
    key, name, display_name, grants, origin, language, created, disabled, *rest = row
    must_change, expires, has_password, has_totp, issuer, subject, version = rest
    return Account(
        key,
        name,
        display_name,
        in_order(map(Grant.parse, grants)),
        origin,
        language,
        from_datetime(created),
        us(disabled),
        must_change,
        us(expires),
        has_password,
        has_totp,
        None if issuer is None else {"issuer": issuer, "subject": subject},
        version,
    )


def in_order(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Return grants once each, in the order of their text."""
    return tuple(sorted(set(grants), key=str))


def credentials(row: tuple[Any, ...]) -> Credentials:
    """Return (password_hash, totp_secret, totp_last_step, recovery_digests) as a value."""
    password_hash, totp_secret, last_step, digests = row
    return Credentials(password_hash, totp_secret, last_step, tuple(digests))


def session(row: tuple[Any, ...]) -> Session:
    """Return (``SELECT_ACCOUNT``, id, kind, started, seen, idle_ends, ends, token, address, agent) as a value."""
    identifier, kind, started, seen, idle_ends, ends, token_key, address, agent = row[ACCOUNT_WIDTH:]
    return Session(
        identifier,
        account(row[:ACCOUNT_WIDTH]),
        kind,
        from_datetime(started),
        from_datetime(seen),
        from_datetime(idle_ends),
        from_datetime(ends),
        token_key,
        address,
        agent,
    )


def token(row: tuple[Any, ...]) -> Token:
    """Return (key, name of the account, kind, label, created, created_by, expires, revoked, used) as a value."""
    key, name, kind, label, created, created_by, expires, revoked, used = row
    return Token(key, name, kind, label, from_datetime(created), created_by, us(expires), us(revoked), us(used))


def us(moment: datetime | None) -> int | None:
    """Return microseconds, or None."""
    return None if moment is None else from_datetime(moment)


def moment(value_us: int | None) -> datetime | None:
    """Return the datetime of ``value_us``, or None."""
    return None if value_us is None else to_datetime(value_us)


def with_detail(entry: AuditEntry, detail: Mapping[str, Any]) -> AuditEntry:
    """Return ``entry`` with more detail, which the store alone knows for sure."""
    return replace(entry, detail={**entry.detail, **detail})
