"""``run.py notify`` as people use it: a route saved from a file and tried on a real mail server, and the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops_center.city.pack import CityPack
from ops_center.store.migrate import migrate
from tests.servers.mail_servers import free_port, mail_server
from tests.test_cli import run

ROUTE = """
name = "duty"
label = { zh = "值班", en = "duty" }
channel = "mail"
targets = ["duty@city.example"]
language = "en"
test_target = true
"""


@pytest.fixture
def settings(plain_database: str, small_city: CityPack, tmp_path: Path) -> dict[str, str]:
    migrate(plain_database)
    return {
        "OPS_DATABASE_URL": plain_database,
        "OPS_STATE_DIR": str(tmp_path),
        "OPS_CITY_PACK": str(small_city.folder),
        "OPS_MAIL_FROM": "ops-center@city.example",
    }


def test_a_route_is_saved_tried_and_in_the_journal(settings: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "duty.toml"
    file.write_text(ROUTE, encoding="utf-8")
    saved = run("notify", "save", str(file), **settings)
    assert (saved.returncode, saved.stdout) == (0, "duty: version 1\n"), saved.stderr
    assert "duty@city.example" in run("notify", "list", **settings).stdout
    with mail_server(None) as box:
        address = f"smtp+plain://127.0.0.1:{box.port}"
        tried = run("notify", "test", "duty", **settings, OPS_SMTP_URL=address)
    assert tried.returncode == 0 and "sent" in tried.stdout, tried.stderr
    assert box.mails[0]["Subject"] == "[SIMULATED DATA] Test notification"
    away = f"smtp+plain://:hunter2@127.0.0.1:{free_port()}"
    failed = run("notify", "test", "duty", **settings, OPS_SMTP_URL=away)
    assert failed.returncode == 1 and "ConnectionRefusedError" in failed.stdout
    listed = run("notify", "journal", "--route", "duty", **settings)
    assert "sent" in listed.stdout and "waiting" in listed.stdout
    assert "hunter2" not in failed.stdout + failed.stderr + listed.stdout
    unknown = run("notify", "test", "nobody", **settings)
    assert unknown.returncode == 1 and "there is no route nobody" in unknown.stderr


def test_a_file_that_is_no_route_is_refused_in_one_line(settings: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    for text in ("name = ", ROUTE.replace("duty@city.example", "x y")):
        file.write_text(text, encoding="utf-8")
        refused = run("notify", "save", str(file), **settings)
        assert refused.returncode == 1 and "error:" in refused.stderr and "Traceback" not in refused.stderr
