"""Plans as versions, like rules and scenes; the three kinds of documents have the same columns from here on."""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0019"
down_revision = "0018"

_REALM = """
ALTER TABLE rule ADD COLUMN gone boolean NOT NULL DEFAULT false

ALTER TABLE scene ADD COLUMN enabled boolean NOT NULL DEFAULT true

CREATE TABLE plan (
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,63}$'),
    version int NOT NULL CHECK (version > 0),
    form jsonb NOT NULL,
    enabled boolean NOT NULL,
    gone boolean NOT NULL,
    origin text NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    author text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (name, version)
)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON plan FOR EACH ROW EXECUTE FUNCTION center.only_appended()

CREATE TABLE plan_version (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    version bigint NOT NULL
)

INSERT INTO plan_version (version) VALUES (0)
"""


def upgrade() -> None:
    """Bring the schema to this version."""
    for _ in each_realm():
        run(_REALM)
