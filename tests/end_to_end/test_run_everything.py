"""``python run.py`` as a new user has it: one command, a live city, and nothing left behind."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.end_to_end.everything import Everything
from tests.stages import wait_until

pytestmark = pytest.mark.timeout(600)

STAGES = ("web", "live", "notify", "book", "writer", "intake", "rules", "simulate")


@pytest.fixture
def everything(open_folder: Path) -> Iterator[Everything]:
    folder = open_folder / "everything"
    folder.mkdir(mode=0o755, exist_ok=True)
    center = Everything(folder)
    with center.stage, center.http:
        yield center


def test_one_command_shows_a_live_city_that_comes_back_with_its_data(everything: Everything) -> None:
    wait_until(lambda: everything.accepted("traffic") > 0, "traffic to be accepted", 180, 0.5)
    assert "http://localhost" in everything.log.read_text()
    _strangers_see_a_door_and_nothing_else(everything)
    health = everything.health()
    assert health["status"] in {"ok", "degraded"}, health
    assert health["store"]["edition"]
    assert health["bus"]["name"] == "redis-streams"
    for feed in health["feeds"].values():
        assert feed["received"] == feed["accepted"] + feed["quarantined"]

    _kill_each_stage_and_see_it_come_back(everything)
    before = everything.accepted("traffic")
    family = everything.family()
    everything.stage.stop(60)  # as Ctrl-C
    left = [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert not left, f"still running after Ctrl-C: {left}"

    everything.stage.start()
    wait_until(lambda: everything.accepted("traffic") > before, "yesterday's counts and new ones", 180, 0.5)
    assert "making the demo city" not in _since_second_start(everything.log)


def _kill_each_stage_and_see_it_come_back(center: Everything) -> None:
    seen = center.accepted("traffic")
    for name in STAGES:
        victim = next(p for p in center.family() if _command_of(p)[-1:] == [name])
        victim.send_signal(signal.SIGKILL)
    starts = len(STAGES)
    wait_until(
        lambda: (
            len(re.findall(r'"starts": 2.*process.started|process.started.*"starts": 2', center.log.read_text()))
            >= starts
        ),
        "every stage to be started again",
        60,
    )
    wait_until(lambda: center.accepted("traffic") > seen, "traffic to go on", 120, 0.5)


def _strangers_see_a_door_and_nothing_else(center: Everything) -> None:
    with httpx.Client(base_url=center.http.base_url, timeout=10) as stranger:
        page = stranger.get("/", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/")
        assert "demo-operator" in stranger.get("/sign-in").text
        assert stranger.get("/api/health").status_code == 401
        assert stranger.get("/api/alive").json() == {"status": "ok"}
    assert center.http.get("/").headers["location"] == "/wall"
    secret = re.search(r'"one_time_password_in": "([^"]+)"', center.log.read_text())
    assert secret, "the first administrator's password is in a file of its own, which the log names"
    assert Path(secret[1]).stat().st_mode & 0o077 == 0
    assert Path(secret[1]).read_text().split()[-1] not in center.log.read_text()


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it ended while we looked
        return []


def _since_second_start(log: Path) -> str:
    text = log.read_text()
    return text[text.rindex("database.migrated") :]


def test_two_centers_on_one_folder_are_refused_with_a_reason(everything: Everything) -> None:
    wait_until(lambda: bool(everything.health()), "the first center", 180, 0.5)
    second = Everything(everything.folder)
    second.log = everything.folder / "second.log"
    second.stage.log = second.log
    second.stage.start()
    assert second.stage.wait(60) == 1
    said = second.log.read_text()
    assert "error:" in said
    assert "Traceback" not in said
