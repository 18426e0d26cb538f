"""What the server is and can do: asked of the server itself, once, by the migrations' results and its own words.

The only thing that differs between editions beside the migrations. Called by ``health`` and ``upkeep``.
"""

from __future__ import annotations

from typing import Literal

from ops_center.store.port import Capabilities
from ops_center.store.session import Connection

# relkind 'v': a continuous aggregate shows itself as a view. What was made by the migrations counts, not what could be:
# a database that came from another edition keeps its tables.
_ASK = """
SELECT current_setting('server_version'),
       (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'),
       current_setting('timescaledb.license', true),
       (SELECT relkind::text FROM pg_class WHERE oid = to_regclass('observation_1m_live'))
"""

_IS_HYPERTABLE = """
SELECT count(*) FROM timescaledb_information.hypertables
WHERE hypertable_schema = current_schema() AND hypertable_name = 'observation'
"""


def ask(connection: Connection) -> Capabilities:
    """Return the server's capabilities."""
    row = connection.execute(_ASK).fetchone() or ("", None, None, None)
    version, timescaledb, license_, rollup_kind = (None if value is None else str(value) for value in row)
    community = timescaledb is not None and license_ == "timescale"
    hypertables = timescaledb is not None and _has_hypertables(connection)
    return Capabilities(
        edition=_edition(timescaledb, community),
        server_version=(version or "").split(" ")[0],
        timescaledb_version=timescaledb,
        hypertables=hypertables,
        continuous_aggregates=community and rollup_kind == "v",
        compression=community and hypertables,
    )


def _has_hypertables(connection: Connection) -> bool:
    row = connection.execute(_IS_HYPERTABLE).fetchone()
    return row is not None and row[0] == 1


def _edition(
    timescaledb: str | None, community: bool
) -> Literal["timescaledb-community", "timescaledb-apache", "postgresql"]:
    if timescaledb is None:
        return "postgresql"
    return "timescaledb-community" if community else "timescaledb-apache"
