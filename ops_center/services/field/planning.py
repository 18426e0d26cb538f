"""Turns lines of the log of incidents into what people are told, with a position of its own: none is missed or doubled.

Runs in ``run.py notify`` beside the planner of alarms. Of several that run at once one plans, the others find it done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import structlog

from alerts.notification_text import Content, mark, one_line
from alerts.notifying import INCIDENT, Wanted
from ops_center.domain.people import Account
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Role
from ops_center.domain.time import Clock
from ops_center.services.field.telling import People, Telling, department_for, tellings
from ops_center.store.incident_port import LogLine, Standing
from ops_center.store.port import Store

log = structlog.get_logger(__name__)

_AT_A_TIME = 500


class IncidentPlanner:
    """Reads the log. Raises StoreError, Fenced."""

    def __init__(self, store: Store, realm: Realm, clock: Clock) -> None:
        self._store = store
        self._realm = realm
        self._clock = clock

    def turn(self) -> int:
        """Plan what the next lines ask for; return how many lines."""
        before = self._store.telling.position()
        lines = self._store.telling.lines(before, _AT_A_TIME)
        if not lines:
            return 0
        concerned = sorted({line.incident for line in lines})
        standing = {one.incident.id: one for one in self._store.incidents.find(concerned)}
        now_us, people = self._clock.now_us(), self._people()
        planned = list(self._wanted(lines, standing, people, now_us))
        self._store.telling.tell(before, lines[-1].id, planned, now_us)
        if planned:
            log.info("incidents.told", seq=lines[-1].id, notices=len(planned))
        return len(lines)

    def _people(self) -> People:
        accounts = {one.name: one for one in self._store.accounts.list() if one.disabled_us is None}
        return People(accounts, {one.unit: one.account for one in self._store.sign_ons.held()})

    def _wanted(
        self, lines: Sequence[LogLine], standing: Mapping[int, Standing], people: People, now_us: int
    ) -> Iterator[Wanted]:
        for line in lines:
            if (found := standing.get(line.incident)) is None:
                continue
            for one in tellings(line, found, people):
                content = self._content(one, found, people.accounts[one.account])
                key = f"{INCIDENT}/{line.id}/{one.account}#1"
                yield Wanted(
                    key=key, route="", route_version=0, channel="browser", target=one.account, alarm=0, act=INCIDENT,
                    due_us=now_us, content=content,
                )  # fmt: skip

    def _content(self, one: Telling, standing: Standing, account: Account) -> Content:
        incident, language = standing.incident, account.language
        said = one_line(f"{mark(self._realm, language)}{one.said.in_language(language)}")
        facts = {
            "realm": self._realm.value, "incident": incident.id, "task": one.task, "priority": one.priority,
            "link": _link(account, incident.id, one.task), "department": department_for(account, incident) or "",
            "district": incident.district,
        }  # fmt: skip
        return Content(said, said, facts)


def _link(account: Account, incident: int, task: int) -> str:
    """Return where who is told looks at it: crews on their phone page, everybody else in the room."""
    if {grant.role for grant in account.grants} == {Role.FIELD_UNIT}:
        return f"/field?task={task}" if task else "/field"
    return f"/incidents/{incident}"
