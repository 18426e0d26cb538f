"""The door of rules: versions that are only ever added, and a number that says when there is something new.

Who adds holds the row of that number until its transaction is over, so that of two who edit the same rule the second
is told, and the number a reader saw means one set of rules. Called by ``services.rules`` and by the rules worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import IsolationLevel

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import RuleChanged
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.store.auditing import append
from ops_center.store.eventing import json_text
from ops_center.store.pool import SessionPool
from ops_center.store.rule_port import NewVersion, RuleRow, RuleSet
from ops_center.store.session import Connection

_VERSION = "SELECT version FROM rule_version"
_COLUMNS = "name, version, form, enabled, origin, hash, author, reason, at"
_NEWEST = f"SELECT DISTINCT ON (name) {_COLUMNS} FROM rule ORDER BY name, version DESC"  # noqa: S608 - constants
_HISTORY = f"SELECT {_COLUMNS} FROM rule WHERE name = %s ORDER BY version DESC"  # noqa: S608 - constants
_NUMBERS = "SELECT name, max(version) FROM rule WHERE name = ANY(%s) GROUP BY name"
_ADD = """
INSERT INTO rule (name, version, form, enabled, origin, hash, author, reason, at)
VALUES (%s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s)
"""
_ADVANCE = "UPDATE rule_version SET version = version + 1"
_TELL = "SELECT pg_notify('rules', current_schema())"


class PostgresRuleStore:
    """The RuleStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def version(self) -> int:
        """Return the number of the set of rules: one row by its key."""
        return self._pool.run(_version)

    def load(self) -> RuleSet:
        """Return the newest version of every rule, of one moment."""
        return self._pool.run(
            lambda connection: RuleSet(_version(connection), tuple(map(_row, connection.execute(_NEWEST)))),
            isolation=IsolationLevel.REPEATABLE_READ,
        )

    def history(self, name: str) -> Sequence[RuleRow]:
        """Return all versions of a rule, newest first."""
        return self._pool.run(lambda connection: list(map(_row, connection.execute(_HISTORY, (name,)))))

    def add(self, versions: Sequence[NewVersion], entries: Sequence[AuditEntry]) -> Sequence[RuleRow]:
        """Add versions, all or none; return them with their numbers. Raises RuleChanged."""

        def work(connection: Connection) -> list[RuleRow]:
            connection.execute(f"{_VERSION} FOR UPDATE".encode())
            rows = _numbered(connection, versions)
            if rows:
                connection.cursor().executemany(_ADD, list(map(_values, rows)))
                connection.execute(_ADVANCE)
                connection.execute(_TELL)
            append(connection, entries)
            return rows

        return self._pool.run(work)


def _numbered(connection: Connection, versions: Sequence[NewVersion]) -> list[RuleRow]:
    found: Any = connection.execute(_NUMBERS, ([str(one.form["name"]) for one in versions],)).fetchall()
    newest: dict[str, int] = dict(found)
    rows = []
    for one in versions:
        name = str(one.form["name"])
        if newest.get(name, 0) != one.expected:
            raise RuleChanged(f"rule {name}: version {newest.get(name, 0)} is the newest, not {one.expected}")
        newest[name] = number = one.expected + 1
        form: Mapping[str, Any] = {**one.form, "version": number}
        enabled = bool(form.get("enabled", True))
        rows.append(RuleRow(name, number, form, enabled, one.origin, one.hash, one.author, one.reason, one.at_us))
    return rows


def _values(row: RuleRow) -> tuple[object, ...]:
    form, at = json_text(row.form), to_datetime(row.at_us)
    return (row.name, row.version, form, row.enabled, row.origin, row.hash, row.author, row.reason, at)


def _version(connection: Connection) -> int:
    row: Any = connection.execute(_VERSION).fetchone()
    return int(row[0])


def _row(row: tuple[Any, ...]) -> RuleRow:
    name, version, form, enabled, origin, digest, author, reason, at = row
    return RuleRow(name, version, form, enabled, origin, bytes(digest), author, reason, from_datetime(at))
