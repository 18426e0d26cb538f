"""Accounts with what they may and what they prove themselves with, sessions, tokens, attempts to sign in.

All in ``center``: a person is the same in every realm. There is no secret in them that opens anything: passwords are
argon2id hashes, sessions and tokens SHA-256 digests of random secrets, one-time secrets are encrypted with a key that
is not in the database.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import run

revision = "0005"
down_revision = "0004"

_PEOPLE = """
CREATE TABLE center.account (
    key int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 100),
    origin text NOT NULL CHECK (origin IN ('local', 'oidc', 'demo')),
    language text NOT NULL CHECK (language IN ('zh', 'en')),
    issuer text,
    subject text,
    created timestamptz NOT NULL,
    disabled timestamptz,
    version int NOT NULL DEFAULT 1,
    CHECK ((issuer IS NULL) = (subject IS NULL)),
    UNIQUE (issuer, subject)
)

CREATE TABLE center.account_grant (
    account int NOT NULL REFERENCES center.account (key),
    role text NOT NULL,
    department text NOT NULL CHECK (department <> ''),
    district text NOT NULL CHECK (district <> ''),
    PRIMARY KEY (account, role, department, district)
)

CREATE TABLE center.credential (
    account int PRIMARY KEY REFERENCES center.account (key),
    password_hash text,
    must_change_password boolean NOT NULL,
    password_expires timestamptz,
    totp_secret bytea,
    totp_last_step bigint NOT NULL,
    recovery_digests bytea[] NOT NULL
)

CREATE TABLE center.token (
    key int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    account int NOT NULL REFERENCES center.account (key),
    kind text NOT NULL CHECK (kind IN ('display', 'api')),
    label text NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
    created timestamptz NOT NULL,
    created_by text NOT NULL,
    expires timestamptz,
    revoked timestamptz,
    used timestamptz
)

CREATE TABLE center.session (
    id text PRIMARY KEY,
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    account int NOT NULL REFERENCES center.account (key),
    kind text NOT NULL CHECK (kind IN ('person', 'display')),
    token int REFERENCES center.token (key),
    started timestamptz NOT NULL,
    seen timestamptz NOT NULL,
    idle_ends timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    ended timestamptz,
    reason text,
    address text NOT NULL,
    agent text NOT NULL,
    CHECK ((ended IS NULL) = (reason IS NULL))
)

CREATE INDEX session_of_account ON center.session (account) WHERE ended IS NULL

CREATE INDEX session_ended ON center.session (ended) WHERE ended IS NOT NULL

CREATE TABLE center.sign_in_attempt (
    subject text PRIMARY KEY,
    failures int NOT NULL,
    last timestamptz NOT NULL,
    until timestamptz NOT NULL
) WITH (fillfactor = 50)

CREATE INDEX sign_in_attempt_last ON center.sign_in_attempt (last)
"""


def upgrade() -> None:
    """Make the tables."""
    run(_PEOPLE)
