"""Whether things are still what somebody believes them to be: asked within the transaction that changes them.

Called by ``catalog``, which holds the row of the catalog's version: nobody changes them in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops_center.domain.catalog import Thing
from ops_center.domain.errors import ThingChanged
from ops_center.domain.time import from_datetime
from ops_center.store.port import Expected
from ops_center.store.session import Connection

_THINGS = """
SELECT t.producer, t.thing_id, kind, feed, name_zh, name_en, longitude, latitude, district, department, attributes,
       retired IS NOT NULL, key
FROM thing t JOIN unnest(%(producers)s::text[], %(ids)s::text[]) AS meant (producer, thing_id)
  ON t.producer = meant.producer AND t.thing_id = meant.thing_id
"""
_WHO = """
SELECT origin, at FROM catalog_log WHERE thing = %(key)s
UNION ALL
SELECT origin, registered FROM thing WHERE key = %(key)s
ORDER BY at DESC LIMIT 1
"""


def check_expected(connection: Connection, expected: Expected) -> None:
    """Raise ThingChanged for the first thing that is not as it is expected to be."""
    if not expected:
        return
    names = {"producers": [producer for producer, _ in expected], "ids": [thing_id for _, thing_id in expected]}
    rows: list[Any] = connection.execute(_THINGS, names).fetchall()
    found = {(row[0], row[1]): row for row in rows}
    for name, thing in expected.items():
        row = found.get(name)
        if (thing is None) != (row is None) or (thing is not None and row is not None and row[2:12] != _row(thing)):
            origin, at_us = _last(connection, row[12]) if row is not None else ("", 0)
            raise ThingChanged(*name, origin, at_us)


def _row(thing: Thing) -> tuple[Any, ...]:
    attributes: Mapping[str, Any] = dict(thing.attributes)
    names = thing.name.zh, thing.name.en
    place = thing.longitude, thing.latitude, thing.district, thing.department
    return (thing.kind, thing.feed, *names, *place, attributes, thing.retired)


def _last(connection: Connection, key: int) -> tuple[str, int]:
    rows: list[Any] = connection.execute(_WHO, {"key": key}).fetchall()
    return (rows[0][0], from_datetime(rows[0][1])) if rows else ("", 0)
