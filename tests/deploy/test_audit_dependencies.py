"""The audit of dependencies: pip-audit against an advisory service of the test's own, in the form of OSV's."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deploy.audit_dependencies import CONSTRAINTS, IGNORED, main, read_ignored

TODAY = date(2026, 11, 27)


class Advisories:
    """Answers queries about packages with what the test puts there."""

    def __init__(self) -> None:
        self.known: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805
                query = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
                name = query["package"]["name"]
                self.asked.append(name)
                body = json.dumps({"vulns": self.known.get(name, [])}).encode()
                handler.send_response(200)
                handler.send_header("Content-Type", "application/json")
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            def log_message(handler, *_: object) -> None:  # noqa: N805
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def options(self) -> list[str]:
        return ["-s", "osv", "--osv-url", f"http://127.0.0.1:{self._server.server_port}/v1/query"]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def advisories() -> Iterator[Advisories]:
    service = Advisories()
    yield service
    service.close()


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    file = tmp_path / "constraints.txt"
    file.write_text("# exact\nfirst==1.0\nsecond==2.0\nthird==3.0\n")
    return file


@pytest.fixture
def ignored(tmp_path: Path) -> Path:
    file = tmp_path / "ignored.toml"
    file.write_text("")
    return file


def vulnerability(name: str) -> dict[str, Any]:
    affected = {
        "package": {"name": name, "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.1"}]}],
        "versions": ["2.0"],
    }
    return {
        "id": "GHSA-aaaa-bbbb-cccc",
        "aliases": ["CVE-2026-1"],
        "modified": "2026-11-01T00:00:00Z",
        "published": "2026-11-01T00:00:00Z",
        "summary": "bad",
        "details": "bad",
        "affected": [affected],
    }


def test_what_is_sound_passes(
    advisories: Advisories, pinned: Path, ignored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(pinned, ignored, TODAY, advisories.options) == 0
    assert "3 pinned versions asked about: 0 vulnerable" in capsys.readouterr().out
    assert set(advisories.asked) == {"first", "second", "third"}


def test_a_vulnerable_version_fails_and_is_named(
    advisories: Advisories, pinned: Path, ignored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    advisories.known["second"] = [vulnerability("second")]
    assert main(pinned, ignored, TODAY, advisories.options) == 1
    said = capsys.readouterr().out
    assert "vulnerable: second 2.0: CVE-2026-1, GHSA-aaaa-bbbb-cccc (fixed in 2.1)" in said


@pytest.mark.parametrize("named", ["GHSA-aaaa-bbbb-cccc", "CVE-2026-1"])
def test_one_that_is_ignored_passes_until_its_date(
    advisories: Advisories, pinned: Path, ignored: Path, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    advisories.known["second"] = [vulnerability("second")]
    ignored.write_text(f'[[ignored]]\nid = "{named}"\nreason = "not used"\nlook_again = 2026-12-31\n')
    assert main(pinned, ignored, TODAY, advisories.options) == 0
    assert "0 vulnerable, 1 ignored" in capsys.readouterr().out
    assert main(pinned, ignored, date(2026, 12, 31), advisories.options) == 1
    assert "look again" in capsys.readouterr().out


@pytest.mark.parametrize(
    "entry",
    [
        'id = "X"\nlook_again = 2026-12-31',
        'id = "X"\nreason = " "\nlook_again = 2026-12-31',
        'id = "X"\nreason = "not used"',
        'id = "X"\nreason = "not used"\nlook_again = "later"',
    ],
)
def test_an_entry_without_reason_or_date_is_refused(ignored: Path, entry: str) -> None:
    ignored.write_text(f"[[ignored]]\n{entry}\n")
    with pytest.raises((KeyError, TypeError)):
        list(read_ignored(ignored))


def test_a_service_that_cannot_be_reached_is_said_and_passes(
    advisories: Advisories, pinned: Path, ignored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    advisories.close()
    assert main(pinned, ignored, TODAY, advisories.options) == 0
    assert "NOT AUDITED" in capsys.readouterr().out


def test_the_files_that_ship_can_be_read() -> None:
    assert CONSTRAINTS.is_file()
    list(read_ignored(IGNORED))
