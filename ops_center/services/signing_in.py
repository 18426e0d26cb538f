"""The ways in: name and password, one-time code, new password, enrolment, demo, display, single sign-on; and out.

Each step judges once, behind the back-off, and says what comes next; everything that was right or wrong is in the
audit. Hashing takes a fifth of a second and the store is asked: call it from a thread, not from an event loop.
Raises StoreUnavailable where the database is away: nobody new signs in then. Called by the sign-in pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import AccountChanged, AccountError
from ops_center.domain.people import Account, Session
from ops_center.domain.rights import Role
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US, Clock
from ops_center.people import totp
from ops_center.people.keys import Keys
from ops_center.people.passwords import Busy, PasswordFault, Passwords, fault_of
from ops_center.people.secrets import digest, kind_of, new_id, new_secret
from ops_center.people.totp import TotpSecrets
from ops_center.services.backing_off import Attempt, BackOff, Devices
from ops_center.services.sessions import NEVER_US, Sessions
from ops_center.services.sign_in_outcomes import (
    Expired,
    NeedsCode,
    NeedsEnrolment,
    NeedsNewPassword,
    Outcome,
    Refused,
    SignedIn,
    StartAgain,
    Wait,
    Wrong,
)
from ops_center.services.sign_in_tickets import Step, Ticket, Tickets
from ops_center.store.port import Store

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
_LONGEST_PASSWORD = 512
"""characters of what is hashed at all; more is no password of anybody"""
_BUSY_S = 2.0

NO_DEMO = Label("演示账号只在演示模式下、在本机上可用。", "Demo accounts are for demo mode on this machine only.")
DISABLED = Label("账号已停用，请联系管理员。", "The account is disabled; ask an administrator.")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say about signing in."""

    totp_roles: frozenset[Role]
    """demand one-time codes"""
    demo: bool
    """the demo's ready accounts may enter without a password: demo mode, on loopback alone"""
    center: str = "Operations Center"
    """what the app on the telephone calls us"""


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody tries."""

    address: str = ""
    agent: str = ""
    device: str = ""
    """the cookie of a known browser, as it came"""


class SigningIn:
    """One per web process; safe to use from any thread."""

    def __init__(
        self, store: Store, sessions: Sessions, passwords: Passwords, keys: Keys, clock: Clock, rules: Rules
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._passwords = passwords
        self._clock = clock
        self._rules = rules
        self._tickets = Tickets(keys, clock)
        self._totp = TotpSecrets(keys)
        self._back_off = BackOff(store.attempts, clock)
        self._devices = Devices(keys, clock)

    def sign_in(self, name: str, password: str, visitor: Visitor) -> Outcome:
        """Judge a name and a password."""
        name = name.strip().lower()
        account = self._store.accounts.find(name) if NAME.fullmatch(name) else None
        device = None if account is None else self._devices.known(visitor.device, account.key)
        attempt = self._back_off.password(name, visitor.address, device)
        if not isinstance(attempt, Attempt):
            return Wait(attempt)
        try:
            right = self._is_right(account, password)
        except Busy:
            self._back_off.was_not_judged(attempt)
            return Wait(_BUSY_S)
        if account is None or not right or account.disabled_us is not None:
            return self._wrong(account, visitor, _why(account, right))
        self._back_off.was_right(attempt)
        if account.password_expires_us is not None and self._clock.now_us() >= account.password_expires_us:
            self._note(account, visitor, "session.refused", reason="the one-time password is too old")
            return Expired()
        return self._next(account, visitor)

    def second_factor(self, ticket: str, code: str, visitor: Visitor) -> Outcome:
        """Judge a one-time code, or a recovery code."""
        opened, account = self._opened(ticket, "code")
        if opened is None or account is None:
            return StartAgain()
        attempt = self._back_off.code(account.key)
        if not isinstance(attempt, Attempt):
            return Wait(attempt)
        if not self._is_code(account, code, visitor):
            return self._wrong(account, visitor, "wrong code")
        self._back_off.was_right(attempt)
        return self._next(account, visitor, code_given=True)

    def new_password(self, ticket: str, password: str, visitor: Visitor) -> Outcome:
        """Take a password in place of the one-time one."""
        opened, account = self._opened(ticket, "password")
        if opened is None or account is None:
            return StartAgain()
        try:
            fault = fault_of(password, account.name, (account.display_name,)) or self._same(account, password)
            if fault is not None:
                return NeedsNewPassword(ticket, account.name, fault)
            password_hash = self._passwords.hash(password)
        except Busy:
            return Wait(_BUSY_S)
        entry = self._entry(account, visitor, "account.password_changed")
        try:
            account = self._store.accounts.set_credentials(
                account.key,
                entry,
                version=opened.version,
                password_hash=password_hash,
                must_change_password=False,
                password_expires_us=None,
            )
        except AccountChanged:
            return StartAgain()
        return self._next(account, visitor, code_given=opened.code_given)

    def enrol(self, ticket: str, code: str, visitor: Visitor) -> Outcome:
        """Judge the first code of a telephone that has learnt the secret; recovery codes come with the session."""
        opened, account = self._opened(ticket, "enrolment")
        if opened is None or account is None:
            return StartAgain()
        attempt = self._back_off.code(account.key)
        if not isinstance(attempt, Attempt):
            return Wait(attempt)
        step = totp.matching_step(opened.secret, code, self._clock.now_us(), 0)
        if step is None:
            return Wrong()
        self._back_off.was_right(attempt)
        codes = totp.new_recovery_codes()
        try:
            account = self._store.accounts.set_credentials(
                account.key,
                self._entry(account, visitor, "account.totp_enrolled"),
                version=opened.version,
                totp_secret=self._totp.sealed(account.key, opened.secret),
                totp_last_step=step,
                recovery_digests=tuple(map(totp.recovery_digest, codes)),
            )
        except AccountChanged:
            return StartAgain()
        return self._start(account, visitor, "password and enrolment", codes)

    def enrolment(self, ticket: str) -> NeedsEnrolment | StartAgain:
        """Return what an enrolment shows, once more."""
        opened, account = self._opened(ticket, "enrolment")
        if opened is None or account is None:
            return StartAgain()
        return NeedsEnrolment(ticket, opened.secret, self._uri(account, opened.secret))

    def enter_demo(self, name: str, visitor: Visitor) -> Outcome:
        """Let somebody in as one of the demo's ready accounts."""
        account = self._store.accounts.find(name) if self._rules.demo and NAME.fullmatch(name) else None
        if account is None or account.origin != "demo" or account.disabled_us is not None:
            return Refused(NO_DEMO)
        return self._start(account, visitor, "demo")

    def enter_external(self, account: Account, visitor: Visitor) -> Outcome:
        """Let somebody in whom the single sign-on vouches for; codes and passwords are its business."""
        if account.disabled_us is not None:
            self._note(account, visitor, "session.refused", reason="disabled")
            return Refused(DISABLED)
        return self._start(account, visitor, "single sign-on")

    def enter_display(self, token_secret: str, visitor: Visitor) -> Outcome:
        """Give a wall kiosk its session; it ends with its token."""
        now_us = self._clock.now_us()
        known = kind_of(token_secret) == "display"
        found = self._store.tokens.find(digest(token_secret), now_us) if known else None
        if found is None:
            return Wrong()
        token, account = found
        ends_us = NEVER_US if token.expires_us is None else token.expires_us
        session = Session(new_id(), account, "display", now_us, now_us, ends_us, ends_us, token.key)
        self._store.tokens.used({token.key: now_us})
        return self._started(session, visitor, f"display token {token.key}")

    def sign_out(self, session: Session) -> None:
        """End a session because its owner says so."""
        self._sessions.end(session.id, "signed out", session.asker)

    def _is_right(self, account: Account | None, password: str) -> bool:
        known = None if account is None else self._store.accounts.credentials(account.key).password_hash
        if len(password) > _LONGEST_PASSWORD:
            known, password = None, ""
        if not self._passwords.verify(known, password):
            return False
        if account is not None and known is not None and self._passwords.is_outdated(known):
            self._store.accounts.rehash(account.key, known, self._passwords.hash(password))
        return True

    def _same(self, account: Account, password: str) -> PasswordFault | None:
        known = self._store.accounts.credentials(account.key).password_hash
        return PasswordFault.SAME if self._passwords.verify(known, password) else None

    def _is_code(self, account: Account, code: str, visitor: Visitor) -> bool:
        if totp.looks_like_recovery(code):
            entry = self._entry(account, visitor, "account.recovery_code_used")
            return self._store.accounts.use_recovery(account.key, totp.recovery_digest(code), entry)
        held = self._store.accounts.credentials(account.key)
        secret = None if held.totp_secret is None else self._totp.opened(account.key, held.totp_secret)
        if secret is None:
            return False
        step = totp.matching_step(secret, code, self._clock.now_us(), held.totp_last_step)
        return step is not None and self._store.accounts.use_step(account.key, step)

    def _next(self, account: Account, visitor: Visitor, *, code_given: bool = False) -> Outcome:
        """Return what is to be done after the password was right."""
        if account.has_totp and not code_given:
            return NeedsCode(self._ticket(account, "code"))
        if account.must_change_password:
            return NeedsNewPassword(self._ticket(account, "password", code_given=code_given), account.name)
        if not account.has_totp and self.demands_codes(account):
            secret = totp.new_totp_secret()
            ticket = self._ticket(account, "enrolment", secret=secret)
            return NeedsEnrolment(ticket, secret, self._uri(account, secret))
        return self._start(account, visitor, "password and code" if code_given else "password")

    def demands_codes(self, account: Account) -> bool:
        """Return whether the account's roles demand one-time codes."""
        return any(grant.role in self._rules.totp_roles for grant in account.grants)

    def _start(self, account: Account, visitor: Visitor, how: str, codes: tuple[str, ...] = ()) -> Outcome:
        now_us, limits = self._clock.now_us(), self._sessions.limits
        ends_us = now_us + round(limits.whole_s * SECOND_US)
        idle_ends_us = min(now_us + round(limits.idle_s * SECOND_US), ends_us)
        session = Session(new_id(), account, "person", now_us, now_us, idle_ends_us, ends_us)
        return self._started(session, visitor, how, codes)

    def _started(self, session: Session, visitor: Visitor, how: str, codes: tuple[str, ...] = ()) -> Outcome:
        from dataclasses import replace

        session = replace(session, address=visitor.address[:64], agent=_printable(visitor.agent))
        entry = self._entry(session.account, visitor, "session.started", by=how, agent=session.agent)
        secret = new_secret("session")
        try:
            self._store.sessions.start(session, digest(secret), replace(entry, subject=session.id, session=session.id))
        except AccountChanged:
            return StartAgain()
        self._sessions.remember(session, secret)
        device = self._devices.with_proof(visitor.device, session.account.key) if how.startswith("password") else ""
        return SignedIn(secret, session, device, codes)

    def _opened(self, text: str, step: Step) -> tuple[Ticket | None, Account | None]:
        """Return ticket and account, if it is good for ``step`` and the account is what it was."""
        ticket = self._tickets.open(text, step)
        if ticket is None:
            return None, None
        try:
            account = self._store.accounts.get(ticket.account)
        except AccountError:
            return None, None
        is_same = account.version == ticket.version and account.disabled_us is None
        return (ticket, account) if is_same else (None, None)

    def _ticket(self, account: Account, step: Step, *, code_given: bool = False, secret: str = "") -> str:
        return self._tickets.make(account.key, account.version, step, code_given=code_given, secret=secret)

    def _uri(self, account: Account, secret: str) -> str:
        return totp.provisioning_uri(secret, account.name, self._rules.center)

    def _wrong(self, account: Account | None, visitor: Visitor, reason: str) -> Wrong:
        self._note(account, visitor, "session.refused", reason=reason)
        return Wrong()

    def _note(self, account: Account | None, visitor: Visitor, action: str, **detail: Any) -> None:
        self._store.audit.append([self._entry(account, visitor, action, outcome="refused", **detail)])

    def _entry(
        self, account: Account | None, visitor: Visitor, action: str, *, outcome: Any = "done", **detail: Any
    ) -> AuditEntry:
        # The name of nobody is not kept: it may be a password that was typed into the wrong field.
        name = "" if account is None else account.name
        actor = name if outcome == "done" else ""
        return AuditEntry(
            self._clock.now_us(), actor, action, name, outcome, address=visitor.address[:64], detail=detail
        )


def _why(account: Account | None, right: bool) -> str:
    if account is None:
        return "unknown name"
    return "disabled" if right else "wrong password" if account.has_password else "has no password"


def _printable(text: str) -> str:
    return "".join(letter for letter in text[:200] if letter.isprintable())
