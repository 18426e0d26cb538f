"""The auditor: views are written within a turn, counted when they repeat, and never lost without saying how many."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from ops_center.domain.audit_form import AuditRow
from ops_center.domain.errors import StoreError
from ops_center.domain.realms import Realm
from ops_center.domain.rights import NOBODY, Asker
from ops_center.domain.time import ManualClock
from ops_center.embedded.postgres import PostgresServer
from ops_center.services import auditing
from ops_center.services.auditing import Auditor
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.people.chains import T0
from tests.servers.databases import empty_database
from tests.services.audits import away, empty

WANG = Asker("wang", session="s1")


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
def clock() -> ManualClock:
    return ManualClock(T0)


@pytest.fixture
def auditor(store: Store, clock: ManualClock) -> Auditor:
    return Auditor(store.audit, clock)


def written(store: Store) -> list[AuditRow]:
    return list(store.audit.walk())


def test_what_was_seen_is_written_with_the_next_turn(auditor: Auditor, store: Store) -> None:
    auditor.saw(WANG, "page.seen", "/wall", address="10.0.0.7", detail={"language": "zh"})
    assert written(store) == []
    assert auditor.turn()
    (row,) = written(store)
    assert (row.actor, row.session, row.action, row.subject, row.address) == (
        "wang",
        "s1",
        "page.seen",
        "/wall",
        "10.0.0.7",
    )
    assert (row.outcome, row.detail, row.at_us, row.realm) == ("done", {"language": "zh"}, T0, "live")


def test_the_same_within_a_minute_is_one_row_and_one_with_the_count(
    auditor: Auditor, store: Store, clock: ManualClock
) -> None:
    for _ in range(5):
        auditor.saw(WANG, "page.seen", "/wall")
        clock.advance(10)
    auditor.saw(WANG, "page.seen", "/desk")
    auditor.turn()
    assert [row.subject for row in written(store)] == ["/wall", "/desk"]
    clock.advance(10)
    auditor.turn()
    last = written(store)[-1]
    assert (last.subject, last.detail, last.at_us) == ("/wall", {"again": 4}, T0 + 40_000_000)
    auditor.turn()
    assert len(written(store)) == 3


def test_the_next_minute_is_counted_anew(auditor: Auditor, store: Store, clock: ManualClock) -> None:
    for _ in range(2):
        auditor.saw(WANG, "page.seen", "/wall")
        auditor.saw(WANG, "page.seen", "/wall")
        clock.advance(61)
    auditor.turn(everything=True)
    assert [row.detail for row in written(store)] == [{}, {"again": 1}, {}, {"again": 1}]


@pytest.mark.parametrize(
    "other",
    [
        {"asker": Asker("li", session="s1")},
        {"asker": Asker("wang", session="s2")},
        {"action": "page.exported"},
        {"subject": "/desk"},
        {"address": "10.0.0.8"},
        {"outcome": "refused"},
        {"detail": {"query": "x"}},
    ],
)
def test_what_differs_in_anything_is_written_by_itself(
    auditor: Auditor, store: Store, other: dict[str, object]
) -> None:
    same: dict[str, object] = {"asker": WANG, "action": "page.seen", "subject": "/wall"}
    auditor.saw(**same)  # type: ignore[arg-type]
    auditor.saw(**{**same, **other})  # type: ignore[arg-type]
    auditor.turn(everything=True)
    assert [row.detail.get("again") for row in written(store)] == [None, None]


def test_what_can_not_be_told_is_told_by_its_kind(auditor: Auditor, store: Store) -> None:
    class Silent:
        def __str__(self) -> str:
            raise KeyError("no")

    deep: list[object] = []
    deep.append(deep)
    auditor.saw(WANG, "page.seen", "/\ud800\0", detail={"silent": Silent(), "deep": deep, "long": "x" * 10**6})
    assert auditor.turn()
    auditor.saw(WANG, "page.seen", "/", detail={"silent": Silent()})
    assert auditor.turn()
    assert written(store)[-1].detail == {"silent": "<Silent>"}


def test_what_was_done_is_written_when_it_returns(store: Store, clock: ManualClock) -> None:
    told: list[int] = []
    auditor = Auditor(store.audit, clock, lambda: told.append(len(written(store))))
    auditor.did(NOBODY, "session.refused", "wang", outcome="failed", address="10.0.0.9")
    (row,) = written(store)
    assert (row.actor, row.subject, row.outcome) == ("", "wang", "failed")
    assert told == [1]


def test_what_cannot_be_written_when_it_is_done_is_an_error(auditor: Auditor, url: str) -> None:
    with away(url), pytest.raises(StoreError):
        auditor.did(NOBODY, "session.refused", "wang")


def test_a_database_that_is_away_is_said_once_and_nothing_is_lost(auditor: Auditor, store: Store, url: str) -> None:
    with capture_logs() as logs:
        with away(url):
            for page in ("/a", "/b"):
                auditor.saw(WANG, "page.seen", page)
                assert not auditor.turn()
            assert auditor.fault is not None
            assert "2 wait, 0 are lost" in auditor.fault
        assert auditor.turn()
    assert [entry["event"] for entry in logs] == ["audit.not_written", "audit.written_again"]
    assert auditor.fault is None
    assert [row.subject for row in written(store)] == ["/a", "/b"]


def test_of_what_the_queue_cannot_hold_the_number_is_written(
    auditor: Auditor, store: Store, url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "QUEUED", 10)
    monkeypatch.setattr(auditing, "_BATCH", 4)
    with away(url):
        for n in range(25):
            auditor.saw(WANG, "page.seen", f"/{n}")
            clock.advance(1)
            auditor.turn()
        assert "10 wait, 15 are lost" in (auditor.fault or "")
    auditor.turn()
    rows = written(store)
    assert [row.subject for row in rows if row.action == "page.seen"] == [f"/{n}" for n in range(10)]
    (gap,) = (row for row in rows if row.action == "audit.overflowed")
    assert (gap.actor, gap.outcome, gap.detail) == (
        "system",
        "failed",
        {"not_written": 15, "since_us": T0 + 10_000_000},
    )


def test_many_different_views_within_a_minute_take_bounded_memory(
    auditor: Auditor, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "_REMEMBERED", 3)
    for _ in range(2):
        for n in range(5):
            auditor.saw(WANG, "page.seen", f"/{n}")
    auditor.turn(everything=True)
    assert len(auditor._recent) == 0
    assert sum(1 + row.detail.get("again", -1) * 0 + row.detail.get("again", 1) - 1 for row in written(store)) == 10


def test_it_writes_what_is_left_when_it_is_asked_to_end(auditor: Auditor, store: Store) -> None:
    stop = threading.Event()
    thread = auditor.start(stop)
    auditor.saw(WANG, "page.seen", "/wall")
    auditor.saw(WANG, "page.seen", "/wall")
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    assert [row.detail for row in written(store)] == [{}, {"again": 1}]


def test_an_end_without_a_database_comes_all_the_same(
    auditor: Auditor, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "_EVERY_S", 0.01)
    stop = threading.Event()
    stop.set()
    with away(url), capture_logs() as logs:
        auditor.saw(WANG, "page.seen", "/wall")
        thread = auditor.start(stop)
        thread.join(60)
        assert not thread.is_alive()
    assert logs[-1]["event"] == "audit.lost"
    assert logs[-1]["entries"] == 1


def test_many_threads_lose_nothing(auditor: Auditor, store: Store) -> None:
    def look(person: int) -> None:
        for n in range(200):
            auditor.saw(Asker(f"p{person}"), "card.opened", f"traffic/S{n}")

    threads = [threading.Thread(target=look, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    auditor.turn()
    assert len(written(store)) == 1600
