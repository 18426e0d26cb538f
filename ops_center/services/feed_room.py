"""What a web process knows of the feeds: how old they are, what intake made of their messages, and what it refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feeds.contract import Feed
from ops_center.domain.errors import Forbidden
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.services.auditing import Auditor
from ops_center.store.port import FeedCount, QuarantineRow, Store
from ops_center.store.rule_port import Pulse

FEEDS = Rights(see=(PICTURE - {Role.DISPLAY}) | {Role.AUDITOR})
_KEEPERS = frozenset({Role.OPERATOR, Role.COORDINATOR, Role.ADMINISTRATOR})
QUARANTINE = Rights(see=_KEEPERS, change=_KEEPERS)
MOST_RELEASED = 1_000
"""messages looked at for one press of the button"""
MOST_SHOWN = 2_000
"""characters of a message"""


@dataclass(frozen=True, slots=True)
class FeedRoom:
    """Safe to use from any thread; what asks the database may raise StoreError."""

    feeds: Mapping[str, Feed]
    store: Store
    ages: Callable[[int], Mapping[str, Mapping[str, Any]]]
    """now in µs → feed → ``age_s`` and ``aged``"""
    release_some: Callable[[int], int]
    auditor: Auditor

    def counts(self) -> Mapping[str, FeedCount]:
        """Return what intake has counted, by feed."""
        return self.store.health.feed_counts()

    def pulses(self) -> Sequence[Pulse]:
        """Return how the workers that say so are."""
        return self.store.health.pulses()

    def refused(self, asker: Asker, feed: str, *, standing: bool, limit: int) -> Sequence[QuarantineRow]:
        """Return what was refused, newest first. Raises Forbidden: bytes that nobody could read belong to all."""
        _check(asker, may=asker.sees_all(QUARANTINE))
        return self.store.quarantine.list(feed=feed or None, standing=standing, limit=limit)

    def release(self, asker: Asker) -> int:
        """Decode again what was refused for a thing that is registered now; return how many messages went through."""
        _check(asker, may=asker.may_change_of(QUARANTINE, "", ""))
        self.auditor.did(asker, "quarantine.released", detail={"limit": MOST_RELEASED})
        return self.release_some(MOST_RELEASED)


def shown_bytes(payload: bytes) -> str:
    """Return the beginning of a message as text that can be shown: whatever is no text is escaped."""
    text = payload[:MOST_SHOWN].decode("utf-8", "backslashreplace")
    clean = "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)
    return clean[:MOST_SHOWN]


def hex_dump(payload: bytes, most: int = 256) -> str:
    """Return the first bytes as people who know formats read them: offset, hexadecimal, characters."""
    lines = []
    for offset in range(0, min(len(payload), most), 16):
        piece = payload[offset : min(offset + 16, most)]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in piece)
        lines.append(f"{offset:04x}  {piece.hex(' '):<47}  {letters}")
    return "\n".join(lines)


def _check(asker: Asker, *, may: bool) -> None:
    if not may:
        raise Forbidden(f"the quarantine is open to those whose scope is the whole city, not to {asker.account!r}")
