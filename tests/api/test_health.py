"""Health: what it says of a center that is well, and of one whose parts are dead or hang."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from ops_center.domain.realms import Realm
from ops_center.domain.time import SECOND_US, SystemClock
from ops_center.embedded.postgres import PostgresServer
from ops_center.embedded.valkey import ValkeyServer
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_lane_store, open_store
from ops_center.store.rule_port import SetAside
from tests.api.conftest import Center, running_center
from tests.servers.webs import until


def health(center: Center) -> dict[str, object]:
    return dict(center.http.get("/api/health").json())


def test_a_center_that_is_well_says_so_in_full(center: Center) -> None:

    def is_live() -> bool:
        center.writer.flush()  # as the live worker does every second: what was said before the mirror listened is lost
        said = health(center)["live"]
        return isinstance(said, dict) and said["status"] == "ok" and said["age_s"] <= 1.0

    until(is_live)
    found = center.http.get("/api/health")
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    said = found.json()
    assert said["store"]["edition"] == "postgresql"
    assert said["store"]["version"]
    assert said["bus"] == {"status": "ok", "name": "redis-streams"}
    assert said["realm"] == "simulated"
    assert said["live"]["status"] == "ok"
    assert said["status"] == "ok", said["reasons"]
    assert set(said["feeds"]["traffic"]) == {"received", "accepted", "quarantined", "lag_s", "last_time"}
    assert said["feeds"]["traffic"]["received"] == 0


def test_clients_are_counted(center: Center) -> None:
    assert health(center)["clients"] == 0
    with connect(center.url.replace("http", "ws") + "/live", compression=None):
        until(lambda: health(center)["clients"] == 1)


def test_a_worker_that_is_behind_or_silent_is_a_reason(killable: tuple[PostgresServer, ValkeyServer, Center]) -> None:
    database, _, center = killable
    lanes, clock = open_lane_store(database.url, Realm.SIMULATED), SystemClock()
    assert asked(center)["workers"] == {}
    lanes.pulse("rules", "one", clock.now_us(), 0, 0.0)
    until(lambda: asked(center)["workers"].get("rules", {}).get("status") == "ok")
    lanes.pulse("rules", "one", clock.now_us(), 700, 55.0)
    until(lambda: "rules: 700 records, 55 s behind" in asked(center)["reasons"])
    lanes.pulse("rules", "one", clock.now_us(), 0, 0.0, [SetAside("brittle", "ZeroDivisionError", clock.now_us())])
    until(lambda: "rules: rules of the type brittle judge nothing" in asked(center)["reasons"])
    assert asked(center)["workers"]["rules"]["set_aside"][0]["why"] == "ZeroDivisionError"
    lanes.pulse("rules", "two", clock.now_us() - 3600 * SECOND_US, 0, 0.0)
    lanes.pulse("rules", "one", clock.now_us() - 60 * SECOND_US, 0, 0.0)
    until(lambda: any(re.match(r"rules: nothing heard for \d\d+ s", reason) for reason in asked(center)["reasons"]))
    lanes.close()


@pytest.fixture
def killable(tmp_path: Path, open_folder: Path) -> Iterator[tuple[PostgresServer, ValkeyServer, Center]]:
    """Servers of its own, for a test that kills them."""
    folder = open_folder / tmp_path.name
    with PostgresServer(folder, flavour="plain") as database, ValkeyServer(tmp_path) as cache:
        migrate(database.url)
        store = open_store(database.url, Realm.SIMULATED)
        with running_center(store, cache.url) as center:
            yield database, cache, center
        store.close()


def test_an_audit_that_can_not_be_kept_is_a_reason(center: Center) -> None:
    assert not any("audit" in reason for reason in asked(center)["reasons"])
    center.audit_faults.append("the heads can't be kept")
    said = asked(center)
    assert said["status"] == "degraded"
    assert "audit: the heads can't be kept" in said["reasons"]


def test_with_everything_dead_it_answers_soon_and_says_what_is(
    killable: tuple[PostgresServer, ValkeyServer, Center],
) -> None:
    database, cache, center = killable
    until(lambda: asked(center)["live"]["status"] != "lost")
    cache.stop()
    until(lambda: asked(center)["bus"]["status"] == "down")
    said = asked(center)
    assert said["status"] == "degraded"
    assert any(reason.startswith("bus:") for reason in said["reasons"])
    database.stop()
    until(lambda: asked(center)["status"] == "down", 30)
    assert center.http.get("/api/health").status_code == 503
    assert asked(center)["feeds"]["traffic"]["received"] is None
    refused = center.http.get("/api/quarantine")
    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    assert "127.0.0.1" not in refused.text, "addresses of servers are not for callers"


def test_a_database_that_hangs_does_not_hang_it(killable: tuple[PostgresServer, ValkeyServer, Center]) -> None:
    database, _, center = killable
    assert asked(center)["store"]["status"] == "ok"
    children = [int(child) for child in Path(f"/proc/{database.pid}/task/{database.pid}/children").read_text().split()]
    family = [database.pid, *children]
    for process in family:
        os.kill(process, signal.SIGSTOP)
    try:
        until(lambda: asked(center)["store"]["status"] == "down")
        assert any("no answer" in reason for reason in asked(center)["reasons"])
    finally:
        for process in family:
            os.kill(process, signal.SIGCONT)
    until(lambda: asked(center)["store"]["status"] == "ok", 40)


def asked(center: Center) -> dict[str, dict[str, object]]:
    """Ask within the time that health promises."""
    started_s = time.monotonic()
    answer = httpx.get(f"{center.url}/api/health", timeout=10)
    assert time.monotonic() - started_s < 8.0
    return dict(answer.json())
