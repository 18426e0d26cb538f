"""What administrators do to accounts, tokens and sessions; one audit entry for each, in the same transaction.

Called by the people page and by ``run.py user``. Whoever calls has judged that the asker may: pages by their declared
rights, the command line because who runs it has the database anyway. What can't be done for a reason that a person can
understand is a :class:`Refused`; an account that is not there raises AccountError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ops_center.domain.audit import AuditEntry, by
from ops_center.domain.errors import LastAdministrator, NameTaken
from ops_center.domain.people import Account, Credentials, Session, Token, TokenKind
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.text import Label, Language
from ops_center.domain.time import HOUR_US, Clock
from ops_center.people.passwords import Busy, Passwords, one_time_password
from ops_center.people.secrets import digest, new_secret
from ops_center.services import account_rules as rules
from ops_center.services.account_rules import TAKEN
from ops_center.services.sign_in_outcomes import Refused
from ops_center.store.port import Store

__all__ = ["TAKEN", "Accounts", "Changed", "Refused", "WithPassword", "WithSecret"]

ONE_TIME_LASTS_US = 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class Changed:
    """It was done; the account as it is now."""

    account: Account


@dataclass(frozen=True, slots=True)
class WithPassword:
    """It was done, and this is the one-time password, to be shown once."""

    account: Account
    password: str


@dataclass(frozen=True, slots=True)
class WithSecret:
    """A token was made, and this is its secret, to be shown once."""

    token: Token
    secret: str


class Accounts:
    """Manages accounts; safe to use from any thread."""

    def __init__(
        self, store: Store, passwords: Passwords, clock: Clock, totp_roles: frozenset[Role] = frozenset()
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock
        self._totp_roles = totp_roles

    def list(self) -> Sequence[Account]:
        """Return all accounts, by name."""
        return self._store.accounts.list()

    def add(
        self, name: str, display_name: str, grants: Sequence[Grant], language: Language, asker: Asker
    ) -> WithPassword | Changed | Refused:
        """Make an account with a one-time password; one for displays has none."""
        display_name = display_name.strip()
        refused = rules.fault_of_name(name) or rules.fault_of_text(display_name) or rules.fault_of_grants(grants)
        if refused is not None:
            return Refused(refused)
        now_us = self._clock.now_us()
        is_display = rules.is_display(grants)
        password = "" if is_display else one_time_password()
        account = Account(
            0,
            name,
            display_name,
            tuple(grants),
            "local",
            language,
            now_us,
            must_change_password=not is_display,
            password_expires_us=None if is_display else now_us + ONE_TIME_LASTS_US,
        )
        try:
            credentials = Credentials(None if is_display else self._passwords.hash(password))
            made = self._store.accounts.add(account, credentials, self._entry(asker, "account.added", name))
        except Busy:
            return Refused(rules.BUSY)
        except NameTaken:
            return Refused(TAKEN)
        return Changed(made) if is_display else WithPassword(made, password)

    def first_administrator(self, asker: Asker) -> WithPassword | None:
        """Make the account ``admin`` with a one-time password if there is no administrator (the demo's aside)."""
        if any(map(rules.manages, self._store.accounts.list())):
            return None
        now_us, password = self._clock.now_us(), one_time_password()
        account = Account(
            0,
            "admin",
            "管理员 Administrator",
            (Grant(Role.ADMINISTRATOR),),
            "local",
            "zh",
            now_us,
            must_change_password=True,
            password_expires_us=now_us + ONE_TIME_LASTS_US,
        )
        made = self._store.accounts.add_first_administrator(
            account, Credentials(self._passwords.hash(password)), self._entry(asker, "account.added", account.name)
        )
        return None if made is None else WithPassword(made, password)

    def rename(self, account: Account, display_name: str, asker: Asker) -> Changed | Refused:
        """Show another name for it; the name that it signs in with stays."""
        display_name = display_name.strip()
        if refused := rules.fault_of_text(display_name):
            return Refused(refused)
        return self._change(account, "account.changed", asker, display_name=display_name)

    def grant(self, account: Account, grants: Sequence[Grant], asker: Asker) -> Changed | Refused:
        """Give it these grants in place of what it has; its sessions end."""
        if account.origin == "oidc":
            return Refused(rules.FROM_SINGLE_SIGN_ON)
        if refused := rules.fault_of_grants(grants):
            return Refused(refused)
        return self._change(account, "account.granted", asker, grants=tuple(grants))

    def disable(self, account: Account, asker: Asker) -> Changed | Refused:
        """Let nobody in as it any more; its sessions end, its tokens open nothing."""
        return self._change(account, "account.disabled", asker, disabled_us=self._clock.now_us())

    def enable(self, account: Account, asker: Asker) -> Changed | Refused:
        """Let it in again."""
        return self._change(account, "account.enabled", asker, disabled_us=None)

    def reset_password(self, account: Account, asker: Asker) -> WithPassword | Refused:
        """Give it a one-time password; its sessions end."""
        if account.origin != "local" or rules.is_display(account.grants):
            return Refused(rules.NOT_LOCAL)
        password = one_time_password()
        try:
            password_hash = self._passwords.hash(password)
        except Busy:
            return Refused(rules.BUSY)
        changed = self._store.accounts.set_credentials(
            account.key,
            self._entry(asker, "account.password_reset", account.name),
            password_hash=password_hash,
            must_change_password=True,
            password_expires_us=self._clock.now_us() + ONE_TIME_LASTS_US,
        )
        return WithPassword(changed, password)

    def reset_totp(self, account: Account, asker: Asker) -> Changed:
        """Forget its telephone and recovery codes; its sessions end."""
        changed = self._store.accounts.set_credentials(
            account.key,
            self._entry(asker, "account.totp_reset", account.name),
            totp_secret=None,
            totp_last_step=0,
            recovery_digests=(),
        )
        return Changed(changed)

    def sessions(self, account: Account | None = None) -> Sequence[Session]:
        """Return the sessions that go on, newest first."""
        return self._store.sessions.list(self._clock.now_us(), None if account is None else account.key)

    def end_session(self, session_id: str, asker: Asker) -> bool:
        """End a session; False: it had ended."""
        entry = self._entry(asker, "session.ended", session_id)
        return self._store.sessions.end(session_id, entry.at_us, "ended by an administrator", entry)

    def sign_out(self, account: Account, asker: Asker) -> int:
        """End all sessions of an account; return how many."""
        entry = self._entry(asker, "account.signed_out", account.name)
        return self._store.sessions.end_all(account.key, entry.at_us, "ended by an administrator", entry)

    def tokens(self, kind: TokenKind | None = None, account: Account | None = None) -> Sequence[Token]:
        """Return tokens, newest first, revoked ones too."""
        return self._store.tokens.list(kind, None if account is None else account.key)

    def add_token(
        self, account: Account, kind: TokenKind, label: str, expires_us: int | None, asker: Asker
    ) -> WithSecret | Refused:
        """Make a token; its secret is in the answer and nowhere else."""
        label, now_us = label.strip(), self._clock.now_us()
        refused = rules.fault_of_text(label) or self._fault_of_token(account, kind)
        if refused is None and expires_us is not None and expires_us <= now_us:
            refused = rules.PAST
        if refused is not None:
            return Refused(refused)
        secret = new_secret(kind)
        token = Token(0, account.name, kind, label, now_us, asker.account, expires_us)
        entry = self._entry(asker, "token.added", account.name)
        return WithSecret(self._store.tokens.add(token, digest(secret), entry), secret)

    def revoke_token(self, key: int, asker: Asker) -> bool:
        """Revoke a token and end its sessions; False: it was revoked before. Raises AccountError if there is none."""
        entry = self._entry(asker, "token.revoked")
        return self._store.tokens.revoke(key, entry.at_us, entry)

    def _fault_of_token(self, account: Account, kind: TokenKind) -> Label | None:
        if kind == "display":
            return None if rules.is_display(account.grants) else rules.ONLY_DISPLAY
        if rules.is_display(account.grants):
            return rules.NO_DISPLAY
        return rules.NEEDS_CODES if any(grant.role in self._totp_roles for grant in account.grants) else None

    def _change(self, account: Account, action: str, asker: Asker, **fields: Any) -> Changed | Refused:
        spare = asker.session if asker.account == account.name else ""
        entry = self._entry(asker, action, account.name)
        try:
            return Changed(self._store.accounts.change(account.key, entry, spare=spare, **fields))
        except LastAdministrator:
            return Refused(rules.LAST)

    def _entry(self, asker: Asker, action: str, subject: str = "") -> AuditEntry:
        return by(asker, self._clock.now_us(), action, subject)
