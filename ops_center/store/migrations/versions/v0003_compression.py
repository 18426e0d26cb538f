"""Compression, where the edition has it: what is a week old becomes columns, an eighth of the size.

Late rows still find their way into compressed chunks; they cost more there, and a week is later than most of them.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, is_community, run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Switch it on and let the server's own policy do it."""
    if not is_community():
        return
    for _ in each_realm():
        for table, key in (("observation", "datastream_id"), ("position", "thing_id")):
            run(
                f"ALTER TABLE {table} SET (timescaledb.compress, timescaledb.compress_segmentby = '{key}', "
                "timescaledb.compress_orderby = 'phenomenon_time')"
            )
            run(f"SELECT add_compression_policy('{table}', compress_after => interval '7 days')")
