"""A certificate and its key, as files: whether they are a pair, whom they are made out to, for how long they are good.

The web server's TLS is made of them (``ops_center/api/tls.py``); ``run.py check`` prints their faults.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

# Mozilla's "intermediate" list (version 5.7) without the finite-field exchanges: AEAD and forward secrecy.
_CIPHERS = ":".join(
    f"ECDHE-{signed}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for signed in ("ECDSA", "RSA")
)
_WARN_BEFORE = timedelta(days=30)

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


def server_context(files: CertificateFiles) -> ssl.SSLContext:
    """Return a server's context with these files: TLS 1.2 and 1.3. Raises OSError, of which ssl.SSLError is one."""
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
        server_context(files)
    except OSError as error:  # ssl.SSLError is one
        yield f"OPS_TLS_CERTIFICATE, OPS_TLS_KEY: {_words(error)}"
        return
    except ValueError as error:
        yield f"OPS_TLS_CERTIFICATE: {files.certificate} is no certificate: {error}"
        return
    if not any(_covers(pattern, name) for pattern in names):
        yield f"OPS_TLS_CERTIFICATE: made out to {', '.join(names) or 'nobody'}, not to {name} of OPS_PUBLIC_URL"


def validity_fault(certificate: Path, now: datetime) -> str | None:
    """Return why ``certificate`` is not good now, None if it is."""
    found = _leaf(certificate)
    if now < found.not_valid_before_utc:
        return f"OPS_TLS_CERTIFICATE: not good before {found.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    if now > found.not_valid_after_utc:
        return f"OPS_TLS_CERTIFICATE: expired on {found.not_valid_after_utc:%Y-%m-%d %H:%M} UTC; renew it"
    return None


def expiry_warning(certificate: Path, now: datetime) -> str | None:
    """Return that ``certificate`` expires within 30 days, None if it doesn't or has."""
    ends = _leaf(certificate).not_valid_after_utc
    if not now < ends < now + _WARN_BEFORE:
        return None
    return f"OPS_TLS_CERTIFICATE: expires on {ends:%Y-%m-%d %H:%M} UTC, in {(ends - now).days} days; renew it"


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
