"""Statistics that people type in or import: versions, never changed."""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0016"
down_revision = "0015"

_REALM = """
CREATE TABLE statistic (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    district text NOT NULL,
    period text NOT NULL,
    ended_us bigint NOT NULL,
    value float8 NOT NULL,
    version int NOT NULL,
    source text NOT NULL,
    account text NOT NULL,
    at_us bigint NOT NULL,
    UNIQUE (name, district, period, version)
)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON statistic
    FOR EACH ROW EXECUTE FUNCTION center.only_appended()
"""


def upgrade() -> None:
    """Make the table of every realm."""
    for _ in each_realm():
        run(_REALM)
