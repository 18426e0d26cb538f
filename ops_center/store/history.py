"""The door to what was: series for charts, the newest values for a cold cache, and history's own way in.

Rows travel by binary COPY both ways: PostgreSQL writes them as fixed-width records that numpy reads in one go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args

import numpy as np
import psycopg
from numpy.typing import NDArray

from ops_center.domain.errors import StoreError
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.time import DAY_US, HOUR_US, to_datetime
from ops_center.store.backfilling import backfill
from ops_center.store.copying import FLOAT8, INT4, INT8, SMALLINT, TIMESTAMPTZ
from ops_center.store.eventing import events_since
from ops_center.store.limits import EARLIEST_US, LATEST_US
from ops_center.store.pool import SessionPool
from ops_center.store.port import Moment, Resolution, Revision, RollupRows, Series
from ops_center.store.reading import read_columns
from ops_center.store.revisions import revisions
from ops_center.store.session import Connection

_SERIES_COLUMNS = {
    "time": TIMESTAMPTZ,
    "mean": FLOAT8,
    "low": FLOAT8,
    "high": FLOAT8,
    "n": INT8,
    "quality": SMALLINT,
}
_RAW_SERIES = """
SELECT phenomenon_time, result, result, result, 1::bigint, quality FROM observation
WHERE datastream_id = {datastream} AND phenomenon_time >= {start} AND phenomenon_time < {end}
ORDER BY phenomenon_time
"""
_ROLLUP_SERIES = """
SELECT bucket, mean, low, high, n, quality FROM {view}
WHERE datastream_id = {datastream} AND bucket >= {start} AND bucket < {end} ORDER BY bucket
"""

_LATEST_COLUMNS = {
    "datastream": INT4,
    "time": TIMESTAMPTZ,
    "result": FLOAT8,
    "quality": SMALLINT,
    "result_time": TIMESTAMPTZ,
}
# One look into the index per datastream and chunk, newest chunk first, instead of reading the history.
_LATEST = """
SELECT d.key, o.phenomenon_time, o.result, o.quality, o.result_time
FROM datastream d CROSS JOIN LATERAL (
    SELECT phenomenon_time, result, quality, result_time FROM observation
    WHERE datastream_id = d.key ORDER BY phenomenon_time DESC LIMIT 1
) o
WHERE d.retired IS NULL
"""

# What was known at a moment: of an interval (an hour's mean) the last one that had ended by then. The constant bounds
# leave all chunks but one or two aside, however long the history is.
_VALUES_AT = """
SELECT d.key, o.phenomenon_time, o.result, o.quality, o.result_time
FROM datastream d CROSS JOIN LATERAL (
    SELECT phenomenon_time, result, quality, result_time FROM observation
    WHERE datastream_id = d.key AND phenomenon_time > {since} AND phenomenon_time <= {at}
      AND phenomenon_time <= {at} - make_interval(secs => CASE d.time_kind WHEN 'interval' THEN d.interval_s ELSE 0 END)
    ORDER BY phenomenon_time DESC LIMIT 1
) o
"""

_FIX_COLUMNS = {
    "thing": INT4,
    "time": TIMESTAMPTZ,
    "longitude": FLOAT8,
    "latitude": FLOAT8,
    "speed": FLOAT8,
    "heading": FLOAT8,
    "quality": SMALLINT,
}
_FIXES = """
SELECT thing_id, phenomenon_time, longitude, latitude, speed_mps, heading_deg, quality FROM position
WHERE thing_id = {thing} AND phenomenon_time >= {start} AND phenomenon_time < {end} ORDER BY phenomenon_time
"""
# Most things never move: the keys of those that do are walked along the index, instead of asking each thing.
_MOVING = """
WITH RECURSIVE moving AS (
    (SELECT thing_id FROM position ORDER BY thing_id LIMIT 1)
    UNION ALL
    SELECT (SELECT p.thing_id FROM position p WHERE p.thing_id > moving.thing_id ORDER BY p.thing_id LIMIT 1)
    FROM moving WHERE moving.thing_id IS NOT NULL
)
SELECT moving.thing_id, f.phenomenon_time, f.longitude, f.latitude, f.speed_mps, f.heading_deg, f.quality
FROM moving CROSS JOIN LATERAL (
    SELECT * FROM position p WHERE p.thing_id = moving.thing_id {bounds} ORDER BY p.phenomenon_time DESC LIMIT 1
) f
"""
_LATEST_FIXES = _MOVING.replace("{bounds}", "")
_FIXES_AT = _MOVING.replace("{bounds}", "AND p.phenomenon_time > {since} AND p.phenomenon_time <= {at}")

_VALUES_BACK_US = 2 * DAY_US
"""what was older than that at a moment is not searched for"""
_RECENT_US = HOUR_US
"""as long as live values keep events; vehicles are hidden much sooner"""


_SERIES = {
    resolution: _RAW_SERIES if resolution == "raw" else _ROLLUP_SERIES.replace("{view}", f"observation_{resolution}")
    for resolution in get_args(Resolution)
}


class PostgresHistoryStore:
    """The HistoryStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def series(self, datastream: int, start_us: int, end_us: int, resolution: Resolution) -> Series:
        """Return [start, end) of one datastream, ascending; buckets without observations are not there.

        A bucket appears when it has ended and upkeep has seen it; late data changes it afterwards.
        """
        if resolution not in _SERIES:
            raise StoreError(f"no such resolution: {resolution!r}")
        query = _SERIES[resolution]
        bounds = {"start": to_datetime(_within(start_us)), "end": to_datetime(_within(end_us))}
        found = self._pool.run(
            lambda connection: read_columns(connection, _SERIES_COLUMNS, query, datastream=datastream, **bounds)
        )
        quality = found["quality"].astype(np.uint8)
        return Series(resolution, found["time"], found["mean"], found["low"], found["high"], found["n"], quality)

    def revisions(self, datastream: int, start_us: int, end_us: int, limit: int) -> Sequence[Revision]:
        """Return what was corrected of [start, end) of one datastream, newest first."""
        span = _within(start_us), _within(end_us)
        return self._pool.run(lambda connection: revisions(connection, datastream, span, limit))

    def fixes(self, thing: int, start_us: int, end_us: int) -> PositionBatch:
        """Return the fixes of one thing in [start, end), ascending."""
        bounds = {"start": to_datetime(_within(start_us)), "end": to_datetime(_within(end_us))}
        return _fixes(
            self._pool.run(lambda connection: read_columns(connection, _FIX_COLUMNS, _FIXES, thing=thing, **bounds))
        )

    def latest(self) -> ObservationBatch:
        """Return the newest observation of every datastream in service."""
        return _values(self._pool.run(lambda connection: read_columns(connection, _LATEST_COLUMNS, _LATEST)))

    def latest_positions(self) -> PositionBatch:
        """Return the newest fix of every thing that ever sent one, while it is kept."""
        return _fixes(self._pool.run(lambda connection: read_columns(connection, _FIX_COLUMNS, _LATEST_FIXES)))

    def events_since(self, start_us: int) -> Sequence[Event]:
        """Return events from ``start_us`` on, oldest first."""
        return self._pool.run(lambda connection: events_since(connection, _within(start_us)))

    def moment(self, at_us: int) -> Moment:
        """Return what was known at ``at_us``: newest values and fixes, the events of the hour before, one snapshot."""
        at = _within(at_us)

        def since(back_us: int) -> datetime:
            return to_datetime(_within(at - back_us))

        def work(connection: Connection) -> Moment:
            now = to_datetime(at)
            values = read_columns(connection, _LATEST_COLUMNS, _VALUES_AT, since=since(_VALUES_BACK_US), at=now)
            fixes = read_columns(connection, _FIX_COLUMNS, _FIXES_AT, since=since(_RECENT_US), at=now)
            return Moment(_values(values), _fixes(fixes), tuple(events_since(connection, _within(at - _RECENT_US), at)))

        return self._pool.run(work, isolation=psycopg.IsolationLevel.REPEATABLE_READ)

    def backfill(self, resolution: Literal["15m", "1h"], rows: RollupRows) -> int:
        """Write history through its own door; repeated rows change nothing. Return how many were new.

        Parts of it are committed as it goes: after a failure the same rows may simply be given again. Raises
        StoreError for a bucket that doesn't begin where one of this resolution begins.
        """
        return backfill(self._pool, resolution, rows)


def _values(found: Mapping[str, NDArray[Any]]) -> ObservationBatch:
    return ObservationBatch(
        found["datastream"].astype(np.int32),
        found["time"],
        found["result"],
        found["quality"].astype(np.uint8),
        found["result_time"],
        int(found["result_time"].max(initial=0)),
    )


def _fixes(found: Mapping[str, NDArray[Any]]) -> PositionBatch:
    return PositionBatch(
        found["thing"].astype(np.int32),
        found["time"],
        found["longitude"],
        found["latitude"],
        found["speed"],
        found["heading"],
        found["quality"].astype(np.uint8),
        int(found["time"].max(initial=0)),
    )


def _within(us: int) -> int:
    return min(max(us, EARLIEST_US), LATEST_US)
