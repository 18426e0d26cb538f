"""What verification of the audit says it found, and what became of rows whose hash is not theirs.

A row that only stands at another number than it was written for was moved, not changed: trying it at the others' places
tells. Pure; called by ``audit_chain``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from ops_center.domain.audit_form import AuditRow, hash_of

FindingKind = Literal["changed", "missing", "inserted", "reordered", "cut off", "rewritten", "head"]

_COMPARED = 200
"""so many rows are tried at each other's places (it takes the square of it); of more, only their neighbours' places"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was done to the audit."""

    kind: FindingKind
    seq: int
    """where; the first of several. Of a head that is none: the row it names, 0 where it names none"""
    text: str

    def __str__(self) -> str:
        return f"{self.kind} at {self.seq}: {self.text}"


def fits(row: AuditRow) -> bool:
    """Return whether a row carries the hash of what it says."""
    try:
        return hash_of(row) == row.hash
    except ValueError:
        return False


def told(row: AuditRow) -> str:
    """Return a row in a few words; what a terminal would obey is left out."""
    said = f"{row.actor or 'unknown'} {row.action} {row.subject}".strip()[:200]
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in said)


def explain(misfits: Sequence[AuditRow], gaps: Sequence[int]) -> Iterator[Finding]:
    """Yield what was done to rows that don't fit; ``gaps``: numbers at which rows are missing."""
    home = {row.seq: found for row in misfits if (found := _home(row, misfits, gaps)) is not None}
    slipped_in = set()
    for (shift, _), run in groupby(enumerate(sorted(home)), lambda each: (home[each[1]] - each[1], each[1] - each[0])):
        seqs = [seq for _, seq in run]
        finding = _renumbered(shift, seqs, set(home.values()))
        if finding is not None and finding.kind == "inserted":
            slipped_in.add(finding.seq)
        yield from [finding] if finding is not None else [_moved(seq, home[seq]) for seq in seqs]
    for row in misfits:
        if row.seq not in home and row.seq not in slipped_in:
            yield Finding("changed", row.seq, f"its hash is not that of what it says: {told(row)}")


def _home(row: AuditRow, misfits: Sequence[AuditRow], gaps: Sequence[int]) -> int | None:
    """Return the number that a row was written for, if it is found."""
    near = [row.seq + shift for shift in (1, -1, 2, -2)]
    far = [*(other.seq for other in misfits), *gaps] if len(misfits) <= _COMPARED else []
    return next((seq for seq in (*near, *far) if seq != row.seq and fits(replace(row, seq=seq))), None)


def _renumbered(shift: int, seqs: Sequence[int], homes: set[int]) -> Finding | None:
    """Return what made all of ``seqs`` move by one; None if they only changed places among themselves."""
    behind = f"{len(seqs)} or more behind it were renumbered"
    if shift == 1 and seqs[0] not in homes:
        return Finding("missing", seqs[0], f"a row is gone, {behind}")
    if shift == -1 and seqs[-1] not in homes:
        return Finding("inserted", seqs[0] - 1, f"a row was slipped in, {behind}")
    return None


def _moved(seq: int, home: int) -> Finding:
    return Finding("reordered", seq, f"here stands the row that was written as {home}")
