"""The keeper of heads: signs what anybody committed, says once what it can't, signs nothing that doesn't fit."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker
from ops_center.domain.time import ManualClock
from ops_center.embedded.postgres import PostgresServer
from ops_center.people.audit_folder import read_heads, set_aside
from ops_center.people.audit_heads import Head
from ops_center.services import audit_heads
from ops_center.services.audit_heads import HeadKeeper
from ops_center.services.audit_running import RunningAudit
from ops_center.store.auditing import append
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from ops_center.store.session import Session
from tests.people.chains import SIGNER, STRANGER, T0
from tests.servers.databases import empty_database
from tests.servers.webs import until
from tests.services.audits import away, empty, entry, intruder


@pytest.fixture(scope="module")
def migrated(plain_postgres: PostgresServer) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def url(migrated: str) -> str:
    empty(migrated)
    return migrated


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, Realm.LIVE)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def keeper(store: Store, folder: Path) -> HeadKeeper:
    return HeadKeeper(store.audit, folder, SIGNER, ManualClock(T0))


def heads(folder: Path) -> list[Head]:
    found = read_heads(folder, SIGNER)
    assert found.bad == ()
    return list(found.good)


def write(store: Store, n: int) -> None:
    store.audit.append([entry(k) for k in range(n)])


def test_every_turn_signs_how_far_the_chain_has_come(keeper: HeadKeeper, store: Store, folder: Path) -> None:
    keeper.turn()
    assert heads(folder) == []
    for n in (2, 3):
        write(store, n)
        keeper.turn()
        keeper.turn()
    rows = {row.seq: row.hash for row in store.audit.walk()}
    assert [(head.seq, head.hash) for head in heads(folder)] == [(2, rows[2]), (5, rows[5])]
    assert keeper.fault is None


def test_rows_within_the_transaction_of_another_are_signed_once_it_is_committed(
    keeper: HeadKeeper, url: str, folder: Path
) -> None:
    session = Session(url, Realm.LIVE)

    def work(connection) -> None:  # type: ignore[no-untyped-def]
        append(connection, [entry()])
        keeper.turn()
        assert heads(folder) == []

    session.run(work)
    session.close()
    keeper.turn()
    assert [head.seq for head in heads(folder)] == [1]


def test_what_a_process_that_was_killed_left_unsigned_another_signs(
    store: Store, folder: Path, url: str, keeper: HeadKeeper
) -> None:
    write(store, 1)
    keeper.turn()
    killed = (
        "import os, sys\n"
        "from ops_center.domain.realms import Realm\n"
        "from ops_center.store.opening import open_store\n"
        "from tests.services.audits import entry\n"
        "open_store(sys.argv[1], Realm.LIVE).audit.append([entry(7)])\n"
        "os.kill(os.getpid(), 9)  # committed, no head yet\n"
    )
    ended = subprocess.run([sys.executable, "-c", killed, url], cwd=Path(__file__).parents[2], check=False, timeout=60)
    assert ended.returncode == -9
    assert [head.seq for head in heads(folder)] == [1]
    HeadKeeper(store.audit, folder, SIGNER, ManualClock(T0 + 1)).turn()
    assert [head.seq for head in heads(folder)] == [1, 2]


def test_two_keepers_write_into_files_of_their_own(store: Store, folder: Path) -> None:
    keepers = [HeadKeeper(store.audit, folder, SIGNER, ManualClock(T0)) for _ in range(2)]
    write(store, 1)
    for keeper in keepers:
        keeper.turn()
    assert len(list(folder.iterdir())) == 2
    assert [head.seq for head in heads(folder)] == [1, 1]


def test_a_nudge_makes_it_look_at_once_and_the_end_signs_what_is_left(
    keeper: HeadKeeper, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_heads, "_EVERY_S", 3600.0)
    stop = threading.Event()
    thread = keeper.start(stop)
    write(store, 1)
    keeper.nudge()
    until(lambda: [head.seq for head in heads(folder)] == [1])
    write(store, 1)
    stop.set()
    keeper.nudge()
    thread.join(60)
    assert [head.seq for head in heads(folder)][-1] == 2


def test_a_folder_without_room_is_said_once_and_signed_later(
    keeper: HeadKeeper, store: Store, folder: Path, full_device: Path
) -> None:
    full = folder / f"{audit_heads_machine()}-1.heads.jsonl"
    folder.mkdir()
    full.symlink_to(full_device)
    write(store, 3)
    with capture_logs() as logs:
        keeper.turn()
        keeper.turn()
        assert "No space left" in (keeper.fault or "")
        full.unlink()
        keeper.turn()
    assert [entry["event"] for entry in logs] == ["audit.unsigned", "audit.signed_again"]
    assert keeper.fault is None
    assert [head.seq for head in heads(folder)] == [3]


def test_a_folder_that_is_none_is_said_and_nothing_else_happens(store: Store, tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("a file")
    keeper = HeadKeeper(store.audit, tmp_path / "audit", SIGNER, ManualClock(T0))
    write(store, 1)
    keeper.turn()
    assert "can't be kept" in (keeper.fault or "")


def test_a_database_that_is_away_is_waited_for(keeper: HeadKeeper, store: Store, url: str, folder: Path) -> None:
    write(store, 1)
    with away(url):
        keeper.turn()
        assert (keeper.fault, heads(folder)) == (None, [])
    keeper.turn()
    assert [head.seq for head in heads(folder)] == [1]


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE center.audit SET actor = 'li' WHERE seq = 4",
        "DELETE FROM center.audit WHERE seq = 4",
        "UPDATE center.audit SET previous_hash = decode(repeat('00', 32), 'hex') WHERE seq = 3",
        "UPDATE center.audit_end SET seq = 1",
        "UPDATE center.audit_end SET hash = decode(repeat('00', 32), 'hex')",
        "UPDATE center.audit_end SET seq = 9",
        "DELETE FROM center.audit WHERE seq > 1;"
        "UPDATE center.audit_end SET seq = 1, hash = (SELECT hash FROM center.audit)",
    ],
)
def test_rows_that_do_not_follow_the_newest_head_get_none_and_are_said(
    keeper: HeadKeeper, store: Store, url: str, folder: Path, deed: str
) -> None:
    write(store, 2)
    keeper.turn()
    write(store, 3)
    with intruder(url) as connection:
        connection.execute(deed)
    with capture_logs() as logs:
        for _ in range(3):
            keeper.turn()
        HeadKeeper(store.audit, folder, SIGNER, ManualClock(T0)).turn()
    assert "audit verify" in (keeper.fault or "")
    assert [entry["event"] for entry in logs] == ["audit.unsigned"] * 2
    assert [head.seq for head in heads(folder)] == [2]


def test_when_the_heads_were_set_aside_it_goes_on_with_what_is_there(
    keeper: HeadKeeper, store: Store, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_heads, "_LOOK_AGAIN", 3)
    write(store, 2)
    keeper.turn()
    with intruder(url) as connection:
        connection.execute("DELETE FROM center.audit")
        connection.execute("UPDATE center.audit_end SET seq = 0, hash = decode(repeat('00', 32), 'hex')")
    write(store, 1)
    keeper.turn()
    assert keeper.fault is not None
    set_aside(folder, "aside")
    for _ in range(3):
        keeper.turn()
    assert keeper.fault is None
    assert [head.seq for head in heads(folder)] == [1]


def test_a_new_folder_beside_many_rows_begins_with_what_is_there_and_says_so(
    keeper: HeadKeeper, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_heads, "_FOLLOWED_BLIND", 2)
    write(store, 3)
    with capture_logs() as logs:
        keeper.turn()
        write(store, 1)
        keeper.turn()
    assert [entry["event"] for entry in logs] == ["audit.heads_begin"]
    assert [head.seq for head in heads(folder)] == [3, 4]


def test_heads_of_another_key_are_not_followed(store: Store, folder: Path) -> None:
    write(store, 2)
    HeadKeeper(store.audit, folder, STRANGER, ManualClock(T0)).turn()
    keeper = HeadKeeper(store.audit, folder, SIGNER, ManualClock(T0))
    keeper.turn()
    assert keeper.fault is None
    assert [head.seq for head in read_heads(folder, SIGNER).good] == [2]


def audit_heads_machine() -> str:
    import re
    import socket

    return re.sub(r"[^\w-]", "_", socket.gethostname())[:100]


def test_a_process_that_ends_writes_and_signs_what_is_left(store: Store, folder: Path) -> None:
    running, stop = RunningAudit(store.audit, folder, SIGNER, ManualClock(T0)), threading.Event()
    running.start(stop)
    running.auditor.saw(Asker("wang"), "page.seen", "/wall")
    stop.set()
    running.finish()
    assert [row.subject for row in store.audit.walk()] == ["/wall"]
    assert heads(folder)[-1].seq == 1
    assert running.fault() is None
