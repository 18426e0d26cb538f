"""The audit: one chain for the whole center, its end, and the checkpoints under which old rows may go.

The triggers keep mistakes away, of people and of programs. Who owns the table can disable them; what such a one does
is found by verification, against the heads that lie outside (docs/audit.md). They fire always, so that the role of a
replica is no way around them.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import run

revision = "0004"
down_revision = "0003"

_TABLES = """
CREATE TABLE center.audit (
    seq bigint PRIMARY KEY CHECK (seq > 0),
    form smallint NOT NULL,
    time timestamptz NOT NULL,
    actor text NOT NULL,
    session text NOT NULL,
    address text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
    detail jsonb NOT NULL,
    realm text NOT NULL,
    previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
    hash bytea NOT NULL CHECK (length(hash) = 32)
)

CREATE INDEX audit_actor ON center.audit (actor, seq)

CREATE INDEX audit_action ON center.audit (action text_pattern_ops, seq)

CREATE INDEX audit_time ON center.audit (time)

CREATE TABLE center.audit_end (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    seq bigint NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32)
) WITH (fillfactor = 10)

INSERT INTO center.audit_end (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'))

CREATE TABLE center.audit_checkpoint (
    seq bigint PRIMARY KEY,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    made timestamptz NOT NULL,
    made_by text NOT NULL,
    signature bytea NOT NULL
)
"""

# Half a year is what the Cybersecurity Law (article 21) asks for at least; the database itself refuses less.
_RULES = """
CREATE FUNCTION center.audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only ever appended to: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$

CREATE FUNCTION center.audit_goes_when_archived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.time < now() - interval '6 months'
       AND EXISTS (SELECT FROM center.audit_checkpoint c WHERE c.seq >= OLD.seq) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'row % of the audit is younger than six months or no checkpoint stands over it', OLD.seq
        USING ERRCODE = 'restrict_violation';
END $$

CREATE FUNCTION center.audit_checkpoint_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM center.audit a WHERE a.seq = NEW.seq AND a.hash = NEW.hash) THEN
        RAISE EXCEPTION 'no row % with that hash', NEW.seq USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT FROM center.audit a WHERE a.seq <= NEW.seq AND a.time >= now() - interval '6 months') THEN
        RAISE EXCEPTION 'rows up to % are younger than six months', NEW.seq USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$

CREATE FUNCTION center.audit_end_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <= OLD.seq THEN
        RAISE EXCEPTION 'the end of the audit never moves back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

_TRIGGERS = (
    ("audit", "changed", "BEFORE UPDATE OR TRUNCATE", "STATEMENT", "audit_refuses"),
    ("audit", "deleted", "BEFORE DELETE", "ROW", "audit_goes_when_archived"),
    ("audit_end", "lost", "BEFORE DELETE OR TRUNCATE", "STATEMENT", "audit_refuses"),
    ("audit_end", "moved", "BEFORE UPDATE", "ROW", "audit_end_moves_on"),
    ("audit_checkpoint", "changed", "BEFORE UPDATE OR DELETE OR TRUNCATE", "STATEMENT", "audit_refuses"),
    ("audit_checkpoint", "made", "BEFORE INSERT", "ROW", "audit_checkpoint_holds"),
)


def upgrade() -> None:
    """Make the tables and what guards them."""
    run(_TABLES)
    run(_RULES)
    for table, name, when, each, does in _TRIGGERS:
        run(f"CREATE TRIGGER {name} {when} ON center.{table} FOR EACH {each} EXECUTE FUNCTION center.{does}()")
        run(f"ALTER TABLE center.{table} ENABLE ALWAYS TRIGGER {name}")
