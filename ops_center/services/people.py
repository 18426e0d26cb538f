"""Puts together what a process needs of people: sessions, ways in, accounts. Called by ``bootstrap``."""

from __future__ import annotations

from dataclasses import dataclass

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.rights import Role
from ops_center.domain.time import Clock
from ops_center.people.keys import Keys
from ops_center.people.passwords import Passwords
from ops_center.services.accounts import Accounts
from ops_center.services.own_account import OwnAccount
from ops_center.services.session_memory import Limits
from ops_center.services.sessions import Sessions
from ops_center.services.signing_in import Rules, SigningIn
from ops_center.store.port import Store


@dataclass(frozen=True, slots=True)
class People:
    """The services of people in one process; they share one store and one place for hashing."""

    sessions: Sessions
    signing_in: SigningIn
    accounts: Accounts
    own: OwnAccount
    rules: Rules


def build_people(store: Store, keys: Keys, clock: Clock, limits: Limits, rules: Rules) -> People:
    """Return the services on ``store``."""
    passwords = Passwords()
    sessions = Sessions(store.sessions, store.tokens, clock, limits, demo=rules.demo, totp_roles=rules.totp_roles)
    return People(
        sessions,
        SigningIn(store, sessions, passwords, keys, clock, rules),
        Accounts(store, passwords, clock, rules.totp_roles),
        OwnAccount(store, passwords, keys, clock, rules),
        rules,
    )


def roles_of(text: str, setting: str) -> frozenset[Role]:
    """Return the roles that a setting lists, ``administrator,auditor``. Raises ConfigurationError."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    known = {role.value: role for role in Role}
    if unknown := [name for name in names if name not in known]:
        raise ConfigurationError(f"{setting}: no such role: {', '.join(unknown)}; there are {', '.join(known)}")
    return frozenset(known[name] for name in names)
