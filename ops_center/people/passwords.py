"""Passwords: hashed by argon2id, judged before they are taken, made up where one is needed once.

The parameters are those that RFC 9106 (section 4, second choice) recommends where memory is scarce: 3 passes over
64 MiB with 4 lanes. One hash takes a fifth of a second of a core and those 64 MiB, so only a few are made at once:
who waits longer than a person would is sent away instead. Names that nobody has cost the same as names that exist.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from zxcvbn import zxcvbn

from ops_center.domain.text import Label

SHORTEST = 12
LONGEST = 128
_LOOKED_AT = 72
"""characters whose guessability is judged: what is long and hard until here is hard"""
_LEAST_SCORE = 3
"""of 0 to 4: more than 10^8 guesses, out of reach behind a slow hash and a back-off (zxcvbn, Wheeler 2016)"""
_AT_ONCE = 2
_PATIENCE_S = 5.0
_OURS = ("ops", "center", "operations", "ops-center", "yunxing", "zhihui", "chengshi", "运行中心", "指挥中心")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for another when it is read out
_GROUPS, _GROUP = 4, 5


class Busy(Exception):
    """Too many passwords are being checked at this moment."""


class PasswordFault(Enum):
    """Why a password is not taken."""

    TOO_SHORT = Label(f"密码至少需要 {SHORTEST} 个字符。", f"A password has at least {SHORTEST} characters.")
    TOO_LONG = Label(f"密码最多 {LONGEST} 个字符。", f"A password has at most {LONGEST} characters.")
    GUESSABLE = Label(
        "这个密码容易被猜到：请用几个不相关的词，或由密码管理器生成。",
        "This password is easy to guess: take several unrelated words, or let a password manager make one.",
    )
    NAMES_ACCOUNT = Label("密码不能包含账号名。", "A password must not contain the account's name.")
    SAME = Label("新密码不能与原密码相同。", "The new password must differ from the present one.")


class Passwords:
    """Makes and checks hashes; one per process, safe to use from any thread."""

    def __init__(self, hasher: PasswordHasher | None = None, at_once: int = _AT_ONCE) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._places = threading.BoundedSemaphore(at_once)
        self._nobodys: str | None = None

    def hash(self, password: str) -> str:
        """Return the hash in PHC form. Raises Busy."""
        with self._place():
            return self._hasher.hash(_as_bytes(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether ``password`` is the hash's; without a hash False, after the same work. Raises Busy."""
        with self._place():
            nobodys = self._hash_of_nobody()
            try:
                right = self._hasher.verify(password_hash or nobodys, _as_bytes(password))
            except (VerificationError, InvalidHashError):
                return False
            return right and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Return whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _hash_of_nobody(self) -> str:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash(secrets.token_hex(16))
        return self._nobodys

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=_PATIENCE_S):
            raise Busy
        try:
            yield
        finally:
            self._places.release()


def fault_of(
    password: str,
    name: str,
    known: tuple[str, ...] = (),
    present_hash: str | None = None,
    passwords: Passwords | None = None,
) -> PasswordFault | None:
    """Return why the account ``name`` may not have this password; None: it may. ``known``: what a guesser knows too.

    With ``present_hash`` it must differ from the present one, which takes a place for hashing: raises Busy.
    """
    password = _normal(password)
    if len(password) < SHORTEST:
        return PasswordFault.TOO_SHORT
    if len(password) > LONGEST:
        return PasswordFault.TOO_LONG
    if name.lower() in password.lower():
        return PasswordFault.NAMES_ACCOUNT
    if _score(password[:_LOOKED_AT], [name, *known, *_OURS]) < _LEAST_SCORE:
        return PasswordFault.GUESSABLE
    if passwords is not None and present_hash is not None and passwords.verify(present_hash, password):
        return PasswordFault.SAME
    return None


def one_time_password() -> str:
    """Return a password to be given to somebody by another person: 98 bits, easily read out."""
    letters = [secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP)]
    return "-".join("".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP))


def _score(password: str, known: list[str]) -> int:
    return int(zxcvbn(password, user_inputs=known)["score"])


def _normal(password: str) -> str:
    """Return one form of what two keyboards may write in two (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _as_bytes(password: str) -> bytes:
    """Return what is hashed; halves of characters, which JSON can carry, are bytes like others."""
    return _normal(password).encode("utf-8", "surrogatepass")
