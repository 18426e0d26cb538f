"""Which crew holds which unit, and up to which line of the activity log people were told of incidents."""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0018"
down_revision = "0017"

_REALM = """
CREATE TABLE unit_sign_on (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit text NOT NULL CHECK (unit <> ''),
    account text NOT NULL CHECK (account <> ''),
    since_us bigint NOT NULL,
    until_us bigint NOT NULL DEFAULT 0 CHECK (until_us = 0 OR until_us >= since_us),
    ended text NOT NULL DEFAULT '' CHECK ((ended = '') = (until_us = 0))
) WITH (fillfactor = 80)

CREATE UNIQUE INDEX unit_sign_on_held ON unit_sign_on (unit) WHERE until_us = 0

CREATE UNIQUE INDEX unit_sign_on_holder ON unit_sign_on (account) WHERE until_us = 0

CREATE INDEX unit_sign_on_since ON unit_sign_on (unit, since_us)

CREATE TABLE incident_told (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    seq bigint NOT NULL
) WITH (fillfactor = 10)

INSERT INTO incident_told (seq) SELECT coalesce(max(id), 0) FROM incident_log
"""


def upgrade() -> None:
    """Make the tables; what the log says already is told to nobody anew."""
    for _ in each_realm():
        run(_REALM)
