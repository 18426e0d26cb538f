"""``/sso/…``: the addresses that a browser passes on its way to the city's single sign-on and back, and out again.

``POST /sso/backchannel-logout`` is the provider's own: it says there that somebody was signed out. All are open to
those who have not signed in; what comes is judged in ``ops_center/services/single_sign_on.py``. Where the city has no
single sign-on they lead to the sign-in page. Made by bootstrap.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ops_center.api.cookies import clear_sign_on, set_session, set_sign_on, sign_on_of
from ops_center.api.entry_page import Notice
from ops_center.api.entry_requests import Asked, ByAddress, visitor_of
from ops_center.api.entry_system import SIGNED_OUT
from ops_center.api.markup import both, el
from ops_center.api.own_paths import own_path
from ops_center.api.sign_in_answers import Answers
from ops_center.domain.errors import SingleSignOnError, SingleSignOnUnavailable, StoreUnavailable
from ops_center.domain.people import Session
from ops_center.domain.rights import OPEN, allows
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US
from ops_center.services.sign_in_outcomes import Refused, SignedIn
from ops_center.services.single_sign_on import Leave, SingleSignOn
from ops_center.services.sso_transactions import LASTS_US
from ops_center.services.sso_words import AWAY, EXPIRED, USED

log = structlog.get_logger(__name__)

_ANSWER_PARTS = ("state", "code", "iss", "error")
_STATUS = {AWAY: 503, EXPIRED: 400, USED: 400}
"""of what is said; 403 for all else"""
_LEAVING = Label("正在退出单点登录…", "Signing out of the single sign-on…")
_ONWARD = Label("继续", "Continue")
_NO_STORE = {"Cache-Control": "no-store"}


def single_sign_on_routes(sso: SingleSignOn | None, answers: Answers, public_origin: str | None = None) -> APIRouter:
    """Return the routes; ``public_origin`` is the address that people type, None: this machine's, as it is asked."""
    if sso is None:
        return _no_routes()
    router = APIRouter(prefix="/sso", include_in_schema=False)

    def own(request: Request, path: str) -> str:
        return f"{public_origin or f'{request.url.scheme}://{request.url.netloc}'}{path}"

    @router.get("/start")
    @allows(OPEN)
    def start(request: Request, asked: ByAddress) -> Response:
        match sso.start(own(request, "/sso/callback"), asked.next, asked.language):
            case Leave(address, cookie):
                answer: Response = RedirectResponse(address, 303, _NO_STORE)
                set_sign_on(request, answer, cookie, lasts_s=LASTS_US // SECOND_US)
                return answer
            case Refused(reason):
                return answers.first(request, asked, Notice(reason), 503)

    @router.get("/callback")
    @allows(OPEN)
    def callback(request: Request, asked: ByAddress) -> Response:
        try:
            finished = sso.finish(_answer_of(request), sign_on_of(request), visitor_of(request))
        except StoreUnavailable:
            return answers.away(request, asked)
        begun = Asked(own_path(finished.next), finished.language or asked.language)
        match finished.outcome:
            case SignedIn(secret):
                answer: Response = RedirectResponse(begun.next, 303, _NO_STORE)
                set_session(request, answer, secret)
            case Refused(reason):
                answer = answers.first(request, begun, Notice(reason), _STATUS.get(reason, 403))
            case _:  # the account was changed at this moment
                answer = answers.first(request, begun, Notice(EXPIRED), 400)
        clear_sign_on(request, answer)
        return answer

    @router.get("/leave")
    @allows(OPEN)
    def leave(request: Request, ticket: Annotated[str, Query(max_length=1024)] = "") -> Response:
        address = sso.farewell_address(ticket, own(request, "/sso/left"))
        return RedirectResponse(SIGNED_OUT, 303, _NO_STORE) if address is None else _leaving(address)

    @router.get("/left")
    @allows(OPEN)
    def left() -> Response:
        return RedirectResponse(SIGNED_OUT, 303, _NO_STORE)

    @router.post("/backchannel-logout")
    @allows(OPEN)
    def backchannel_logout(logout_token: Annotated[str, Form()] = "") -> Response:
        try:
            sso.end_by_provider(logout_token)
        except SingleSignOnUnavailable as error:
            return _not_done(503, "temporarily_unavailable", str(error))
        except SingleSignOnError as error:
            log.warning("sso.logout_refused", reason=str(error))
            return _not_done(400, "invalid_request", str(error))
        return Response(status_code=200, headers=_NO_STORE)

    return router


def _no_routes() -> APIRouter:
    """Return the same addresses for a city without single sign-on."""
    router = APIRouter(prefix="/sso", include_in_schema=False)

    @router.get("/start")
    @router.get("/callback")
    @router.get("/leave")
    @router.get("/left")
    @allows(OPEN)
    def nowhere() -> Response:
        return RedirectResponse("/sign-in", 303, _NO_STORE)

    @router.post("/backchannel-logout")
    @allows(OPEN)
    def nobody() -> Response:
        return _not_done(501, "invalid_request", "there is no single sign-on here")

    return router


def after_signing_out(sso: SingleSignOn | None) -> Callable[[Session], str]:
    """Return what says where a browser goes whose session was ended by its owner: out of the single sign-on too."""

    def after(session: Session) -> str:
        ticket = None if sso is None else sso.farewell(session)
        return SIGNED_OUT if ticket is None else f"/sso/leave?ticket={ticket}"

    return after


def _answer_of(request: Request) -> dict[str, str]:
    """Return the parts of the provider's answer; what is said twice is not said (RFC 6749, 3.1)."""
    said = {name: request.query_params.getlist(name) for name in _ANSWER_PARTS}
    return {name: values[0] for name, values in said.items() if len(values) == 1}


def _leaving(address: str) -> Response:
    """Return a page that goes on by itself: a form may lead to our own addresses alone (``form-action``)."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="refresh", content=f"0;url={address}"),
        el("title", _LEAVING.zh),
    )
    body = el("body", el("p", both(_LEAVING)), el("p", el("a", both(_ONWARD), href=address)))
    return HTMLResponse(f"<!DOCTYPE html>\n{el('html', head, body, lang='zh-CN')}\n", 200, _NO_STORE)


def _not_done(status: int, error: str, reason: str) -> Response:
    """Answer the provider as Back-Channel Logout 1.0, 2.8 says."""
    return JSONResponse({"error": error, "error_description": reason}, status, _NO_STORE)
