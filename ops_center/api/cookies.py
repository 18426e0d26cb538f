"""The cookie that carries a session's secret: named, set and taken back in one place.

Over https it is ``__Host-ops_session``: browsers take a cookie of that name only from this host, over https, for the
whole host, so that no neighbour can plant one. Plain http is for loopback alone, where it is ``ops_session``.
Called by whatever signs somebody in or out, and by the gate, which reads it.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

SECURE_NAME = "__Host-ops_session"
LOOPBACK_NAME = "ops_session"
_SCHEMES = frozenset({"https", "wss"})
_DISPLAY_DAYS = 400
"""the most that browsers keep a cookie; a display asks for a new one by itself"""


def cookie_name(connection: HTTPConnection) -> str:
    """Return what the cookie is called on this connection."""
    return SECURE_NAME if _is_secure(connection) else LOOPBACK_NAME


def secret_of(connection: HTTPConnection) -> str | None:
    """Return the session's secret that the browser sent."""
    return connection.cookies.get(cookie_name(connection))


def set_session(connection: HTTPConnection, response: Response, secret: str, *, stays: bool = False) -> None:
    """Give the browser its session; ``stays``: also when the browser is closed (displays)."""
    response.set_cookie(
        cookie_name(connection),
        secret,
        max_age=_DISPLAY_DAYS * 86_400 if stays else None,
        path="/",
        secure=_is_secure(connection),
        httponly=True,
        samesite="lax",
    )


def clear_session(connection: HTTPConnection, response: Response) -> None:
    """Take the session back from the browser."""
    response.delete_cookie(
        cookie_name(connection), path="/", secure=_is_secure(connection), httponly=True, samesite="lax"
    )


def _is_secure(connection: HTTPConnection) -> bool:
    return connection.url.scheme in _SCHEMES
