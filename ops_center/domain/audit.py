"""What the audit says of one act: who did or saw what, when, from where, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ops_center.domain.rights import Asker

Outcome = Literal["done", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act, before it has its place in the chain. Never holds a secret: no password, token or one-time code."""

    at_us: int
    """µs since the epoch, UTC"""
    actor: str
    """name of the account; "" for somebody unknown; ``system`` for the center itself"""
    action: str
    """``subject.verb`` in lower case: ``session.started``, ``account.changed``, ``page.seen``, ``things.registered``"""
    subject: str = ""
    """what it was done to: the name of an account, an address of ours, ``producer/thing_id``"""
    outcome: Outcome = "done"
    session: str = ""
    """public id of the session"""
    address: str = ""
    """network address of the asker"""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """what else is worth knowing, JSON: what was there before, why it was refused"""


def by(asker: Asker, at_us: int, action: str, subject: str = "", **more: Any) -> AuditEntry:
    """Return an entry of what ``asker`` did; ``more`` are fields of the entry."""
    return AuditEntry(at_us, asker.account, action, subject, session=asker.session, **more)
