"""What tests of the audit share: an audit of their own with a key, and a superuser who knows everything but the key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from ops_center.domain.audit import AuditEntry
from tests.people.chains import T0

_GUARDED = ("audit", "audit_end", "audit_checkpoint")


def entry(n: int = 0, **more: object) -> AuditEntry:
    return AuditEntry(T0 + n, "wang", "things.moved", f"traffic/S{n}", **more)  # type: ignore[arg-type]


@contextmanager
def intruder(url: str) -> Iterator[psycopg.Connection]:
    """A connection for which the audit's triggers do nothing."""
    with psycopg.connect(url) as connection:
        for table in _GUARDED:
            connection.execute(f"ALTER TABLE center.{table} DISABLE TRIGGER USER")
        yield connection
        for table in _GUARDED:
            connection.execute(f"ALTER TABLE center.{table} ENABLE TRIGGER USER")


@contextmanager
def away(url: str) -> Iterator[None]:
    """The audit can't be written within the block."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE center.audit_end RENAME TO gone")
        yield
        connection.execute("ALTER TABLE center.gone RENAME TO audit_end")
