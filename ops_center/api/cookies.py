"""The cookies of a browser: its session, what makes it a known one, a display's token, a sign-in that is under way.

Over https they are ``__Host-…`` and ``__Secure-…``: browsers take the first only from this host, over https, for the
whole host, so that no neighbour can plant one. Plain http is for loopback alone, where the prefix is left out. No
script can read any of them. Called by whatever signs somebody in or out, and by the gate.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

SECURE_NAME = "__Host-ops_session"
LOOPBACK_NAME = "ops_session"
_BROWSER = "ops_browser"
_DISPLAY = "ops_display"
_DISPLAY_PATH = "/display"
_SIGN_ON = "ops_sso"
_SCHEMES = frozenset({"https", "wss"})
_DAY_S = 86_400
_BROWSER_S = 180 * _DAY_S
_DISPLAY_S = 400 * _DAY_S
"""the most that browsers keep a cookie; a display asks for a new one by itself"""


def cookie_name(connection: HTTPConnection) -> str:
    """Return what the session's cookie is called on this connection."""
    return SECURE_NAME if _is_secure(connection) else LOOPBACK_NAME


def secret_of(connection: HTTPConnection) -> str | None:
    """Return the session's secret that the browser sent."""
    return connection.cookies.get(cookie_name(connection))


def set_session(connection: HTTPConnection, response: Response, secret: str, *, stays: bool = False) -> None:
    """Give the browser its session; ``stays``: also when the browser is closed (displays)."""
    _set(connection, response, cookie_name(connection), secret, lasts_s=_DISPLAY_S if stays else None)


def clear_session(connection: HTTPConnection, response: Response) -> None:
    """Take the session back from the browser."""
    _clear(connection, response, cookie_name(connection))


def browser_of(connection: HTTPConnection) -> str:
    """Return what shows that somebody signed in on this browser before; "" where nothing does."""
    return connection.cookies.get(_prefixed(connection, "__Host-", _BROWSER), "")


def set_browser(connection: HTTPConnection, response: Response, proof: str) -> None:
    """Make this a known browser: guesses from elsewhere don't slow it down."""
    _set(connection, response, _prefixed(connection, "__Host-", _BROWSER), proof, lasts_s=_BROWSER_S)


def display_token_of(connection: HTTPConnection) -> str | None:
    """Return the token that a display enrolled with."""
    return connection.cookies.get(_prefixed(connection, "__Secure-", _DISPLAY))


def set_display_token(connection: HTTPConnection, response: Response, token: str) -> None:
    """Let a display keep its token, for the address where it enrols alone."""
    name = _prefixed(connection, "__Secure-", _DISPLAY)
    _set(connection, response, name, token, lasts_s=_DISPLAY_S, path=_DISPLAY_PATH)


def sign_on_of(connection: HTTPConnection) -> str:
    """Return what the browser carries while its person is at the single sign-on; "" where it carries nothing."""
    return connection.cookies.get(_prefixed(connection, "__Host-", _SIGN_ON), "")


def set_sign_on(connection: HTTPConnection, response: Response, sealed: str, *, lasts_s: int) -> None:
    """Let the browser carry ``sealed``; it comes back with the redirect of another site, which is why it is lax."""
    _set(connection, response, _prefixed(connection, "__Host-", _SIGN_ON), sealed, lasts_s=lasts_s)


def clear_sign_on(connection: HTTPConnection, response: Response) -> None:
    """Take it back."""
    _clear(connection, response, _prefixed(connection, "__Host-", _SIGN_ON))


def _clear(connection: HTTPConnection, response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=_is_secure(connection), httponly=True, samesite="lax")


def _set(
    connection: HTTPConnection, response: Response, name: str, value: str, *, lasts_s: int | None, path: str = "/"
) -> None:
    secure = _is_secure(connection)
    response.set_cookie(name, value, max_age=lasts_s, path=path, secure=secure, httponly=True, samesite="lax")


def _prefixed(connection: HTTPConnection, prefix: str, name: str) -> str:
    return f"{prefix}{name}" if _is_secure(connection) else name


def _is_secure(connection: HTTPConnection) -> bool:
    return connection.url.scheme in _SCHEMES
