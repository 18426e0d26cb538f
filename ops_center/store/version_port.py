"""What the store does for documents that people edit (rules, scenes, plans): versions that are only ever added.

A document is known by its name; the newest version counts. Its form is JSON that its own room can read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ops_center.domain.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of one document; the newest counts."""

    name: str
    version: int
    form: Mapping[str, Any]
    """the document as it is written, its name, version and ``enabled`` those of this row"""
    enabled: bool
    """as its form says; a kind that can't be disabled is always enabled"""
    gone: bool
    """it was deleted with this version"""
    origin: str
    """``file:water.toml`` as long as nobody edited it, else ``editor`` or ``command line``"""
    hash: bytes
    """of what was imported or saved, without version: whether a file says something new"""
    author: str
    reason: str
    at_us: int

    @property
    def is_as_shipped(self) -> bool:
        """Return whether a file said it last, so that a newer file may say it anew."""
        return self.origin.startswith("file:")


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What is to become the newest version of a document; the store gives it its number."""

    form: Mapping[str, Any]
    origin: str
    hash: bytes
    author: str
    reason: str
    at_us: int
    expected: int
    """the newest version that its author has seen; 0: there is no such document, or it is gone"""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class VersionSet:
    """The newest version of every document that isn't gone, of one moment."""

    version: int
    """grows with every change"""
    rows: tuple[VersionRow, ...]
    """by name"""


class VersionStore(Protocol):
    """The versions of one kind of documents in one realm. Rows are only ever added."""

    def version(self) -> int:
        """Return the number of the set: cheap, for polling. The channel of the kind's name says when to."""
        ...

    def load(self) -> VersionSet:
        """Return the newest version of every document that isn't gone, disabled ones too."""
        ...

    def history(self, name: str) -> Sequence[VersionRow]:
        """Return all versions of a document, newest first; () where there is none of that name."""
        ...

    def add(self, versions: Sequence[NewVersion], entries: Sequence[AuditEntry]) -> Sequence[VersionRow]:
        """Add versions, all or none, with their entries in the audit; return them with their numbers.

        Raises the kind's error (RuleChanged …) where another version than the one expected is the newest.
        """
        ...
