"""The center's own key: 32 random bytes in a file that only the center reads, and the keys that are made of it.

It encrypts the secrets of one-time codes and signs the head of the audit; it never enters the database, so that who
has the database alone can neither read the one nor forge the other. All processes of a center share the file. It is
made at the first start; losing it costs the enrolled one-time codes, not the accounts.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ops_center.domain.errors import ConfigurationError

_BYTES = 32


class Keys:
    """Keys of one purpose each, derived by HKDF-SHA256 (RFC 5869)."""

    def __init__(self, master: bytes) -> None:
        if len(master) != _BYTES:
            raise ConfigurationError(f"the center's key has {len(master)} bytes, not {_BYTES}")
        self._master = master

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes for ``purpose``; those of another purpose tell nothing about them."""
        return HKDF(SHA256(), _BYTES, salt=None, info=f"ops-center {purpose}".encode()).derive(self._master)


def load_keys(file: Path) -> Keys:
    """Return the keys of ``file``, which is made where it is missing. Raises ConfigurationError."""
    try:
        _make_where_missing(file)
        if file.stat().st_mode & 0o077:
            raise ConfigurationError(f"{file}: others may read the center's key; chmod 600 it")
        return Keys(bytes.fromhex(file.read_text("ascii").strip()))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the center's key can't be read from {file}: {error}") from None


def _make_where_missing(file: Path) -> None:
    """Of several processes that start at once one makes it, whole: the others find it finished."""
    if file.exists():
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(secrets.token_hex(_BYTES) + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
