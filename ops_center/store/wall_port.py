"""What the store does for walls: what hangs there, by compare-and-set; where a hand moves; which displays are on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from ops_center.domain.audit import AuditEntry
from ops_center.walls.state import Moved, View, WallState


@dataclass(frozen=True, slots=True)
class WallRow:
    """One wall as it is now."""

    name: str
    state: WallState
    moved: Moved | None
    """None: no map ever followed a hand there"""


class Shows(msgspec.Struct, frozen=True):
    """What a display says of itself."""

    seq: int = 0
    """the state that it has taken in"""
    scene: str = ""
    version: int = 0
    ready: bool = True
    """False: it prepares what comes next"""
    late_ms: float = 0.0
    """how long after the moment it changed to the scene that it shows"""
    fault: str = ""
    """why a scene could not be prepared, as the browser says it; "" where all is well"""
    release: str = ""
    """of the product that its page was loaded from"""
    dimmed: bool = False


@dataclass(frozen=True, slots=True)
class DisplayRow:
    """One page that shows a display of a wall."""

    wall: str
    display: int
    """0: a page that shows the whole wall"""
    page: str
    """a word of its own that each page makes up when it is loaded"""
    account: str
    seen_us: int
    shows: Shows


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One decision of the past, with what hung there after it."""

    wall: str
    act: str
    author: str
    at_us: int
    state: WallState


class WallStore(Protocol):
    """The walls of one realm."""

    def load(self) -> Sequence[WallRow]:
        """Return every wall on which something was ever hung, by name."""
        ...

    def write(self, name: str, expected: int, state: WallState, entry: AuditEntry) -> None:
        """Hang ``state``, add it to the history and ``entry`` to the audit.

        Raises WallChanged where another seq than ``expected`` (0: nothing was ever hung) is the newest.
        """
        ...

    def move(self, name: str, view: View, by: str, at_us: int) -> int:
        """Keep where the hand is now; return its seq."""
        ...

    def history(self, name: str, limit: int = 50) -> Sequence[ChangeRow]:
        """Return the decisions, newest first."""
        ...

    def report(self, row: DisplayRow) -> None:
        """Keep what a display says of itself; those who say nothing for a day are forgotten."""
        ...

    def displays(self, since_us: int) -> Sequence[DisplayRow]:
        """Return the pages that have spoken since then, the newest of each display first."""
        ...
