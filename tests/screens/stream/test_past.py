"""The picture as it was, over HTTP: real PostgreSQL, real Valkey, the layers and the rights of today."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import psycopg
import pytest

from benchmarks.insider import gate_of, session_of
from feeds import all_feeds
from ops_center.domain.errors import StoreUnavailable
from ops_center.domain.people import Session
from ops_center.domain.rights import Asker, Grant
from ops_center.domain.time import SystemClock
from ops_center.embedded.postgres import PostgresServer
from ops_center.screens.stream.alarm_line import AlarmPlane
from ops_center.screens.stream.frames import decode_frames
from ops_center.screens.stream.past import STEP_US, Past
from ops_center.services.alarm_room import make_alarm_room
from ops_center.store.alarm_port import BookWork
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store, open_stream_store
from ops_center.store.port import Moment, Store
from ops_center.store.streaming import TimescaleStreamStore
from tests.screens.stream.plane import Plane, catalog, running_plane
from tests.servers.databases import empty_database
from tests.servers.webs import until
from tests.store.alarm_shapes import alarm, raised, taken_book
from tests.store.shapes import REALM, write

A, B = "dots/A/-", "dots/B/-"
T = 1_760_000_000_000_000 // STEP_US * STEP_US


@dataclass
class Was:
    plane: Plane
    store: Store
    rows: TimescaleStreamStore
    asks: list[Session]
    reads: list[int]

    def get(self, at_us: int, layers: str = "dots") -> httpx.Response:
        return httpx.get(f"{self.plane.url}/live/past", params={"at": at_us, "layers": layers})

    def red(self, at_us: int) -> dict[str, list[int]]:
        answer = self.get(at_us)
        assert answer.status_code == 200, answer.text
        return {header["cell"]: arrays["color"][:, 0].tolist() for header, arrays in decode_frames(answer.content)}


_SEED = """
INSERT INTO center.thing (key, producer, thing_id, kind, feed, name_zh, name_en, longitude, latitude, district,
                          department, attributes, origin)
OVERRIDING SYSTEM VALUE
SELECT n, 'dots', 'd' || n, 'dot', 'dots', '点', 'dot', 118, 32, substr('AB', n % 2 + 1, 1), '', '{}', 'test'
FROM generate_series(0, 3) n;
INSERT INTO center.datastream (key, thing, observed_property, unit, feed, interval_s, time_kind)
OVERRIDING SYSTEM VALUE SELECT n, n, 'level', 'm', 'dots', 1, 'instant' FROM generate_series(0, 3) n
"""
"""what ``plane.catalog`` says, in the database"""


@pytest.fixture(scope="module")
def database_url(plain_postgres: PostgresServer) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        with psycopg.connect(url) as connection:
            connection.execute(_SEED)
        yield url


@pytest.fixture(scope="module")
def was(valkey_url: str, database_url: str) -> Iterator[Was]:
    store, stop = open_store(database_url, REALM), threading.Event()
    rows = open_stream_store(database_url, REALM, "test")
    write(rows, *((key, T + step * STEP_US - 1, float(10 * step + key), 0, T) for key in range(4) for step in range(4)))
    book = taken_book(database_url)
    book.commit(lambda _: BookWork(raised(alarm(1, raised_us=T, changed_us=T))))
    room = make_alarm_room(store, lambda: catalog(1, 4), dict, all_feeds(), SystemClock())
    room.watch.look()
    asks, reads = [session_of(Grant.parse("operator"))], list[int]()

    def moment(at_us: int) -> Moment:
        reads.append(at_us)
        return store.history.moment(at_us)

    gate = lambda app: gate_of(app, session=lambda: asks[-1])  # noqa: E731
    alarms = AlarmPlane(room.desk, room.watch, room.judging, room.words)
    with running_plane(valkey_url, gate=gate, alarms=alarms, moment=moment) as plane:
        plane.hub.picture.step(0.0)
        yield Was(plane, store, rows, asks, reads)
    stop.set()
    rows.close()
    book.close()
    store.close()


@pytest.fixture(autouse=True)
def _an_operator(was: Was) -> Iterator[None]:
    yield
    del was.asks[1:]


def test_every_layer_is_drawn_as_of_the_moment(was: Was) -> None:
    assert was.red(T + STEP_US) == {A: [10, 12], B: [11, 13]}
    assert was.red(T + 3 * STEP_US) == {A: [30, 32], B: [31, 33]}
    headers = [header for header, _ in decode_frames(was.get(T + STEP_US).content)]
    assert {header["now_us"] for header in headers} == {T + STEP_US}
    live = {str(piece.name): piece.geometry for piece in was.plane.hub.picture.placed["dots"].pieces}
    assert {header["cell"]: header["geometry"] for header in headers} == live, "the browser holds that geometry already"


def test_a_moment_is_read_once_for_all_and_lies_on_a_step(was: Was) -> None:
    was.reads.clear()
    assert was.red(T + 2 * STEP_US) == was.red(T + 2 * STEP_US + 7) == was.red(T + 3 * STEP_US - 1)
    assert was.reads == [T + 2 * STEP_US]


def test_before_anything_was_received_the_picture_is_empty_and_aged(was: Was) -> None:
    for header, arrays in decode_frames(was.get(T - 10 * STEP_US).content):
        assert arrays["time_s"].tolist() == [0] * header["n"]


def test_who_sees_a_district_sees_the_past_of_that_district(was: Was) -> None:
    was.asks.append(session_of(Grant.parse("operator/*/A")))
    assert was.red(T + STEP_US) == {A: [10, 12]}
    was.asks.append(session_of(Grant.parse("auditor")))
    assert was.get(T + STEP_US).status_code == 403


def test_questions_that_make_no_sense_are_refused(was: Was) -> None:
    assert was.get(SystemClock().now_us() + 60_000_000).status_code == 422
    assert was.get(-1).status_code == 422
    assert was.get(T, layers="../../etc").status_code == 422
    answer = was.get(T, layers="unknown")
    assert (answer.status_code, answer.content) == (200, b"")


def test_alarms_are_those_that_were_open(was: Was) -> None:
    def ids(at_us: int) -> list[int]:
        answer = httpx.get(f"{was.plane.url}/live/past/alarms", params={"at": at_us})
        frame = json.loads(answer.content)["alarms"]
        assert (frame["all"], frame["gone"]) == (True, [])
        return [row["id"] for row in frame["set"]]

    assert (ids(T - 1), ids(T)) == ([], [1])
    was.asks.append(session_of(Grant.parse("operator/fire")))
    assert ids(T) == []


def test_a_failure_is_told_to_all_who_wait_and_not_remembered(was: Was) -> None:
    operator = Asker("li", (Grant.parse("operator"),))
    answers, entered, go = list[object](), threading.Event(), threading.Event()

    def failing(at_us: int) -> Moment:
        entered.set()
        go.wait(20)
        raise StoreUnavailable("away")

    past = Past(was.plane.hub.picture, failing)

    def ask() -> None:
        try:
            answers.append(past.cells(T, ["dots"], operator))
        except StoreUnavailable as error:
            answers.append(error)

    waiting = [threading.Thread(target=ask) for _ in range(3)]
    waiting[0].start()
    assert entered.wait(20)
    for one in waiting[1:]:
        one.start()
    until(lambda: past._held)
    go.set()
    for one in waiting:
        one.join(20)
    assert [str(answer) for answer in answers] == ["away"] * 3
    past._moment = was.store.history.moment
    assert past.cells(T, ["dots"], operator)
