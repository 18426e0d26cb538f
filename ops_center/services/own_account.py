"""What people do to their own account while they are signed in: password, one-time codes, language, sessions.

Whatever weakens or moves what an account proves itself with asks for the password or a code once more: a workstation
that was left open must not give the account away. Called by the account page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ops_center.domain.audit import AuditEntry, by
from ops_center.domain.errors import AccountChanged
from ops_center.domain.people import Account, Session
from ops_center.domain.text import Label, Language
from ops_center.domain.time import Clock
from ops_center.people.keys import Keys
from ops_center.people.passwords import Busy, PasswordFault, Passwords, fault_of
from ops_center.people.totp import new_recovery_codes, new_totp_secret, recovery_digest
from ops_center.services.account_rules import NOT_LOCAL
from ops_center.services.backing_off import Attempt, BackOff
from ops_center.services.second_factors import SecondFactors
from ops_center.services.sign_in_outcomes import NeedsEnrolment, Refused, StartAgain, Wait, Wrong
from ops_center.services.sign_in_tickets import Tickets
from ops_center.services.signing_in import BUSY_S, Rules
from ops_center.store.port import Store

DEMANDED = Label("您的角色要求使用一次性验证码。", "Your roles demand one-time codes.")


@dataclass(frozen=True, slots=True)
class Done:
    """It was done; recovery codes, where there are new ones, are shown this once."""

    recovery_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The new password isn't taken."""

    fault: PasswordFault


class OwnAccount:
    """One per web process; safe to use from any thread. The session is that of whoever asks."""

    def __init__(self, store: Store, passwords: Passwords, keys: Keys, clock: Clock, rules: Rules) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock
        self._rules = rules
        self._tickets = Tickets(keys, clock)
        self._back_off = BackOff(store.attempts, clock)
        self._factors = SecondFactors(store.accounts, keys, clock, self._back_off, rules.center)

    def change_password(
        self, session: Session, current: str, new: str
    ) -> Done | Wrong | Wait | NotTaken | Refused | StartAgain:
        """Take a new password; all other sessions of the account end."""
        account = self._store.accounts.get(session.account.key)
        if account.origin != "local":
            return Refused(NOT_LOCAL)
        confirmed = self._confirm(account, current, session)
        if not isinstance(confirmed, Done):
            return confirmed
        try:
            known = self._store.accounts.credentials(account.key).password_hash
            if fault := fault_of(new, account.name, (account.display_name,), known, self._passwords):
                return NotTaken(fault)
            new_hash = self._passwords.hash(new)
        except Busy:
            return Wait(BUSY_S)
        try:
            self._store.accounts.set_credentials(
                account.key,
                self._entry(session, "account.password_changed"),
                spare=session.id,
                version=account.version,
                password_hash=new_hash,
                must_change_password=False,
                password_expires_us=None,
            )
        except AccountChanged:
            return StartAgain()
        return Done()

    def set_language(self, session: Session, language: Language) -> Account:
        """Show everything in another language."""
        entry = self._entry(session, "account.changed")
        return self._store.accounts.change(session.account.key, entry, spare=session.id, language=language)

    def begin_enrolment(self, session: Session, password: str) -> NeedsEnrolment | Wrong | Wait | Refused:
        """Return what a new telephone has to learn."""
        account = self._store.accounts.get(session.account.key)
        if account.origin != "local":
            return Refused(NOT_LOCAL)
        confirmed = self._confirm(account, password, session)
        if not isinstance(confirmed, Done):
            return confirmed
        secret = new_totp_secret()
        ticket = self._tickets.make(account.key, account.version, "enrolment", secret=secret)
        return NeedsEnrolment(ticket, secret, self._factors.uri(account, secret))

    def finish_enrolment(self, session: Session, ticket: str, code: str) -> Done | Wrong | Wait | StartAgain:
        """Judge the first code of the new telephone; the old one, and old recovery codes, are worth nothing then."""
        opened = self._tickets.open(ticket, "enrolment")
        if opened is None or opened.account != session.account.key:
            return StartAgain()
        account, entry = self._store.accounts.get(opened.account), self._entry(session, "account.totp_enrolled")
        try:
            enrolled = self._factors.enrol(account, opened.version, opened.secret, code, entry, session.id)
        except AccountChanged:
            return StartAgain()
        if enrolled is None:
            return Wrong()
        return enrolled if isinstance(enrolled, Wait) else Done(enrolled[1])

    def new_recovery_codes(self, session: Session, code: str) -> Done | Wrong | Wait:
        """Make new recovery codes in place of those that are left; asks for a code."""
        judged = self._judge(session, code)
        if not isinstance(judged, Done):
            return judged
        codes = new_recovery_codes()
        self._store.accounts.set_credentials(
            session.account.key,
            self._entry(session, "account.recovery_codes_made"),
            spare=session.id,
            recovery_digests=tuple(map(recovery_digest, codes)),
        )
        return Done(codes)

    def remove_totp(self, session: Session, code: str) -> Done | Wrong | Wait | Refused:
        """Sign in without codes from now on, if the roles allow it; asks for a code."""
        account = self._store.accounts.get(session.account.key)
        if self._rules.demand_codes(account):
            return Refused(DEMANDED)
        judged = self._judge(session, code)
        if isinstance(judged, Done):
            entry = self._entry(session, "account.totp_removed")
            self._store.accounts.set_credentials(
                account.key, entry, spare=session.id, totp_secret=None, totp_last_step=0, recovery_digests=()
            )
        return judged

    def sessions(self, session: Session) -> Sequence[Session]:
        """Return the account's sessions that go on, newest first."""
        return self._store.sessions.list(self._clock.now_us(), session.account.key)

    def end_session(self, session: Session, session_id: str) -> bool:
        """End one of the account's sessions; False: none of them has that id."""
        if session_id not in {own.id for own in self.sessions(session)}:
            return False
        entry = self._entry(session, "session.ended", session_id)
        return self._store.sessions.end(session_id, entry.at_us, "ended by its owner", entry)

    def end_others(self, session: Session) -> int:
        """End all of the account's sessions but this one; return how many."""
        entry = self._entry(session, "account.signed_out")
        return self._store.sessions.end_all(
            session.account.key, entry.at_us, "ended by its owner", entry, spare=session.id
        )

    def _confirm(self, account: Account, password: str, session: Session) -> Done | Wrong | Wait:
        attempt = self._back_off.confirmation(account.key)
        if not isinstance(attempt, Attempt):
            return Wait(attempt)
        try:
            right = self._passwords.verify(self._store.accounts.credentials(account.key).password_hash, password)
        except Busy:
            self._back_off.was_not_judged(attempt)
            return Wait(BUSY_S)
        if not right:
            self._store.audit.append([self._entry(session, "account.confirmation_refused", outcome="refused")])
            return Wrong()
        self._back_off.was_right(attempt)
        return Done()

    def _judge(self, session: Session, code: str) -> Done | Wrong | Wait:
        account = self._store.accounts.get(session.account.key)
        right = self._factors.judge(account, code, self._entry(session, "account.recovery_code_used"))
        if isinstance(right, Wait):
            return right
        return Done() if right else Wrong()

    def _entry(self, session: Session, action: str, subject: str = "", **more: str) -> AuditEntry:
        about = subject or session.account.name
        return by(session.asker, self._clock.now_us(), action, about, address=session.address, **more)
