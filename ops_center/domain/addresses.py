"""The address that people type and the networks that are trusted, read from settings; what is no such thing is named.

Used by the settings' own checks and by whatever judges requests (``ops_center/api/site.py``, ``hops.py``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from ops_center.domain.errors import ConfigurationError

Network = IPv4Network | IPv6Network

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_WIDEST = {4: 8, 6: 16}
"""prefix length; a shorter one trusts half the world"""


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """What stands in the address bar: scheme, name and port; the center wants a name of its own, no folder of one."""

    scheme: str
    name: str
    """lower case; an IPv6 address in brackets"""
    port: int

    @classmethod
    def parse(cls, url: str) -> PublicAddress:
        """Return the address of ``https://name`` or ``https://name:port``. Raises ConfigurationError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ConfigurationError(f"OPS_PUBLIC_URL: {error}") from None
        name = (parts.hostname or "").lower()
        name = f"[{name}]" if ":" in name else name
        if parts.scheme not in _DEFAULT_PORTS or not _NAME.fullmatch(name):
            raise ConfigurationError("OPS_PUBLIC_URL: write https://name or https://name:port")
        if parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username is not None:
            raise ConfigurationError("OPS_PUBLIC_URL: scheme, name and port alone; the center needs a name of its own")
        return cls(parts.scheme, name, port or _DEFAULT_PORTS[parts.scheme])

    @property
    def origin(self) -> str:
        """Return it as browsers write the origin of its pages."""
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.name}{port}"

    @property
    def is_loopback(self) -> bool:
        """Return whether it means this machine alone."""
        return self.name in LOOPBACK_NAMES


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of ``network,network``. Raises ConfigurationError."""
    try:
        networks = [ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise ConfigurationError(f"OPS_TRUSTED_PROXIES: {error}") from None
    for network in networks:
        if network.prefixlen < _WIDEST[network.version]:
            raise ConfigurationError(f"OPS_TRUSTED_PROXIES: {network} would believe everybody; name the proxies alone")
    return tuple(networks)


def is_loopback(host: str) -> bool:
    """Return whether ``host``, a name or an address, means this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
