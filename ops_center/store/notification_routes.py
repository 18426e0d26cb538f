"""The door of routes: every edit is a version with its author, the newest counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from alerts.route import Route
from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import Fenced
from ops_center.store.auditing import append
from ops_center.store.notification_port import RouteVersion
from ops_center.store.notification_rows import form_of, route, route_with
from ops_center.store.people_rows import with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_ROUTES = "SELECT DISTINCT ON (name) form, version FROM notification_route ORDER BY name, version DESC"

_VERSIONS = "SELECT form, version, author, at_us FROM notification_route WHERE name = %s ORDER BY version DESC"

# One change of routes at a time: "opsc", "rout".
_LOCK_ROUTES = "SELECT pg_advisory_xact_lock(0x6f707363, 0x726f7574)"

_SAVE = "INSERT INTO notification_route (name, version, form, author, at_us) VALUES (%s, %s, %s::jsonb, %s, %s)"


class PostgresRouteStore:
    """The RouteStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def routes(self) -> Sequence[Route]:
        """Return the newest version of every route, by name."""
        return self._pool.run(lambda connection: [route(*row) for row in _rows(connection.execute(_ROUTES))])

    def route_versions(self, name: str) -> Sequence[RouteVersion]:
        """Return all versions of a route, newest first."""
        rows = self._pool.run(lambda connection: _rows(connection.execute(_VERSIONS, (name,))))
        return [RouteVersion(route(form, version), author, at_us) for form, version, author, at_us in rows]

    def save_route(self, given: Route, entry: AuditEntry, seen: int | None = None) -> Route:
        """Keep a new version and return it with its number; one that says the same is no change and has no entry."""

        def work(connection: Connection) -> Route:
            connection.execute(_LOCK_ROUTES)
            found = _rows(connection.execute(_VERSIONS, (given.name,)))
            before = route(found[0][0], found[0][1]) if found else None
            if seen is not None and seen != (before.version if before else 0):
                raise Fenced(f"somebody else saved the route {given.name} meanwhile")
            if before is not None and route_with(given, before.version) == before:
                return before
            version = before.version + 1 if before else 1
            connection.execute(_SAVE, (given.name, version, form_of(given), entry.actor, entry.at_us))
            append(connection, [with_detail(entry, {"version": version, "targets": list(given.targets)})])
            return route_with(given, version)

        return self._pool.run(work)


def _rows(found: psycopg.Cursor[tuple[object, ...]]) -> list[Any]:
    return found.fetchall()
