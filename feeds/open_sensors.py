"""Sensors of anybody: an outside producer registers its things in the feed ``sensors`` and sends canonical JSON.

The feed declares no property of its own: what it accepts is what the catalog registers for it, within what its unit
can possibly measure (``ops_center/domain/units.py``). docs/feeds.md shows a producer in ten lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from feeds.columnar import POSITION_PARTS, ColumnarDecoder
from feeds.contract import DatastreamKind
from feeds.reading import ENVELOPE
from ops_center.domain.catalog import Catalog, Datastream
from ops_center.domain.messages import Decoded, Outgoing, RawMessage
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.domain.units import UNITS

if TYPE_CHECKING:
    from ops_center.world.world import World

NAME = "sensors"
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,199}")
_MOST_PROPERTIES = 1000
"""more names than that are a mistake of somebody who put an id into them; the first by name are known"""
_ANYTHING = (-1e300, 1e300)


class OpenSensors:
    """The feed of outside producers."""

    name = NAME
    label = Label("外部传感器", "sensors of others")
    rights = Rights(see=PICTURE)
    kinds: tuple[DatastreamKind, ...] = ()
    thing_kinds: Mapping[str, Label] = {}
    event_kinds: Mapping[str, Label] = {}
    lateness_s = 3600.0

    def decode(self, messages: Sequence[RawMessage], catalog: Catalog, now_us: int) -> Decoded:
        """Return what the messages say; see ``feeds.contract.Feed``."""
        return _decoder(catalog).decode(messages, catalog, now_us)

    def observe(self, world: World, now_us: int) -> Sequence[Outgoing]:
        """Return nothing: the model city has no devices of others."""
        return ()


@lru_cache(maxsize=4)
def _decoder(catalog: Catalog) -> ColumnarDecoder:
    """Return the decoder of what a version of the catalog registers for this feed."""
    by_property: dict[str, list[Datastream]] = {}
    for stream in catalog.datastreams.values():
        if stream.feed == NAME and is_property(stream.observed_property):
            by_property.setdefault(stream.observed_property, []).append(stream)
    kinds = [_kind(name, by_property[name]) for name in sorted(by_property)[:_MOST_PROPERTIES]]
    return ColumnarDecoder(NAME, kinds, lateness_s=OpenSensors.lateness_s, positions=True)


def is_property(name: str) -> bool:
    """Return whether a registered observed property can be the name of a column."""
    return bool(_PROPERTY.fullmatch(name)) and name not in ENVELOPE and name not in POSITION_PARTS


def _kind(name: str, streams: Sequence[Datastream]) -> DatastreamKind:
    """Return the widest limits and the longest interval of all datastreams of a property, whatever their units."""
    limits = [UNITS[stream.unit].possible if stream.unit in UNITS else _ANYTHING for stream in streams]
    possible = min(low for low, _ in limits), max(high for _, high in limits)
    first = streams[0]
    interval_s = max(stream.interval_s for stream in streams)
    return DatastreamKind(name, Label(name, name), first.unit, possible, possible, interval_s, first.time_kind)


FEED = OpenSensors()
