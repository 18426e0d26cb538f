"""Accounts and sessions for tests of the store."""

from __future__ import annotations

from typing import Any

from ops_center.domain.audit import AuditEntry
from ops_center.domain.people import Account, Credentials, Session
from ops_center.domain.rights import Grant
from ops_center.domain.time import HOUR_US, SECOND_US
from ops_center.people.secrets import digest
from ops_center.store.port import Store

NOW_US = 1_700_000_000 * SECOND_US


def entry(action: str = "account.changed", **more: Any) -> AuditEntry:
    return AuditEntry(NOW_US, "tester", action, **more)


def person(name: str, *grants: str, **more: Any) -> Account:
    held = tuple(map(Grant.parse, grants or ("operator",)))
    values: dict[str, Any] = {"display_name": name.title(), "origin": "local", "language": "zh", "created_us": NOW_US}
    return Account(key=0, name=name, grants=held, **{**values, **more})


def add(store: Store, name: str, *grants: str, credentials: Credentials | None = None, **more: Any) -> Account:
    return store.accounts.add(person(name, *grants, **more), credentials or Credentials(), entry("account.added"))


def session_of(account: Account, identifier: str, *, start_us: int = NOW_US, token: int | None = None) -> Session:
    return Session(
        identifier,
        account,
        "person" if token is None else "display",
        start_us,
        start_us,
        start_us + HOUR_US,
        start_us + 12 * HOUR_US,
        token,
        "192.0.2.7",
        "a browser",
    )


def start(
    store: Store, account: Account, identifier: str, *, start_us: int = NOW_US, token: int | None = None
) -> Session:
    made = session_of(account, identifier, start_us=start_us, token=token)
    store.sessions.start(made, digest(identifier), entry("session.started"))
    return made


def last_entry(store: Store) -> Any:
    return store.audit.page(limit=1)[0]
