"""The demo's ready accounts, one for each role and more field crews, some with a scope that shows what a scope does.

Made when a web server starts in demo mode; they have no password and enter by a click. Outside the demo they are
disabled at its start, and nothing lets them in whatever the database says (``Sessions``, ``SigningIn``). Called by
``bootstrap``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ops_center.city.pack import CityPack
from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import NameTaken
from ops_center.domain.people import Account, Credentials
from ops_center.domain.rights import Grant, Role
from ops_center.domain.role_words import ROLE_NAMES
from ops_center.domain.time import Clock
from ops_center.store.people_port import AccountStore

_WATER = "water_company"
_FIELD = "fire"
_CREWS = {"water_company": "demo-water-crew", "traffic_police": "demo-traffic-crew"}
"""department → account of a crew of it, so that several can be sent to one incident"""


@dataclass(frozen=True, slots=True)
class Scopes:
    """What of the city the scoped accounts answer for; None: all of it."""

    department: str | None = None
    crew: str | None = None
    """department of the field unit"""
    district: str | None = None
    crews: tuple[str, ...] = ()
    """departments whose crews have an account besides"""


def scopes_of(pack: CityPack) -> Scopes:
    """Return the water company (or whoever runs most things), a department with crews, and a district of the pack."""
    departments = pack.table("things")["department"].dropna().value_counts()
    crews, districts = pack.table("units")["organisation"].dropna(), pack.table("districts")["district_id"]
    more = tuple(department for department in _CREWS if department in set(crews))
    return Scopes(_one(_WATER, departments.index), _one(_FIELD, crews), _one("", districts), more)


def demo_grants(scopes: Scopes) -> Mapping[Role, Grant]:
    """Return what each ready account may do."""
    scoped = {
        Role.DEPARTMENT: Grant(Role.DEPARTMENT, scopes.department),
        Role.FIELD_UNIT: Grant(Role.FIELD_UNIT, scopes.crew, scopes.district),
    }
    return {role: scoped.get(role, Grant(role)) for role in Role}


def demo_accounts(scopes: Scopes) -> Mapping[str, Grant]:
    """Return name → grant of all ready accounts: one of each role, and the crews."""
    roles = {f"demo-{role.value.replace('_', '-')}": grant for role, grant in demo_grants(scopes).items()}
    return roles | {_CREWS[department]: Grant(Role.FIELD_UNIT, department) for department in scopes.crews}


def open_demo(store: AccountStore, scopes: Scopes, clock: Clock) -> None:
    """Make the accounts that are missing, and mend those that differ; what somebody else made stays as it is."""
    for name, grant in demo_accounts(scopes).items():
        known = store.find(name)
        if known is None:
            _add(store, name, grant, clock.now_us())
        elif known.origin == "demo" and (known.grants != (grant,) or known.disabled_us is not None):
            store.change(known.key, _entry(clock, "account.changed", name), grants=(grant,), disabled_us=None)


def close_demo(store: AccountStore, clock: Clock) -> int:
    """Disable the demo's accounts; return how many were open."""
    found = [account for account in store.list() if account.origin == "demo" and account.disabled_us is None]
    for account in found:
        store.change(account.key, _entry(clock, "account.disabled", account.name), disabled_us=clock.now_us())
    return len(found)


def _add(store: AccountStore, name: str, grant: Grant, now_us: int) -> None:
    account = Account(0, name, ROLE_NAMES[grant.role].zh, (grant,), "demo", "zh", now_us)
    try:
        store.add(account, Credentials(), AuditEntry(now_us, "system", "account.added", name))
    except NameTaken:  # by another process that starts at the same time
        return


def _entry(clock: Clock, action: str, name: str) -> AuditEntry:
    return AuditEntry(clock.now_us(), "system", action, name)


def _one(wanted: str, present: Iterable[object]) -> str | None:
    """Return ``wanted`` if it is there, else the first."""
    found = list(map(str, present))
    return wanted if wanted in found else next(iter(found), None)
