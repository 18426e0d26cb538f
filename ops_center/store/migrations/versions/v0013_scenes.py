"""Scenes of the wall as versions: only ever added, a deleted one too is a version that says so."""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0013"
down_revision = "0012"

_REALM = """
CREATE TABLE scene (
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,59}$'),
    version int NOT NULL CHECK (version > 0),
    form jsonb NOT NULL,
    gone boolean NOT NULL,
    origin text NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    author text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (name, version)
)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON scene FOR EACH ROW EXECUTE FUNCTION center.only_appended()

CREATE TABLE scene_version (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    version bigint NOT NULL
)

INSERT INTO scene_version (version) VALUES (0)
"""


def upgrade() -> None:
    """Bring the schema to this version."""
    for _ in each_realm():
        run(_REALM)
