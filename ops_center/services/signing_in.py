"""The ways in: name and password, one-time code, new password, enrolment, demo, display, single sign-on; and out.

Each step judges once, behind the back-off, and says what comes next; what was right and what was wrong is in the
audit. Hashing takes a fifth of a second and the store is asked: call it from a thread, not from an event loop.
Raises StoreUnavailable where the database is away: nobody new signs in then. Called by the sign-in pages.
"""

from __future__ import annotations

from dataclasses import replace

from ops_center.domain.addresses import is_loopback
from ops_center.domain.errors import AccountChanged, AccountError
from ops_center.domain.people import Account, Session, is_account_name
from ops_center.domain.time import Clock
from ops_center.people.keys import Keys
from ops_center.people.passwords import Busy, Passwords, fault_of
from ops_center.people.secrets import digest, kind_of
from ops_center.people.totp import new_totp_secret
from ops_center.services.account_rules import is_display
from ops_center.services.backing_off import Attempt, BackOff, Devices
from ops_center.services.entrance import Entrance, Visitor
from ops_center.services.second_factors import SecondFactors
from ops_center.services.sessions import Sessions
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
from ops_center.services.sign_in_rules import BUSY_S, DISABLED, NO_DEMO, Rules
from ops_center.services.sign_in_tickets import Step, Ticket, Tickets
from ops_center.store.port import Store

__all__ = ["BUSY_S", "DISABLED", "NO_DEMO", "Rules", "SigningIn", "Visitor"]

_LONGEST_PASSWORD = 512
"""characters of what is hashed at all; more is nobody's password"""


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
        self._entrance = Entrance(store, sessions, clock)
        self._tickets = Tickets(keys, clock)
        self._back_off = BackOff(store.attempts, clock)
        self._devices = Devices(keys, clock)
        self._factors = SecondFactors(store.accounts, keys, clock, self._back_off, rules.center)

    def sign_in(self, name: str, password: str, visitor: Visitor) -> Outcome:
        """Judge a name and a password."""
        name = name.strip().lower()
        account = self._store.accounts.find(name) if is_account_name(name) else None
        device = None if account is None else self._devices.known(visitor.device, account.key)
        attempt = self._back_off.password(name, visitor.address, device)
        if not isinstance(attempt, Attempt):
            return Wait(attempt)
        try:
            right = self._is_right(account, password)
        except Busy:
            self._back_off.was_not_judged(attempt)
            return Wait(BUSY_S)
        if account is None or not right or account.disabled_us is not None:
            self._entrance.refused(account, visitor, _why(account, right))
            return Wrong()
        self._back_off.was_right(attempt)
        if account.password_expires_us is not None and self._clock.now_us() >= account.password_expires_us:
            self._entrance.refused(account, visitor, "one-time password too old")
            return Expired()
        return self._next(account, visitor)

    def second_factor(self, ticket: str, code: str, visitor: Visitor) -> Outcome:
        """Judge a one-time code, or a recovery code."""
        found = self._opened(ticket, "code")
        if found is None:
            return StartAgain()
        _, account = found
        entry = self._entrance.entry(account, visitor, "account.recovery_code_used")
        right = self._factors.judge(account, code, entry)
        if isinstance(right, Wait):
            return right
        if not right:
            self._entrance.refused(account, visitor, "wrong code")
            return Wrong()
        return self._next(account, visitor, code_given=True)

    def new_password(self, ticket: str, password: str, visitor: Visitor) -> Outcome:
        """Take a password in place of the one-time one."""
        found = self._opened(ticket, "password")
        if found is None:
            return StartAgain()
        opened, account = found
        try:
            known = self._store.accounts.credentials(account.key).password_hash
            if fault := fault_of(password, account.name, (account.display_name,), known, self._passwords):
                return NeedsNewPassword(ticket, account.name, fault)
            changed = self._store.accounts.set_credentials(
                account.key,
                self._entrance.entry(account, visitor, "account.password_changed"),
                version=opened.version,
                password_hash=self._passwords.hash(password),
                must_change_password=False,
                password_expires_us=None,
            )
        except Busy:
            return Wait(BUSY_S)
        except AccountChanged:
            return StartAgain()
        return self._next(changed, visitor, code_given=opened.code_given)

    def enrol(self, ticket: str, code: str, visitor: Visitor) -> Outcome:
        """Judge the first code of a telephone that has learnt the secret; recovery codes come with the session."""
        found = self._opened(ticket, "enrolment")
        if found is None:
            return StartAgain()
        opened, account = found
        entry = self._entrance.entry(account, visitor, "account.totp_enrolled")
        try:
            enrolled = self._factors.enrol(account, opened.version, opened.secret, code, entry)
        except AccountChanged:
            return StartAgain()
        if enrolled is None:
            return Wrong()
        if isinstance(enrolled, Wait):
            return enrolled
        entered = self._enter(enrolled[0], visitor, "password and enrolment")
        return replace(entered, recovery_codes=enrolled[1]) if isinstance(entered, SignedIn) else entered

    def enrolment(self, ticket: str) -> NeedsEnrolment | StartAgain:
        """Return what an enrolment shows, once more."""
        found = self._opened(ticket, "enrolment")
        if found is None:
            return StartAgain()
        opened, account = found
        return NeedsEnrolment(ticket, opened.secret, self._factors.uri(account, opened.secret))

    def demo_accounts(self) -> tuple[Account, ...]:
        """Return the accounts that anybody may enter; none outside the demo."""
        if not self._rules.demo:
            return ()
        return tuple(one for one in self._store.accounts.list() if one.origin == "demo" and one.disabled_us is None)

    def enter_demo(self, name: str, visitor: Visitor) -> Outcome:
        """Let somebody in as one of the demo's ready accounts."""
        is_here = self._rules.demo and is_loopback(visitor.address)
        account = self._store.accounts.find(name) if is_here and is_account_name(name) else None
        if account is None or account.origin != "demo" or account.disabled_us is not None:
            return Refused(NO_DEMO)
        return self._entrance.person(account, visitor, "demo")

    def enter_external(self, account: Account, visitor: Visitor) -> Outcome:
        """Let somebody in whom the single sign-on vouches for; codes and passwords are its business."""
        if account.disabled_us is not None or account.origin != "oidc":
            self._entrance.refused(account, visitor, "disabled")
            return Refused(DISABLED)
        return self._entrance.person(account, visitor, "single sign-on")

    def enter_display(self, token_secret: str, visitor: Visitor) -> Outcome:
        """Give a wall kiosk its session; it ends with its token."""
        now_us, known = self._clock.now_us(), kind_of(token_secret) == "display"
        found = self._store.tokens.find(digest(token_secret), now_us) if known else None
        if found is None or not is_display(found[1].grants):  # it may have been given other roles since
            return Wrong()
        token, account = found
        self._store.tokens.used({token.key: now_us})
        return self._entrance.display(account, token, visitor)

    def sign_out(self, session: Session) -> None:
        """End a session because its owner says so."""
        self._sessions.end(session.id, "signed out", session.asker)

    def _is_right(self, account: Account | None, password: str) -> bool:
        known = self._password_hash(account)
        if len(password) > _LONGEST_PASSWORD:
            known, password = None, ""
        if not self._passwords.verify(known, password):
            return False
        if account is not None and known is not None and self._passwords.is_outdated(known):
            self._store.accounts.rehash(account.key, known, self._passwords.hash(password))
        return True

    def _password_hash(self, account: Account | None) -> str | None:
        if account is None:  # as much work as for somebody
            self._store.accounts.find("")
            return None
        return self._store.accounts.credentials(account.key).password_hash

    def _next(self, account: Account, visitor: Visitor, *, code_given: bool = False) -> Outcome:
        """Return what is to be done after the password was right."""
        if account.has_totp and not code_given:
            return NeedsCode(self._ticket(account, "code"))
        if account.must_change_password:
            return NeedsNewPassword(self._ticket(account, "password", code_given=code_given), account.name)
        if not account.has_totp and self._rules.demand_codes(account):
            secret = new_totp_secret()
            ticket = self._ticket(account, "enrolment", secret=secret)
            return NeedsEnrolment(ticket, secret, self._factors.uri(account, secret))
        return self._enter(account, visitor, "password and code" if code_given else "password")

    def _enter(self, account: Account, visitor: Visitor, how: str) -> SignedIn | StartAgain:
        entered = self._entrance.person(account, visitor, how)
        if not isinstance(entered, SignedIn):
            return entered
        return replace(entered, device=self._devices.with_proof(visitor.device, account.key))

    def _opened(self, text: str, step: Step) -> tuple[Ticket, Account] | None:
        """Return ticket and account, if it is good for ``step`` and the account is what it was."""
        ticket = self._tickets.open(text, step)
        if ticket is None:
            return None
        try:
            account = self._store.accounts.get(ticket.account)
        except AccountError:
            return None
        is_same = account.version == ticket.version and account.disabled_us is None
        return (ticket, account) if is_same else None

    def _ticket(self, account: Account, step: Step, *, code_given: bool = False, secret: str = "") -> str:
        return self._tickets.make(account.key, account.version, step, code_given=code_given, secret=secret)


def _why(account: Account | None, right: bool) -> str:
    if account is None:
        return "unknown name"
    return "disabled" if right else "wrong password" if account.has_password else "has no password"
