"""Routes and the journal of notifications, for pages, programs and the command line.

Administrators say who is told; everybody who works with alarms reads it, and of the journal what belongs to their
departments and districts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from alerts.notification_text import trial_content
from alerts.notifying import TEST, Wanted
from alerts.route import Route, read_route
from ops_center.domain.audit import by
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker, Rights, Role
from ops_center.domain.time import Clock
from ops_center.store.alarm_port import Scopes
from ops_center.store.notification_port import Attempt, Notification, NotificationQuery, RouteVersion
from ops_center.store.port import Store

_READERS = frozenset(
    {Role.OPERATOR, Role.COORDINATOR, Role.COMMANDER, Role.DEPARTMENT, Role.LEADER, Role.ADMINISTRATOR, Role.AUDITOR}
)
NOTIFICATIONS = Rights(see=_READERS)
"""the journal"""
ROUTES = Rights(see=_READERS - {Role.DEPARTMENT}, change=frozenset({Role.ADMINISTRATOR}))
"""they name people's addresses"""
_OF_ONE_TEST = 200
"""rows that are looked through: a route has 50 targets at most, others may be told meanwhile"""


class RouteDesk:
    """What people may know and say about who is told of what. Raises StoreError everywhere."""

    def __init__(self, store: Store, realm: Realm, clock: Clock) -> None:
        self._store = store
        self._realm = realm
        self._clock = clock

    def routes(self) -> Sequence[Route]:
        """Return all routes, by name."""
        return self._store.routes.routes()

    def versions(self, name: str) -> Sequence[RouteVersion]:
        """Return the versions of one, newest first; () where there is none of that name."""
        return self._store.routes.route_versions(name)

    def save(self, asker: Asker, form: Any, seen: int | None = None) -> Route:
        """Keep a route of decoded JSON or TOML. Raises ConfigurationError that names the field.

        ``seen``: the version that was looked at, 0 for none; Fenced where somebody else saved another meanwhile.
        """
        route = read_route(form)
        entry = by(asker, self._clock.now_us(), "notifications.route_saved", route.name)
        return self._store.routes.save_route(route, entry, seen)

    def test(self, asker: Asker, name: str) -> Sequence[int] | None:
        """Have every target of a route told that this is a test; return the ids in the journal; None: no such route."""
        route = next((one for one in self.routes() if one.name == name), None)
        if route is None:
            return None
        now_us = self._clock.now_us()
        content = trial_content(self._realm, route.language)
        wanted = [
            Wanted(
                key=f"{TEST}/{route.name}/{target}/{now_us}#1",
                route=route.name,
                route_version=route.version,
                channel=route.channel,
                target=target,
                alarm=0,
                act=TEST,
                due_us=now_us,
                content=content,
            )
            for target in route.targets
        ]
        return self._store.notifications.add(wanted, now_us, by(asker, now_us, "notifications.tested", name))

    def outcomes(self, asker: Asker, route: str, ids: Sequence[int]) -> Sequence[Notification]:
        """Return what became of rows that were made together, e.g. by :meth:`test`, in their order."""
        if not ids:
            return []
        query = NotificationQuery(route=route, after=min(ids) - 1, before=max(ids) + 1, limit=_OF_ONE_TEST)
        return [one for one in reversed(self.journal(asker, query)) if one.id in set(ids)]

    def journal(self, asker: Asker, query: NotificationQuery) -> Sequence[Notification]:
        """Return what of the journal ``asker`` may see, newest first."""
        return self._store.notifications.journal(replace(query, scopes=scopes_of(asker)))

    def mine(self, asker: Asker, after: int = 0, limit: int = 50) -> Sequence[Notification]:
        """Return what ``asker`` is told on the pages, newest first, behind the id ``after``."""
        query = NotificationQuery(channel="browser", target=asker.account, state="sent", after=after, limit=limit)
        return self.journal(asker, query)

    def attempts(self, asker: Asker, identifier: int) -> Sequence[Attempt] | None:
        """Return the attempts of one that ``asker`` may see, oldest first; None: there is none such."""
        found = self.journal(asker, NotificationQuery(before=identifier + 1, limit=1))
        if not found or found[0].id != identifier:
            return None
        return self._store.notifications.attempts(identifier)


def scopes_of(asker: Asker) -> Scopes | None:
    """Return whose notifications ``asker`` may see; None: of the whole city."""
    scopes = [(grant.department, grant.district) for grant in asker.grants if grant.role in NOTIFICATIONS.see]
    return None if (None, None) in scopes else tuple(dict.fromkeys(scopes))
