"""Accounts, sessions and tokens, as the store keeps them and the services use them. No secrets, only their digests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ops_center.domain.rights import Asker, Grant
from ops_center.domain.text import Language

Origin = Literal["local", "oidc", "demo"]
"""made here; made by single sign-on; one of the demo's ready accounts"""
TokenKind = Literal["display", "api"]
SessionKind = Literal["person", "display", "program"]
"""somebody who signed in; a wall kiosk; a program with a token of its own, which has no session in the store"""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def is_account_name(text: str) -> bool:
    """Return whether an account may have this name."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody, or a display, that may sign in."""

    key: int
    name: str
    """sign-in name: lower case, ``[a-z0-9][a-z0-9._-]{0,63}``"""
    display_name: str
    grants: tuple[Grant, ...]
    origin: Origin
    language: Language
    created_us: int
    disabled_us: int | None = None
    must_change_password: bool = False
    password_expires_us: int | None = None
    """only of one-time passwords: after that they are worth nothing"""
    has_password: bool = False
    has_totp: bool = False
    external: Mapping[str, Any] | None = None
    """``issuer`` and ``subject`` where single sign-on vouches for it"""
    version: int = 0
    """counts changes of it and of what it proves itself with: what was decided on an older one doesn't count"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account proves itself with."""

    password_hash: str | None = None
    """argon2id in PHC form"""
    totp_secret: bytes | None = None
    """encrypted with the center's key"""
    totp_last_step: int = 0
    """newest 30-second step that was used: a code counts once"""
    recovery_digests: tuple[bytes, ...] = ()
    """SHA-256 of the recovery codes that are left"""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in that is still good when it was read. The cookie holds a secret; the store has its digest alone."""

    id: str
    """public: names the session in lists and in the audit; opens nothing"""
    account: Account
    kind: SessionKind
    started_us: int
    seen_us: int
    """last sign of a person (not of a page that asks by itself)"""
    idle_ends_us: int
    ends_us: int
    token: int | None = None
    """key of the token it hangs on (displays): it ends with it"""
    address: str = ""
    agent: str = ""

    @property
    def asker(self) -> Asker:
        """Return who asks in this session."""
        return Asker(self.account.name, self.account.grants, self.id, self.account.display_name)


@dataclass(frozen=True, slots=True)
class Token:
    """A secret that stands for an account until it is revoked: of a display, or of a program that asks ``/api``."""

    key: int
    account: str
    kind: TokenKind
    label: str
    """where it is used: ``wall, row 2`` or ``nightly export``"""
    created_us: int
    created_by: str
    expires_us: int | None = None
    revoked_us: int | None = None
    used_us: int | None = None
    """about; written at most once a minute"""
