"""What the steps share: which server they run on, and running the same SQL in every realm.

The names of the realms are written out here: a step means the same however the code changes later.
"""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

REALM_SCHEMAS = ("realm_live", "realm_drill", "realm_replay", "realm_simulated")


def each_realm() -> Iterator[str]:
    """Go through the realms; unqualified names mean the realm's schema until the next one."""
    for schema in REALM_SCHEMAS:
        op.execute(f"SET LOCAL search_path TO {schema}, center, public")
        yield schema
    op.execute("SET LOCAL search_path TO DEFAULT")


def run(statements: str) -> None:
    """Execute statements parted by blank lines."""
    for statement in statements.split("\n\n"):
        if statement.strip():
            op.execute(statement)


def has_timescaledb() -> bool:
    """Return whether the extension is installed in this database, whichever edition."""
    return _one("SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'") == "1"


def is_community() -> bool:
    """Return whether continuous aggregates and compression may be used."""
    return has_timescaledb() and _one("SELECT current_setting('timescaledb.license', true)") == "timescale"


def _one(query: str) -> str:
    from sqlalchemy import text

    return str(op.get_bind().execute(text(query)).scalar())


def hypertable(table: str, column: str, chunk: str) -> None:
    """Cut a table into chunks by time where the server can; without the index by time alone, which nobody needs."""
    if has_timescaledb():
        op.execute(
            f"SELECT create_hypertable('{table}', '{column}', chunk_time_interval => interval '{chunk}', "
            "create_default_indexes => false)"
        )
