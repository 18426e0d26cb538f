"""One-time codes of a telephone (TOTP, RFC 6238: SHA-1, 6 digits, 30 s, as every app does), and recovery codes.

A code counts once (RFC 6238, 5.2): who judges one keeps the step it was of, and none of that step or before counts
again. Clocks of telephones may be off by one step.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from hmac import compare_digest

import pyotp

from ops_center.domain.time import SECOND_US
from ops_center.people.keys import Keys
from ops_center.people.sealing import Sealer

_STEP_S = 30
_OFF = 1
"""steps that a clock may be before or behind"""
_DIGITS = 6
_RECOVERY_CODES = 10
_RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY_LETTERS = 16
"""79 bits: a digest of one can't be turned back by trying"""


def new_totp_secret() -> str:
    """Return a new secret, base32, 160 bits (RFC 4226, 4)."""
    return pyotp.random_base32(32)


def provisioning_uri(secret: str, account: str, center: str) -> str:
    """Return what the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=center)


def matching_step(secret: str, code: str, now_us: int, used_step: int) -> int | None:
    """Return the step that ``code`` is of; None: it is wrong, old, or of a step that was used (or one before it)."""
    digits = "".join(code.split())
    if len(digits) != _DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    totp, present = pyotp.TOTP(secret), now_us // (_STEP_S * SECOND_US)
    steps = range(present - _OFF, present + _OFF + 1)
    matching = [step for step in steps if compare_digest(totp.generate_otp(step), digits)]
    return max((step for step in matching if step > used_step), default=None)


def new_recovery_codes() -> tuple[str, ...]:
    """Return codes to be kept on paper, each good once instead of the telephone's."""
    return tuple(map(_new_recovery_code, range(_RECOVERY_CODES)))


def recovery_digest(code: str) -> bytes:
    """Return what is kept of a recovery code, however it was typed."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return sha256(plain.encode()).digest()


def is_recovery(code: str) -> bool:
    """Return whether ``code`` has the length of a recovery code rather than that of a telephone's."""
    return sum(map(str.isalnum, code)) == _RECOVERY_LETTERS


def _new_recovery_code(_number: int) -> str:
    letters = "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_LETTERS))
    return "-".join(letters[at : at + 4] for at in range(0, _RECOVERY_LETTERS, 4))


class TotpSecrets:
    """Encrypts secrets for the database, each bound to its account: put into another's row it can't be read."""

    def __init__(self, keys: Keys) -> None:
        self._sealer = Sealer(keys.derived("totp"))

    def sealed(self, account: int, secret: str) -> bytes:
        """Return what the database keeps."""
        return self._sealer.seal(secret.encode(), f"totp of {account}")

    def opened(self, account: int, sealed: bytes) -> str | None:
        """Return the secret; None: it was encrypted with another key, or for another account."""
        plain = self._sealer.open(sealed, f"totp of {account}")
        return None if plain is None else plain.decode()
