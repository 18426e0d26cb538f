"""Who has read which notification on the pages; and what is told or old is found by when it was finished."""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0014"
down_revision = "0013"

_REALM = """
CREATE TABLE notification_read (
    notification bigint NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    account text NOT NULL,
    at_us bigint NOT NULL,
    PRIMARY KEY (notification, account)
)

CREATE INDEX notification_read_at ON notification_read (at_us)

CREATE INDEX notification_pages ON notification (finished_us) WHERE channel = 'browser' AND state = 'sent'

CREATE INDEX notification_finished ON notification (finished_us) WHERE finished_us > 0

DROP TRIGGER changed ON notification_attempt

CREATE FUNCTION attempt_refuses() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM notification WHERE id = OLD.notification) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'notification_attempt is only ever appended to: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$

ALTER TABLE notification_attempt DROP CONSTRAINT notification_attempt_notification_fkey

ALTER TABLE notification_attempt ADD CONSTRAINT notification_attempt_notification_fkey
    FOREIGN KEY (notification) REFERENCES notification (id) ON DELETE CASCADE

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON notification_attempt
    FOR EACH ROW EXECUTE FUNCTION attempt_refuses()
"""


def upgrade() -> None:
    """Make the table and the indexes; an attempt goes with its notification, and never before."""
    for _ in each_realm():
        run(_REALM)
