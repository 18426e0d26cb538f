"""Stands in front of every address of the web server: who may ask, from where, how much, and under which headers.

Until accounts exist the center answers on loopback only. The address of the client alone is not enough for that: a
page from elsewhere can make an operator's own browser ask (a foreign Origin), also under a name of its own that it
points at this machine (DNS rebinding, seen in Host). All three are judged here, for HTTP and for WebSockets alike:
plain ASGI, because what frameworks call HTTP middleware never sees a WebSocket. Wrapped around the whole application
by bootstrap; nothing may be wrapped around it, since it hands the raw connection on (``ops_center.transport``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import structlog

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_BODY_BYTES = 4 * 1024 * 1024
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


def content_security_policy(script_hashes: Iterable[str] = ()) -> str:
    """Return the policy under which the map, the tables and the controls work; hashes as Dash names its inline scripts.

    ``wasm-unsafe-eval`` is what the map's WebAssembly needs; nothing that a page loads may come from elsewhere.
    """
    hashes = "".join(f" '{given.strip(chr(39))}'" for given in script_hashes)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval'{hashes}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'self'",
        )
    )


class Guard:
    """An ASGI application around another."""

    def __init__(
        self,
        app: App,
        policy: str | None = None,
        names: frozenset[str] = LOOPBACK_NAMES,
        max_body: int = MAX_BODY_BYTES,
    ) -> None:
        self._app = app
        self._names = names
        self._max_body = max_body
        self._headers = (*_HEADERS, (b"content-security-policy", (policy or content_security_policy()).encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge the request; refused ones never reach the application."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = _refusal(scope, self._names, self._max_body)
        if refusal is not None:
            await self._refuse(scope, send, *refusal)
            return
        scope["ops_center.transport"] = getattr(getattr(send, "__self__", None), "transport", None)
        await self._app(scope, receive, self._with_headers(send) if scope["type"] == "http" else send)

    def _with_headers(self, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message.get("headers", ())}
                added = [header for header in self._headers if header[0] not in present]
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        return with_headers

    async def _refuse(self, scope: Scope, send: Send, status: int, reason: str) -> None:
        log.info("guard.refused", reason=reason, path=scope.get("path", "")[:200], client=str(scope.get("client")))
        if scope["type"] == "websocket":
            # Closing before accepting is answered with 403.
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        await self._with_headers(send)({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": reason.encode()})


def _refusal(scope: Scope, names: frozenset[str], max_body: int) -> tuple[int, str] | None:
    """Return status and reason, None for a request that may pass."""
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    if not _is_loopback(scope.get("client")):
        return 403, "only this machine may ask"
    hosts = _values(headers, b"host")
    if len(hosts) != 1 or _name_of(f"//{hosts[0]}") not in names:
        return 421, "asked under a name that is not this machine's"
    if (scope["type"] == "websocket" or scope["method"] not in _READING) and not _same_origin(headers, hosts[0]):
        return 403, "asked by a page from elsewhere"
    return _body_refusal(headers, max_body)


def _body_refusal(headers: Sequence[tuple[bytes, bytes]], max_body: int) -> tuple[int, str] | None:
    if _values(headers, b"transfer-encoding"):
        return 411, "a body must say its length"
    lengths = _values(headers, b"content-length")
    if any(not length.isdigit() or int(length) > max_body for length in lengths):
        return 413, f"a body may have {max_body} bytes"
    return None


def _is_loopback(client: Sequence[Any] | None) -> bool:
    try:
        return client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False


def _same_origin(headers: Sequence[tuple[bytes, bytes]], host: str) -> bool:
    """Browsers name the page that asks; what isn't a browser names none and can't be made to ask by a page."""
    if _values(headers, b"sec-fetch-site") == ["cross-site"]:
        return False
    return all(origin in {f"http://{host}", f"https://{host}"} for origin in _values(headers, b"origin"))


def _name_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _values(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for found, value in headers if found.lower() == name]
