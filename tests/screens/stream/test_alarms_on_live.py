"""Alarms over ``/live``: everything first, then what changed, cut by rights, at most five times a second."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from alerts.alarm import Act, State, Turn
from benchmarks.insider import gate_of, session_of
from feeds import all_feeds
from ops_center.domain.catalog import Catalog
from ops_center.domain.people import Session
from ops_center.domain.rights import Grant
from ops_center.domain.time import SystemClock
from ops_center.embedded.postgres import PostgresServer
from ops_center.screens.stream.alarm_line import AlarmPlane
from ops_center.screens.stream.frames import decode_frames
from ops_center.screens.stream.seq_line import APART_S
from ops_center.services.alarm_room import AlarmRoom, make_alarm_room
from ops_center.store.alarm_port import BookWork
from ops_center.store.booking import PostgresBookStore
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.rule_port import Pulse
from tests.screens.stream.plane import Plane, catalog, frames, next_of, running_plane
from tests.servers.databases import empty_database
from tests.services.alarm_center import OPERATOR
from tests.store.alarm_shapes import acknowledged, alarm, entry, raised, taken_book, without_alarms
from tests.store.shapes import REALM

STEP_S = 20.0
"""far longer than anything takes: nothing here is decided by it"""


@dataclass
class Center:
    plane: Plane
    room: AlarmRoom
    book: PostgresBookStore
    asks: list[Session]

    def become(self, *grants: str) -> None:
        self.asks.append(session_of(*map(Grant.parse, grants)))

    @contextmanager
    def browser(self, seq: int | None = None, alarms: bool = True) -> Iterator[ClientConnection]:
        with self.plane.connect() as client:
            asked = {"layers": [], "alarms": alarms, **({} if seq is None else {"alarms_seq": seq})}
            client.send(json.dumps({"subscribe": asked}))
            yield client


@pytest.fixture(scope="module")
def database_url(plain_postgres: PostgresServer) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def center(redis_url: str, database_url: str) -> Iterator[Center]:
    without_alarms(database_url)
    store, stop = open_store(database_url, REALM), threading.Event()
    known: list[Catalog] = [catalog(1, 4)]
    room = make_alarm_room(store, lambda: known[-1], dict, all_feeds(), SystemClock())
    room.watch.look()
    room.follow(store, stop)
    book = taken_book(database_url)
    asks = [session_of(Grant.parse("operator"))]
    gate = lambda app: gate_of(app, session=lambda: asks[-1])  # noqa: E731
    with running_plane(
        redis_url, known=known, gate=gate, alarms=AlarmPlane(room.desk, room.watch, room.judging, room.words)
    ) as plane:
        yield Center(plane, room, book, asks)
    stop.set()
    book.close()
    store.close()


def alarms_of(client: ClientConnection) -> Iterator[dict[str, Any]]:
    while True:
        message = client.recv(STEP_S)
        if isinstance(message, str):
            yield json.loads(message)["alarms"]


def test_everything_comes_first_and_then_what_changed(center: Center) -> None:
    center.book.commit(lambda _: BookWork(raised(alarm(1), alarm(2, thing=-1, longitude=float("nan")))))
    center.room.watch.wait(0, STEP_S)
    with center.browser() as client:
        came = alarms_of(client)
        first = next(came)
        assert (first["seq"], first["all"], first["gone"]) == (2, True, [])
        one, two = first["set"]
        assert (one["id"], one["state"], one["priority"], one["name"]) == (
            1, "unacknowledged", 2, {"zh": "点", "en": "dot"},
        )  # fmt: skip
        assert one["label"]["en"] == "water_pressure_low", "there is no rule of that name"
        assert one["findings"][0]["channel"] == "LL"
        assert (two["longitude"], two["name"]) == (None, None)
        center.room.desk.acknowledge(OPERATOR, [1])
        second = next(came)
        assert (second["seq"], second["all"], [row["state"] for row in second["set"]]) == (3, False, ["acknowledged"])
        center.book.commit(lambda _: BookWork([_closed(2)]))
        assert next(came) == {"seq": 4, "all": False, "set": [], "gone": [2]}


def test_who_comes_back_gets_only_the_rest(center: Center) -> None:
    center.book.commit(lambda _: BookWork(raised(alarm(1), alarm(2))))
    center.room.watch.wait(0, STEP_S)
    center.room.desk.acknowledge(OPERATOR, [2])
    center.room.watch.wait(2, STEP_S)
    with center.browser(seq=2) as client:
        frame = next(alarms_of(client))
        assert (frame["seq"], frame["all"], [row["id"] for row in frame["set"]]) == (3, False, [2])
    with center.browser(seq=10**9) as client:
        assert next(alarms_of(client))["all"], "of another database"


@pytest.mark.parametrize(
    ("grants", "seen"),
    [(["operator"], {1, 2, 3}), (["department/water"], {1, 2}), (["department/police/gulou"], {3}),
     (["leader/*/gulou"], {3}), (["display"], {1, 2, 3}), (["department/fire"], set())],
)  # fmt: skip
def test_alarms_are_cut_by_rights(center: Center, grants: list[str], seen: set[int]) -> None:
    center.book.commit(lambda _: BookWork(raised(alarm(1), alarm(2), alarm(3, department="police", district="gulou"))))
    center.room.watch.wait(0, STEP_S)
    center.become(*grants)
    with center.browser() as client:
        came = alarms_of(client)
        assert {row["id"] for row in next(came)["set"]} == seen
        center.room.desk.comment(OPERATOR, [1, 2, 3], "x")
        center.room.desk.assign(OPERATOR, [3], "fire")
        touched: set[int] = set()
        last = -1
        while last < 7 and seen | ({3} if grants == ["department/fire"] else set()):
            frame = next(came)
            last = frame["seq"]
            touched |= {row["id"] for row in frame["set"]}
        assert touched == (seen or {3})


def test_who_may_see_no_alarms_is_sent_none(center: Center) -> None:
    center.become("auditor")
    with pytest.raises(ConnectionClosed), center.browser() as client:
        next(alarms_of(client))


def test_nobody_is_sent_alarms_without_asking(center: Center) -> None:
    with center.browser(alarms=False) as client:
        assert next_of(frames(client), "subscribed")[0]["alarms"] is False
        center.book.commit(lambda _: BookWork(raised(alarm(1))))
        center.room.watch.wait(0, STEP_S)
        texts = [isinstance(client.recv(STEP_S), str) for _ in range(3)]
        assert texts == [False] * 3, "heartbeats alone"


def test_changes_in_quick_succession_are_sent_together(center: Center) -> None:
    with center.browser() as client:
        came = alarms_of(client)
        next(came)
        began = time.monotonic()
        for number in range(1, 61):
            center.book.commit(lambda _, number=number: BookWork(raised(alarm(number))))
        shown: set[int] = set()
        count = 0
        while len(shown) < 60:
            shown |= {row["id"] for row in next(came)["set"]}
            count += 1
        took = time.monotonic() - began
    assert count <= 2 + took / APART_S, f"{count} frames in {took:.2f} s"


def test_the_heartbeat_says_how_old_the_alarms_are(center: Center) -> None:
    with center.browser() as client:
        for message in client:
            if isinstance(message, bytes):
                ages = [head["alarms"]["age_s"] for head, _ in decode_frames(message) if head["kind"] == "heartbeat"]
                if ages and ages[0] is not None:
                    assert 0 <= ages[0] < STEP_S
                    return


def test_the_heartbeat_says_for_how_long_nobody_has_judged(center: Center, database_url: str) -> None:
    now_us = SystemClock().now_us()
    with closing(open_store(database_url, REALM)) as store:
        store.health.speak(Pulse("rules", "one that hangs", now_us - 40_000_000, 0, 0.0))
        store.health.speak(Pulse("writer", "not of those who judge", now_us - 90_000_000, 0, 0.0))
        center.room.judging.look()
        assert 40 <= _told(center, lambda unjudged_s: unjudged_s > 0) < 90
        store.health.speak(Pulse("rules", "the next", SystemClock().now_us(), 0, 0.0))
        center.room.judging.look()
        assert _told(center, lambda unjudged_s: unjudged_s == 0) == 0
        store.health.speak(Pulse("book", "late", SystemClock().now_us(), 700, 25.0))
        center.room.judging.look()
        assert _told(center, lambda unjudged_s: unjudged_s > 0) == 25.0


def _told(center: Center, wanted: Callable[[float], bool]) -> float:
    with center.browser() as client:
        for message in client:
            if isinstance(message, bytes):
                said = [head["alarms"] for head, _ in decode_frames(message) if head["kind"] == "heartbeat"]
                if said and wanted(said[0]["unjudged_s"]):
                    return float(said[0]["unjudged_s"])
    raise AssertionError("the line has ended")


def _closed(number: int) -> Turn:
    before = acknowledged(alarm(number)).alarm
    after = replace(before, state=State.NORMAL, findings=(), closed_us=before.raised_us + 1)
    return Turn(after, (entry(after, Act.CLOSED, before.state),))
