"""Events: rare and rich, each once per (feed, event id). Called by ``streaming`` and ``history``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ops_center.domain.observations import Event
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.store.limits import LATEST_US
from ops_center.store.session import Connection

_INSERT = """
INSERT INTO event (feed, event_id, thing_id, kind, phenomenon_time, received, longitude, latitude, confidence,
                   attributes)
SELECT feed, event_id, thing_id, kind, phenomenon_time, received, longitude, latitude, confidence, attributes::jsonb
FROM unnest(%s::text[], %s::text[], %s::int[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::float8[],
            %s::float8[], %s::float8[], %s::text[])
  AS e (feed, event_id, thing_id, kind, phenomenon_time, received, longitude, latitude, confidence, attributes)
ON CONFLICT (feed, event_id) DO NOTHING
"""

_SINCE = """
SELECT feed, event_id, thing_id, kind, phenomenon_time, received, longitude, latitude, confidence, attributes
FROM event WHERE phenomenon_time BETWEEN %s AND %s ORDER BY phenomenon_time, feed, event_id
"""


def insert_events(connection: Connection, events: Sequence[Event]) -> int:
    """Write events and return how many were new; the first of a (feed, event id) stays."""
    if not events:
        return 0
    return connection.execute(_INSERT, [list(column) for column in zip(*map(_row, events), strict=True)]).rowcount


def events_since(connection: Connection, start_us: int, until_us: int = LATEST_US) -> Sequence[Event]:
    """Return events from ``start_us`` to ``until_us``, both included, oldest first."""
    return [_event(row) for row in connection.execute(_SINCE, (to_datetime(start_us), to_datetime(until_us)))]


def storable(text: str) -> str:
    """Return the text as PostgreSQL can hold it: it knows neither NUL nor half a surrogate pair."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def json_text(value: object) -> str:
    """Return ``value`` as JSON that the database takes: it knows neither NUL nor half a surrogate pair."""
    try:
        text = msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        text = msgspec.json.encode(_storable_within(msgspec.to_builtins(value))).decode()
    return text.replace("\\u0000", "\\ufffd")


def _storable_within(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case dict():
            return {_storable_within(key): _storable_within(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_storable_within(inner) for inner in value]
    return value


def _row(event: Event) -> tuple[object, ...]:
    return (
        storable(event.feed),
        storable(event.event_id),
        event.thing,
        storable(event.kind),
        to_datetime(event.phenomenon_time_us),
        to_datetime(event.received_us),
        event.longitude,
        event.latitude,
        event.confidence,
        json_text(event.attributes),
    )


def _event(row: tuple[Any, ...]) -> Event:
    feed, event_id, thing, kind, phenomenon_time, received, longitude, latitude, confidence, attributes = row
    return Event(
        event_id,
        feed,
        thing,
        kind,
        from_datetime(phenomenon_time),
        from_datetime(received),
        longitude,
        latitude,
        confidence,
        attributes,
    )
