"""What tests of the audit share: an audit of their own with a key, and a superuser who knows everything but the key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from ops_center.domain.audit import AuditEntry
from tests.people.chains import T0

_GUARDS = {
    "audit": ("changed", "deleted"),
    "audit_end": ("lost", "moved"),
    "audit_checkpoint": ("changed", "made"),
}


def entry(n: int = 0, **more: object) -> AuditEntry:
    return AuditEntry(T0 + n, "wang", "things.moved", f"traffic/S{n}", **more)  # type: ignore[arg-type]


@contextmanager
def intruder(url: str) -> Iterator[psycopg.Connection]:
    """A connection for which the audit's triggers do nothing."""
    with psycopg.connect(url, autocommit=True) as connection:
        for table in _GUARDS:
            connection.execute(f"ALTER TABLE center.{table} DISABLE TRIGGER USER")
        with connection.transaction():
            yield connection
        for table, guards in _GUARDS.items():
            for guard in guards:
                connection.execute(f"ALTER TABLE center.{table} ENABLE ALWAYS TRIGGER {guard}")


@contextmanager
def away(url: str) -> Iterator[None]:
    """The audit can't be written within the block."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE center.audit_end RENAME TO gone")
        yield
        connection.execute("ALTER TABLE center.gone RENAME TO audit_end")


_ANEW = """
TRUNCATE center.audit, center.audit_checkpoint, center.audit_end;
INSERT INTO center.audit_end (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'));
ALTER TABLE center.audit DROP CONSTRAINT IF EXISTS audit_pkey, DROP CONSTRAINT IF EXISTS audit_seq_check;
ALTER TABLE center.audit ADD CONSTRAINT audit_pkey PRIMARY KEY (seq), ADD CONSTRAINT audit_seq_check CHECK (seq > 0)
"""


def empty(url: str) -> None:
    """Make the audit as it is in a new database, whatever a test did to it."""
    with intruder(url) as connection:
        connection.execute(_ANEW)
