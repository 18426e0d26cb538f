"""What hangs on the walls: one row for each wall, the history of what was decided, and which displays are on.

``seq`` counts decisions and is compared before it is set; ``view_seq`` counts where a map that follows a hand went,
which is written over and has no history. Times are µs since the epoch.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0012"
down_revision = "0011"

_REALM = """
CREATE TABLE wall (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{0,31}$'),
    seq bigint NOT NULL,
    state jsonb NOT NULL,
    view_seq bigint NOT NULL DEFAULT 0,
    view jsonb,
    view_by text NOT NULL DEFAULT '',
    view_us bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 30)

CREATE TABLE wall_change (
    wall text NOT NULL REFERENCES wall (name),
    seq bigint NOT NULL,
    act text NOT NULL,
    author text NOT NULL,
    at_us bigint NOT NULL,
    state jsonb NOT NULL,
    PRIMARY KEY (wall, seq)
)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON wall_change
    FOR EACH ROW EXECUTE FUNCTION center.only_appended()

CREATE TABLE wall_display (
    wall text NOT NULL,
    display int NOT NULL CHECK (display >= 0),
    page text NOT NULL CHECK (length(page) BETWEEN 1 AND 64),
    account text NOT NULL,
    seen_us bigint NOT NULL,
    shows jsonb NOT NULL,
    PRIMARY KEY (wall, display, page)
) WITH (fillfactor = 50)
"""


def upgrade() -> None:
    """Make the tables of every realm."""
    for _ in each_realm():
        run(_REALM)
