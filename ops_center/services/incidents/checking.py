"""What a command names has to be there: types, plans, organisations, accounts, alarms, files. Asked beforehand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from ops_center.domain.rights import Asker
from ops_center.incidents.incident import Refusal
from ops_center.services import alarm_rights
from ops_center.services.incidents import commands as c
from ops_center.services.incidents.known import Known
from ops_center.services.incidents.refusals import (
    NO_ALARM,
    NO_DEPARTMENT,
    NO_FILE,
    NO_LINKED,
    NO_PLAN,
    NO_TYPE,
    NO_WHAT,
    NOBODY,
)
from ops_center.store.port import Store

_HASH = re.compile("[0-9a-f]{64}")


class Checks:
    """Asks; safe to use from any thread. None: nothing is wrong."""

    def __init__(self, store: Store, known: Known, incident: Callable[[Asker, int], object | None]) -> None:
        """``incident``: returns one that somebody may see."""
        self._store = store
        self._known = known
        self._incident = incident

    def report(self, asker: Asker, given: c.Report) -> Refusal | None:
        """Return what is wrong with what a report names."""
        return (
            self._type(given.type)
            or self._departments((given.lead_department, *given.departments))
            or self._plan(given.plan)
            or self._person(given.commander)
            or self._alarms(asker, given.alarms)
        )

    def command(self, asker: Asker, given: Any) -> Refusal | None:
        """Return what is wrong with what a command names."""
        if isinstance(given, c.Change):
            return self._facts(given.facts.values())
        if isinstance(given, c.Link):
            return self._linked(asker, given)
        return (
            self._plan(getattr(given, "plan", ""))
            or self._departments((getattr(given, "department", ""),))
            or self._person(getattr(given, "commander", ""))
            or self._person(getattr(given, "person", ""))
            or (self._files(given.files) if isinstance(given, c.TaskReport | c.TaskPhoto) else None)
        )

    def _facts(self, facts: dict[str, Any]) -> Refusal | None:
        departments = (facts.get("lead_department", ""), *facts.get("departments", ()))
        return (self._type(facts["type"]) if "type" in facts else None) or self._departments(departments)

    def _linked(self, asker: Asker, given: c.Link) -> Refusal | None:
        wants = int if given.kind in {"alarms", "links"} else str
        if not all(isinstance(one, wants) for one in given.what):
            return NO_WHAT
        if given.kind == "alarms":
            return self._alarms(asker, [int(one) for one in given.what])
        if given.kind == "links":
            there = all(self._incident(asker, int(one)) is not None for one in given.what[:20])
            return None if there and len(given.what) <= 20 else NO_LINKED
        return self._files(map(str, given.what)) if given.kind == "files" else None

    def _type(self, code: str) -> Refusal | None:
        return None if code in self._known.types.types else NO_TYPE

    def _departments(self, codes: Iterable[str]) -> Refusal | None:
        return None if all(not code or code in self._known.organisations for code in codes) else NO_DEPARTMENT

    def _plan(self, name: str) -> Refusal | None:
        return None if not name or name in self._known.plans() else NO_PLAN

    def _person(self, name: str) -> Refusal | None:
        account = self._store.accounts.find(name) if name else None
        return NOBODY if name and (account is None or account.disabled_us is not None) else None

    def _alarms(self, asker: Asker, ids: Iterable[int]) -> Refusal | None:
        wanted = set(ids)
        found = self._store.alarms.find(sorted(wanted)) if wanted else ()
        seen = {alarm.id for alarm in found if alarm_rights.may_see(asker, alarm)}
        return None if seen == wanted else NO_ALARM

    def _files(self, hashes: Iterable[str]) -> Refusal | None:
        there = all(_HASH.fullmatch(one) and self._store.desk.attachment(one) is not None for one in hashes)
        return None if there else NO_FILE
