"""Rules as versions, and what their worker keeps: its memory, the conditions it found, and how far it is.

A condition is found in three places, each for one use: ``condition_record`` is what the book reads in order,
``condition`` is what people look for (one row a transition, once for ever: the unique key), ``condition_standing`` is
what stands now, so that a worker that takes over can see what it still has to end. All are written in one transaction
with the positions (ADR 40).
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, hypertable, run

revision = "0008"
down_revision = "0007"

_GUARD = """
CREATE FUNCTION center.only_appended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever appended to: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$
"""

_RULES = """
CREATE TABLE rule (
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,99}$'),
    version int NOT NULL CHECK (version > 0),
    form jsonb NOT NULL,
    enabled boolean NOT NULL,
    origin text NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    author text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (name, version)
)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE ON rule FOR EACH ROW EXECUTE FUNCTION center.only_appended()

CREATE TABLE rule_version (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    version bigint NOT NULL
)

INSERT INTO rule_version (version) VALUES (0)
"""

_CONDITIONS = """
CREATE TABLE rule_lane (
    partition int PRIMARY KEY,
    step bigint NOT NULL,
    seq bigint NOT NULL,
    owner text NOT NULL,
    expires timestamptz NOT NULL
) WITH (fillfactor = 50)

CREATE TABLE rule_memory (
    partition int PRIMARY KEY,
    positions jsonb NOT NULL,
    memory bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
)

ALTER TABLE rule_memory ALTER COLUMN memory SET STORAGE EXTERNAL

CREATE TABLE condition_record (
    partition int NOT NULL,
    seq bigint NOT NULL,
    record bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partition, seq)
)

CREATE TABLE condition (
    partition int NOT NULL,
    seq bigint NOT NULL,
    rule text NOT NULL,
    rule_version int NOT NULL,
    subject_kind smallint NOT NULL,
    subject bigint NOT NULL,
    channel text NOT NULL,
    level smallint NOT NULL,
    entered boolean NOT NULL,
    reason smallint NOT NULL,
    time timestamptz NOT NULL,
    onset timestamptz NOT NULL,
    value float8 NOT NULL,
    limit_value float8 NOT NULL,
    longitude float8,
    latitude float8
)

CREATE TABLE condition_standing (
    partition int NOT NULL,
    rule text NOT NULL,
    rule_version int NOT NULL,
    subject_kind smallint NOT NULL,
    subject bigint NOT NULL,
    channel text NOT NULL,
    level smallint NOT NULL,
    onset timestamptz NOT NULL,
    value float8 NOT NULL,
    limit_value float8 NOT NULL,
    PRIMARY KEY (partition, rule, subject_kind, subject, channel)
) WITH (fillfactor = 80)

CREATE TABLE worker_pulse (
    worker text NOT NULL,
    instance text NOT NULL,
    at timestamptz NOT NULL,
    lag_records bigint NOT NULL,
    lag_s float8 NOT NULL,
    PRIMARY KEY (worker, instance)
) WITH (fillfactor = 50)
"""

_KEYS = """
CREATE UNIQUE INDEX condition_key ON condition (rule, subject_kind, subject, channel, onset, entered)

CREATE INDEX condition_subject ON condition (subject_kind, subject, onset)

CREATE INDEX condition_onset ON condition (onset)

CREATE INDEX condition_said ON condition (partition, seq)
"""


def upgrade() -> None:
    """Make the tables of every realm."""
    run(_GUARD)
    for _ in each_realm():
        run(_RULES)
        run(_CONDITIONS)
        hypertable("condition", "onset", "30 days")
        run(_KEYS)
