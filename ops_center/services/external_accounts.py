"""Accounts of those whom the city's single sign-on vouches for: made at the first sign-in, brought up to date at each.

The grants are the groups' at every sign-in, whatever somebody changed here meanwhile; the language is the person's own
choice once the account is made. An account that was made here is never taken over: another one gets another name.
Called by ``single_sign_on``.
"""

from __future__ import annotations

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import NameTaken
from ops_center.domain.people import Account, Credentials
from ops_center.domain.time import Clock
from ops_center.people.oidc import ExternalPerson
from ops_center.store.people_port import AccountStore

_BY = {"by": "single sign-on"}


class ExternalAccounts:
    """Safe to use from any thread and by several processes at once."""

    def __init__(self, store: AccountStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def account_of(self, person: ExternalPerson, address: str) -> Account | None:
        """Return the person's account as the groups have it now; None: no account, and no group that gives one.

        One that is disabled is returned as it is. Raises LastAdministrator where the groups would leave none.
        """
        found = self._store.find_external(person.issuer, person.subject)
        if found is None:
            return self._made(person, address) if person.grants else None
        if found.disabled_us is not None:
            return found
        action = "account.granted" if found.grants != person.grants else "account.changed"
        entry = self._entry(found.name, action, address)
        return self._store.change(found.key, entry, grants=person.grants, display_name=person.display_name)

    def _made(self, person: ExternalPerson, address: str) -> Account:
        for name in person.names:
            try:
                return self._store.add(
                    self._new(person, name), Credentials(), self._entry(name, "account.added", address)
                )
            except NameTaken:
                # by somebody else, or by this person in another browser a moment ago
                if found := self._store.find_external(person.issuer, person.subject):
                    return found
        raise NameTaken(f"all names for somebody of {person.issuer} are taken")

    def _new(self, person: ExternalPerson, name: str) -> Account:
        return Account(
            0,
            name,
            person.display_name,
            person.grants,
            "oidc",
            person.language or "zh",
            self._clock.now_us(),
            external={"issuer": person.issuer, "subject": person.subject},
        )

    def _entry(self, name: str, action: str, address: str) -> AuditEntry:
        return AuditEntry(self._clock.now_us(), "system", action, name, address=address, detail=_BY)
