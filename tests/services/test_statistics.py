"""Statistics are kept as versions with who entered them, written with the audit, and read by indicators."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from ops_center.domain.errors import Forbidden, OpsCenterError
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import ManualClock
from ops_center.indicators.loading import shipped_tree
from ops_center.services.demo_statistics import write_statistics
from ops_center.services.statistics import StatisticBoard, StatisticDesk
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.indicators.evidences import NOW_US

TREE, ZONE, HEAD = shipped_tree(), "Asia/Shanghai", "name,period,value,source,district\n"
CHIEF = Asker("chief", (Grant(Role.COORDINATOR),), "s1")


@pytest.fixture
def store(plain_database: str) -> Iterator[Store]:
    migrate(plain_database)
    opened = open_store(plain_database, Realm.SIMULATED)
    yield opened
    opened.close()


def desk_of(store: Store) -> tuple[StatisticDesk, StatisticBoard]:
    board = StatisticBoard(store.statistics)
    return StatisticDesk(store.statistics, board, TREE.statistics, ({"D01"}, ZONE), ManualClock(NOW_US)), board


def test_versions_stay_the_newest_counts_and_the_audit_knows_who(store: Store, plain_database: str) -> None:
    desk, board = desk_of(store)
    assert desk.save(CHIEF, f"{HEAD}cpi,2026-06,0.7,Bureau\ncpi,2026-07,0.8,Bureau") == 2
    assert desk.save(CHIEF, f"{HEAD}cpi,2026-07,0.9,Bureau") == 1, "a correction"
    assert desk.save(CHIEF, f"{HEAD}cpi,2026-07,0.9,Bureau") == 0, "the same again"
    assert desk.save(CHIEF, f"{HEAD}cpi,2026-05,0.5,Bureau") == 1, "older, entered later"
    newest = board.newest()
    assert newest is not None
    found = newest["cpi", ""]
    assert (found.period, found.value, found.version, found.by) == ("2026-07", 0.9, 2, "chief")
    assert [value.period for value, _ in desk.last(CHIEF)] == ["2026-05", "2026-07", "2026-07", "2026-06"]
    entries = list(store.audit.page(action="statistics.entered"))
    assert len(entries) == 3, "what changed nothing is no act"
    with psycopg.connect(plain_database) as connection, pytest.raises(psycopg.Error):
        connection.execute("UPDATE realm_simulated.statistic SET value = 0")


def test_one_wrong_line_keeps_all_of_them_out(store: Store) -> None:
    desk, board = desk_of(store)
    with pytest.raises(OpsCenterError, match="check it first"):
        desk.save(CHIEF, f"{HEAD}cpi,2026-07,0.8,Bureau\ncpi,2026-06,nonsense,Bureau")
    assert board.newest() == {}


def test_who_holds_a_district_enters_and_sees_its_figures_alone(store: Store) -> None:
    desk, _ = desk_of(store)
    local = Asker("local", (Grant(Role.COORDINATOR, None, "D01"),))
    with pytest.raises(Forbidden):
        desk.save(local, f"{HEAD}cpi,2026-07,0.8,Bureau")
    assert desk.save(local, f"{HEAD}hotline_on_time,2026-07,97,Hotline,D01") == 1
    assert desk.save(CHIEF, f"{HEAD}hotline_on_time,2026-07,96,Hotline") == 1
    assert [value.district for value, _ in desk.last(local)] == ["D01"]
    assert len(desk.last(CHIEF)) == 2


def test_the_demo_has_two_years_that_are_said_to_be_simulated(store: Store) -> None:
    assert write_statistics(store.statistics, TREE, 7, ZONE, NOW_US) > 100
    assert write_statistics(store.statistics, TREE, 7, ZONE, NOW_US) == 0
    newest = StatisticBoard(store.statistics).newest()
    assert newest is not None and {name for name, _ in newest} == set(TREE.statistics)
    assert all("simulated" in value.source and value.ended_us <= NOW_US for value in newest.values())
