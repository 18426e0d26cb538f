"""Public warnings: drafted from an alarm, issued by those who may, followed by messages that name what they replace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import psycopg
import pytest

from alerts.alarm import Act, Alarm, Refusal
from alerts.cap import MsgType
from alerts.public_warning import Draft
from ops_center.domain.errors import Fenced
from ops_center.domain.rights import Asker, Grant
from ops_center.domain.text import Label
from ops_center.domain.time import ManualClock
from ops_center.services.notifications.folder import Folder
from ops_center.services.warnings import Issuer, WarningDesk
from ops_center.store.booking import PostgresBookStore
from ops_center.store.migrate import migrate
from ops_center.store.notification_port import WarningMessage
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.alerts.test_cap import RULES, SCHEMA, texts
from tests.servers.databases import empty_database
from tests.services.notifying_center import Center, doors_to, make_center
from tests.store.alarm_shapes import alarm, taken_book, without_alarms
from tests.store.persons import last_entry
from tests.store.shapes import REALM, T0

CHIEF = Asker("chen", (Grant.parse("commander"),))
_EMPTY = (
    "TRUNCATE realm_simulated.notification, realm_simulated.notification_read, "
    "realm_simulated.notification_attempt, realm_simulated.notification_route"
)


@pytest.fixture(scope="module")
def migrated(request: pytest.FixtureRequest) -> Iterator[str]:
    with empty_database(request.getfixturevalue("plain_postgres").url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def store(migrated: str) -> Iterator[Store]:
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute(_EMPTY)
        connection.execute("TRUNCATE realm_simulated.public_warning")
    without_alarms(migrated)
    opened = open_store(migrated, REALM)
    yield opened
    opened.close()


@pytest.fixture
def book(migrated: str, store: Store) -> Iterator[PostgresBookStore]:
    opened = taken_book(migrated)
    yield opened
    opened.close()


@pytest.fixture
def center(store: Store, book: PostgresBookStore, tmp_path: Path) -> Center:
    made = make_center(store, book, {**doors_to(), "folder": Folder(tmp_path)}, ManualClock(T0))
    made.happens(alarm(1), Act.RAISED)
    return made


@pytest.fixture
def desk(store: Store, center: Center) -> WarningDesk:
    def place_of(_: Alarm) -> Label:
        return Label("玄武区", "Xuanwu")

    issuer = Issuer("nanjing", "warnings@city.example", Label("南京", "Nanjing"), REALM, ZoneInfo("Asia/Shanghai"))
    return WarningDesk(store, issuer, center.clock, RULES.get, place_of)


def drafted(desk: WarningDesk) -> Draft:
    found = desk.draft(CHIEF, 1)
    assert isinstance(found, Draft), found
    return found


def issued(desk: WarningDesk) -> WarningMessage:
    found = desk.issue_warning(CHIEF, 1, drafted(desk))
    assert isinstance(found, WarningMessage), found
    return found


def test_a_warning_lies_in_the_folder_valid_and_is_in_the_audit(
    desk: WarningDesk, center: Center, store: Store, tmp_path: Path
) -> None:
    center.route(name="portal", channel="folder", targets=["portal"], acts=["warning"])
    center.route(name="off", channel="folder", targets=["portal"], acts=["raised"])
    made = issued(desk)
    entry = last_entry(store)
    assert (entry.actor, entry.action, entry.subject) == ("chen", "warnings.issued", made.identifier)
    assert entry.detail == {"alarm": 1, "first": made.identifier, "targets": 1}
    center.goes()
    (file,) = tmp_path.iterdir()
    assert file.name == f"{made.identifier}.xml" and file.read_text("utf-8") == made.message
    root = ElementTree.fromstring(made.message)
    SCHEMA.validate(root)
    assert texts(root, "status") == ["Test"], "this realm is not the live one"
    assert texts(root, "info/area/areaDesc") == ["玄武区", "Xuanwu"]


def test_what_follows_names_all_that_came_before(desk: WarningDesk, center: Center, store: Store) -> None:
    first = issued(desk)
    center.clock.advance(60)
    update = desk.update_warning(CHIEF, first.identifier, drafted(desk))
    center.clock.advance(60)
    cancel = desk.cancel_warning(CHIEF, first.identifier, "over")
    assert isinstance(update, WarningMessage) and isinstance(cancel, WarningMessage)
    assert [one.msg_type for one in desk.warnings(CHIEF)] == [MsgType.CANCEL, MsgType.UPDATE, MsgType.ALERT]
    root = ElementTree.fromstring(cancel.message)
    SCHEMA.validate(root)
    (references,) = texts(root, "references")
    assert [one.split(",")[1] for one in references.split(" ")] == [first.identifier, update.identifier]
    assert texts(root, "note") == ["模拟数据 SIMULATED DATA over"]
    again = desk.cancel_warning(CHIEF, first.identifier, "over")
    assert isinstance(again, Refusal) and again.code == "ended"


def test_who_looked_at_an_earlier_message_is_told_and_nothing_leaves(desk: WarningDesk, store: Store) -> None:
    first = issued(desk)
    assert isinstance(desk.update_warning(CHIEF, first.identifier, drafted(desk), seen=1), WarningMessage)
    for late in (
        desk.update_warning(CHIEF, first.identifier, drafted(desk), seen=1),
        desk.cancel_warning(CHIEF, first.identifier, "over", seen=1),
    ):
        assert isinstance(late, Refusal) and late.code == "passed"
    assert len(store.warnings.warning(first.identifier)) == 2


def test_a_preview_is_the_message_and_keeps_nothing(desk: WarningDesk, store: Store) -> None:
    root = ElementTree.fromstring(desk.preview(drafted(desk)))
    SCHEMA.validate(root)
    assert texts(root, "msgType") == ["Alert"] and texts(root, "identifier")[0].endswith("-preview")
    assert not store.warnings.warnings()


@pytest.mark.parametrize(
    ("grants", "code"),
    [
        (["commander"], None),
        (["coordinator/water"], None),
        (["commander/water/xuanwu"], None),
        (["commander/fire"], "unknown"),
        (["operator"], "forbidden"),
        (["administrator"], "forbidden"),
        ([], "unknown"),
    ],
)
def test_only_those_who_may_warn_of_what_is_theirs(
    desk: WarningDesk, store: Store, grants: list[str], code: str | None
) -> None:
    asker = Asker("li", tuple(map(Grant.parse, grants)))
    draft = drafted(desk)
    for found in (desk.issue_warning(asker, 1, draft), desk.draft(asker, 1)):
        assert (found.code if isinstance(found, Refusal) else None) == code
    made = issued(desk)
    for found in (desk.update_warning(asker, made.identifier, draft), desk.cancel_warning(asker, made.identifier, "x")):
        assert (found.code if isinstance(found, Refusal) else None) == code


def test_a_warning_about_no_alarm_is_the_whole_city_s(desk: WarningDesk) -> None:
    draft = drafted(desk)
    assert isinstance(desk.issue_warning(CHIEF, 0, draft), WarningMessage)
    theirs = desk.issue_warning(Asker("li", (Grant.parse("commander/water"),)), 0, draft)
    assert isinstance(theirs, Refusal) and theirs.code == "forbidden"
    missing = desk.issue_warning(CHIEF, 404, draft)
    assert isinstance(missing, Refusal) and missing.code == "unknown"


def test_of_two_who_change_it_at_once_one_is_told(
    desk: WarningDesk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, draft = issued(desk), drafted(desk)
    seen = store.warnings.warning(first.identifier)
    desk.update_warning(CHIEF, first.identifier, draft)
    monkeypatch.setattr(store.warnings, "warning", lambda _: seen)
    with pytest.raises(Fenced):
        desk.update_warning(CHIEF, first.identifier, draft)
