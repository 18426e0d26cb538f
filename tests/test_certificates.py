"""Certificate files: pairs, names, times and who may read them."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops_center.certificates import (
    CertificateFiles,
    certificate_names,
    expiry_warning,
    pair_faults,
    validity_fault,
)
from tests.servers.certificates import Authority


def faults(files: CertificateFiles, name: str = "ops.example") -> list[str]:
    return list(pair_faults(files, name))


def test_a_pair_with_our_name_has_no_fault(authority: Authority) -> None:
    files = authority.issue("ops.example", "127.0.0.1")
    assert faults(files) == []
    assert faults(files, "127.0.0.1") == []
    assert certificate_names(files.certificate) == ["ops.example", "127.0.0.1"]


@pytest.mark.parametrize(
    ("made_out_to", "name", "good"),
    [
        ("*.example", "ops.example", True),
        ("*.example", "a.ops.example", False),
        ("*.example", "example", False),
        ("OPS.example", "ops.example", True),
        ("other.example", "ops.example", False),
        ("::1", "[::1]", True),
    ],
)
def test_a_name_is_covered_or_not(authority: Authority, made_out_to: str, name: str, good: bool) -> None:
    found = faults(authority.issue(made_out_to), name)
    assert found == [] if good else "made out to" in found[0]


def test_a_certificate_of_nobody_is_a_fault(authority: Authority) -> None:
    assert "nobody" in faults(authority.issue())[0]


def test_a_key_that_others_may_read_is_a_fault(authority: Authority) -> None:
    files = authority.issue("ops.example")
    files.key.chmod(0o640)
    assert "chmod 600" in faults(files)[0]


def test_a_key_of_another_certificate_is_a_fault(authority: Authority) -> None:
    mixed = CertificateFiles(authority.issue("ops.example").certificate, authority.issue("ops.example").key)
    assert "no pair" in faults(mixed)[0]


@pytest.mark.parametrize("content", [b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_files_that_hold_something_else_are_a_fault(authority: Authority, tmp_path: Path, content: bytes) -> None:
    files = authority.issue("ops.example")
    wrong = tmp_path / "wrong.pem"
    wrong.write_bytes(content)
    wrong.chmod(0o600)
    assert faults(CertificateFiles(wrong, files.key))
    assert faults(CertificateFiles(files.certificate, wrong))
    assert faults(CertificateFiles(tmp_path / "nowhere.pem", files.key)) == [
        f"OPS_TLS_CERTIFICATE, OPS_TLS_KEY: {tmp_path}/nowhere.pem: No such file or directory"
    ]


def test_a_key_under_a_passphrase_is_a_fault_and_nobody_is_asked(authority: Authority, tmp_path: Path) -> None:
    files = authority.issue("ops.example")
    locked = tmp_path / "locked.pem"
    command = ["openssl", "pkcs8", "-topk8", "-in", str(files.key), "-out", str(locked), "-passout", "pass:secret"]
    subprocess.run(command, check=True, capture_output=True)
    locked.chmod(0o600)
    assert "no pair" in faults(CertificateFiles(files.certificate, locked))[0]


def test_its_time_is_judged_and_its_end_announced(authority: Authority) -> None:
    now = datetime.now(UTC)
    file = authority.issue("ops.example", until_days=40).certificate
    assert validity_fault(file, now) is None
    assert expiry_warning(file, now) is None
    assert "in 29 days" in str(expiry_warning(file, now + timedelta(days=10, minutes=1)))
    assert "expired" in str(validity_fault(file, now + timedelta(days=41)))
    assert expiry_warning(file, now + timedelta(days=41)) is None
    assert "not good before" in str(validity_fault(file, now - timedelta(days=2)))
