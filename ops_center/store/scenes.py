"""The door of scenes: versions that are only ever added, and a number that says when there is something new.

Who adds holds the row of that number until its transaction is over, so that of two who edit the same scene the second
is told (as with rules, ``store/rules.py``). Called by ``services.scenes``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import SceneChanged
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.store.auditing import append
from ops_center.store.eventing import json_text
from ops_center.store.pool import SessionPool
from ops_center.store.scene_port import NewScene, SceneRow
from ops_center.store.session import Connection

_VERSION = "SELECT version FROM scene_version"
_COLUMNS = "name, version, form, gone, origin, hash, author, reason, at"
_NEWEST = f"SELECT DISTINCT ON (name) {_COLUMNS} FROM scene ORDER BY name, version DESC"  # noqa: S608 - constants
_HISTORY = f"SELECT {_COLUMNS} FROM scene WHERE name = %s ORDER BY version DESC"  # noqa: S608 - constants
_NUMBERS = """
SELECT DISTINCT ON (name) name, version, gone FROM scene WHERE name = ANY(%s) ORDER BY name, version DESC
"""
_ADD = """
INSERT INTO scene (name, version, form, gone, origin, hash, author, reason, at)
VALUES (%s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s)
"""
_ADVANCE = "UPDATE scene_version SET version = version + 1"
_TELL = "SELECT pg_notify('scenes', current_schema())"


class PostgresSceneStore:
    """The SceneStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def version(self) -> int:
        """Return the number of the set of scenes: one row by its key."""
        return self._pool.run(_version)

    def load(self) -> Sequence[SceneRow]:
        """Return the newest version of every scene that isn't gone, by name."""
        rows = self._pool.run(lambda connection: list(map(_row, connection.execute(_NEWEST))))
        return [row for row in rows if not row.gone]

    def history(self, name: str) -> Sequence[SceneRow]:
        """Return all versions of a scene, newest first."""
        return self._pool.run(lambda connection: list(map(_row, connection.execute(_HISTORY, (name,)))))

    def add(self, versions: Sequence[NewScene], entries: Sequence[AuditEntry]) -> Sequence[SceneRow]:
        """Add versions, all or none; return them with their numbers. Raises SceneChanged."""

        def work(connection: Connection) -> list[SceneRow]:
            connection.execute(f"{_VERSION} FOR UPDATE".encode())
            rows = _numbered(connection, versions)
            if rows:
                connection.cursor().executemany(_ADD, list(map(_values, rows)))
                connection.execute(_ADVANCE)
                connection.execute(_TELL)
            append(connection, entries)
            return rows

        return self._pool.run(work)


def _numbered(connection: Connection, versions: Sequence[NewScene]) -> list[SceneRow]:
    found: Any = connection.execute(_NUMBERS, ([str(one.form["name"]) for one in versions],)).fetchall()
    newest: dict[str, tuple[int, bool]] = {name: (version, gone) for name, version, gone in found}
    rows = []
    for one in versions:
        name = str(one.form["name"])
        number, gone = newest.get(name, (0, True))
        there = 0 if gone else number
        if there != one.expected:
            raise SceneChanged(f"scene {name}: version {there} is the newest, not {one.expected}")
        newest[name] = number + 1, one.gone
        form: Mapping[str, Any] = {**one.form, "version": number + 1}
        rows.append(SceneRow(name, number + 1, form, one.gone, one.origin, one.hash, one.author, one.reason, one.at_us))
    return rows


def _values(row: SceneRow) -> tuple[object, ...]:
    form, at = json_text(row.form), to_datetime(row.at_us)
    return (row.name, row.version, form, row.gone, row.origin, row.hash, row.author, row.reason, at)


def _version(connection: Connection) -> int:
    row: Any = connection.execute(_VERSION).fetchone()
    return int(row[0])


def _row(row: tuple[Any, ...]) -> SceneRow:
    name, version, form, gone, origin, digest, author, reason, at = row
    return SceneRow(name, version, form, gone, origin, bytes(digest), author, reason, from_datetime(at))
