"""Stands in front of every address of the web server: who may ask, from where, how much, and under which headers.

Wrapped around the whole application by bootstrap, plain ASGI, because what frameworks call HTTP middleware never sees
a WebSocket. Nothing may be wrapped around it, since it hands the raw connection on. It knows no accounts: the gate
inside it does. What it tells whoever stands inside, in the scope:

- ``client``: address and port of whoever asks, across trusted proxies (port 0 there); ``scheme`` and the header
  ``host``: as they asked. The same keys as everywhere, so that ``request.client`` and ``request.url`` are true.
- ``ops_center.peer``: address of the other end of the connection, a proxy's where there is one.
- ``ops_center.transport``: the connection, for whoever must cut it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import structlog

from ops_center.api.asgi import App, Receive, Scope, Send
from ops_center.api.exchange import Exchange, judge_body
from ops_center.api.heads import MAX_URL_BYTES, Head, Refused
from ops_center.api.hops import Asked
from ops_center.api.limits import Buckets, RateLimits, address_key
from ops_center.api.refusals import answer
from ops_center.api.response_headers import ResponseHeaders, content_security_policy
from ops_center.api.site import Site, has_session, has_token
from ops_center.domain.text import Label

__all__ = ["Guard", "content_security_policy"]

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_FORM_BYTES = 64 * 1024
"""of what is sent without having signed in"""
BODY_WITHIN_S = 30.0
_SIGNING_IN = ("/sign-in", "/display", "/sso")
_BY_PROVIDER = "/sso/backchannel-logout"
"""signed, and from one address for everybody: who ends a thousand sessions is not guessing"""
_WS = {"http": "ws", "https": "wss"}
_HTTP = {"http": "http", "https": "https", "ws": "http", "wss": "https"}

_TOO_OFTEN = Label("请求过于频繁，请稍后再试", "too many requests, try again later")
_TOO_MANY = Label("同时进行的请求过多，请稍后再试", "too many requests at once, try again later")


class Guard:
    """An ASGI application around another."""

    def __init__(
        self,
        app: App,
        policy: str | None = None,
        site: Site | None = None,
        limits: RateLimits | None = None,
        max_body: int = MAX_BODY_BYTES,
        body_within_s: float = BODY_WITHIN_S,
    ) -> None:
        self._app = app
        self._site = site or Site()
        self._limits = limits or RateLimits()
        self._max_body = max_body
        self._body_within_s = body_within_s
        policy = policy or content_security_policy()
        public = self._site.public
        # Said for localhost, it would hold for whatever else listens on this machine.
        over_https = public is not None and public.scheme == "https" and not public.is_loopback
        self._headers = ResponseHeaders(policy, over_https=over_https)
        self._told = Buckets(1.0, 20.0, keys=64)
        """what is refused is logged, but nobody fills a disk by being refused"""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge the request; refused ones never reach the application."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            key = self._judge(scope)
        except Refused as refused:
            await self._refuse(scope, send, refused)
            return
        scope["ops_center.transport"] = getattr(getattr(send, "__self__", None), "transport", None)
        try:
            await self._pass(scope, receive, send)
        finally:
            self._limits.exchanges.give_back(key)

    def _judge(self, scope: Scope) -> str:
        """Return the key of the client's address, which holds a slot then; raises Refused."""
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string", b"")) > MAX_URL_BYTES:
            raise Refused(414, Label("地址过长", "the address is too long"))
        head = Head(scope["headers"])
        own_scheme = _HTTP[scope["scheme"]]
        asked = self._site.proxies.read(scope.get("client"), own_scheme, head)
        _tell(scope, asked)
        self._site.judge(asked)
        method = scope["method"] if scope["type"] == "http" else None
        self._site.judge_origin(asked, head, method)
        is_form = method == "POST" and scope["path"].startswith(_SIGNING_IN)
        judge_body(head, min(self._max_body, MAX_FORM_BYTES) if is_form else self._max_body)
        may_guess = is_form and scope["path"] != _BY_PROVIDER
        return self._take(address_key(str(asked.client)), may_guess, has_session(head) or has_token(head))

    def _take(self, key: str, may_guess: bool, is_somebody: bool) -> str:
        wait_s = 0.0
        if may_guess:
            wait_s = self._limits.signing_in.take(key)
        if not is_somebody and not wait_s:
            wait_s = self._limits.anonymous.take(key)
        if wait_s:
            raise Refused(429, _TOO_OFTEN, wait_s)
        if not self._limits.exchanges.take(key):
            raise Refused(429, _TOO_MANY, 1.0)
        return key

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(receive, send, self._headers, scope["path"])
        exchange.expect_body(self._max_body, self._body_within_s)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception:
            if exchange.refused is None:
                raise  # else it is only how the application says that the client has gone
        if exchange.refused is not None and not exchange.has_started:
            await self._refuse(scope, send, exchange.refused)

    async def _refuse(self, scope: Scope, send: Send, refused: Refused) -> None:
        if not self._told.take(refused.reason.en):
            path = scope.get("path", "")[:200]
            log.info("guard.refused", reason=refused.reason.en, path=path, client=str(scope.get("client")))
        if scope["type"] == "websocket":
            # Closing before accepting is answered with 403.
            await send({"type": "websocket.close", "code": 1008, "reason": refused.reason.en})
            return
        start, body = answer(refused, scope["headers"], math.ceil(refused.wait_s))
        self._headers.add(start, scope["path"])
        await send(start)
        await send(body)


def _tell(scope: Scope, asked: Asked) -> None:
    """Say in the scope who asks and how; what a proxy said is said in the usual keys."""
    scope["ops_center.peer"] = str(asked.peer)
    if asked.client is not asked.peer:
        scope["client"] = (str(asked.client), 0)
    scope["scheme"] = asked.scheme if scope["type"] == "http" else _WS[asked.scheme]
    scope["headers"] = _with_host(scope["headers"], asked.host)


def _with_host(headers: Sequence[tuple[bytes, bytes]], host: str) -> Sequence[tuple[bytes, bytes]]:
    wanted = host.encode("latin-1")
    if any(name == b"host" and value == wanted for name, value in headers):
        return headers
    return [(b"host", wanted), *(header for header in headers if header[0].lower() != b"host")]
