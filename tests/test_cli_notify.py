"""``run.py notify`` as people use it: a route saved from a file and tried on a real mail server, and the journal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops_center.city.pack import CityPack
from ops_center.domain.realms import Realm
from ops_center.store.alarm_port import BookWork
from ops_center.store.migrate import migrate
from tests.servers.mail_servers import free_port, mail_server
from tests.servers.webs import until
from tests.store.alarm_shapes import alarm, raised, taken_book
from tests.test_cli import ROOT, run

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
    file.write_text(ROUTE.replace("duty@city.example", "x y"), encoding="utf-8")
    refused = run("notify", "save", str(file), **settings)
    assert refused.returncode == 1 and "error:" in refused.stderr and "Traceback" not in refused.stderr
    assert "duty" not in run("notify", "list", **settings).stdout


def test_the_stage_tells_of_an_alarm_within_seconds_and_stops_when_it_is_asked(
    settings: dict[str, str], plain_database: str, tmp_path: Path
) -> None:
    file = tmp_path / "duty.toml"
    file.write_text(ROUTE, encoding="utf-8")
    assert run("notify", "save", str(file), **settings).returncode == 0
    book = taken_book(plain_database, Realm.SIMULATED)
    with mail_server(None) as box:
        address = {"OPS_SMTP_URL": f"smtp+plain://127.0.0.1:{box.port}"}
        environment = {**os.environ, **settings, **address}
        process = subprocess.Popen([sys.executable, "run.py", "notify"], cwd=ROOT, env=environment)
        try:
            book.commit(lambda _: BookWork(raised(alarm(1))))
            until(lambda: box.mails or process.poll() is not None, 60)
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(60)
            book.close()
    assert [mail["Subject"] for mail in box.mails] == ["[SIMULATED DATA] [high] raised: water_pressure_low, xuanwu"]
    assert status == 0
