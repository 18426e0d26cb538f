"""What an auditor or administrator does with the audit: verify it, look at how it stands, accept what was found.

Called by ``run.py audit`` and ``run.py check``; export and archive are in ``audit_export``. Accepting forgives nothing:
rows that were changed stay findings for ever, only heads that vouch for rows of a lost past are put aside, with a row
that says who did so and why.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops_center.domain.audit import by
from ops_center.domain.audit_form import AuditRow, Checkpoint, End
from ops_center.domain.errors import AuditError
from ops_center.domain.rights import Asker
from ops_center.domain.time import Clock, to_datetime
from ops_center.people.audit_chain import Verification, verify
from ops_center.people.audit_findings import Finding
from ops_center.people.audit_folder import HeadFile, Heads, newest_head, read_heads, set_aside
from ops_center.people.audit_heads import HeadReader, HeadSigner, as_head
from ops_center.services.audit_heads import HeadKeeper
from ops_center.store.audit_port import AuditStore

Progress = Callable[[int, int], None]
"""rows read, rows there are about"""

_TELL_EVERY = 10_000
_BEFORE_ALL = -(2**63)
"""rows count from 1; one that somebody slipped in before it is read as well"""
_FINDINGS_KEPT = 20


def _untold(_read: int, _all: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Review:
    """What the audit is worth."""

    verification: Verification
    findings: tuple[Finding, ...]
    """of rows, heads and checkpoints"""
    checkpoint: Checkpoint | None
    """behind which the rows begin"""


def review(store: AuditStore, folder: Path, reader: HeadReader, told: Progress = _untold) -> Review:
    """Verify everything there is. Raises StoreError; AuditError where the folder of heads can't be read."""
    heads = _read_heads(folder, reader)
    checkpoint, forged = _checkpoint(store, reader)
    start = End(checkpoint.seq, checkpoint.hash) if checkpoint else End()
    before = store.end()
    rows = _counted(store.walk(_BEFORE_ALL), before.seq - start.seq, told)
    verification = verify(rows, heads.good, start, before, store.end)
    bad = [Finding("head", 0, text) for text in heads.bad]
    return Review(verification, (*bad, *forged, *verification.findings), checkpoint)


def _checkpoint(store: AuditStore, reader: HeadReader) -> tuple[Checkpoint | None, list[Finding]]:
    """Return the newest checkpoint that is signed, and what there is to say about others."""
    newest, forged = None, []
    for one in store.checkpoints():
        if reader.signed(as_head(one)):
            newest = one
        else:
            forged.append(Finding("head", one.seq, "a checkpoint of the database that is not signed with this key"))
    return newest, forged


def _read_heads(folder: Path, reader: HeadReader) -> Heads:
    try:
        return read_heads(folder, reader)
    except OSError as error:
        raise AuditError(f"the audit's heads in {folder} can't be read: {error.strerror or error}") from None


def _counted(rows: Iterator[AuditRow], about: int, told: Progress) -> Iterator[AuditRow]:
    for number, row in enumerate(rows, 1):
        if number % _TELL_EVERY == 0:
            told(number, max(about, number))
        yield row


def _try_writing(folder: Path) -> None:
    if not folder.exists():
        return  # it is made with the first head
    try:
        with tempfile.TemporaryFile(dir=folder) as tried:
            tried.write(bytes(4096))
            tried.flush()
            os.fsync(tried.fileno())
    except OSError as error:
        raise AuditError(f"no heads can be kept in {folder}: {error.strerror or error}") from None


class AuditDesk:
    """The audit of one center, with its key."""

    def __init__(self, store: AuditStore, folder: Path, signer: HeadSigner, clock: Clock) -> None:
        self.store = store
        self.folder = folder
        self.signer = signer
        self.clock = clock

    def review(self, told: Progress = _untold) -> Review:
        """Verify everything there is."""
        return review(self.store, self.folder, self.signer, told)

    def describe(self) -> str:
        """Return how the audit stands, in a line. Raises AuditError where heads contradict rows or can't be kept."""
        _try_writing(self.folder)
        end, head = self.store.end(), newest_head(self.folder, self.signer)
        if head is not None and (head.seq > end.seq or (head.seq == end.seq and head.hash != end.hash)):
            raise AuditError(f"rows end at {end.seq}, a head vouches for {head.seq}: run `run.py audit verify`")
        return f"{end.seq} rows were written, signed heads to {head.seq if head else 0} in {self.folder}"

    def accept(self, who: Asker, reason: str, told: Progress = _untold) -> Path:
        """Set aside heads that vouch for rows that are no more, say so in the audit, begin anew; return where they are.

        For a database that was restored from a backup. Raises AuditError where nothing contradicts.
        """
        found = [str(finding) for finding in self.review(told).findings]
        if not found:
            raise AuditError("rows and heads agree: there is nothing to accept")
        now_us = self.clock.now_us()
        try:
            aside = set_aside(self.folder, f"aside-{to_datetime(now_us):%Y%m%dT%H%M%S.%fZ}")
        except OSError as error:
            raise AuditError(f"the heads in {self.folder} can't be set aside: {error.strerror or error}") from None
        detail = {"reason": reason, "findings": len(found), "first": found[:_FINDINGS_KEPT], "heads": aside.name}
        self.store.append([by(who, now_us, "audit.accepted", aside.name, detail=detail)])
        self.sign()
        return aside

    def note(self, who: Asker, action: str, detail: Mapping[str, Any]) -> None:
        """Write down what is done with the audit itself, before it is done."""
        self.store.append([by(who, self.clock.now_us(), action, detail=detail)])

    def sign_what_is_new(self) -> None:
        """Vouch for rows that follow the newest head; where that fails, a web process does when it runs."""
        HeadKeeper(self.store, self.folder, self.signer, self.clock).sign_once()

    def sign(self) -> None:
        """Vouch for where the chain ends now, whatever was before. Raises AuditError."""
        end, file = self.store.end(), HeadFile(self.folder)
        try:
            file.write(self.signer.sign(end.seq, end.hash, self.clock.now_us()))
        except OSError as error:
            raise AuditError(f"no head can be kept in {self.folder}: {error.strerror or error}") from None
        finally:
            file.close()
