"""Secrets that stand for somebody: of sessions, displays and programs. Made here, shown once, kept as digests.

A secret says by its prefix what it is, so that one found in a wrong place can be named, and searched for in code and
logs. It has 256 random bits: guessing is hopeless, and one SHA-256 is all that a stolen digest needs against it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256
from typing import Literal

SecretKind = Literal["session", "display", "api"]

_PREFIXES: dict[SecretKind, str] = {"session": "ops_s_", "display": "ops_d_", "api": "ops_a_"}
_BYTES = 32
_SHAPE = re.compile(r"ops_([sda])_[A-Za-z0-9_-]{43}", re.ASCII)
_KINDS: dict[str, SecretKind] = {prefix[4]: kind for kind, prefix in _PREFIXES.items()}
_ID_BYTES = 12


def new_secret(kind: SecretKind) -> str:
    """Return a new secret; whoever has it is taken for whom it stands for."""
    return _PREFIXES[kind] + secrets.token_urlsafe(_BYTES)


def kind_of(secret: str) -> SecretKind | None:
    """Return what ``secret`` says it is; None: it has not the shape of one of ours, and needs no further look."""
    found = _SHAPE.fullmatch(secret)
    return None if found is None else _KINDS[found.group(1)]


def digest(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).digest()


def same(one: bytes, other: bytes) -> bool:
    """Compare in a time that says nothing of where they differ."""
    return hmac.compare_digest(one, other)


def new_id() -> str:
    """Return a public id: unique, opens nothing."""
    return secrets.token_hex(_ID_BYTES)
