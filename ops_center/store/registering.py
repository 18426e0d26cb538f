"""Registering in bulk: staged by COPY, compared set by set, one version for all. Called by ``catalog``.

Within one transaction of the caller: first ``stage``, then ``register``, for which the caller holds the row of the
catalog's version: registrars come one after another, and nobody waits for the rows of another to arrive.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.errors import CatalogError
from ops_center.store import registering_sql as statements
from ops_center.store.eventing import json_text, storable
from ops_center.store.port import Progress
from ops_center.store.session import Connection

Stream = tuple[str, str, Datastream]
_TOLD_EVERY = 500
"""rows between two signs of progress"""


def register(
    connection: Connection,
    things: Sequence[Thing],
    only_new: bool,
    who: Mapping[str, Any],
) -> bool:
    """Bring what is staged into the catalog; return whether anything changed. Raises CatalogError.

    ``who``: origin, now and the version that this change will be.
    """
    _refuse(connection, only_new)
    added = connection.execute(statements.ADD_THINGS, who).rowcount
    changed = 0 if only_new else _change(connection, who)
    new_streams = connection.execute(statements.ADD_DATASTREAMS, who).rowcount
    if added or new_streams:
        _log_additions(connection, who, added, new_streams, things)
    return bool(added or changed or new_streams)


def _refuse(connection: Connection, only_new: bool) -> None:
    """Refuse before anything is written: keys that were drawn for nothing would leave holes in every array."""
    if homeless := connection.execute(statements.HOMELESS).fetchone():
        raise CatalogError(f"{homeless[0]}/{homeless[1]}: {homeless[2]} is of a thing that is not registered")
    if only_new:
        return
    if retired := connection.execute(statements.RETIRED).fetchone():
        raise CatalogError(f"{retired[0]}/{retired[1]} is retired: a device in its place needs an id of its own")
    if other := connection.execute(statements.OTHER_MEANING).fetchone():
        producer, thing_id, observed_property, unit, time_kind, new_unit, new_time_kind = other
        raise CatalogError(
            f"{producer}/{thing_id}: {observed_property} is stored in {unit} ({time_kind}); {new_unit} "
            f"({new_time_kind}) would change what its history means: register it as another observed property"
        )


def _change(connection: Connection, who: Mapping[str, Any]) -> int:
    changed = connection.execute(statements.CHANGE_THINGS, who).rowcount
    changed += connection.execute(statements.CHANGE_DATASTREAMS, who).rowcount
    return changed + move_staged(connection, who)


def move_staged(connection: Connection, who: Mapping[str, Any]) -> int:
    """Give the things of the stage the places they have there; return how many moved."""
    moved = connection.execute(statements.MOVE_THINGS, who).fetchall()
    if moved:
        connection.execute(
            statements.NEW_PLACES, {"keys": [row[0] for row in moved], "since": [row[1] for row in moved]}
        )
    return len(moved)


def _log_additions(
    connection: Connection, who: Mapping[str, Any], things: int, datastreams: int, of: Sequence[Thing]
) -> None:
    """Write one line for all that is new: each thing itself says who registered it and when."""
    detail = {"things": things, "datastreams": datastreams, "first": [f"{t.producer}/{t.thing_id}" for t in of[:10]]}
    connection.execute(
        "INSERT INTO catalog_log (at, version, origin, action, detail) "
        "VALUES (%(now)s, %(version)s, %(origin)s, 'added', %(detail)s::jsonb)",
        {**who, "detail": json_text(detail)},
    )


def stage(
    connection: Connection, things: Sequence[Thing], datastreams: Sequence[Stream], progress: Progress | None
) -> None:
    """Bring things and datastreams into tables of the transaction's own; ``progress``: how many rows were sent."""
    connection.execute(statements.STAGES)
    # Of two registrations of the same thing in one call the later one counts.
    last_things = {(t.producer, t.thing_id): t for t in things}
    last_streams = {(producer, thing_id, s.observed_property): s for producer, thing_id, s in datastreams}
    _copy(connection, b"COPY thing_stage FROM STDIN", (thing_row(t) for t in last_things.values()), progress)
    rows = (stream_row(producer, thing_id, s) for (producer, thing_id, _), s in last_streams.items())
    _copy(connection, b"COPY datastream_stage FROM STDIN", rows)
    if len(last_things) + len(last_streams) > 1000:
        connection.execute("ANALYZE thing_stage, datastream_stage")


def _copy(
    connection: Connection, statement: bytes, rows: Iterable[tuple[object, ...]], progress: Progress | None = None
) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for ordinal, row in enumerate(rows):
            copy.write_row((ordinal, *row))
            if progress is not None and ordinal % _TOLD_EVERY == 0:
                progress(ordinal)


def thing_row(thing: Thing) -> tuple[object, ...]:
    """Return the columns of a thing as they are staged; raises CatalogError for what no table can hold."""
    where = f"{thing.producer}/{thing.thing_id}"
    texts = (thing.producer, thing.thing_id, thing.kind, thing.feed, thing.name.zh, thing.name.en)
    _need(where, producer=thing.producer, thing_id=thing.thing_id, kind=thing.kind, feed=thing.feed)
    _refuse_unstorable(where, *texts, thing.district, thing.department)
    check_place(where, thing.longitude, thing.latitude)
    attributes = json_text(dict(thing.attributes))
    return (*texts, thing.longitude, thing.latitude, thing.district, thing.department, attributes)


def stream_row(producer: str, thing_id: str, stream: Datastream) -> tuple[object, ...]:
    """Return the columns of a datastream as they are staged; raises CatalogError for what no table can hold."""
    where = f"{producer}/{thing_id}"
    _need(where, observed_property=stream.observed_property, unit=stream.unit, feed=stream.feed)
    _refuse_unstorable(where, producer, thing_id, stream.observed_property, stream.unit, stream.feed)
    if not (math.isfinite(stream.interval_s) and stream.interval_s > 0):
        raise CatalogError(f"{where}: interval_s of {stream.observed_property} is {stream.interval_s}, not above 0")
    return (
        producer, thing_id, stream.observed_property, stream.unit, stream.feed, stream.interval_s,
        stream.time_kind.value,
    )  # fmt: skip


def check_place(where: str, longitude: float, latitude: float) -> None:
    """Raise CatalogError for a place that is none on Earth."""
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise CatalogError(f"{where}: longitude {longitude}, latitude {latitude} is no place in degrees")


def _need(where: str, **texts: str) -> None:
    for name, text in texts.items():
        if not text.strip():
            raise CatalogError(f"{where}: {name} is empty")


def _refuse_unstorable(where: str, *texts: str) -> None:
    for text in texts:
        if text != storable(text) or len(text) > 1000:
            raise CatalogError(f"{where!r}: a text that can't be stored: {text[:50]!r}")
