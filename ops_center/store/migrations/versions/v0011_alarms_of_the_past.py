"""What was open at a moment of the past is found by what closed after it."""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the index."""
    for _ in each_realm():
        run("CREATE INDEX alarm_closed ON alarm (closed_us) WHERE state = 'normal'")
