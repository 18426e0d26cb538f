"""The catalog's door: register, move, retire, and the whole of it as one immutable value.

Every change is one transaction that holds the row of the version: registrars come one after another, and a reader
that sees a version sees all of it. Listeners on the channel ``catalog`` hear of it at once; the others poll.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from psycopg import IsolationLevel

from ops_center.domain.audit import AuditEntry
from ops_center.domain.catalog import Catalog, Datastream, Thing, TimeKind
from ops_center.domain.errors import CatalogError
from ops_center.domain.text import Label
from ops_center.store import registering
from ops_center.store.auditing import append
from ops_center.store.expecting import check_expected
from ops_center.store.pool import SessionPool
from ops_center.store.port import CatalogAct, Expected, Progress
from ops_center.store.revisions import life_of
from ops_center.store.session import Connection

_VERSION = "SELECT version FROM catalog_version"

_THINGS = """
SELECT key, producer, thing_id, kind, feed, name_zh, name_en, longitude, latitude, district, department, attributes,
       retired IS NOT NULL
FROM thing ORDER BY key
"""

_DATASTREAMS = """
SELECT key, thing, observed_property, unit, feed, interval_s, time_kind, retired IS NOT NULL
FROM datastream ORDER BY key
"""

_ADVANCE = "UPDATE catalog_version SET version = version + 1"
_TELL = "SELECT pg_notify('catalog', (SELECT version::text FROM catalog_version))"

# A whole city is registered in one transaction; who comes second waits for it.
_PATIENCE = "SET LOCAL statement_timeout = '15min'"

_STAGE_PLACE = """
CREATE TEMPORARY TABLE thing_stage ON COMMIT DROP AS
SELECT producer, thing_id, %(longitude)s::float8 AS longitude, %(latitude)s::float8 AS latitude, district, department
FROM thing WHERE key = %(key)s
"""

_RETIRE = """
WITH retired AS (
    UPDATE thing SET retired = %(now)s WHERE key = %(key)s AND retired IS NULL RETURNING key
), datastreams AS (
    UPDATE datastream d SET retired = %(now)s FROM retired r WHERE d.thing = r.key AND d.retired IS NULL
)
INSERT INTO catalog_log (at, version, origin, action, thing, detail)
SELECT %(now)s, %(version)s, %(origin)s, 'retired', key, '{}' FROM retired
"""

Change = Callable[[Connection, Mapping[str, Any]], bool]


class PostgresCatalogStore:
    """The CatalogStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def version(self) -> int:
        """Return the catalog's version: one row by its key."""
        return self._pool.run(_version)

    def load(self) -> Catalog:
        """Return the catalog as it is now."""
        version, things, datastreams = self._pool.run(_read, isolation=IsolationLevel.REPEATABLE_READ)
        return Catalog(version, map(_thing, things), map(_datastream, datastreams))

    def register(
        self,
        things: Sequence[Thing],
        datastreams: Sequence[tuple[str, str, Datastream]],
        origin: str,
        *,
        only_new: bool = False,
        entry: AuditEntry | None = None,
        expected: Expected | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Add or change things and datastreams, all or none; return the version. Raises CatalogError."""

        def stage(connection: Connection) -> None:
            registering.stage(connection, things, datastreams, progress)

        def change(connection: Connection, who: Mapping[str, Any]) -> bool:
            check_expected(connection, expected or {})
            return registering.register(connection, things, only_new, who)

        return self._change(origin, change, entry, stage)

    def move(
        self,
        producer: str,
        thing_id: str,
        longitude: float,
        latitude: float,
        origin: str,
        entry: AuditEntry | None = None,
    ) -> int:
        """Give a thing a new place from now on; the old one stays with its dates. Raises CatalogError."""
        registering.check_place(f"{producer}/{thing_id}", longitude, latitude)

        def change(connection: Connection, who: Mapping[str, Any]) -> bool:
            key = _key_in_service(connection, producer, thing_id)
            connection.execute(_STAGE_PLACE, {"key": key, "longitude": longitude, "latitude": latitude})
            return registering.move_staged(connection, who) > 0

        return self._change(origin, change, entry)

    def retire(
        self,
        producer: str,
        thing_id: str,
        origin: str,
        entry: AuditEntry | None = None,
        expected: Thing | None = None,
    ) -> int:
        """Retire a thing and its datastreams; again changes nothing. Raises CatalogError if it is unknown."""

        def change(connection: Connection, who: Mapping[str, Any]) -> bool:
            check_expected(connection, {(producer, thing_id): expected} if expected else {})
            key, _ = _find(connection, producer, thing_id)
            return connection.execute(_RETIRE, {**who, "key": key}).rowcount > 0

        return self._change(origin, change, entry)

    def life(self, thing: int, limit: int = 100) -> Sequence[CatalogAct]:
        """Return what was done to a thing, newest first; the last is that it was registered."""
        return self._pool.run(lambda connection: life_of(connection, thing, limit))

    def _change(
        self,
        origin: str,
        change: Change,
        entry: AuditEntry | None,
        stage: Callable[[Connection], None] = lambda _connection: None,
    ) -> int:
        """Make a change and return the version; ``stage`` brings what it needs while nobody has to wait for it."""

        def work(connection: Connection) -> int:
            connection.execute(_PATIENCE)
            stage(connection)
            version = _number(connection.execute(f"{_VERSION} FOR UPDATE").fetchone())
            # The transaction's own time would be from before it waited for the registrar ahead of it.
            now = connection.execute("SELECT clock_timestamp()").fetchone()
            who = {"origin": origin, "now": now[0] if now else None, "version": version + 1}
            if not change(connection, who):
                return version
            connection.execute(_ADVANCE)
            connection.execute(_TELL)
            if entry is not None:
                append(connection, [replace(entry, detail={**entry.detail, "catalog_version": version + 1})])
            return version + 1

        return self._pool.run(work)


def _version(connection: Connection) -> int:
    return _number(connection.execute(_VERSION).fetchone())


def _number(row: tuple[object, ...] | None) -> int:
    return 0 if row is None else int(str(row[0]))


def _read(connection: Connection) -> tuple[int, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return version, things and datastreams of one moment as rows: objects are made when the transaction is over."""
    return _version(connection), connection.execute(_THINGS).fetchall(), connection.execute(_DATASTREAMS).fetchall()


def _thing(row: tuple[Any, ...]) -> Thing:
    key, producer, thing_id, kind, feed, zh, en, *rest = row
    return Thing(key, producer, thing_id, kind, feed, Label(zh, en), *rest)


def _datastream(row: tuple[Any, ...]) -> Datastream:
    key, thing, observed_property, unit, feed, interval_s, time_kind, retired = row
    return Datastream(key, thing, observed_property, unit, feed, interval_s, TimeKind(time_kind), retired)


def _find(connection: Connection, producer: str, thing_id: str) -> tuple[int, bool]:
    row = connection.execute(
        "SELECT key, retired IS NOT NULL FROM thing WHERE producer = %s AND thing_id = %s", (producer, thing_id)
    ).fetchone()
    if row is None:
        raise CatalogError(f"{producer}/{thing_id} is not registered")
    return int(str(row[0])), bool(row[1])


def _key_in_service(connection: Connection, producer: str, thing_id: str) -> int:
    key, retired = _find(connection, producer, thing_id)
    if retired:
        raise CatalogError(f"{producer}/{thing_id} is retired and stays where it was")
    return key
