"""Starts sessions and writes down what became of every try. Called by ``signing_in`` when all was proved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ops_center.domain.audit import AuditEntry, Outcome
from ops_center.domain.errors import AccountChanged
from ops_center.domain.people import Account, Session, Token
from ops_center.domain.time import SECOND_US, Clock
from ops_center.people.secrets import digest, new_id, new_secret
from ops_center.services.sessions import NEVER_US, Sessions
from ops_center.services.sign_in_outcomes import SignedIn, StartAgain
from ops_center.store.port import Store

_LONGEST_ADDRESS = 64
_LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody tries."""

    address: str = ""
    agent: str = ""
    """what the browser says it is"""
    device: str = ""
    """the cookie of a known browser, as it came"""


class Entrance:
    """Lets in."""

    def __init__(self, store: Store, sessions: Sessions, clock: Clock) -> None:
        self._store = store
        self._sessions = sessions
        self._clock = clock

    def person(self, account: Account, visitor: Visitor, how: str) -> SignedIn | StartAgain:
        """Start a session of somebody who proved who they are."""
        now_us, limits = self._clock.now_us(), self._sessions.limits
        ends_us = now_us + round(limits.whole_s * SECOND_US)
        idle_ends_us = min(now_us + round(limits.idle_s * SECOND_US), ends_us)
        return self._start(Session(new_id(), account, "person", now_us, now_us, idle_ends_us, ends_us), visitor, how)

    def display(self, account: Account, token: Token, visitor: Visitor) -> SignedIn | StartAgain:
        """Start a session that hangs on a display's token, and ends with it."""
        now_us, ends_us = self._clock.now_us(), NEVER_US if token.expires_us is None else token.expires_us
        session = Session(new_id(), account, "display", now_us, now_us, ends_us, ends_us, token.key)
        return self._start(session, visitor, f"display token {token.key}")

    def refused(self, account: Account | None, visitor: Visitor, reason: str) -> None:
        """Write down a try that failed.

        The name of nobody is not kept: it may be a password that was typed into the wrong field.
        """
        entry = self.entry(account, visitor, "session.refused", "refused", reason=reason)
        self._store.audit.append([replace(entry, actor="")])

    def entry(
        self, account: Account | None, visitor: Visitor, action: str, outcome: Outcome = "done", **detail: Any
    ) -> AuditEntry:
        """Return the entry of what somebody does who is about to be ``account``."""
        name, address = "" if account is None else account.name, visitor.address[:_LONGEST_ADDRESS]
        return AuditEntry(self._clock.now_us(), name, action, name, outcome, address=address, detail=detail)

    def _start(self, session: Session, visitor: Visitor, how: str) -> SignedIn | StartAgain:
        session = replace(session, address=visitor.address[:_LONGEST_ADDRESS], agent=_printable(visitor.agent))
        entry = self.entry(session.account, visitor, "session.started", by=how, agent=session.agent)
        secret = new_secret("session")
        try:
            self._store.sessions.start(session, digest(secret), replace(entry, subject=session.id, session=session.id))
        except AccountChanged:
            return StartAgain()
        self._sessions.remember(session, secret)
        return SignedIn(secret, session)


def _printable(text: str) -> str:
    return "".join(letter for letter in text[:_LONGEST_AGENT] if letter.isprintable())
