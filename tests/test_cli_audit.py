"""``run.py audit`` as people use it: exit statuses, what it says, and that a stranger can verify what it exports."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker
from ops_center.people.audit_folder import read_heads
from ops_center.people.audit_heads import HeadSigner
from ops_center.people.keys import load_keys
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from tests.services.audits import entry, intruder
from tests.test_cli import run

PAGE = (Path(__file__).parents[1] / "docs" / "audit.md").read_text(encoding="utf-8")
VERIFIER = PAGE.split("<!-- verifier -->\n```python\n")[1].split("```")[0]

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def url(plain_database: str) -> str:
    migrate(plain_database)
    store = open_store(plain_database, Realm.SIMULATED)
    for n in range(3):
        store.audit.append([entry(n, detail={"name": "\x1b[31m[red]王"})])
    store.close()
    return plain_database


@pytest.fixture
def signer(tmp_path: Path) -> HeadSigner:
    return HeadSigner(load_keys(tmp_path / "keys" / "center.key"))


@pytest.fixture
def audit(url: str, tmp_path: Path, signer: HeadSigner) -> Command:
    def command(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return run("audit", *arguments, OPS_STATE_DIR=str(tmp_path), OPS_DATABASE_URL=url, **settings)

    return command


def sign(audit: Command, url: str, tmp_path: Path) -> None:
    """As any command does that wrote something."""
    ended = run("user", "add", "li", "operator", OPS_STATE_DIR=str(tmp_path), OPS_DATABASE_URL=url)
    assert ended.returncode == 0, ended.stderr


def test_verify_says_what_is_there_and_ends_with_0_or_1(
    audit: Command, url: str, tmp_path: Path, signer: HeadSigner
) -> None:
    sound = audit("verify")
    assert sound.returncode == 0, sound.stderr
    assert "3 rows, 1 to 3; 0 findings" in sound.stdout
    assert "heads vouch up to row 0; 3 rows after that" in sound.stdout
    sign(audit, url, tmp_path)
    newest = read_heads(tmp_path / "audit", signer).good[-1].seq
    assert f"heads vouch up to row {newest}; 0 rows after that" in audit("verify").stdout
    with intruder(url) as connection:
        connection.execute("UPDATE center.audit SET subject = E'\\u001b[2J' WHERE seq = 2")
    damaged = audit("verify")
    assert damaged.returncode == 1
    assert "changed at 2" in damaged.stdout
    assert "\x1b[2J" not in damaged.stdout
    assert "Traceback" not in damaged.stderr


def test_verify_needs_no_key_but_the_public_one(audit: Command, url: str, tmp_path: Path, signer: HeadSigner) -> None:
    sign(audit, url, tmp_path)
    (tmp_path / "keys" / "center.key").unlink()
    assert audit("verify", "--public-key", signer.public_key.hex()).returncode == 0
    assert audit("verify", "--public-key", "00" * 32).returncode == 1
    for wrong in ("zz", "00"):
        refused = audit("verify", "--public-key", wrong)
        assert refused.returncode == 1
        assert "32 bytes" in refused.stderr
    without = audit("verify")
    assert without.returncode == 1
    assert "OPS_KEY_FILE" in without.stderr
    assert not (tmp_path / "keys" / "center.key").exists()


def test_list_shows_entries_as_text_whatever_they_hold(audit: Command) -> None:
    listed = audit("list", "--actor", "wang", "--limit", "2")
    assert listed.returncode == 0, listed.stderr
    assert "traffic/S2" in listed.stdout
    assert "traffic/S0" not in listed.stdout
    assert "\x1b[31m" not in listed.stdout
    assert "[red]" in listed.stdout
    wrong = audit("list", "--from", "yesterday")
    assert wrong.returncode == 1
    assert "--from yesterday" in wrong.stderr


def test_a_stranger_verifies_an_export_with_the_twenty_lines_of_the_page(
    audit: Command, url: str, tmp_path: Path, signer: HeadSigner
) -> None:
    sign(audit, url, tmp_path)
    file = tmp_path / "export.jsonl"
    done = audit("export", str(file), "--from", "2023-01-01", "--to", "2300-01-01T00:00+08:00")
    assert done.returncode == 0, done.stderr
    assert re.search(r"rows, 1 to \d+, sha256 [0-9a-f]{64}", done.stderr)
    (program := tmp_path / "verifier.py").write_text(VERIFIER)

    def verified(key: bytes = signer.public_key) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(program), str(file), key.hex()]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    sound = verified()
    assert sound.returncode == 0, sound.stderr
    lines = file.read_text().splitlines()
    rows = [json.loads(line) for line in lines if '"kind":"row"' in line]
    assert f"{len(rows)} rows, 1 to {len(rows)}, 1 heads" in sound.stdout
    assert verified(bytes(range(32))).returncode != 0
    swapped = [lines[0], lines[2], lines[1], *lines[3:]]
    for changed in (swapped, lines[:2] + lines[3:], [line.replace("wang", "li") for line in lines]):
        file.write_text("\n".join(changed) + "\n")
        assert verified().returncode != 0
    again = audit("export", str(file))
    assert again.returncode == 1
    assert "File exists" in again.stderr
    assert '"action":"audit.exported"' in audit("export").stdout


def test_the_twenty_lines_are_twenty() -> None:
    assert len(VERIFIER.strip().splitlines()) <= 20


def test_young_rows_are_not_archived_and_nothing_is_accepted_without_a_finding(audit: Command, tmp_path: Path) -> None:
    young = audit("archive", str(tmp_path / "a"), "--before", "2500-01-01")
    assert young.returncode == 1
    assert "six months" in young.stderr
    nothing = audit("accept", "--reason", "for fun")
    assert nothing.returncode == 1
    assert "nothing to accept" in nothing.stderr


def test_check_says_how_the_audit_stands(url: str, tmp_path: Path, audit: Command) -> None:
    sign(audit, url, tmp_path)
    settings = {"OPS_STATE_DIR": str(tmp_path), "OPS_DATABASE_URL": url}
    assert re.search(r"ok\s+audit: \d+ rows were written, signed heads to \d+", run("check", **settings).stdout)
    with intruder(url) as connection:
        connection.execute("UPDATE center.audit_end SET seq = 1")
    assert re.search(r"failed\s+audit: rows end at 1", run("check", **settings).stdout)


def test_who_is_at_the_command_line_is_in_the_audit(audit: Command, url: str, tmp_path: Path) -> None:
    sign(audit, url, tmp_path)
    assert Asker("system").account in audit("list", "--action", "account.").stdout
