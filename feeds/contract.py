"""What a feed's file holds. Judged by tests/contracts/test_every_feed.py.

A feed is pure: bytes in, batches out; the world in, bytes out. It opens nothing and asks no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ops_center.domain.catalog import Catalog, TimeKind
from ops_center.domain.messages import Decoded, Outgoing, RawMessage
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label

if TYPE_CHECKING:
    from ops_center.world.world import World


@dataclass(frozen=True, slots=True)
class DatastreamKind:
    """One observed property that a feed reports."""

    observed_property: str
    """e.g. ``vehicle_speed``; docs/glossary.md lists them"""
    label: Label
    unit: str
    """UCUM code, e.g. ``km/h``"""
    possible: tuple[float, float]
    """beyond this a value is impossible and goes to quarantine"""
    plausible: tuple[float, float]
    """beyond this it is stored with the flag OUT_OF_RANGE"""
    interval_s: float
    """how often it is expected"""
    time_kind: TimeKind = TimeKind.INSTANT
    stuck_after_s: float | None = None
    """unchanged for longer is flagged STUCK; None: constant values are normal"""
    jump_per_s: float | None = None
    """a change faster than this is flagged JUMP; None: it may jump"""


class Feed(Protocol):
    """A source of observations, positions or events."""

    @property
    def name(self) -> str:
        """Return the unique name; its raw topic is ``raw.<name>``."""
        ...

    @property
    def label(self) -> Label:
        """Return the name that operators read."""
        ...

    @property
    def rights(self) -> Rights:
        """Return who may see what it brings."""
        ...

    @property
    def kinds(self) -> tuple[DatastreamKind, ...]:
        """Return the observed properties it reports; () for a feed of positions or events alone."""
        ...

    @property
    def thing_kinds(self) -> Mapping[str, Label]:
        """Return the kinds of things it knows, with the names that operators read."""
        ...

    @property
    def event_kinds(self) -> Mapping[str, Label]:
        """Return the kinds of events it reports (``video.flooding``), with the names that operators read."""
        ...

    @property
    def lateness_s(self) -> float:
        """Return how late it may be; what is later is flagged LATE."""
        ...

    def decode(self, messages: Sequence[RawMessage], catalog: Catalog, now_us: int) -> Decoded:
        """Return what the messages say; never raises for bad bytes, which become rejects.

        ``accepted + rejected`` is the number of observations, fixes and events the messages carry.
        """
        ...

    def observe(self, world: World, now_us: int) -> Sequence[Outgoing]:
        """Return what the feed's devices would send at ``now_us`` of what the world is then."""
        ...
