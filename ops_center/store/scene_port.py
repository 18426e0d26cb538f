"""What the store does for scenes: their versions, and a number that says when there is something new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ops_center.domain.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class SceneRow:
    """One version of one scene; the newest counts."""

    name: str
    version: int
    form: Mapping[str, Any]
    """the scene as it is written (``scenes.scene.Scene``), its name and version those of this row"""
    gone: bool
    """it was deleted with this version"""
    origin: str
    """``file:flood.toml`` as long as nobody edited it, else ``editor`` or ``command line``"""
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
class NewScene:
    """What is to become the newest version of a scene; the store gives it its number."""

    form: Mapping[str, Any]
    origin: str
    hash: bytes
    author: str
    reason: str
    at_us: int
    expected: int
    """the newest version that its author has seen; 0: there is no such scene, or it is gone"""
    gone: bool = False


class SceneStore(Protocol):
    """The versions of scenes of one realm. Rows are only ever added."""

    def version(self) -> int:
        """Return a number that grows with every change: cheap, for polling. The channel ``scenes`` says when to."""
        ...

    def load(self) -> Sequence[SceneRow]:
        """Return the newest version of every scene that isn't gone, by name."""
        ...

    def history(self, name: str) -> Sequence[SceneRow]:
        """Return all versions of a scene, newest first; () where there is none of that name."""
        ...

    def add(self, versions: Sequence[NewScene], entries: Sequence[AuditEntry]) -> Sequence[SceneRow]:
        """Add versions, all or none, with their entries in the audit; return them with their numbers.

        Raises SceneChanged where another version than the one expected is the newest.
        """
        ...
