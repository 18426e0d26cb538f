"""Turns changes of alarms into what is to be sent, with a position of its own: nothing is missed or wanted twice."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from alerts.alarm import Act, Alarm
from alerts.notification_text import Content, content_of
from alerts.notifying import Change, wanted
from alerts.route import Route
from alerts.rule import Rule
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.store.port import Store

log = structlog.get_logger(__name__)

_AT_A_TIME = 1000


class Planner:
    """Reads the outbox of alarms. Of several that run at once one plans, the others find it done."""

    def __init__(
        self,
        store: Store,
        realm: Realm,
        zone: str,
        clock: Clock,
        rule_of: Callable[[str], Rule | None],
        place_of: Callable[[Alarm], Label | None],
    ) -> None:
        """``rule_of``: by name, as it is now; ``place_of``: what its place is called."""
        self._store = store
        self._realm = realm
        self._zone = zone
        self._clock = clock
        self._rule_of = rule_of
        self._place_of = place_of

    def turn(self) -> int:
        """Plan what the next changes ask for; return how many changes. Raises StoreError, Fenced."""
        before = self._store.notifications.position()
        changes = self._store.alarms.changes(before, _AT_A_TIME)
        if changes.seq <= before:
            return 0
        if changes.missed:
            log.warning("notifications.missed_changes", after_seq=before, seq=changes.seq)
        now_us = self._clock.now_us()
        found = [Change(one.alarm, one.acts) for one in changes.changed]
        routes = self._store.routes.routes()
        planned = list(wanted(found, routes, self._realm, changes.seq, now_us, self._content))
        self._store.notifications.plan(before, changes.seq, planned, now_us)
        if planned:
            log.info("notifications.planned", seq=changes.seq, notifications=len(planned))
        return changes.seq - before

    def _content(self, alarm: Alarm, act: Act, route: Route) -> Content:
        rule, place = self._rule_of(alarm.rule), self._place_of(alarm)
        return content_of(alarm, act, rule, place, self._realm, self._zone, route.language)
