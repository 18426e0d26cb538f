"""What hangs on a wall over ``/live``: to each display what is its own, to who steers all of it, to others nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from websockets.sync.client import ClientConnection

from benchmarks.insider import gate_of, session_of
from ops_center.domain.people import Session
from ops_center.domain.rights import Grant
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from ops_center.embedded.postgres import PostgresServer
from ops_center.screens.stream.wall_line import WallPlane
from ops_center.services.wall_room import Scenes, WallRoom, make_wall_room
from ops_center.services.walls import SceneName
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.wall_port import Shows
from ops_center.walls.state import View
from ops_center.walls.wall import Wall
from tests.screens.stream.plane import Plane, frames, next_of, running_plane
from tests.servers.databases import empty_database
from tests.services.alarm_center import DISPLAY, who
from tests.store.shapes import REALM

WANG = who("tester", "coordinator")
SCENES = {"daily": SceneName(1, Label("日常", "Daily")), "flood": SceneName(4, Label("防汛", "Flood"))}
WALL = Wall("main", Label("主屏", "Main wall"), 3, 1)


@dataclass
class Center:
    plane: Plane
    room: WallRoom
    asks: list[Session]

    @contextmanager
    def browser(self, display: int | None, name: str = "main") -> Iterator[ClientConnection]:
        with self.plane.connect() as client:
            wall = {"name": name} if display is None else {"name": name, "display": display}
            client.send(json.dumps({"subscribe": {"layers": [], "wall": wall}}))
            yield client


@pytest.fixture(scope="module")
def database_url(plain_postgres: PostgresServer) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def center(redis_url: str, database_url: str) -> Iterator[Center]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("TRUNCATE realm_simulated.wall, realm_simulated.wall_change, realm_simulated.wall_display")
    store, stop = open_store(database_url, REALM), threading.Event()
    names = lambda *_: Label("甲", "one")  # noqa: E731
    room = make_wall_room(store, {"main": WALL}, Scenes(lambda: SCENES, lambda _: None), names, SystemClock(), 1.5)
    room.follow(store, stop)
    asks = [session_of(Grant.parse("coordinator"))]
    gate = lambda app: gate_of(app, session=lambda: asks[-1])  # noqa: E731
    with running_plane(redis_url, gate=gate, walls=WallPlane(room.desk)) as plane:
        yield Center(plane, room, asks)
    stop.set()
    store.close()


def next_wall(client: ClientConnection, until: Any = lambda wall: True) -> dict[str, Any]:
    """The next frame about the wall that ``until`` holds for."""
    while True:
        message = client.recv(20)
        if isinstance(message, str):
            wall: dict[str, Any] = json.loads(message)["wall"]
            if until(wall):
                return wall


def test_a_display_is_told_at_once_what_hangs_there(center: Center) -> None:
    center.room.desk.set_scene(WANG, "main", "flood")
    with center.browser(2) as client:
        wall = next_wall(client, lambda wall: wall["scene"])
    assert (wall["name"], wall["display"], wall["scene"], wall["version"]) == ("main", 2, "flood", 4)
    assert "sent" not in wall and "displays" not in wall


def test_each_display_gets_what_is_its_own_and_who_steers_gets_all(center: Center) -> None:
    with center.browser(1) as one, center.browser(2) as two, center.browser(None) as desk:
        center.room.desk.send(WANG, "main", 2, ("alarm", "7"))
        assert next_wall(two, lambda wall: wall["seq"] == 1)["show"]["subject"] == "7"
        assert next_wall(one, lambda wall: wall["seq"] == 1)["show"] is None
        whole = next_wall(desk, lambda wall: wall["seq"] == 1)
    assert [(sent["display"], sent["name"]["en"], sent["by"]) for sent in whole["sent"]] == [(2, "one", "tester")]
    assert (whole["act"], whole["by"], whole["auto"]) == ("sent", "tester", True)


def test_a_map_that_is_dragged_arrives_everywhere_where_it_is_last(center: Center) -> None:
    with center.browser(1) as one, center.browser(3) as three:
        for step in range(40):
            center.room.desk.move(DISPLAY, "main", View(118.0 + step / 100, 32.0, 11.0))
        for client in (one, three):
            last = next_wall(client, lambda wall: wall["view_seq"] == 40)
            assert last["view"]["longitude"] == pytest.approx(118.39)
            assert last["moving"] is True


def test_it_says_which_displays_are_on(center: Center) -> None:
    with center.browser(None) as desk:
        assert next_wall(desk)["displays"] == []
        center.room.desk.report(DISPLAY, "main", 3, "page-a", Shows(5, "daily", 2, False, 7.0))
        (on,) = next_wall(desk, lambda wall: wall["displays"])["displays"]
    assert (on["display"], on["account"], on["scene"], on["version"], on["ready"]) == (3, "wall-1", "daily", 2, False)


@pytest.mark.parametrize("grant", ["department/water", "auditor"])
def test_who_may_not_see_walls_is_told_nothing(center: Center, grant: str) -> None:
    center.room.desk.set_scene(WANG, "main", "flood")
    center.asks.append(session_of(Grant.parse(grant), Grant.parse("department/water")))
    with center.browser(None) as client:
        assert next_of(frames(client), "subscribed")[0]["wall"] is False


@pytest.mark.parametrize(("display", "name"), [(4, "main"), (1, "side")])
def test_there_is_nothing_to_hear_of_a_display_that_is_not_there(center: Center, display: int, name: str) -> None:
    with center.browser(display, name) as client:
        assert next_of(frames(client), "subscribed")[0]["wall"] is False


def test_only_those_are_woken_who_look_at_a_wall(center: Center) -> None:
    with center.browser(1) as client, center.plane.connect() as other:
        other.send(json.dumps({"subscribe": {"layers": []}}))
        next_of(frames(other), "subscribed")
        next_wall(client, lambda wall: wall["seq"] == 0)
        assert sorted(one.is_of_a_wall for one in center.plane.hub._clients) == [False, True]
