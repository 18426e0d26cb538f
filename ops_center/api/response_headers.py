"""What browsers are told with every answer: which scripts run, who may frame, load or keep a page. Set by the guard."""

from __future__ import annotations

from collections.abc import Iterable

from ops_center.api.asgi import Message

_YEAR_S = 31_536_000
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        b"microphone=(), midi=(), payment=(), usb=()",
    ),
)
_SECURE = (b"strict-transport-security", f"max-age={_YEAR_S}; includeSubDomains".encode())
_NOT_KEPT = (b"cache-control", b"no-store")
_ASSETS = ("/assets/", "/_dash-component-suites/", "/_favicon.ico")
"""the same for everybody, and no word of anybody in them; all else is nobody's to keep unless it says so itself"""


def content_security_policy(script_hashes: Iterable[str] = ()) -> str:
    """Return the policy under which the map, the tables and the controls work; hashes as Dash names its inline scripts.

    ``wasm-unsafe-eval`` is what the map's WebAssembly needs; nothing that a page loads may come from elsewhere, and
    nothing it sends may go there.
    """
    hashes = "".join(f" '{given.strip(chr(39))}'" for given in script_hashes)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval'{hashes}",
            "script-src-attr 'none'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


class ResponseHeaders:
    """What is added to answers that don't say it themselves."""

    def __init__(self, policy: str, *, over_https: bool) -> None:
        always = (*_ALWAYS, (b"content-security-policy", policy.encode()))
        self._assets = (*always, _SECURE) if over_https else always
        self._others = (*self._assets, _NOT_KEPT)

    def add(self, message: Message, path: str) -> None:
        """Add them to the message that starts an answer to ``path``."""
        present = {name.lower() for name, _ in message.get("headers", ())}
        wanted = self._assets if path.startswith(_ASSETS) else self._others
        added = [header for header in wanted if header[0] not in present]
        message["headers"] = [*message.get("headers", ()), *added]
