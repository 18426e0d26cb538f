"""Incidents of each realm, their tasks, and the one log that is only ever appended to.

Bodies are the documents of ``ops_center.incidents``; the columns beside them are made of them, for searching.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0017"
down_revision = "0016"

_REALM = """
CREATE SEQUENCE incident_id

CREATE SEQUENCE incident_task_id

CREATE TABLE incident (
    id bigint PRIMARY KEY CHECK (id > 0),
    body jsonb NOT NULL,
    state text GENERATED ALWAYS AS (body->>'state') STORED NOT NULL,
    type text GENERATED ALWAYS AS (body->>'type') STORED NOT NULL,
    level int GENERATED ALWAYS AS ((body->>'level')::int) STORED NOT NULL CHECK (level BETWEEN 1 AND 4),
    district text GENERATED ALWAYS AS (body->>'district') STORED NOT NULL,
    reported_us bigint GENERATED ALWAYS AS ((body->>'reported_us')::bigint) STORED NOT NULL,
    CHECK ((body->>'id')::bigint = id)
) WITH (fillfactor = 70)

CREATE INDEX incident_live ON incident (id) WHERE state <> 'closed'

CREATE INDEX incident_reported ON incident (reported_us)

CREATE INDEX incident_alarms ON incident USING gin ((body->'alarms') jsonb_path_ops)

CREATE TABLE incident_task (
    id bigint PRIMARY KEY CHECK (id > 0),
    incident bigint NOT NULL REFERENCES incident (id),
    body jsonb NOT NULL,
    stage text GENERATED ALWAYS AS (body->>'stage') STORED NOT NULL,
    CHECK ((body->>'incident')::bigint = incident)
) WITH (fillfactor = 70)

CREATE INDEX incident_task_of ON incident_task (incident)

CREATE TABLE incident_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident bigint NOT NULL REFERENCES incident (id),
    at timestamptz NOT NULL,
    recorded timestamptz NOT NULL DEFAULT clock_timestamp(),
    act text NOT NULL,
    who text NOT NULL,
    text text NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    mentions text[] NOT NULL,
    detail jsonb NOT NULL
)

CREATE INDEX incident_log_of ON incident_log (incident, id)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE OR TRUNCATE ON incident_log
    FOR EACH STATEMENT EXECUTE FUNCTION center.journal_refuses()

ALTER TABLE incident_log ENABLE ALWAYS TRIGGER changed
"""


def upgrade() -> None:
    """Make the tables."""
    for _ in each_realm():
        run(_REALM)
