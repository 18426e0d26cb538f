"""What leaves the center's hands for a while and must come back as it was: read by nobody else, made by nobody else.

AES-256-GCM with a random nonce under a key of one purpose. ``about`` is bound to the text without being in it: what was
sealed for one account can't be opened for another. Used for one-time secrets in the database, for the tickets between
the steps of signing in, and for what a browser shows to say that somebody signed in on it before.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_TAG_BYTES = 16


class Sealer:
    """Seals and opens under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, about: str) -> bytes:
        """Return ``plain`` sealed, for ``about``."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes | None:
        """Return what was sealed for ``about``; None: it was not sealed here, or for something else, or is damaged."""
        if len(sealed) < _NONCE_BYTES + _TAG_BYTES:
            return None
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
        except InvalidTag:
            return None
