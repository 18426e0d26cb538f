"""Registering in bulk: staged by COPY, compared set by set, one version for all. Called by ``catalog``.

Within the caller's transaction, which holds the row of the catalog's version: registrars come one after another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.errors import CatalogError
from ops_center.store.eventing import json_text, storable
from ops_center.store.session import Connection

Stream = tuple[str, str, Datastream]

_STAGES = """
CREATE TEMPORARY TABLE thing_stage (
    ordinal int, producer text, thing_id text, kind text, feed text, name_zh text, name_en text,
    longitude float8, latitude float8, district text, department text, attributes jsonb
) ON COMMIT DROP;
CREATE TEMPORARY TABLE datastream_stage (
    ordinal int, producer text, thing_id text, observed_property text, unit text, feed text, interval_s float8,
    time_kind text
) ON COMMIT DROP
"""

_RETIRED = """
SELECT producer, thing_id FROM thing_stage JOIN thing t USING (producer, thing_id)
WHERE t.retired IS NOT NULL ORDER BY ordinal LIMIT 1
"""

_ADD_THINGS = """
WITH added AS (
    INSERT INTO thing (producer, thing_id, kind, feed, name_zh, name_en, longitude, latitude, district, department,
                       attributes, origin, registered)
    SELECT producer, thing_id, kind, feed, name_zh, name_en, longitude, latitude, district, department,
           attributes, %(origin)s, %(now)s
    FROM thing_stage s
    WHERE NOT EXISTS (SELECT FROM thing t WHERE t.producer = s.producer AND t.thing_id = s.thing_id)
    ORDER BY ordinal
    RETURNING key, longitude, latitude, district, department
)
INSERT INTO thing_place (thing, valid_from, longitude, latitude, district, department)
SELECT key, '-infinity', longitude, latitude, district, department FROM added
"""

# What differs, with what was there before, so that the log can say it.
_CHANGE_THINGS = """
WITH changed AS (
    SELECT t.key, s.*, jsonb_build_object('kind', t.kind, 'feed', t.feed, 'name_zh', t.name_zh, 'name_en', t.name_en,
                                          'attributes', t.attributes) AS former
    FROM thing_stage s JOIN thing t USING (producer, thing_id)
    WHERE (t.kind, t.feed, t.name_zh, t.name_en, t.attributes)
          IS DISTINCT FROM (s.kind, s.feed, s.name_zh, s.name_en, s.attributes)
), logged AS (
    INSERT INTO catalog_log (at, version, origin, action, thing, detail)
    SELECT %(now)s, %(version)s, %(origin)s, 'changed', key, former FROM changed
)
UPDATE thing t SET kind = c.kind, feed = c.feed, name_zh = c.name_zh, name_en = c.name_en, attributes = c.attributes
FROM changed c WHERE t.key = c.key
"""

# The new place counts from now on, or, should the clock have been set back, from just after the former one began.
MOVE_THINGS = """
WITH moved AS (
    SELECT t.key, s.longitude, s.latitude, s.district, s.department, t.longitude AS was_longitude,
           t.latitude AS was_latitude, t.district AS was_district, t.department AS was_department,
           greatest(%(now)s, p.valid_from + interval '1 microsecond') AS since
    FROM thing_stage s JOIN thing t USING (producer, thing_id)
    JOIN thing_place p ON p.thing = t.key AND p.valid_to IS NULL
    WHERE (t.longitude, t.latitude, t.district, t.department) <> (s.longitude, s.latitude, s.district, s.department)
), closed AS (
    UPDATE thing_place p SET valid_to = since FROM moved WHERE p.thing = moved.key AND p.valid_to IS NULL
    RETURNING p.thing
), logged AS (
    INSERT INTO catalog_log (at, version, origin, action, thing, detail)
    SELECT %(now)s, %(version)s, %(origin)s, 'moved', key,
           jsonb_build_object('longitude', was_longitude, 'latitude', was_latitude, 'district', was_district,
                              'department', was_department)
    FROM moved
)
UPDATE thing t SET longitude = m.longitude, latitude = m.latitude, district = m.district, department = m.department
FROM moved m WHERE t.key = m.key AND t.key IN (SELECT thing FROM closed)
RETURNING t.key, m.since
"""

_NEW_PLACES = """
INSERT INTO thing_place (thing, valid_from, longitude, latitude, district, department)
SELECT key, since, longitude, latitude, district, department
FROM unnest(%(keys)s::int[], %(since)s::timestamptz[]) AS moved (key, since) JOIN thing USING (key)
"""

_HOMELESS = """
SELECT producer, thing_id, observed_property FROM datastream_stage s
WHERE NOT EXISTS (SELECT FROM thing t WHERE t.producer = s.producer AND t.thing_id = s.thing_id)
  AND NOT EXISTS (SELECT FROM thing_stage t WHERE t.producer = s.producer AND t.thing_id = s.thing_id)
ORDER BY ordinal LIMIT 1
"""

_OTHER_MEANING = """
SELECT producer, thing_id, s.observed_property, d.unit, d.time_kind, s.unit, s.time_kind
FROM datastream_stage s JOIN thing t USING (producer, thing_id)
JOIN datastream d ON d.thing = t.key AND d.observed_property = s.observed_property
WHERE (d.unit, d.time_kind) <> (s.unit, s.time_kind)
ORDER BY ordinal LIMIT 1
"""

_ADD_DATASTREAMS = """
INSERT INTO datastream (thing, observed_property, unit, feed, interval_s, time_kind, registered)
SELECT t.key, s.observed_property, s.unit, s.feed, s.interval_s, s.time_kind, %(now)s
FROM datastream_stage s JOIN thing t USING (producer, thing_id)
WHERE t.retired IS NULL
  AND NOT EXISTS (SELECT FROM datastream d WHERE d.thing = t.key AND d.observed_property = s.observed_property)
ORDER BY ordinal
"""

_CHANGE_DATASTREAMS = """
WITH changed AS (
    SELECT d.key, d.thing, s.feed, s.interval_s,
           jsonb_build_object('datastream', d.key, 'feed', d.feed, 'interval_s', d.interval_s) AS former
    FROM datastream_stage s JOIN thing t USING (producer, thing_id)
    JOIN datastream d ON d.thing = t.key AND d.observed_property = s.observed_property
    WHERE (d.feed, d.interval_s) <> (s.feed, s.interval_s)
), logged AS (
    INSERT INTO catalog_log (at, version, origin, action, thing, detail)
    SELECT %(now)s, %(version)s, %(origin)s, 'changed', thing, former FROM changed
)
UPDATE datastream d SET feed = c.feed, interval_s = c.interval_s FROM changed c WHERE d.key = c.key
"""


def register(
    connection: Connection,
    things: Sequence[Thing],
    datastreams: Sequence[Stream],
    only_new: bool,
    who: Mapping[str, Any],
) -> bool:
    """Bring things and datastreams into the catalog; return whether anything changed. Raises CatalogError.

    ``who``: origin, now and the version that this change will be.
    """
    _stage(connection, things, datastreams)
    _refuse(connection, only_new)
    added = connection.execute(_ADD_THINGS, who).rowcount
    changed = 0 if only_new else _change(connection, who)
    new_streams = connection.execute(_ADD_DATASTREAMS, who).rowcount
    if added or new_streams:
        _log_additions(connection, who, added, new_streams, things)
    return bool(added or changed or new_streams)


def _refuse(connection: Connection, only_new: bool) -> None:
    """Refuse before anything is written: keys that were drawn for nothing would leave holes in every array."""
    if homeless := connection.execute(_HOMELESS).fetchone():
        raise CatalogError(f"{homeless[0]}/{homeless[1]}: {homeless[2]} is of a thing that is not registered")
    if only_new:
        return
    if retired := connection.execute(_RETIRED).fetchone():
        raise CatalogError(f"{retired[0]}/{retired[1]} is retired: a device in its place needs an id of its own")
    if other := connection.execute(_OTHER_MEANING).fetchone():
        producer, thing_id, observed_property, unit, time_kind, new_unit, new_time_kind = other
        raise CatalogError(
            f"{producer}/{thing_id}: {observed_property} is stored in {unit} ({time_kind}); {new_unit} "
            f"({new_time_kind}) would change what its history means: register it as another observed property"
        )


def _change(connection: Connection, who: Mapping[str, Any]) -> int:
    changed = connection.execute(_CHANGE_THINGS, who).rowcount
    changed += connection.execute(_CHANGE_DATASTREAMS, who).rowcount
    return changed + move_staged(connection, who)


def move_staged(connection: Connection, who: Mapping[str, Any]) -> int:
    """Give the things of the stage the places they have there; return how many moved."""
    moved = connection.execute(MOVE_THINGS, who).fetchall()
    if moved:
        connection.execute(_NEW_PLACES, {"keys": [row[0] for row in moved], "since": [row[1] for row in moved]})
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


def _stage(connection: Connection, things: Sequence[Thing], datastreams: Sequence[Stream]) -> None:
    connection.execute(_STAGES)
    # Of two registrations of the same thing in one call the later one counts.
    last_things = {(t.producer, t.thing_id): t for t in things}
    last_streams = {(producer, thing_id, s.observed_property): s for producer, thing_id, s in datastreams}
    _copy(connection, b"COPY thing_stage FROM STDIN", (_thing_row(t) for t in last_things.values()))
    rows = (_stream_row(producer, thing_id, s) for (producer, thing_id, _), s in last_streams.items())
    _copy(connection, b"COPY datastream_stage FROM STDIN", rows)
    if len(last_things) + len(last_streams) > 1000:
        connection.execute("ANALYZE thing_stage, datastream_stage")


def _copy(connection: Connection, statement: bytes, rows: Iterable[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for ordinal, row in enumerate(rows):
            copy.write_row((ordinal, *row))


def _thing_row(thing: Thing) -> tuple[object, ...]:
    where = f"{thing.producer}/{thing.thing_id}"
    texts = (thing.producer, thing.thing_id, thing.kind, thing.feed, thing.name.zh, thing.name.en)
    _need(where, producer=thing.producer, thing_id=thing.thing_id, kind=thing.kind, feed=thing.feed)
    _refuse_unstorable(where, *texts, thing.district, thing.department)
    check_place(where, thing.longitude, thing.latitude)
    attributes = json_text(dict(thing.attributes))
    return (*texts, thing.longitude, thing.latitude, thing.district, thing.department, attributes)


def _stream_row(producer: str, thing_id: str, stream: Datastream) -> tuple[object, ...]:
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
