"""What was replaced afterwards: results by later results, things in the catalog by what was done to them.

Called by ``history`` and ``catalog``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ops_center.domain.time import from_datetime, to_datetime
from ops_center.store.port import CatalogAct, Revision
from ops_center.store.session import Connection

_REVISIONS = """
SELECT phenomenon_time, result, quality, replaced FROM observation_revision
WHERE datastream_id = %(datastream)s AND phenomenon_time >= %(start)s AND phenomenon_time < %(end)s
ORDER BY phenomenon_time DESC, result_time DESC LIMIT %(limit)s
"""
_LIFE = """
SELECT at, origin, action, detail FROM catalog_log WHERE thing = %(thing)s
UNION ALL
SELECT registered, origin, 'registered', '{}'::jsonb FROM thing WHERE key = %(thing)s
ORDER BY at DESC LIMIT %(limit)s
"""


def revisions(connection: Connection, datastream: int, span_us: tuple[int, int], limit: int) -> Sequence[Revision]:
    """Return what was corrected of a span of one datastream, newest first."""
    start, end = map(to_datetime, span_us)
    given = {"datastream": datastream, "start": start, "end": end, "limit": limit}
    rows: list[Any] = connection.execute(_REVISIONS, given).fetchall()
    return [Revision(from_datetime(at), was, quality, from_datetime(replaced)) for at, was, quality, replaced in rows]


def life_of(connection: Connection, thing: int, limit: int) -> Sequence[CatalogAct]:
    """Return what was done to a thing, newest first."""
    rows: list[Any] = connection.execute(_LIFE, {"thing": thing, "limit": limit}).fetchall()
    return [CatalogAct(from_datetime(at), origin, action, detail) for at, origin, action, detail in rows]
