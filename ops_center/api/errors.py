"""Errors → HTTP status: one table, one form (RFC 9457, ``application/problem+json``)."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from ops_center.api.access import flat
from ops_center.domain.errors import (
    BusUnavailable,
    CatalogError,
    Fenced,
    Forbidden,
    LiveUnavailable,
    OpsCenterError,
    StoreError,
    StoreUnavailable,
    ThingChanged,
)
from ops_center.domain.text import Label, shown

log = structlog.get_logger(__name__)

STATUS: tuple[tuple[type[OpsCenterError], int, str], ...] = (
    (Forbidden, 403, "not allowed"),
    (ThingChanged, 409, "somebody changed it meanwhile"),
    (CatalogError, 422, "the catalog refuses this"),
    (Fenced, 409, "somebody else was there first"),
    (StoreUnavailable, 503, "the database does not answer"),
    (StoreError, 500, "the database refuses this"),
    (BusUnavailable, 503, "the log does not answer"),
    (LiveUnavailable, 503, "the live values do not answer"),
    (OpsCenterError, 500, "the center failed"),
)
"""the first that fits counts"""
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "5"}}
"""what goes with a status"""
_MOST_FAULTS = 20


def add_error_handlers(app: FastAPI) -> None:
    """Make every error of ours, of validation and of HTTP itself a problem document."""
    app.add_exception_handler(OpsCenterError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """Return a problem document."""
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    headers = _HEADERS.get(status)
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def refused(code: str, label: Label, status: int = 409) -> JSONResponse:
    """Return the problem document of a command that changes nothing: it says why in both languages."""
    return problem(status, "refused", label.en, code=code, zh=label.zh, en=label.en)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    kind, status, title = next(row for row in STATUS if isinstance(error, row[0]))
    if status >= 500:
        # A database that is away is said once by those who need it, not by everybody who asks meanwhile.
        level = log.debug if isinstance(error, OpsCenterError) and error.retriable else log.warning
        level("api.failed", path=request.url.path, error=str(error), kind=kind.__name__)
    # What a database says may name tables and addresses: callers get the title, the log has the rest.
    return problem(status, title, str(error) if status < 500 else title)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    faults = [
        {"where": [_shown(part) for part in fault["loc"]], "what": shown(fault["msg"])} for fault in error.errors()
    ]
    return problem(422, "not a valid request", "see faults", faults=faults[:_MOST_FAULTS])


def _shown(part: object) -> object:
    """Return a part of a place in a request: names in it are the sender's, and may be no text that can be sent."""
    return part if isinstance(part, int) else shown(str(part))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    answer = problem(error.status_code, "refused", str(error.detail))
    answer.headers.update(error.headers or {})
    if error.status_code == 405 and (methods := methods_of(request)):
        answer.headers["Allow"] = ", ".join(methods)
    return answer


def methods_of(request: Request) -> list[str]:
    """Return what may be done at an address that was asked for something else: by all its routes, not by the first.

    Routes for whatever no other route is for don't count.
    """
    named = (route for route in flat(request.app.routes) if not getattr(route, "path", "").endswith("{path:path}"))
    others = (route for route in named if route.matches(request.scope)[0] is Match.PARTIAL)
    return sorted({method for route in others for method in getattr(route, "methods", None) or ()})
