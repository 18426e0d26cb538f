"""A mail server as a setting names it: ``smtps://user:password@mail.example:465``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from ops_center.domain.addresses import is_loopback
from ops_center.domain.errors import ConfigurationError

Security = Literal["tls", "starttls", "none"]
_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtps": ("tls", 465),
    "smtp": ("starttls", 587),
    "smtp+plain": ("none", 25),
}
"""scheme → how it is encrypted, usual port"""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_safe(self) -> bool:
        """Return whether nobody between can read along."""
        return self.security != "none" or is_loopback(self.host)

    @classmethod
    def parse(cls, address: str) -> MailServer:
        """Return the server of an address; raises ConfigurationError, which repeats nothing of it."""
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ConfigurationError("OPS_SMTP_URL: not an address") from None
        if parts.scheme not in _SCHEMES or not host or parts.path not in {"", "/"} or parts.query or parts.fragment:
            known = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
            raise ConfigurationError(f"OPS_SMTP_URL: one of {known} with host and, if need be, port is wanted")
        security, usual = _SCHEMES[parts.scheme]
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if user and security == "none" and not is_loopback(host):
            raise ConfigurationError("OPS_SMTP_URL: a password is not sent without encryption; use smtp:// or smtps://")
        return cls(host, port or usual, security, user, password)
