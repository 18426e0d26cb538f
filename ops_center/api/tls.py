"""The web server's own TLS: versions 1.2 and 1.3 with forward secrecy alone, and a certificate that may be renewed.

Renewal is two files that change. Every handshake looks whether they did (two ``stat`` calls beside the arithmetic of a
handshake) and takes the new pair when it fits together and carries our name; until then the old one serves and the log
says why. No restart, no signal, no thread. Made by ``serving``; the faults are also what ``run.py check`` prints.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509

from ops_center.domain.errors import ConfigurationError

log = structlog.get_logger(__name__)

# Mozilla's "intermediate" list (version 5.7) without the finite-field exchanges: AEAD and forward secrecy.
_CIPHERS = ":".join(
    f"ECDHE-{signed}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for signed in ("ECDSA", "RSA")
)
_WARN_BEFORE = timedelta(days=30)
_DAY_S = 86_400.0

Signature = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """A certificate chain and its key, PEM."""

    certificate: Path
    key: Path

    def signature(self) -> Signature | None:
        """Return what changes when a file does; None while one is away."""
        try:
            found = [path.stat() for path in (self.certificate, self.key)]
        except OSError:
            return None
        return tuple((status.st_mtime_ns, status.st_size, status.st_ino) for status in found)


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
        if fault := expiry_fault(self._files.certificate, datetime.now(UTC)):
            log.warning("certificate.expires", reason=fault)


def _loaded(files: CertificateFiles, name: str) -> ssl.SSLContext:
    for fault in pair_faults(files, name):
        raise ConfigurationError(fault)
    return _context(files)


def _context(files: CertificateFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    # A key under a passphrase would make OpenSSL ask the terminal.
    context.load_cert_chain(files.certificate, files.key, password=lambda: "-")
    return context


def pair_faults(files: CertificateFiles, name: str) -> Iterator[str]:
    """Yield why the files can't serve ``name``: unreadable, a key that others may read, not a pair, another's name."""
    try:
        if files.key.stat().st_mode & 0o077:
            yield f"OPS_TLS_KEY: others may read {files.key}; chmod 600 it"
        names = certificate_names(files.certificate)
        _context(files)
    except OSError as error:  # ssl.SSLError is one
        yield f"OPS_TLS_CERTIFICATE, OPS_TLS_KEY: {_words(error)}"
        return
    except ValueError as error:
        yield f"OPS_TLS_CERTIFICATE: {files.certificate} is no certificate: {error}"
        return
    if not any(_covers(pattern, name) for pattern in names):
        yield f"OPS_TLS_CERTIFICATE: made out to {', '.join(names) or 'nobody'}, not to {name} of OPS_PUBLIC_URL"


def expiry_fault(certificate: Path, now: datetime) -> str | None:
    """Return what is wrong with the time for which ``certificate`` is good, None if nothing is for 30 days."""
    found = _leaf(certificate)
    ends = found.not_valid_after_utc
    if now < found.not_valid_before_utc:
        return f"OPS_TLS_CERTIFICATE: not good before {found.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    if now > ends:
        return f"OPS_TLS_CERTIFICATE: expired on {ends:%Y-%m-%d %H:%M} UTC; renew it"
    if now > ends - _WARN_BEFORE:
        return f"OPS_TLS_CERTIFICATE: expires on {ends:%Y-%m-%d %H:%M} UTC, in {(ends - now).days} days; renew it"
    return None


def certificate_names(certificate: Path) -> list[str]:
    """Return the names and addresses that a certificate is made out to; raises OSError and ValueError."""
    try:
        names = _leaf(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []  # browsers look at nothing else
    addresses = (str(address) for address in names.get_values_for_type(x509.IPAddress))
    return [*(name.lower() for name in names.get_values_for_type(x509.DNSName)), *addresses]


def _leaf(certificate: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(certificate.read_bytes())[0]


def _covers(pattern: str, name: str) -> bool:
    """Return whether ``pattern`` means ``name``; a star stands for the leftmost label (RFC 6125, 6.4.3)."""
    if pattern.startswith("*."):
        return name.partition(".")[2] == pattern[2:]
    return pattern == name.strip("[]")


def _words(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "they are no pair that TLS can use" + (f" ({error.reason})" if error.reason else "")
    return f"{error.filename}: {error.strerror}"
