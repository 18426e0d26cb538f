"""Situation reports that were issued: numbered by incident, never changed, their content under its hash."""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0020"
down_revision = "0019"

_REALM = """
CREATE TABLE incident_report_content (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    content bytea NOT NULL
)

CREATE TABLE incident_report (
    incident bigint NOT NULL,
    number int NOT NULL CHECK (number > 0),
    hash bytea NOT NULL REFERENCES incident_report_content,
    author text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (incident, number)
)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON incident_report
    FOR EACH ROW EXECUTE FUNCTION center.only_appended()

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON incident_report_content
    FOR EACH ROW EXECUTE FUNCTION center.only_appended()
"""


def upgrade() -> None:
    """Bring the schema to this version."""
    for _ in each_realm():
        run(_REALM)
