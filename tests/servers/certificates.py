"""An authority of the test session's own (``authority``), and certificates that it signs for any name and time."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ops_center.certificates import CertificateFiles

_DAY = timedelta(days=1)


class Authority:
    """Signs whatever a test wants to be signed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._self_signed().public_bytes(Encoding.PEM))
        self._issued = 0

    def _self_signed(self) -> x509.Certificate:
        names = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        return (
            self._begun(self._name, self._key.public_key(), -1, 3650)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(names, critical=False)
            .sign(self._key, SHA256())
        )

    def _begun(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, from_days: float, until_days: float
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + from_days * _DAY)
            .not_valid_after(now + until_days * _DAY)
        )

    def issue(self, *names: str, from_days: float = -1, until_days: float = 90) -> CertificateFiles:
        """Return the files of a certificate made out to ``names``, addresses or not."""
        self._issued += 1
        folder = self._folder / str(self._issued)
        folder.mkdir()
        files = CertificateFiles(folder / "chain.pem", folder / "key.pem")
        self.write(files, *names, from_days=from_days, until_days=until_days)
        return files

    def write(self, files: CertificateFiles, *names: str, from_days: float = -1, until_days: float = 90) -> None:
        """Write another pair over ``files``, as a renewal does: first the key, then the chain."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._begun(x509.Name([]), key.public_key(), from_days, until_days)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([*map(_general, names)]), critical=True)
        signed = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
        ).sign(self._key, SHA256())
        files.key.touch(mode=0o600)
        files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        files.certificate.write_bytes(signed.public_bytes(Encoding.PEM))

    def trusted(self) -> ssl.SSLContext:
        """Return a client's context that trusts this authority alone."""
        return ssl.create_default_context(cafile=self.file)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    yield Authority(tmp_path_factory.mktemp("authority"))
