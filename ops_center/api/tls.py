"""The web server's own TLS: its certificate may be renewed while it serves.

Renewal is two files that change. Every handshake looks whether they did (two ``stat`` calls beside the arithmetic of a
handshake) and takes the new pair when it fits together and carries our name; until then the old one serves and the log
says why. No restart, no signal, no thread. Made by ``serving``.
"""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime

import structlog

from ops_center.certificates import CertificateFiles, expiry_warning, pair_faults, server_context, validity_fault
from ops_center.domain.errors import ConfigurationError

log = structlog.get_logger(__name__)

_DAY_S = 86_400.0


class RenewedContext:
    """The TLS context of the server, whose certificate follows the files."""

    def __init__(self, files: CertificateFiles, name: str) -> None:
        """Load the files; raises ConfigurationError where they can't serve ``name``."""
        self._files = files
        self._name = name
        self._seen = files.signature()
        self._current = _loaded(files, name)
        self._warned_s = float("-inf")
        self._warn_of_expiry()
        # The listening context never changes; each handshake is led to the newest one.
        self.context = _loaded(files, name)
        self.context.sni_callback = self._lead

    def _lead(self, handshake: ssl.SSLObject, _asked: str | None, _context: ssl.SSLContext) -> None:
        found = self._files.signature()
        if found is not None and found != self._seen:
            self._seen = found
            self._renew()
        if time.monotonic() - self._warned_s > _DAY_S:
            self._warn_of_expiry()
        handshake.context = self._current

    def _renew(self) -> None:
        try:
            self._current = _loaded(self._files, self._name)
        except ConfigurationError as error:
            log.warning("certificate.not_renewed", reason=str(error))
        else:
            log.info("certificate.renewed", certificate=str(self._files.certificate))
            self._warn_of_expiry()

    def _warn_of_expiry(self) -> None:
        self._warned_s = time.monotonic()
        now = datetime.now(UTC)
        certificate = self._files.certificate
        if said := validity_fault(certificate, now) or expiry_warning(certificate, now):
            log.warning("certificate.expires", reason=said)


def _loaded(files: CertificateFiles, name: str) -> ssl.SSLContext:
    for fault in pair_faults(files, name):
        raise ConfigurationError(fault)
    return server_context(files)
