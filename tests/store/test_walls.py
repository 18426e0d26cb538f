"""Walls in the store: set by comparing first, told to others, with their history and their audit."""

from __future__ import annotations

import threading

import psycopg
import pytest

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import WallChanged
from ops_center.domain.time import DAY_US
from ops_center.store.listening import WALLS
from ops_center.store.port import Store
from ops_center.store.wall_port import DisplayRow, Shows
from ops_center.walls.state import Doer, View, WallState, with_scene
from tests.store.shapes import REALM, T0, number

LI = Doer("li", "李", T0)
ENTRY = AuditEntry(T0, "li", "wall.scene_set", "main")
PLACE = View(118.78, 32.06, 11.5, 30.0, -10.0)


@pytest.fixture(autouse=True)
def _nothing_yet(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE realm_simulated.wall, realm_simulated.wall_change, realm_simulated.wall_display")


def scene(state: WallState, name: str = "daily") -> WallState:
    return with_scene(state, name, 1, LI, 1_500_000, auto=False)


def test_a_state_comes_back_as_it_was_hung(store: Store) -> None:
    first = scene(WallState())
    store.walls.write("main", 0, first, ENTRY)
    assert [(row.name, row.state, row.moved) for row in store.walls.load()] == [("main", first, None)]
    second = scene(first, "flood")
    store.walls.write("main", 1, second, ENTRY)
    assert [(row.act, row.author, row.state) for row in store.walls.history("main")] == [
        ("scene_set", "li", second),
        ("scene_set", "li", first),
    ]
    assert store.walls.history("side") == []


def test_who_was_passed_changes_nothing_and_writes_no_audit(store: Store, url: str) -> None:
    first = scene(WallState())
    store.walls.write("main", 0, first, ENTRY)
    before = number(url, "SELECT count(*) FROM center.audit")
    for expected in (0, 2):
        with pytest.raises(WallChanged):
            store.walls.write("main", expected, scene(first, "flood"), ENTRY)
    assert store.walls.load()[0].state == first
    assert number(url, "SELECT count(*) FROM center.audit") == before


def test_of_many_at_once_one_is_first(store: Store) -> None:
    first, done = scene(WallState()), []
    store.walls.write("main", 0, first, ENTRY)

    def decide(name: str) -> None:
        try:
            store.walls.write("main", 1, scene(first, name), ENTRY)
            done.append(name)
        except WallChanged:
            pass

    threads = [threading.Thread(target=decide, args=(f"scene_{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert store.walls.load()[0].state.scene == done[0]
    assert len(store.walls.history("main")) == 2


def test_where_a_hand_moves_the_map_changes_no_decision(store: Store) -> None:
    assert store.walls.move("main", PLACE, "wall-1", T0) == 1
    store.walls.write("main", 0, scene(WallState()), ENTRY)
    assert store.walls.move("main", PLACE, "wall-1", T0 + 1) == 2
    row = store.walls.load()[0]
    assert row.state.seq == 1
    assert row.moved is not None
    assert (row.moved.view, row.moved.seq, row.moved.by, row.moved.at_us) == (PLACE, 2, "wall-1", T0 + 1)


def test_others_hear_of_it(store: Store) -> None:
    ear, stop = store.listen(WALLS), threading.Event()
    ear.wait(stop, 0.05)
    store.walls.write("main", 0, scene(WallState()), ENTRY)
    assert ear.wait(stop, 10)
    store.walls.move("main", PLACE, "li", T0)
    assert ear.wait(stop, 10)
    ear.close()


def test_the_history_is_only_appended_to(store: Store, url: str) -> None:
    store.walls.write("main", 0, scene(WallState()), ENTRY)
    with psycopg.connect(url, autocommit=True) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute("DELETE FROM realm_simulated.wall_change")
    assert REALM.value == "simulated"


def test_displays_say_what_they_show_and_are_forgotten(store: Store) -> None:
    def page(name: str, at_us: int, display: int = 2) -> DisplayRow:
        return DisplayRow("main", display, name, "wall-1", at_us, Shows(3, "daily", 1, False, 12.5, "", "abc"))

    store.walls.report(page("old", T0 - 2 * DAY_US))
    store.walls.report(page("a", T0))
    store.walls.report(page("b", T0 + 5))
    store.walls.report(page("a", T0 + 9))
    assert store.walls.displays(0) == [page("a", T0 + 9), page("b", T0 + 5)]
    assert store.walls.displays(T0 + 6) == [page("a", T0 + 9)]
