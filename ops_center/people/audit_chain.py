"""Verifying the audit: a pure function over rows, heads and a checkpoint that names what was done to them.

Reads each row once and keeps none but those that don't fit, so that ten million rows take no more memory than ten.
Called by ``run.py audit verify``; what it can and can't see is told in docs/audit.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ops_center.domain.audit_form import AuditRow, End
from ops_center.people.audit_findings import Finding, FindingKind, explain, fits, told
from ops_center.people.audit_heads import Head

T = TypeVar("T")

_KEPT = 1000
"""so many rows that don't fit are kept, and so many findings: who changed them all need not be told each"""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found."""

    rows: int
    first_seq: int
    """the first row there should be: 1, or the one behind the newest checkpoint"""
    last: End
    vouched_seq: int
    """the newest row for which a head vouches; 0: none does"""
    heads: int
    """how many heads were compared with a row"""
    findings: tuple[Finding, ...]

    @property
    def rows_after_head(self) -> int:
        """Return how many rows no head vouches for."""
        return max(self.last.seq - max(self.vouched_seq, self.first_seq - 1), 0)


def verify(
    rows: Iterable[AuditRow],
    heads: Iterable[Head],
    start: End,
    end_before: End,
    end_after: Callable[[], End],
) -> Verification:
    """Return what ``rows`` (all there are, in order) are worth.

    ``heads``: those whose signature is good. ``start``: the newest checkpoint, or ``End()``. ``end_before`` and
    ``end_after``: where the database says the chain ends, before the rows were read and once they are, since others
    may append meanwhile.
    """
    walk = _Walk(start, _by_seq(heads))
    for row in rows:
        walk.step(row)
    walk.arrive(end_before, end_after())
    return Verification(walk.rows, start.seq + 1, walk.last, walk.vouched_seq, walk.compared, walk.findings())


def _by_seq(heads: Iterable[Head]) -> Mapping[int, set[bytes]]:
    found: dict[int, set[bytes]] = {}
    for head in heads:
        found.setdefault(head.seq, set()).add(head.hash)
    return found


@dataclass(slots=True)
class _Walk:
    """Where the walk has come to, and what it saw."""

    start: End
    heads: Mapping[int, set[bytes]]
    last: End = field(init=False)
    sound: bool = True
    """whether the last row carries the hash of what it says"""
    rows: int = 0
    compared: int = 0
    vouched_seq: int = 0
    differing: list[int] = field(default_factory=list)
    """rows whose hash is not the one that a head vouches for"""
    misfits: list[AuditRow] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.last = self.start

    def step(self, row: AuditRow) -> None:
        """Take the next row."""
        self.rows += 1
        expected = self.last.seq + 1
        if row.seq < expected:
            place = "below the checkpoint" if row.seq <= self.start.seq else "there is another row of this number"
            self._find("inserted", row.seq, f"{place}: {told(row)}")
            return
        if row.seq > expected:
            self._miss(expected, row.seq)
        sound = fits(row)
        if not sound:
            _keep(self.misfits, row)
        elif row.seq == expected and self.sound and row.previous != self.last.hash:
            self._blame(row)
        if sound:
            self._compare(row)
        self.last, self.sound = End(row.seq, row.hash), sound

    def _miss(self, first: int, behind: int) -> None:
        self.gaps.extend(range(first, min(behind, first + _KEPT - len(self.gaps))))
        self._find("missing", first, f"rows {first} to {behind - 1}" if behind - first > 1 else f"row {first}")

    def _blame(self, row: AuditRow) -> None:
        """Two rows are each sound, but the second follows another than the first: say which one is new."""
        before = self.last
        second_is_new = before.seq == self.start.seq or before.hash in self.heads.get(before.seq, ())
        what = "does not follow the row before it" if second_is_new else f"row {row.seq} was written behind another"
        self._find("changed", row.seq if second_is_new else before.seq, what)

    def _compare(self, row: AuditRow) -> None:
        vouched = self.heads.get(row.seq)
        if vouched is None:
            return
        self.compared += 1
        if vouched == {row.hash}:
            self.vouched_seq = row.seq
        else:
            _keep(self.differing, row.seq)

    def arrive(self, end_before: End, end_after: End) -> None:
        """Compare where the rows end with where they should."""
        last, highest = self.last, max((seq for seq in self.heads if seq > self.start.seq), default=0)
        if (should := max(end_before.seq, highest)) > last.seq:
            who = "signed heads vouch for" if highest > last.seq else "the database's own count says"
            self._find("cut off", last.seq + 1, f"the rows end at {last.seq}, {who} {should}")
        if end_after.seq < last.seq:
            self._find("inserted", end_after.seq + 1, f"rows behind {end_after.seq}, where the database says they end")
        if end_after.seq == last.seq and end_after.hash != last.hash and self.sound:
            self._find("changed", last.seq, "the database's own note of the last hash is another")

    def findings(self) -> tuple[Finding, ...]:
        """Return all that was found, in order."""
        found = [*self.found, *explain(self.misfits, self.gaps)]
        told_already = {finding.seq for finding in found}
        if differing := [seq for seq in self.differing if seq not in told_already]:
            good = max((seq for seq in self.heads if seq < differing[0] and seq not in self.differing), default=0)
            text = f"signed heads differ from row {differing[0]} to {differing[-1]}; rewritten behind row {good}"
            found.append(Finding("rewritten", differing[0], f"{text} or later"))
        return tuple(sorted(found, key=lambda finding: finding.seq))

    def _find(self, kind: FindingKind, seq: int, text: str) -> None:
        _keep(self.found, Finding(kind, seq, text))


def _keep(kept: list[T], one: T) -> None:
    if len(kept) < _KEPT:
        kept.append(one)
