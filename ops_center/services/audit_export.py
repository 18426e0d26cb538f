"""Exports the audit as lines of JSON that others can verify, and archives what is old: export, checkpoint, drop.

The lines are described in docs/audit.md, with twenty lines of Python that verify them without this program.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from ops_center.domain.audit import by
from ops_center.domain.audit_form import AuditRow, Checkpoint
from ops_center.domain.errors import AuditError
from ops_center.domain.rights import Asker
from ops_center.domain.time import DAY_US
from ops_center.people.audit_findings import fits
from ops_center.people.audit_folder import read_heads
from ops_center.people.audit_heads import Head, HeadReader
from ops_center.services.audit_desk import AuditDesk
from ops_center.store.audit_port import AuditStore

KEPT_DAYS = 184
"""six months at their longest: what the Cybersecurity Law (article 21) asks for, and below which nothing is dropped"""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    first_seq: int
    last_seq: int
    rows: int
    sha256: str


def export(desk: AuditDesk, who: Asker, since_us: int | None, until_us: int | None, out: BinaryIO) -> Exported | None:
    """Write what happened in [since, until), whole and in order, with the heads for it; None: nothing happened.

    The export itself is in the audit before its first line is written. Raises StoreError, OSError.
    """
    span = desk.store.span(since_us, until_us)
    if span is None:
        return None
    detail = {"first_seq": span[0], "last_seq": span[1], "since_us": since_us, "until_us": until_us}
    desk.store.append([by(who, desk.clock.now_us(), "audit.exported", f"{span[0]} to {span[1]}", detail=detail)])
    heads = [head for head in read_heads(desk.folder, desk.signer).good if span[0] <= head.seq <= span[1]]
    return _write(out, desk.store, desk.signer, span, heads)


def archive(desk: AuditDesk, who: Asker, before_us: int, file: Path) -> Exported | None:
    """Export the rows from before ``before_us`` into a new file, read it back, and drop them; None: there are none.

    A signed checkpoint stays in the database. Raises AuditError for what is too young, for an audit with findings, and
    for a file that is there already or doesn't hold what it should: then nothing is dropped.
    """
    now_us = desk.clock.now_us()
    if before_us > now_us - KEPT_DAYS * DAY_US:
        raise AuditError(f"six months ({KEPT_DAYS} days) of the audit stay in the database")
    found = desk.review()
    if found.findings:
        raise AuditError(f"not while verification finds something ({found.findings[0]}): run `run.py audit verify`")
    span = (found.verification.first_seq, desk.store.all_older(before_us))
    if span[1] < span[0]:
        return None
    last = next(iter(desk.store.walk(span[1] - 1)))
    head = desk.signer.sign(last.seq, last.hash, now_us, "checkpoint")
    exported = _written_to(file, desk, span, head)
    detail = {"first_seq": span[0], "rows": exported.rows, "sha256": exported.sha256, "file": file.name}
    entry = by(who, now_us, "audit.archived", f"{span[0]} to {span[1]}", detail=detail)
    desk.store.archive(Checkpoint(last.seq, last.hash, now_us, who.session or who.account, head.signature), entry)
    return exported


def _written_to(file: Path, desk: AuditDesk, span: tuple[int, int], head: Head) -> Exported:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            exported = _write(out, desk.store, desk.signer, span, [head])
            out.flush()
            os.fsync(out.fileno())
        _read_back(file, exported, head)
    except OSError as error:
        raise AuditError(f"{file} can't be written: {error.strerror or error}") from None
    return exported


def _read_back(file: Path, exported: Exported, head: Head) -> None:
    """Read the file as a stranger would; what can't be proved from it is not dropped."""
    last, rows = None, 0
    with file.open("rb") as written:
        for line in map(json.loads, written):
            if line["kind"] == "row":
                row = _row_of(line)
                if not fits(row) or (last is not None and (row.seq, row.previous) != (last.seq + 1, last.hash)):
                    raise AuditError(f"{file}: row {row.seq} does not follow: nothing was dropped")
                last, rows = row, rows + 1
    if last is None or (last.seq, last.hash, rows) != (head.seq, head.hash, head.seq - exported.first_seq + 1):
        raise AuditError(f"{file} does not hold the rows that were to be archived: nothing was dropped")


def _write(out: BinaryIO, store: AuditStore, reader: HeadReader, span: tuple[int, int], heads: list[Head]) -> Exported:
    digest, rows = hashlib.sha256(), 0
    first = {"kind": "audit", "first_seq": span[0], "last_seq": span[1], "public_key": reader.public_key.hex()}
    for line in chain([first], _rows(store, span), map(_head_line, heads)):
        rows += line["kind"] == "row"
        encoded = f"{_encode(line)}\n".encode("utf-8", "surrogatepass")
        digest.update(encoded)
        out.write(encoded)
    return Exported(span[0], span[1], rows, digest.hexdigest())


def _rows(store: AuditStore, span: tuple[int, int]) -> Iterator[Mapping[str, Any]]:
    for row in store.walk(span[0] - 1):
        if row.seq > span[1]:
            return
        yield _row_line(row)


def _row_line(row: AuditRow) -> Mapping[str, Any]:
    return {
        "kind": "row",
        "form": row.form,
        "seq": row.seq,
        "time_us": row.at_us,
        "actor": row.actor,
        "session": row.session,
        "address": row.address,
        "action": row.action,
        "subject": row.subject,
        "outcome": row.outcome,
        "detail": row.detail,
        "realm": row.realm,
        "previous": row.previous.hex(),
        "hash": row.hash.hex(),
    }


def _row_of(line: Mapping[str, Any]) -> AuditRow:
    said = {name: value for name, value in line.items() if name not in {"kind", "time_us", "previous", "hash"}}
    previous, own = (bytes.fromhex(line[name]) for name in ("previous", "hash"))
    return AuditRow(at_us=line["time_us"], previous=previous, hash=own, **said)


def _head_line(head: Head) -> Mapping[str, Any]:
    return {
        "kind": head.kind,
        "seq": head.seq,
        "hash": head.hash.hex(),
        "time": head.time,
        "signature": head.signature.hex(),
    }
