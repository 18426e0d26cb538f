"""Signed heads of the audit: what vouches, outside the database, for how far the chain had come and with which hash.

A head is one line of JSON, signed with Ed25519 by a key made of the center's own (``keys.py``), which never enters the
database. A checkpoint is the same for the place where archived rows ended. Pure; ``audit_folder`` keeps the lines.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ops_center.domain.audit_form import Checkpoint
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.time import to_datetime
from ops_center.people.keys import Keys

Kind = Literal["head", "checkpoint"]
PURPOSE = "audit head"


@dataclass(frozen=True, slots=True)
class Head:
    """Somebody who held the key saw the chain end in this row."""

    seq: int
    hash: bytes
    time: str
    """when it was signed, ISO 8601, UTC; as it was signed, letter for letter"""
    signature: bytes
    kind: Kind = "head"

    def line(self) -> str:
        """Return the head as it stands in a file."""
        return json.dumps(
            {"seq": self.seq, "hash": self.hash.hex(), "time": self.time, "signature": self.signature.hex()}
        )


class HeadReader:
    """Recognises heads by the public key, which is all that a third party needs."""

    def __init__(self, public_key: bytes) -> None:
        """``public_key``: 32 bytes. Raises ConfigurationError."""
        try:
            self._public = Ed25519PublicKey.from_public_bytes(public_key)
        except ValueError:
            raise ConfigurationError(
                "the public key of the audit's heads has 32 bytes, 64 hexadecimal digits"
            ) from None
        self.public_key = public_key

    def signed(self, head: Head) -> bool:
        """Return whether ``head`` was signed with the center's key."""
        try:
            self._public.verify(head.signature, signed_bytes(head.kind, head.seq, head.hash, head.time))
        except InvalidSignature:
            return False
        return True


class HeadSigner(HeadReader):
    """Signs heads as well."""

    def __init__(self, keys: Keys) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(keys.derived(PURPOSE))
        super().__init__(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, seq: int, row_hash: bytes, now_us: int, kind: Kind = "head") -> Head:
        """Return the signed head of a chain that ends in row ``seq``."""
        time = _written(now_us)
        return Head(seq, row_hash, time, self._key.sign(signed_bytes(kind, seq, row_hash, time)), kind)


def signed_bytes(kind: Kind, seq: int, row_hash: bytes, time: str) -> bytes:
    """Return what a signature is over; the kind keeps one from being taken for the other."""
    return json.dumps([f"ops-center audit {kind}", 1, seq, row_hash.hex(), time], separators=(",", ":")).encode()


def read_line(line: str) -> Head | None:
    """Return the head of a line, signed by whomever; None if it is none."""
    try:
        said = json.loads(line)
        head = Head(said["seq"], bytes.fromhex(said["hash"]), said["time"], bytes.fromhex(said["signature"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return head if type(head.seq) is int and isinstance(head.time, str) else None


def as_head(checkpoint: Checkpoint) -> Head:
    """Return a checkpoint of the database as what was signed."""
    return Head(checkpoint.seq, checkpoint.hash, _written(checkpoint.made_us), checkpoint.signature, "checkpoint")


def _written(us: int) -> str:
    return to_datetime(us).isoformat(timespec="microseconds")
