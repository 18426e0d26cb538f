"""``/audit/export.csv`` and ``.jsonl``: a copy of the audit to take along; CSV for people, JSON lines for programs.

Written while it is read, so that a year of it takes no more memory than a day. That it was taken is in the audit.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from ops_center.domain.audit_form import AuditRow
from ops_center.domain.rights import Rights, Role, allows
from ops_center.domain.time import Clock, to_datetime
from ops_center.people.asking import asker
from ops_center.services.auditing import Auditor
from ops_center.store.audit_port import AuditStore

RIGHTS = Rights(see=frozenset({Role.AUDITOR, Role.ADMINISTRATOR}))
_SINCE_US = {"hour": 3_600_000_000, "day": 86_400_000_000, "week": 7 * 86_400_000_000}
_PAGE = 1000
_COLUMNS = ("seq", "time", "actor", "action", "subject", "outcome", "address", "session", "detail", "realm", "hash")
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
Name = Annotated[str, Query(max_length=100)]


def audit_export_routes(store: AuditStore, auditor: Auditor, clock: Clock) -> APIRouter:
    """Return both routes."""
    router = APIRouter(include_in_schema=False)

    def rows(request: Request, who: str, what: str, period: str) -> Iterator[AuditRow]:
        address = request.client.host if request.client else ""
        detail = {"who": who, "what": what, "when": period}
        auditor.did(asker(), "audit.exported", request.url.path, address=address, detail=detail)
        since_us = clock.now_us() - _SINCE_US[period] if period in _SINCE_US else None
        return _rows(store, who.strip().lower() or None, what or None, since_us)

    @router.get("/audit/export.csv")
    @allows(RIGHTS)
    def as_csv(request: Request, who: Name = "", what: Name = "", period: Name = "all") -> StreamingResponse:
        return _sent(_csv(rows(request, who, what, period)), "text/csv; charset=utf-8", "audit.csv")

    @router.get("/audit/export.jsonl")
    @allows(RIGHTS)
    def as_json(request: Request, who: Name = "", what: Name = "", period: Name = "all") -> StreamingResponse:
        return _sent(_json(rows(request, who, what, period)), "application/x-ndjson", "audit.jsonl")

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
    yield "\ufeff"  # spreadsheets take it for another encoding otherwise
    yield _line(_COLUMNS)
    for row in rows:
        told = _told(row)
        yield _line(_plain(told[name]) for name in _COLUMNS)


def _line(values: Iterable[Any]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(values)
    return written.getvalue()


def _plain(value: Any) -> str:
    """Return a value as a cell; one that a spreadsheet would take for a formula is marked as text."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _json(rows: Iterable[AuditRow]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(_told(row), ensure_ascii=False) + "\n"


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
        "previous": row.previous.hex(),
        "hash": row.hash.hex(),
    }


def _sent(parts: Iterator[str], kind: str, name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_in_pieces(parts), media_type=kind, headers=headers)


def _in_pieces(parts: Iterator[str], size: int = 64 * 1024) -> Iterator[bytes]:
    """Join what is small: a piece each for a line would cost more than the lines."""
    held: list[str] = []
    length = 0
    for part in parts:
        held.append(part)
        length += len(part)
        if length >= size:
            yield "".join(held).encode()
            held, length = [], 0
    yield "".join(held).encode()
