"""A feed as a declaration: names, kinds and limits, and a function that observes the world.

Most feeds are a :class:`ColumnarFeed`; one that speaks another format writes a class of its own that meets
``feeds.contract.Feed``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from feeds.columnar import ColumnarDecoder
from feeds.contract import DatastreamKind
from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import Decoded, Outgoing, RawMessage
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label

if TYPE_CHECKING:
    from ops_center.world.world import World

Observer: TypeAlias = "Callable[[World], Sequence[Outgoing]]"
"""returns what the devices send in the world's last step"""

_EVERYBODY = Rights(see=PICTURE)


def sends_nothing(_world: World) -> Sequence[Outgoing]:
    """Observe nothing: a feed whose devices the model city doesn't have."""
    return ()


@dataclass(frozen=True)
class ColumnarFeed:
    """A feed of columnar JSON."""

    name: str
    label: Label
    lateness_s: float
    """what arrives later is flagged LATE"""
    kinds: tuple[DatastreamKind, ...] = ()
    thing_kinds: Mapping[str, Label] = field(default_factory=dict)
    event_kinds: Mapping[str, Label] = field(default_factory=dict)
    """dotted kind → name"""
    positions: bool = False
    """its things move and send fixes"""
    observer: Observer = sends_nothing
    rights: Rights = _EVERYBODY

    @cached_property
    def _decoder(self) -> ColumnarDecoder:
        return ColumnarDecoder(
            self.name, self.kinds, lateness_s=self.lateness_s, event_kinds=self.event_kinds, positions=self.positions
        )

    def decode(self, messages: Sequence[RawMessage], catalog: Catalog, now_us: int) -> Decoded:
        """Return what the messages say; see ``feeds.contract.Feed``."""
        return self._decoder.decode(messages, catalog, now_us)

    def observe(self, world: World, now_us: int) -> Sequence[Outgoing]:
        """Return what the devices sent in the world's last step; nothing if that step didn't end at ``now_us``.

        A world never goes back: where the clock was set back, nothing is sent until it has caught up.
        """
        return self.observer(world) if now_us >= world.now_us else ()
