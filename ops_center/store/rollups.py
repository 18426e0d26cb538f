"""Rollups where the server has no continuous aggregates: our own job keeps the same tables.

Every commit of observations notes the minutes it touched (``rollup_dirty``). A pass takes the notes of buckets that
have ended, makes those buckets anew from the level below, and notes the buckets above; all in one transaction, so that
a pass that dies has done nothing. Late data and corrections are nothing special: their minutes are noted as well.
Where continuous aggregates exist the server keeps the notes, and the pass only tells it how far to go.
Called by ``upkeep``, which sees to it that one pass runs at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from ops_center.domain.time import to_datetime
from ops_center.store.resolutions import WIDTH_US, Rollup
from ops_center.store.session import Connection, Session

_GRACE_US = 5_000_000
"""a bucket is made this long after its end, so that most of what is on the way is in it at the first time"""

_BELOW: dict[Rollup, str] = {"1m": "raw", "15m": "1m", "1h": "15m", "1d": "1h"}
_ABOVE: dict[Rollup, Rollup] = {"1m": "15m", "15m": "1h", "1h": "1d"}

# Notes are rows without a key: writers never wait for each other over them. The newest are taken first. What retention
# has dropped below is not made again from the little that came later.
_TAKE = """
WITH taken AS (
    DELETE FROM rollup_dirty WHERE ctid IN (
        SELECT ctid FROM rollup_dirty WHERE resolution = %(resolution)s AND bucket <= %(last)s
        ORDER BY bucket DESC LIMIT %(limit)s
    ) RETURNING bucket
)
SELECT bucket, bucket >= coalesce((SELECT dropped_before FROM rollup_horizon WHERE resolution = %(below)s), '-infinity')
FROM taken
"""
_NOTES_AT_A_TIME = 20_000

_NOTE_ABOVE = """
INSERT INTO rollup_dirty (resolution, bucket)
SELECT DISTINCT %(above)s, date_bin(%(width)s, bucket, 'epoch') FROM unnest(%(buckets)s::timestamptz[]) AS bucket
"""

_RUN_BUCKETS = 60
"""buckets to a statement: bounds its memory and its time after a long absence"""

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('ops-center rollups'), hashtext(current_schema()))"

_SESSION_LOCK = "SELECT pg_try_advisory_lock(hashtext('ops-center rollups'), hashtext(current_schema()))"
_SESSION_UNLOCK = "SELECT pg_advisory_unlock(hashtext('ops-center rollups'), hashtext(current_schema()))"
_HORIZON = "SELECT dropped_before FROM rollup_horizon WHERE resolution = %s"
_REFRESH = "CALL refresh_continuous_aggregate(%s::regclass, %s::timestamptz, %s::timestamptz)"


def _make(resolution: Rollup) -> bytes:
    below = "observation" if resolution == "1m" else f"observation_{_BELOW[resolution]}_live"
    time = "phenomenon_time" if resolution == "1m" else "bucket"
    values = "avg(result), min(result), max(result), count(*), bit_or(quality)"
    if resolution != "1m":
        values = "sum(mean * n) / sum(n), min(low), max(high), sum(n)::bigint, bit_or(quality)"
    statement = f"""
        INSERT INTO observation_{resolution}_live AS r (datastream_id, bucket, mean, low, high, n, quality)
        SELECT datastream_id, date_bin(%(width)s, {time}, 'epoch'), {values}
        FROM {below} WHERE {time} >= %(first)s AND {time} < %(end)s
        GROUP BY 1, 2
        ON CONFLICT (datastream_id, bucket) DO UPDATE
        SET mean = excluded.mean, low = excluded.low, high = excluded.high, n = excluded.n, quality = excluded.quality
        WHERE (r.mean, r.low, r.high, r.n, r.quality) IS DISTINCT FROM
              (excluded.mean, excluded.low, excluded.high, excluded.n, excluded.quality)
    """  # noqa: S608 - made of constants
    return statement.encode()


_MAKE = {resolution: _make(resolution) for resolution in WIDTH_US}


def refresh_tables(session: Session, now_us: int) -> int:
    """Make the buckets that are due, level by level; return how many. 0 also while another process does it."""
    made = 0
    for resolution in WIDTH_US:
        while True:
            taken, buckets = session.run(lambda connection, r=resolution: _pass(connection, r, now_us))  # type: ignore[misc]
            made += buckets
            if taken < _NOTES_AT_A_TIME:
                break
    return made


def _pass(connection: Connection, resolution: Rollup, now_us: int) -> tuple[int, int]:
    """Make up to a pass's worth of buckets of one level; return how many notes were taken and buckets made."""
    locked = connection.execute(_LOCK).fetchone()
    if locked is None or not locked[0]:
        return 0, 0
    width = timedelta(microseconds=WIDTH_US[resolution])
    values = {
        "resolution": resolution,
        "below": _BELOW[resolution],
        "last": to_datetime(now_us - _GRACE_US) - width,
        "limit": _NOTES_AT_A_TIME,
    }
    notes = connection.execute(_TAKE, values).fetchall()
    buckets = sorted({bucket for bucket, whole in notes if whole and isinstance(bucket, datetime)})
    for first, last in _runs(buckets, width):
        connection.execute(_MAKE[resolution], {"width": width, "first": first, "end": last + width})
    if buckets and resolution in _ABOVE:
        above = _ABOVE[resolution]
        width_above = timedelta(microseconds=WIDTH_US[above])
        connection.execute(_NOTE_ABOVE, {"above": above, "width": width_above, "buckets": buckets})
    return len(notes), len(buckets)


def _runs(buckets: list[datetime], width: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Yield first and last of runs of neighbours: one late observation must not read all that lies between."""
    if not buckets:
        return
    first, length = buckets[0], 1
    for before, bucket in pairwise(buckets):
        if bucket - before != width or length == _RUN_BUCKETS:
            yield first, before
            first, length = bucket, 0
        length += 1
    yield first, buckets[-1]


def refresh_aggregates(session: Session, now_us: int) -> int:
    """Tell the server to bring its continuous aggregates up to the last buckets that have ended; return 0.

    It knows by itself what changed. What retention has dropped is left alone: made anew it would be gone.
    """
    session.run_outside(lambda connection: _refresh_all(connection, now_us))
    return 0


def _refresh_all(connection: Connection, now_us: int) -> None:
    """Refresh level by level. The procedure commits by itself, so the lock is the session's, not a transaction's."""
    locked = connection.execute(_SESSION_LOCK).fetchone()
    if locked is None or not locked[0]:
        return
    try:
        for resolution, width_us in WIDTH_US.items():
            end = to_datetime((now_us - _GRACE_US) // width_us * width_us)
            row = connection.execute(_HORIZON, (_BELOW[resolution],)).fetchone()
            connection.execute(_REFRESH, (f"observation_{resolution}_live", row and row[0], end))
    finally:
        if not connection.broken:
            connection.execute(_SESSION_UNLOCK)
