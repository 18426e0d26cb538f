"""The door of documents that people edit: versions that are only ever added, and a number that grows with each.

Who adds holds the row of that number until its transaction is over, so that of two who edit the same document the
second is told, and the number a reader saw means one set of documents. Called by ``services`` and the rules worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import IsolationLevel, sql

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import OpsCenterError, PlanChanged, RuleChanged, SceneChanged
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.store.auditing import append
from ops_center.store.eventing import json_text
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection
from ops_center.store.version_port import NewVersion, VersionRow, VersionSet


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of documents: its tables are ``<name>`` and ``<name>_version``, its channel is ``<name>s``."""

    name: str
    changed: type[OpsCenterError]
    """raised where somebody else saved first"""


RULES, SCENES, PLANS = Kind("rule", RuleChanged), Kind("scene", SceneChanged), Kind("plan", PlanChanged)

_VERSION = "SELECT version FROM {}"
_LOCK = "SELECT version FROM {} FOR UPDATE"
_NEWEST = """
SELECT DISTINCT ON (name) name, version, form, enabled, gone, origin, hash, author, reason, at
FROM {} ORDER BY name, version DESC
"""
_HISTORY = """
SELECT name, version, form, enabled, gone, origin, hash, author, reason, at
FROM {} WHERE name = %s ORDER BY version DESC
"""
_NUMBERS = """
SELECT DISTINCT ON (name) name, version, gone FROM {} WHERE name = ANY(%s) ORDER BY name, version DESC
"""
_ADD = """
INSERT INTO {} (name, version, form, enabled, gone, origin, hash, author, reason, at)
VALUES (%s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s)
"""
_ADVANCE = "UPDATE {} SET version = version + 1"
_TELL = "SELECT pg_notify(%s, current_schema())"


class PostgresVersionStore:
    """The VersionStore of one kind; safe to use from any thread."""

    def __init__(self, pool: SessionPool, kind: Kind) -> None:
        self._pool = pool
        self._kind = kind
        self._rows = kind.name
        self._number = f"{kind.name}_version"

    def version(self) -> int:
        """Return the number of the set: one row by its key."""
        return self._pool.run(self._version)

    def load(self) -> VersionSet:
        """Return the newest version of every document that isn't gone, of one moment."""

        def work(connection: Connection) -> VersionSet:
            found = connection.execute(sql.SQL(_NEWEST).format(sql.Identifier(self._rows)))
            return VersionSet(self._version(connection), tuple(row for row in map(_row, found) if not row.gone))

        return self._pool.run(work, isolation=IsolationLevel.REPEATABLE_READ)

    def history(self, name: str) -> Sequence[VersionRow]:
        """Return all versions of a document, newest first."""

        def work(connection: Connection) -> list[VersionRow]:
            return list(map(_row, connection.execute(sql.SQL(_HISTORY).format(sql.Identifier(self._rows)), (name,))))

        return self._pool.run(work)

    def add(self, versions: Sequence[NewVersion], entries: Sequence[AuditEntry]) -> Sequence[VersionRow]:
        """Add versions, all or none; return them with their numbers. Raises the kind's error."""

        def work(connection: Connection) -> list[VersionRow]:
            connection.execute(sql.SQL(_LOCK).format(sql.Identifier(self._number)))
            rows = self._numbered(connection, versions)
            if rows:
                statement = sql.SQL(_ADD).format(sql.Identifier(self._rows))
                connection.cursor().executemany(statement, list(map(_values, rows)))
                connection.execute(sql.SQL(_ADVANCE).format(sql.Identifier(self._number)))
                connection.execute(_TELL, (f"{self._kind.name}s",))
            append(connection, entries)
            return rows

        return self._pool.run(work)

    def _version(self, connection: Connection) -> int:
        row: Any = connection.execute(sql.SQL(_VERSION).format(sql.Identifier(self._number))).fetchone()
        return int(row[0])

    def _numbered(self, connection: Connection, versions: Sequence[NewVersion]) -> list[VersionRow]:
        names = [str(one.form["name"]) for one in versions]
        found: Any = connection.execute(sql.SQL(_NUMBERS).format(sql.Identifier(self._rows)), (names,)).fetchall()
        newest: dict[str, tuple[int, bool]] = {name: (version, gone) for name, version, gone in found}
        rows = []
        for one, name in zip(versions, names, strict=True):
            number, gone = newest.get(name, (0, True))
            there = 0 if gone else number
            if there != one.expected:
                raise self._kind.changed(f"{self._kind.name} {name}: version {there} is the newest, not {one.expected}")
            newest[name] = number + 1, one.gone
            rows.append(_new_row(name, number + 1, one))
        return rows


def _new_row(name: str, number: int, one: NewVersion) -> VersionRow:
    form: Mapping[str, Any] = {**one.form, "version": number}
    enabled = bool(form.get("enabled", True))
    return VersionRow(name, number, form, enabled, one.gone, one.origin, one.hash, one.author, one.reason, one.at_us)


def _values(row: VersionRow) -> tuple[object, ...]:
    said = (row.origin, row.hash, row.author, row.reason, to_datetime(row.at_us))
    return (row.name, row.version, json_text(row.form), row.enabled, row.gone, *said)


def _row(row: tuple[Any, ...]) -> VersionRow:
    name, version, form, enabled, gone, origin, digest, author, reason, at = row
    return VersionRow(name, version, form, enabled, gone, origin, bytes(digest), author, reason, from_datetime(at))
