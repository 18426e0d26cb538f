"""A worker's pulse says which rule types it has set aside, since when and why."""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column."""
    for _ in each_realm():
        run("ALTER TABLE worker_pulse ADD COLUMN set_aside jsonb NOT NULL DEFAULT '[]'")
