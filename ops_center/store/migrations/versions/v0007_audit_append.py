"""Appending to the audit in one step of the server, so that the end of the chain is held for no way back and forth.

The client sends the canonical bytes of each row but for what only the chain knows: its number before them, the realm
and the hash of the row before behind them. Form 1 of a row, as ``ops_center.domain.audit_form`` describes it.
"""

from __future__ import annotations

from ops_center.store.migrations.helpers import run

revision = "0007"
down_revision = "0006"

_APPEND = """
CREATE FUNCTION center.audit_append(
    said text[], times timestamptz[], actors text[], sessions text[], addresses text[], actions text[],
    subjects text[], outcomes text[], details text[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    realm text := substr(current_schema(), length('realm_') + 1);
    last center.audit_end;
    before bytea;
    entry record;
BEGIN
    SELECT * INTO last FROM center.audit_end FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the audit has lost its end: see docs/audit.md, run `run.py audit verify`';
    END IF;
    FOR entry IN
        SELECT * FROM unnest(said, times, actors, sessions, addresses, actions, subjects, outcomes, details)
            AS e (said, time, actor, session, address, action, subject, outcome, detail)
    LOOP
        before := last.hash;
        last.seq := last.seq + 1;
        last.hash := sha256(convert_to(
            '["ops-center audit",1,' || last.seq || entry.said || ',' || to_json(realm) || ',"' || encode(before, 'hex')
            || '"]', 'UTF8'));
        INSERT INTO center.audit (seq, form, time, actor, session, address, action, subject, outcome, detail, realm,
                                  previous_hash, hash)
        VALUES (last.seq, 1, entry.time, entry.actor, entry.session, entry.address, entry.action, entry.subject,
                entry.outcome, entry.detail::jsonb, realm, before, last.hash);
    END LOOP;
    UPDATE center.audit_end SET seq = last.seq, hash = last.hash;
    RETURN last.seq;
END $$
"""


def upgrade() -> None:
    """Make the function."""
    run(_APPEND)
