"""Who asks, and may they: the one door behind the guard, in front of every page, route, callback and stream.

It finds the session behind a request, the rights that the address declares (``access.py``), and lets it through or not;
what stands behind asks :func:`ops_center.people.asking.asker`. A WebSocket is watched for as long as it is open: when
its session ends, so does it. Plain ASGI, as the guard is. Made by bootstrap.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import quote

import structlog
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ops_center.api.access import READING, Access
from ops_center.api.errors import problem
from ops_center.api.limits import RateLimits, address_key
from ops_center.api.watched import Watched
from ops_center.domain.errors import StoreUnavailable
from ops_center.domain.people import Session
from ops_center.domain.rights import NOBODY, Asker, Rights
from ops_center.people.asking import SCOPE_KEY, asking

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SESSION_KEY = "ops_center.session"
"""where the session is in an ASGI scope; None where nobody has signed in"""
SIGN_IN = "/sign-in"
NOT_SIGNED_IN = 4401
"""close code of a WebSocket whose session ended, or never was"""
NOT_ALLOWED = 4403
TOO_MANY = 1013
NOT_NOW = 1013
"""try again later"""
_TITLES = {
    401: "not signed in",
    403: "not allowed",
    404: "refused",
    429: "too many requests",
    503: "the database does not answer",
}


@dataclass(frozen=True)
class Doorkeeper:
    """What the gate asks of the rest of the center."""

    authenticate: Callable[[Scope], Awaitable[Session | None]]
    """returns the session that a request names; None: none that is good. Raises StoreUnavailable: nobody can say"""
    is_current: Callable[[Session], bool]
    """whether a session goes on and its account is as it was; must not wait"""
    limits: RateLimits
    refused: Callable[[Asker, str, str], None] = lambda asker, path, address: None
    """hears of somebody known who asked for what they may not have, and from where; must not wait"""


class Gate:
    """An ASGI application around another."""

    def __init__(self, app: App, access: Access, doorkeeper: Doorkeeper) -> None:
        self._app = app
        self._access = access
        self._keeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through on behalf of whoever asks, or say why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        rights = self._access.rights(scope)
        is_open = rights is not None and rights.anonymous
        try:
            session = await self._keeper.authenticate(scope)
        except StoreUnavailable:
            if not is_open:
                await _refuse(Refusal(503, NOT_NOW, "nobody can say now who you are"), scope, receive, send)
                return
            session = None
        refusal = self._too_often(session, is_open, scope) or self._not_allowed(session, rights, scope)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
            return
        asker = scope[SCOPE_KEY] = session.asker if session else NOBODY
        scope[SESSION_KEY] = session
        with asking(asker):
            await self._pass_on(session, scope, receive, send)

    async def _pass_on(self, session: Session | None, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" or session is None:
            await self._app(scope, receive, send)
            return
        sockets = self._keeper.limits.sockets
        if not sockets.take(session.id):
            await _refuse(Refusal(429, TOO_MANY, "too many streams of one session"), scope, receive, send)
            return
        try:
            watched = Watched(self._app, lambda: self._keeper.is_current(session), NOT_SIGNED_IN)
            await watched(scope, receive, send)
        finally:
            sockets.give_back(session.id)

    def _too_often(self, session: Session | None, is_open: bool, scope: Scope) -> Refusal | None:
        """Count the request: a session's by its id, by their address those who come with a secret that is none."""
        if session is not None:
            wait_s = self._keeper.limits.session.take(session.id)
        elif is_open or not scope.get("client"):
            wait_s = 0.0
        else:
            wait_s = self._keeper.limits.anonymous.take(address_key(scope["client"][0]))
        return Refusal(429, TOO_MANY, "too many requests", wait_s) if wait_s else None

    def _not_allowed(self, session: Session | None, rights: Rights | None, scope: Scope) -> Refusal | None:
        asker = session.asker if session else NOBODY
        if rights is not None and _may(asker, rights, scope):
            return None
        if session is None:
            return Refusal(401, NOT_SIGNED_IN, "sign in, or send a token")
        if rights is None:
            return Refusal(404, NOT_ALLOWED, "Not Found")
        log.info("gate.refused", account=asker.account, path=scope["path"][:200])
        self._keeper.refused(asker, scope["path"][:200], (scope.get("client") or ("",))[0])
        return Refusal(403, NOT_ALLOWED, "your roles do not allow this")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request goes no further."""

    status: int
    code: int
    """close code, where it is a WebSocket"""
    reason: str
    wait_s: float = 0.0


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # A browser hears the code of a connection that was accepted, and of no other.
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": refusal.code, "reason": refusal.reason})
        return
    await _answer(refusal, scope)(scope, receive, send)


def _may(asker: Asker, rights: Rights, scope: Scope) -> bool:
    reads = scope["type"] == "websocket" or scope["method"] in READING
    return asker.may_see(rights) if reads else asker.may_change(rights)


def _answer(refusal: Refusal, scope: Scope) -> Response:
    """Return what a refused request is told: people a page, programs a problem document."""
    if _is_navigation(scope) and refusal.status == 401:
        return RedirectResponse(f"{SIGN_IN}?next={quote(_address(scope), safe='/')}", 303)
    if _is_navigation(scope) and refusal.status == 403:
        return HTMLResponse(_FORBIDDEN, 403)
    answer = problem(refusal.status, _TITLES[refusal.status], refusal.reason)
    if refusal.wait_s:
        answer.headers["retry-after"] = str(ceil(refusal.wait_s))
    return answer


def _address(scope: Scope) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _is_navigation(scope: Scope) -> bool:
    """Return whether a person waits for a page."""
    headers = {name.lower(): value for name, value in scope["headers"]}
    return scope["method"] == "GET" and (
        headers.get(b"sec-fetch-mode") == b"navigate"
        or (b"sec-fetch-mode" not in headers and b"text/html" in headers.get(b"accept", b""))
    )


_FORBIDDEN = """<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>403</title>
<script src="/sign-in/theme.js"></script><link rel="stylesheet" href="/sign-in/theme.css">
<body style="margin:0;height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--text);
font:1.1rem/1.6 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;text-align:center"><main><h1>无权访问 · Not allowed</h1>
<p>您的角色不能打开此页面。<br>Your roles do not open this page.</p>
<p><a href="/" style="color:var(--accent)">返回 · back</a></p></main></body></html>"""
