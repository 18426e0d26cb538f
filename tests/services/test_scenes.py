"""Scenes in the database: imported once, edited in versions, duplicated, reverted, deleted, due by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from ops_center.domain.errors import ConfigurationError, SceneChanged, SceneError
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import ManualClock, from_datetime
from ops_center.embedded.postgres import PostgresServer
from ops_center.scenes.reading import shipped_files
from ops_center.screens.panels import options_by_kind
from ops_center.services.scenes import Refused, SceneDesk
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from ops_center.store.version_port import VersionRow
from tests.scenes.shapes import window
from tests.servers.databases import empty_database

LI = Asker("li")
REALM = Realm.SIMULATED
ZONE = "Asia/Shanghai"
COPY = Label("夜间", "Night")


@pytest.fixture(scope="module")
def scenes_url(plain_postgres: PostgresServer) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def store(scenes_url: str) -> Iterator[Store]:
    with psycopg.connect(scenes_url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {REALM.schema}.scene")
    opened = open_store(scenes_url, REALM)
    yield opened
    opened.close()


@pytest.fixture
def desk(store: Store) -> SceneDesk:
    desk = SceneDesk(store.scenes, ManualClock(), ZONE, options_by_kind())
    desk.import_shipped()
    return desk


def saved(outcome: VersionRow | Refused) -> VersionRow:
    assert isinstance(outcome, VersionRow), outcome
    return outcome


def edited(desk: SceneDesk, **change: Any) -> dict[str, Any]:
    return {**desk.scene("air").form, **change}


def acts(store: Store) -> list[tuple[str, str]]:
    return [(row.action, row.subject) for row in store.audit.page(action="scene.")]


def test_what_ships_is_imported_once_in_the_order_of_the_rotation(desk: SceneDesk, store: Store) -> None:
    ships = [name for name, _ in shipped_files()]
    assert next(row.name for row in desk.list()) == "daily" and len(desk.list()) == len(ships) >= 7
    assert {row.origin for row in desk.list()} == {f"file:{name}" for name in ships}
    version, again = desk.version(), desk.import_shipped()
    assert (again.new, again.renewed, again.left) == ((), (), ()) and desk.version() == version
    assert acts(store)[0] == ("scene.imported", str(len(ships)))


def test_every_edit_is_a_version_with_its_author_and_an_entry(desk: SceneDesk, store: Store) -> None:
    row = saved(desk.save(LI, edited(desk, rotate_s=30), 1, "slower"))
    assert (row.version, row.author, row.reason, row.origin) == (2, "li", "slower", "editor")
    assert desk.at("air", 1).form["rotate_s"] == 0 and desk.at("air", None).form["rotate_s"] == 30
    assert acts(store)[0] == ("scene.saved", "air")
    assert isinstance(desk.save(LI, edited(desk), 2, "  "), Refused), "a reason is wanted"
    with pytest.raises(SceneChanged):
        desk.save(LI, edited(desk), 1, "late")


def test_a_file_that_changed_leaves_what_somebody_edited(desk: SceneDesk) -> None:
    saved(desk.save(LI, edited(desk, rotate_s=30), 1, "slower"))
    changed = [
        (name, text.replace("order = 40", "order = 41").replace("order = 50", "order = 51"))
        for name, text in shipped_files()
    ]
    found = desk.import_files(changed, LI)
    assert (found.renewed, found.left) == (("water_network",), ("air",))
    row = saved(desk.as_shipped(LI, "air", 2, "as it was"))
    assert (row.version, row.form["rotate_s"], row.origin) == (3, 0, "file:air.toml")
    assert desk.import_files(changed, LI).renewed == ("air",), "it follows its file again"


def test_a_file_with_a_fault_changes_nothing(desk: SceneDesk) -> None:
    version = desk.version()
    broken = [(name, text.replace('kind = "weather"', 'kind = "oracle"')) for name, text in shipped_files()]
    with pytest.raises(ConfigurationError, match=r"air\.toml: panels\[\d\]\.kind"):
        desk.import_files(broken, LI)
    assert desk.version() == version


def test_an_old_version_can_be_the_newest_again(desk: SceneDesk, store: Store) -> None:
    saved(desk.save(LI, edited(desk, columns=40), 1, "wider"))
    row = saved(desk.revert(LI, "air", 1, 2, "too wide"))
    assert (row.version, row.form["columns"], row.form["version"]) == (3, 32, 3)
    assert acts(store)[0] == ("scene.reverted", "air")
    with pytest.raises(SceneError):
        desk.revert(LI, "air", 9, 3, "nothing there")


def test_a_copy_has_a_name_of_its_own_and_no_windows_and_can_be_deleted(desk: SceneDesk, store: Store) -> None:
    copy = saved(desk.duplicate(LI, "traffic_peak", "night_peak", COPY, "for the fair"))
    assert copy.form["schedule"] == [] and copy.form["label"] == {"zh": "夜间", "en": "Night"}
    assert isinstance(desk.duplicate(LI, "air", "night_peak", COPY, "again"), Refused)
    assert isinstance(desk.duplicate(LI, "air", "Night", COPY, "bad name"), Refused)
    saved(desk.delete(LI, "night_peak", 1, "the fair is over"))
    assert "night_peak" not in [row.name for row in desk.list()]
    assert acts(store)[:2] == [("scene.deleted", "night_peak"), ("scene.duplicated", "night_peak")]
    with pytest.raises(SceneError):
        desk.scene("night_peak")
    saved(desk.revert(LI, "night_peak", 1, 0, "another fair"))
    assert desk.scene("night_peak").version == 3
    with pytest.raises(SceneError):
        desk.delete(LI, "air", 1, "it ships")


def test_windows_and_turns_decide_what_is_due(desk: SceneDesk) -> None:
    monday_us = from_datetime(datetime(2026, 11, 30, 8, tzinfo=ZoneInfo(ZONE)))
    found = desk.due(monday_us)
    assert found and found.name == "daily", "what ships has no windows"
    saved(desk.schedule(LI, "traffic_peak", [window("mon")], 0, 1, "rush hours"))
    found = desk.due(monday_us)
    assert found and found.name == "traffic_peak"
    saved(desk.schedule(LI, "traffic_peak", [], 0, 2, "holidays"))
    saved(desk.schedule(LI, "flood", [window("mon", "00:00", "24:00")], 0, 1, "rain is coming"))
    found = desk.due(monday_us)
    assert found and found.name == "flood"
    assert isinstance(desk.schedule(LI, "flood", [window("mon", "7:00")], 0, 2, "bad time"), Refused)
