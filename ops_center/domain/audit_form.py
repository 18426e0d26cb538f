"""The form of a row of the audit: its canonical bytes and its hash. A promise for years: see docs/audit.md.

Here and not beside the chain's verification, because the store hashes what it appends and the command line hashes what
it reads, and both must mean the same bytes. Pure; no form of a row is ever changed: a new one gets a new number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ops_center.domain.audit import AuditEntry

FORM = 1
"""the form that is written today; rows of all forms that ever were can be hashed"""

BEGINNING = bytes(32)
"""what the first row of all follows"""

_TEXT_LIMITS = {"actor": 200, "action": 100, "subject": 1000, "session": 100, "address": 200}
_DETAIL_LIMIT = 16_000
_DETAIL_DEPTH = 8
_EXACT = 2**53  # the largest whole number that every reader of JSON takes as it is (RFC 8259, 6)

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry with its place in the chain, as the store holds it."""

    seq: int
    """1, 2, 3 … without a gap"""
    at_us: int
    actor: str
    session: str
    address: str
    action: str
    subject: str
    outcome: str
    detail: Mapping[str, Any]
    realm: str
    """in which world it happened: live, drill, replay, simulated"""
    previous: bytes
    """hash of the row before; ``BEGINNING`` for the first"""
    hash: bytes
    """SHA-256 of the canonical bytes of everything above"""
    form: int = FORM


@dataclass(frozen=True, slots=True)
class End:
    """Where a chain ends, or begins: the number and hash of a row."""

    seq: int = 0
    hash: bytes = BEGINNING


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Rows up to here were archived and are gone; signed, so that nobody else can say so."""

    seq: int
    hash: bytes
    made_us: int
    made_by: str
    signature: bytes


def canonical(row: AuditRow) -> bytes:
    """Return what is hashed: everything but the hash itself. Raises ValueError for a form that never was."""
    if row.form != FORM:
        raise ValueError(f"row {row.seq} has the form {row.form}, which this version doesn't know")
    return _encode(
        [
            "ops-center audit",
            row.form,
            row.seq,
            row.at_us,
            row.actor,
            row.session,
            row.address,
            row.action,
            row.subject,
            row.outcome,
            row.detail,
            row.realm,
            row.previous.hex(),
        ]
    ).encode("utf-8", "surrogatepass")


def said_of(entry: AuditEntry) -> str:
    """Return of the canonical bytes, in form 1, what an entry itself says: between its number and its realm.

    The database, which alone knows the end of the chain, puts the rest around it.
    """
    said = [
        entry.at_us,
        entry.actor,
        entry.session,
        entry.address,
        entry.action,
        entry.subject,
        entry.outcome,
        entry.detail,
    ]
    return f",{_encode(said)[1:-1]}"


def canonical_detail(detail: Mapping[str, Any]) -> str:
    """Return details as the canonical bytes hold them."""
    return _encode(detail)


def hash_of(row: AuditRow) -> bytes:
    """Return the hash that ``row`` should carry. Raises ValueError as :func:`canonical`."""
    return hashlib.sha256(canonical(row)).digest()


def storable(entry: AuditEntry) -> AuditEntry:
    """Return ``entry`` as it comes back from a database, byte for byte: bounded texts, details that are plain JSON.

    What an act names comes from outside (a sign-in name that somebody typed), so it may be anything, of any length.
    """
    texts: dict[str, Any] = {name: _text(getattr(entry, name), limit) for name, limit in _TEXT_LIMITS.items()}
    detail = {_text(str(name), 200): _plain(value) for name, value in entry.detail.items()}
    written = _encode(detail)
    if len(written) > _DETAIL_LIMIT:
        detail = {"characters": len(written), "cut": written[:1000]}
    return replace(entry, **texts, detail=detail)


def _text(text: str, limit: int) -> str:
    """PostgreSQL knows neither NUL nor half a surrogate pair."""
    kept = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return kept if len(kept) <= limit else f"{kept[: limit - 1]}…"


def _plain(value: Any, depth: int = 1) -> Any:
    """Numbers that are not whole become text: every reader and writer of JSON has its own way with them."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= _EXACT:
        return int(value)
    if depth < _DETAIL_DEPTH and isinstance(value, Mapping):
        return {_text(str(name), 200): _plain(inner, depth + 1) for name, inner in value.items()}
    if depth < _DETAIL_DEPTH and isinstance(value, (list, tuple)):
        return [_plain(inner, depth + 1) for inner in value]
    return _text(_said(value), _DETAIL_LIMIT)


def _said(value: Any) -> str:
    try:
        return "…" if isinstance(value, (Mapping, list, tuple)) else str(value)
    except Exception:  # a number of ten thousand digits has no text; of other things nobody knows
        return f"<{type(value).__name__}>"
