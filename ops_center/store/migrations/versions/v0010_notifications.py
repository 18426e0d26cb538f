"""What is sent out of the center: routes as versions, the journal of notifications, public warnings.

A notification is one row from the moment in which it is wanted until long after it was sent; ``due_us`` is when it has
to be looked at next, and of one that is being sent when it is taken to have been interrupted. Times are µs since the
epoch, 0 where it never happened. ``key`` makes it there once, whatever happens to who writes it.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0010"
down_revision = "0009"

_REALM = """
CREATE TABLE notification_route (
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,99}$'),
    version int NOT NULL CHECK (version > 0),
    form jsonb NOT NULL,
    author text NOT NULL,
    at_us bigint NOT NULL,
    PRIMARY KEY (name, version)
)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON notification_route
    FOR EACH ROW EXECUTE FUNCTION center.only_appended()

CREATE TABLE notification_end (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    seq bigint NOT NULL
) WITH (fillfactor = 10)

INSERT INTO notification_end (seq) VALUES (0)

CREATE TABLE notification (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,
    route text NOT NULL,
    route_version int NOT NULL,
    channel text NOT NULL,
    target text NOT NULL,
    alarm bigint NOT NULL,
    act text NOT NULL,
    number int NOT NULL,
    content jsonb NOT NULL,
    department text NOT NULL,
    district text NOT NULL,
    made_us bigint NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sending', 'held', 'sent', 'digested', 'void', 'dead')),
    due_us bigint NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    outcome text NOT NULL DEFAULT '',
    finished_us bigint NOT NULL DEFAULT 0,
    digest bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70)

CREATE INDEX notification_due ON notification (due_us) WHERE state IN ('waiting', 'sending', 'held')

CREATE INDEX notification_told ON notification (route, target, finished_us) WHERE state = 'sent'

CREATE INDEX notification_held ON notification (route, target) WHERE state = 'held'

CREATE INDEX notification_alarm ON notification (alarm, id)

CREATE INDEX notification_dead ON notification (id) WHERE state = 'dead'

CREATE TABLE notification_attempt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notification bigint NOT NULL REFERENCES notification (id),
    number int NOT NULL,
    at_us bigint NOT NULL,
    outcome text NOT NULL,
    detail text NOT NULL
)

CREATE INDEX notification_attempt_of ON notification_attempt (notification, id)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON notification_attempt
    FOR EACH ROW EXECUTE FUNCTION center.only_appended()

CREATE TABLE public_warning (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    identifier text NOT NULL UNIQUE,
    first text NOT NULL,
    number int NOT NULL,
    msg_type text NOT NULL CHECK (msg_type IN ('Alert', 'Update', 'Cancel')),
    alarm bigint NOT NULL,
    department text NOT NULL,
    district text NOT NULL,
    sender text NOT NULL,
    sent_us bigint NOT NULL,
    author text NOT NULL,
    note text NOT NULL,
    draft jsonb NOT NULL,
    message text NOT NULL,
    UNIQUE (first, number)
)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON public_warning
    FOR EACH ROW EXECUTE FUNCTION center.only_appended()
"""


def upgrade() -> None:
    """Make the tables of every realm."""
    for _ in each_realm():
        run(_REALM)
