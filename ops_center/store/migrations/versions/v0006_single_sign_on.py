"""What a session owes to the city's single sign-on: the provider's name for its own session, and a hint to end it.

The hint is the identity token of the sign-in, which the provider wants back when somebody signs out there too; it is
sealed with a key that is not in the database.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import run

revision = "0006"
down_revision = "0005"

_SINGLE_SIGN_ON = """
ALTER TABLE center.session ADD COLUMN provider_sid text, ADD COLUMN provider_hint bytea

CREATE INDEX session_of_provider ON center.session (provider_sid) WHERE ended IS NULL AND provider_sid IS NOT NULL
"""


def upgrade() -> None:
    """Add the columns."""
    run(_SINGLE_SIGN_ON)
