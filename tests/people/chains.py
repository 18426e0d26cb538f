"""Chains of a few rows, and what an intruder does to them who knows everything but the center's key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ops_center.domain.audit import AuditEntry
from ops_center.domain.audit_form import AuditRow, End, hash_of, storable
from ops_center.people.audit_chain import Verification, verify
from ops_center.people.audit_heads import Head, HeadSigner
from ops_center.people.keys import Keys

T0 = 1_700_000_000_000_000
SIGNER = HeadSigner(Keys(bytes(range(32))))
STRANGER = HeadSigner(Keys(bytes(32)))


def entries(n: int) -> list[AuditEntry]:
    return [AuditEntry(T0 + k, "wang", "things.moved", f"traffic/S{k}", detail={"k": k}) for k in range(1, n + 1)]


def chained(entries: Iterable[AuditEntry], realm: str, end: End) -> Iterator[AuditRow]:
    """Yield entries as rows that follow the row at ``end``, as the database makes them."""
    last = end.hash
    for number, given in enumerate(entries, end.seq + 1):
        it = storable(given)
        of_entry = (it.at_us, it.actor, it.session, it.address, it.action, it.subject, it.outcome, it.detail)
        row = AuditRow(number, *of_entry, realm, last, b"")
        last = hash_of(row)
        yield replace(row, hash=last)


def chain(n: int) -> list[AuditRow]:
    return list(chained(entries(n), "live", End()))


def ends(rows: Sequence[AuditRow]) -> End:
    return End(rows[-1].seq, rows[-1].hash) if rows else End()


def heads(rows: Iterable[AuditRow], *seqs: int) -> list[Head]:
    """Signed heads of the rows numbered, of all if none is."""
    return [SIGNER.sign(row.seq, row.hash, T0) for row in rows if not seqs or row.seq in seqs]


def rehashed(rows: Sequence[AuditRow]) -> list[AuditRow]:
    """The same rows as one sound chain, numbered anew."""
    last, made = End(rows[0].seq - 1, rows[0].previous), []
    for row in rows:
        linked = replace(row, seq=last.seq + 1, previous=last.hash)
        made.append(replace(linked, hash=hash_of(linked)))
        last = ends(made)
    return made


def judged(
    rows: Sequence[AuditRow], heads: Sequence[Head] = (), end: End | None = None, start: End | None = None
) -> Verification:
    """Verify ``rows``, in the order in which a database would give them."""
    end = ends(rows) if end is None else end
    in_order = sorted(rows, key=lambda row: row.seq)
    return verify(in_order, heads, start or End(), end, lambda: end)


def found(verification: Verification) -> list[tuple[str, int]]:
    return [(finding.kind, finding.seq) for finding in verification.findings]
