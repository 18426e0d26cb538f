"""Alarms of each realm: the alarm as it is, its journal, the outbox of changes, the state of the book's one writer.

``alarm`` has the fields of ``alerts.alarm.Alarm`` as they are called there, times in µs since the epoch, 0 where it
never happened. ``alarm_end`` is one row that everybody who changes alarms locks first: so changes have one order, the
numbers of the outbox are the order of commits without a gap, and nobody can lock alarms in a crossed order.

What is written down once for the whole center lies in ``center``: files by the hash of their bytes, saved views.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import each_realm, run

revision = "0009"
down_revision = "0008"

_CENTER = """
CREATE TABLE center.attachment (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    kind text NOT NULL,
    size int NOT NULL CHECK (size = length(bytes)),
    bytes bytea NOT NULL,
    added timestamptz NOT NULL DEFAULT now(),
    added_by text NOT NULL
)

ALTER TABLE center.attachment ALTER COLUMN bytes SET STORAGE EXTERNAL

CREATE TABLE center.saved_view (
    account text NOT NULL,
    page text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    view jsonb NOT NULL,
    saved timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, page, name)
)

CREATE FUNCTION center.journal_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a journal is only ever appended to: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

_REALM = """
CREATE TABLE alarm (
    id bigint PRIMARY KEY CHECK (id > 0),
    rule text NOT NULL,
    rule_version int NOT NULL,
    subject_kind smallint NOT NULL,
    subject bigint NOT NULL,
    state text NOT NULL,
    findings jsonb NOT NULL,
    priority smallint NOT NULL,
    level smallint NOT NULL,
    value float8 NOT NULL,
    "limit" float8 NOT NULL,
    raised_us bigint NOT NULL,
    changed_us bigint NOT NULL,
    returned_us bigint NOT NULL,
    acknowledged_us bigint NOT NULL,
    waiting_us bigint NOT NULL,
    closed_us bigint NOT NULL,
    times int NOT NULL,
    longitude float8,
    latitude float8,
    thing int NOT NULL,
    department text NOT NULL,
    district text NOT NULL,
    aside text NOT NULL,
    aside_until_us bigint NOT NULL,
    aside_reason text NOT NULL,
    aside_by text NOT NULL,
    parent bigint NOT NULL,
    explained_by text NOT NULL,
    assigned_department text NOT NULL,
    assigned_person text NOT NULL,
    acknowledged_by text NOT NULL,
    escalated int NOT NULL,
    chattering boolean NOT NULL
) WITH (fillfactor = 70)

CREATE INDEX alarm_open ON alarm (id) WHERE state <> 'normal'

CREATE INDEX alarm_rule ON alarm (rule, id)

CREATE INDEX alarm_thing ON alarm (thing, id) WHERE thing >= 0

CREATE INDEX alarm_parent ON alarm (parent) WHERE parent > 0

CREATE INDEX alarm_raised ON alarm (raised_us, id)

CREATE TABLE alarm_journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alarm bigint NOT NULL REFERENCES alarm (id),
    at timestamptz NOT NULL,
    recorded timestamptz NOT NULL DEFAULT clock_timestamp(),
    act text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    state_before text NOT NULL,
    state_after text NOT NULL,
    rule_version int NOT NULL,
    detail jsonb NOT NULL
)

CREATE INDEX alarm_journal_alarm ON alarm_journal (alarm, id)

CREATE INDEX alarm_journal_at ON alarm_journal (at)

CREATE INDEX alarm_journal_actor ON alarm_journal (actor, id) WHERE actor <> ''

CREATE TRIGGER changed BEFORE UPDATE OR DELETE OR TRUNCATE ON alarm_journal
    FOR EACH STATEMENT EXECUTE FUNCTION center.journal_refuses()

ALTER TABLE alarm_journal ENABLE ALWAYS TRIGGER changed

CREATE TABLE alarm_change (
    seq bigint PRIMARY KEY,
    alarm bigint NOT NULL REFERENCES alarm (id),
    acts text[] NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
)

CREATE TABLE alarm_end (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    seq bigint NOT NULL,
    last_alarm bigint NOT NULL
) WITH (fillfactor = 10)

INSERT INTO alarm_end (seq, last_alarm) VALUES (0, 0)

CREATE TABLE alarm_book (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    writer bigint NOT NULL,
    stage_two bytea,
    memory bytea,
    at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50)

INSERT INTO alarm_book (writer) VALUES (0)

CREATE TABLE hand_over (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    since timestamptz NOT NULL,
    from_account text NOT NULL,
    to_account text NOT NULL,
    department text NOT NULL,
    district text NOT NULL,
    text_zh text NOT NULL,
    text_en text NOT NULL,
    remark text NOT NULL,
    figures jsonb NOT NULL
)

CREATE INDEX hand_over_at ON hand_over (at)

CREATE TRIGGER changed BEFORE UPDATE OR DELETE OR TRUNCATE ON hand_over
    FOR EACH STATEMENT EXECUTE FUNCTION center.journal_refuses()

ALTER TABLE hand_over ENABLE ALWAYS TRIGGER changed
"""


def upgrade() -> None:
    """Make the tables."""
    run(_CENTER)
    for _ in each_realm():
        run(_REALM)
