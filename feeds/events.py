"""Events as they are sent: read one by one, bounded, so that whoever keeps and shows them can hold them.

Called by ``reading`` and ``columnar``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ops_center.domain.json_values import fault_of_json

MAX_ID = 200
"""characters: an id is part of a key of the database and of an address (``/snapshots/<event id>``)"""

Time = int | str


class EventMessage(msgspec.Struct, gc=False):
    """One event as it is sent."""

    id: str
    thing: str
    kind: str
    t: Time
    longitude: float
    latitude: float
    confidence: float = 1.0
    attributes: dict[str, Any] = {}


def read_events(value: Any) -> tuple[list[EventMessage], int]:
    """Return the events of a decoded JSON value that are as declared, and how many are not."""
    if not isinstance(value, list):
        return [], 1
    found = []
    for one in value:
        try:
            found.append(msgspec.convert(one, EventMessage))
        except (msgspec.ValidationError, RecursionError, OverflowError, UnicodeError):
            continue
    return found, len(value) - len(found)


def fault_of_event(event: EventMessage) -> str | None:
    """Return what of an event nobody could hold; None if it can be taken."""
    if not event.id.isprintable() or not 0 < len(event.id) <= MAX_ID:
        return f"id: 1 to {MAX_ID} visible characters are wanted"
    fault = fault_of_json(event.attributes)
    return f"attributes: {fault}" if fault else None
