"""How uvicorn serves the center: whose word counts, which TLS, how much at once. Called by bootstrap."""

from __future__ import annotations

import asyncio
import resource
import ssl
from typing import Any

import uvloop

from ops_center.api.connections import Bounds, bounded_protocol
from ops_center.api.site import Site
from ops_center.api.tls import RenewedContext
from ops_center.certificates import CertificateFiles
from ops_center.settings import Settings

_MOST_CONNECTIONS = 4096
_OTHER_FILES = 256
"""files that the process itself needs open"""
_HANDSHAKE_WITHIN_S = 10.0


def site_of(settings: Settings) -> Site:
    """Return the address people type and the proxies before us. Raises ConfigurationError."""
    return Site.parse(settings.public_url, settings.trusted_proxies)


def server_options(settings: Settings, bounds: Bounds | None = None) -> dict[str, Any]:
    """Return the options of ``uvicorn.Config``. Raises ConfigurationError where certificate and key can't be used."""
    site = site_of(settings)
    options: dict[str, Any] = {
        "http": bounded_protocol(bounds or Bounds(), site.proxies),
        "loop": f"{__name__}:new_loop",
        # The guard reads what proxies say. uvicorn's own reading would believe any process of this machine, and it
        # stands around the guard.
        "proxy_headers": False,
        "server_header": False,
        "access_log": False,
        "log_level": "warning",
        "limit_concurrency": most_connections(),
        "timeout_graceful_shutdown": 3,
    }
    if settings.tls_certificate is not None and settings.tls_key is not None:
        files = CertificateFiles(settings.tls_certificate, settings.tls_key)
        renewed = RenewedContext(files, site.public.name if site.public else "localhost")
        options["ssl_context_factory"] = lambda _config, _default: renewed.context
    return options


def most_connections() -> int:
    """Return how many connections the process has files for; who comes after that is told to try again (503)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _MOST_CONNECTIONS + _OTHER_FILES:
        wanted = _MOST_CONNECTIONS + _OTHER_FILES
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(64, min(_MOST_CONNECTIONS, soft - _OTHER_FILES))


class _Loop(uvloop.Loop):
    """uvloop's, but whoever connects and doesn't finish the handshake is not waited for: nothing counts him yet."""

    async def create_server(self, *arguments: Any, **named: Any) -> Any:
        if isinstance(named.get("ssl"), ssl.SSLContext):
            named.setdefault("ssl_handshake_timeout", _HANDSHAKE_WITHIN_S)
        return await super().create_server(*arguments, **named)


def new_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of the web server."""
    return _Loop()
