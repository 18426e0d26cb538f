"""Messages and catalogs that the tests of this folder make."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from feeds.columnar import ColumnarDecoder
from feeds.contract import DatastreamKind
from ops_center.domain.catalog import Catalog, Datastream, Thing, TimeKind
from ops_center.domain.messages import Decoded, RawMessage
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US

NOW_US = 1_800_000_000 * SECOND_US
LABEL = Label("名", "name")
SPEED = DatastreamKind("speed", LABEL, "km/h", (0.0, 300.0), (0.0, 160.0), 10.0)
FLOW = DatastreamKind("flow", LABEL, "{vehicles}/h", (0.0, 40_000.0), (0.0, 15_000.0), 10.0, TimeKind.INTERVAL)
THINGS = ("a", "b", "c")


def decoder(**changes: Any) -> ColumnarDecoder:
    """Return a decoder of a feed ``made`` with speeds, flows, fixes and one kind of event."""
    wanted = {"lateness_s": 60.0, "event_kinds": ("made.seen",), "positions": True} | changes
    return ColumnarDecoder("made", (SPEED, FLOW), **wanted)


def catalog(things: Iterable[str] = THINGS, producer: str = "made", **changes: Any) -> Catalog:
    """Return a catalog of things that each have a speed and a flow; keys 0, 1, 2 … and 0, 1, 2, 3 …"""
    known = [Thing(i, producer, name, "kind", "made", LABEL, 0.0, 0.0, **changes) for i, name in enumerate(things)]
    streams = [
        Datastream(2 * thing.key + n, thing.key, kind.observed_property, kind.unit, "made", 10.0)
        for thing in known
        for n, kind in enumerate((SPEED, FLOW))
    ]
    return Catalog(1, known, streams)


def raw(*values: bytes | dict[str, Any]) -> list[RawMessage]:
    """Return messages as the bus hands them out."""
    bodies = [value if isinstance(value, bytes) else json.dumps(value).encode() for value in values]
    return [RawMessage("raw.made", 0, str(i), b"k", body, NOW_US) for i, body in enumerate(bodies)]


def decode(*values: bytes | dict[str, Any], known: Catalog | None = None) -> Decoded:
    """Return what the decoder makes of messages that arrive now."""
    return decoder().decode(raw(*values), catalog() if known is None else known, NOW_US)


def reasons(decoded: Decoded) -> list[tuple[str, int]]:
    """Return reason and count of every reject."""
    return [(reject.reason.value, reject.count) for reject in decoded.rejects]
