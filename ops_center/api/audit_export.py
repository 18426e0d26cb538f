"""``/audit/export.csv`` and ``.jsonl``: a copy of the audit to take along. That it was taken is in the audit.

CSV is for people: what they were looking at, the newest first. JSON lines are for proof: everything of the period, in
the order of the chain, with the signed heads, as ``run.py audit export`` writes it (docs/audit.md).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from ops_center.api.csv_answer import csv_lines, in_pieces, sent
from ops_center.domain.audit_form import AuditRow
from ops_center.domain.rights import Rights, Role, allows
from ops_center.domain.time import DAY_US, HOUR_US, to_datetime
from ops_center.people.asking import asker
from ops_center.services.audit_desk import AuditDesk
from ops_center.services.audit_export import export
from ops_center.services.auditing import Auditor
from ops_center.store.audit_port import AuditStore

RIGHTS = Rights(see=frozenset({Role.AUDITOR, Role.ADMINISTRATOR}))
_LASTS_US = {"hour": HOUR_US, "day": DAY_US, "week": 7 * DAY_US}
_PAGE = 1000
_PIECE = 64 * 1024
_IN_MEMORY = 8 * 1024 * 1024
_COLUMNS = ("seq", "time", "actor", "action", "subject", "outcome", "address", "session", "detail", "realm", "hash")
Name = Annotated[str, Query(max_length=100)]


def audit_export_routes(desk: AuditDesk, auditor: Auditor) -> APIRouter:
    """Return both routes."""
    router = APIRouter(include_in_schema=False)

    def since_us(period: str) -> int | None:
        return desk.clock.now_us() - _LASTS_US[period] if period in _LASTS_US else None

    @router.get("/audit/export.csv")
    @allows(RIGHTS)
    def as_csv(request: Request, who: Name = "", what: Name = "", period: Name = "all") -> StreamingResponse:
        address = request.client.host if request.client else ""
        detail = {"who": who, "what": what, "when": period}
        auditor.did(asker(), "audit.exported", request.url.path, address=address, detail=detail)
        rows = _rows(desk.store, who.strip().lower() or None, what or None, since_us(period))
        return sent(in_pieces(_csv(rows)), "text/csv; charset=utf-8", "audit.csv")

    @router.get("/audit/export.jsonl")
    @allows(RIGHTS)
    def as_json(period: Name = "all") -> StreamingResponse:
        written: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - whoever reads it out closes it
        if export(desk, asker(), since_us(period), None, written) is None:  # type: ignore[arg-type]
            raise HTTPException(404, "nothing happened in this time")
        return sent(_read_out(written), "application/x-ndjson", "audit.jsonl")

    return router


def _rows(store: AuditStore, actor: str | None, action: str | None, since_us: int | None) -> Iterator[AuditRow]:
    """Yield rows, the newest first, a page at a time."""
    before: int | None = None
    while True:
        page = store.page(before=before, limit=_PAGE, actor=actor, action=action, since_us=since_us)
        yield from page
        if len(page) < _PAGE:
            return
        before = page[-1].seq


def _csv(rows: Iterable[AuditRow]) -> Iterator[str]:
    told = (_told(row) for row in rows)
    return csv_lines(_COLUMNS, ([one[name] for name in _COLUMNS] for one in told))


def _told(row: AuditRow) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "time": to_datetime(row.at_us).isoformat(),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "outcome": row.outcome,
        "address": row.address,
        "session": row.session,
        "detail": dict(row.detail),
        "realm": row.realm,
        "hash": row.hash.hex(),
    }


def _read_out(written: IO[bytes]) -> Iterator[bytes]:
    with written:
        written.seek(0)
        yield from iter(lambda: written.read(_PIECE), b"")
