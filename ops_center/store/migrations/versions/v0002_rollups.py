"""Rollups by minute, quarter hour, hour and day, each made from the one below, and the door for history.

``observation_<r>_live`` is a continuous aggregate on the community edition and elsewhere a table that
``ops_center.store.rollups`` refreshes; ``rollup_backfill_15m`` and ``_1h`` hold history. ``observation_<r>`` is a
view that reads both as one: where both have a bucket the live one counts. A bucket appears when it has ended.
The mean of a bucket is the mean of its observations, not of its parts.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, hypertable, is_community, run

revision = "0002"
down_revision = "0001"

_LEVELS = (("1m", "1 minute", "7 days"), ("15m", "15 minutes", "30 days"), ("1h", "1 hour", "180 days"))
_DAY = ("1d", "1 day", "3650 days")

_COLUMNS = """
    datastream_id int NOT NULL,
    bucket timestamptz NOT NULL,
    mean float8 NOT NULL,
    low float8 NOT NULL,
    high float8 NOT NULL,
    n bigint NOT NULL,
    quality smallint NOT NULL
"""
_MERGED = "sum(mean * n) / sum(n) AS mean, min(low) AS low, max(high) AS high, sum(n)::bigint AS n, "
_MERGED += "bit_or(quality) AS quality"

_DIRTY = """
CREATE TABLE rollup_dirty (
    resolution text NOT NULL,
    bucket timestamptz NOT NULL
)

CREATE TABLE rollup_horizon (
    resolution text PRIMARY KEY,
    dropped_before timestamptz NOT NULL
)
"""


def upgrade() -> None:
    """Make the rollups of every realm."""
    for _ in each_realm():
        run(_DIRTY)
        for resolution, chunk in (("15m", "30 days"), ("1h", "180 days")):
            _table(f"rollup_backfill_{resolution}", chunk)
        source = "observation"
        for resolution, width, chunk in (*_LEVELS, _DAY):
            table = f"observation_{resolution}_live"
            if is_community():
                _aggregate(table, source, width)
            else:
                _table(table, chunk)
            source = table
            _view(resolution)


def _table(name: str, chunk: str) -> None:
    run(f"CREATE TABLE {name} ({_COLUMNS})")
    hypertable(name, "bucket", chunk)
    run(f"CREATE UNIQUE INDEX {name}_key ON {name} (datastream_id, bucket)")
    run(f"CREATE INDEX {name}_time ON {name} USING brin (bucket) WITH (autosummarize = on)")


def _aggregate(name: str, source: str, width: str) -> None:
    """One continuous aggregate; nothing is computed on reading, so that both kinds show the same buckets."""
    raw = source == "observation"
    time = "phenomenon_time" if raw else "bucket"
    values = "avg(result) AS mean, min(result) AS low, max(result) AS high, count(*) AS n, bit_or(quality) AS quality"
    run(
        f"CREATE MATERIALIZED VIEW {name} WITH (timescaledb.continuous, timescaledb.materialized_only = true) AS "
        f"SELECT datastream_id, time_bucket(interval '{width}', {time}) AS bucket, {values if raw else _MERGED} "
        f"FROM {source} GROUP BY 1, 2 WITH NO DATA"
    )


def _view(resolution: str) -> None:
    live = f"SELECT datastream_id, bucket, mean, low, high, n, quality FROM observation_{resolution}_live"
    if resolution == "1m":
        run(f"CREATE VIEW observation_1m AS {live}")
        return
    source = "15m" if resolution == "15m" else "1h"
    absent = (
        f"NOT EXISTS (SELECT FROM observation_{source}_live l "
        "WHERE l.datastream_id = b.datastream_id AND l.bucket = b.bucket)"
    )
    backfill = f"FROM rollup_backfill_{source} b WHERE {absent}"
    if resolution != "1d":
        run(
            f"CREATE VIEW observation_{resolution} AS {live} UNION ALL "
            f"SELECT datastream_id, bucket, mean, low, high, n, quality {backfill}"
        )
        return
    # A day may be half history and half live: its parts are merged, each hour counted once.
    day = "date_trunc('day', bucket, 'UTC')"
    run(
        f"CREATE VIEW observation_1d AS SELECT datastream_id, bucket, {_MERGED} FROM ({live} UNION ALL "
        f"SELECT datastream_id, {day}, mean, low, high, n, quality {backfill}) parts GROUP BY datastream_id, bucket"
    )
