"""What the store keeps of people: accounts, sessions, tokens, attempts to sign in. Judged by tests/store.

Every change of an account, session or token on somebody's behalf takes its :class:`AuditEntry` and writes it in the
same transaction; what was there before is added to the entry's detail by the store, which alone knows it for sure.
Times are arguments: the caller's clock counts. Called by ``ops_center/services`` and the command line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict, Unpack

from ops_center.domain.audit import AuditEntry
from ops_center.domain.people import Account, Credentials, Session, Token, TokenKind
from ops_center.domain.rights import Grant
from ops_center.domain.text import Language


class AccountFields(TypedDict, total=False):
    """What of an account can change; what is not given stays."""

    display_name: str
    grants: tuple[Grant, ...]
    language: Language
    disabled_us: int | None


class CredentialFields(TypedDict, total=False):
    """What an account proves itself with, and what its password is good for; what is not given stays."""

    password_hash: str | None
    must_change_password: bool
    password_expires_us: int | None
    totp_secret: bytes | None
    totp_last_step: int
    recovery_digests: tuple[bytes, ...]


class AccountStore(Protocol):
    """Accounts; they are disabled, never deleted, since the audit names them."""

    def list(self) -> Sequence[Account]:
        """Return all, by name."""
        ...

    def find(self, name: str) -> Account | None:
        """Return the account that signs in as ``name``."""
        ...

    def find_external(self, issuer: str, subject: str) -> Account | None:
        """Return the account that single sign-on vouches for."""
        ...

    def get(self, key: int) -> Account:
        """Return the account of ``key``. Raises AccountError."""
        ...

    def credentials(self, key: int) -> Credentials:
        """Return what the account proves itself with. Raises AccountError."""
        ...

    def add(self, account: Account, credentials: Credentials, entry: AuditEntry) -> Account:
        """Add it and return it with its key; the key and version in the argument are ignored. Raises NameTaken."""
        ...

    def add_first_administrator(self, account: Account, credentials: Credentials, entry: AuditEntry) -> Account | None:
        """Add it if there is no administrator but those of the demo, else None: of several who try at once, one does.

        Raises NameTaken.
        """
        ...

    def change(self, key: int, entry: AuditEntry, *, spare: str = "", **fields: Unpack[AccountFields]) -> Account:
        """Change it and return it as it is now; what is so already is no change and has no entry.

        Other grants, or being disabled, end its sessions save the one whose id is ``spare``.
        Raises AccountError, LastAdministrator.
        """
        ...

    def set_credentials(
        self,
        key: int,
        entry: AuditEntry,
        *,
        spare: str = "",
        version: int | None = None,
        **fields: Unpack[CredentialFields],
    ) -> Account:
        """Set what it proves itself with; another password or one-time secret ends its sessions save ``spare``.

        With ``version`` only if nobody changed it since: else AccountChanged. Raises AccountError.
        """
        ...

    def rehash(self, key: int, before: str, after: str) -> None:
        """Replace one hash of a password by another of the same password; nothing if it is another by now."""
        ...

    def use_step(self, key: int, step: int) -> bool:
        """Mark the one-time code of ``step`` as used; False: that one, or a later one, was used already."""
        ...

    def use_recovery(self, key: int, digest: bytes, entry: AuditEntry) -> bool:
        """Take a recovery code away; False: there is none such (any more)."""
        ...


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a process has to know of a session that goes on, about once a second."""

    seen_us: int
    idle_ends_us: int
    version: int
    """of its account"""


class SessionStore(Protocol):
    """Sessions that go on; those that ended are kept some weeks."""

    def start(self, session: Session, digest: bytes, entry: AuditEntry) -> None:
        """Keep a new one. Raises AccountChanged if its account (or token) is not as ``session`` has it any more."""
        ...

    def find(self, digest: bytes, now_us: int) -> Session | None:
        """Return the session of a secret if it goes on at ``now_us``."""
        ...

    def list(self, now_us: int, account: int | None = None) -> Sequence[Session]:
        """Return those that go on, newest first."""
        ...

    def touch(self, seen: Mapping[str, tuple[int, int]]) -> None:
        """Note signs of people: id → seen, idle end; never back in time."""
        ...

    def end(self, session_id: str, at_us: int, reason: str, entry: AuditEntry) -> bool:
        """End one; False: it had ended before, and there is no entry."""
        ...

    def end_all(self, account: int, at_us: int, reason: str, entry: AuditEntry, *, spare: str = "") -> int:
        """End all of an account save ``spare``; return how many."""
        ...

    def pulse(self, ids: Collection[str]) -> Mapping[str, Pulse]:
        """Return those of ``ids`` that were not ended."""
        ...

    def sweep(self, now_us: int) -> int:
        """End what ran out of time a while ago, forget what ended long ago; return how many were ended."""
        ...


class TokenStore(Protocol):
    """Secrets of displays and programs; revoked, never deleted."""

    def list(self, kind: TokenKind | None = None, account: int | None = None) -> Sequence[Token]:
        """Return all, newest first, revoked ones too."""
        ...

    def add(self, token: Token, digest: bytes, entry: AuditEntry) -> Token:
        """Add it to the account it names and return it with its key. Raises AccountError."""
        ...

    def find(self, digest: bytes, now_us: int) -> tuple[Token, Account] | None:
        """Return the token of a secret and its account, if both are good at ``now_us``."""
        ...

    def revoke(self, key: int, at_us: int, entry: AuditEntry) -> bool:
        """Revoke it and end its sessions; False: it was revoked before. Raises AccountError if there is none."""
        ...

    def used(self, at_us: Mapping[int, int]) -> None:
        """Note when tokens were used last."""
        ...

    def pulse(self, keys: Collection[int], now_us: int) -> Mapping[int, int]:
        """Return those of ``keys`` that are good at ``now_us``, with the version of their account."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How failures of one subject are slowed down."""

    free: int
    """so many cost nothing"""
    first_s: float
    """the next one; each further one twice as long"""
    most_s: float
    forget_s: float
    """after so long without a failure they are forgotten"""

    def wait_s(self, failures: int) -> float:
        """Return how long after that many failures nothing is tried."""
        over = failures - self.free
        return 0.0 if over <= 0 else float(min(self.most_s, self.first_s * 2 ** min(over - 1, 40)))


class AttemptStore(Protocol):
    """Attempts to sign in, counted for all processes. Who tries is counted first and forgiven when it was right."""

    def take(self, subjects: Mapping[str, Patience], now_us: int) -> float:
        """Count an attempt of every subject and return 0; or count none and return how many seconds to wait."""
        ...

    def forgive(self, subjects: Collection[str], *, wholly: Collection[str] = ()) -> None:
        """Take one attempt back from each of ``subjects``, and all from ``wholly``."""
        ...

    def sweep(self, before_us: int) -> None:
        """Forget subjects whose last attempt was before."""
        ...
