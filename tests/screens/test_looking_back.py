"""Pages that look back, in a real Chromium: the journal, what was set aside, feeds and what was refused of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from alerts.alarm import Act, Alarm, Aside, State, Turn
from ops_center.city.pack import CityPack
from ops_center.domain.messages import RawMessage, RejectReason
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import MINUTE_US, SystemClock
from ops_center.services.alarm_watch import AlarmWatch
from ops_center.services.alarms import AlarmDesk
from ops_center.store.alarm_port import BookWork
from ops_center.store.opening import open_stream_store
from ops_center.store.port import FeedCount, Quarantined
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center
from tests.store.alarm_shapes import alarm, entry, taken_book
from tests.store.shapes import STAND

pytestmark = pytest.mark.browser
LI = Asker("li.na", (Grant(Role.OPERATOR),))
NOW_US = SystemClock().now_us()


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with people_center(admin, valkey_url, small_city.folder, tmp_path_factory.mktemp("state")) as running:
        have_alarms(running)
        yield running


def have_alarms(center: PeopleCenter) -> None:
    """A day's alarms: 130, some of which people and the center put aside; and one message that nobody can read."""
    database = center.settings.database_url
    assert database is not None
    book = taken_book(database.get_secret_value(), center.settings.realm)
    raised = [one(number) for number in range(1, 131)]
    book.commit(lambda _: BookWork([Turn(found, (entry(found),)) for found in raised]))
    beneath = replace(raised[9], aside=Aside.SUPPRESSED, parent=11, explained_by="network")
    said = entry(beneath, Act.SUPPRESSED, State.UNACKNOWLEDGED, at_us=NOW_US)
    book.commit(lambda _: BookWork([Turn(beneath, (said,))]))
    book.close()
    writer = open_stream_store(database.get_secret_value(), center.settings.realm)
    message = RawMessage("raw.traffic", 0, "17", b"key", b"\x00\xff<script>alert(1)</script>", NOW_US)
    refused = Quarantined("traffic", message, RejectReason.NOT_DECODABLE, 1, "no JSON")
    writer.commit_intake(STAND, {("traffic", 0): FeedCount(900, 899, 1, NOW_US)}, [refused])
    writer.close()
    desk = AlarmDesk(center.store, AlarmWatch(center.store.alarms), SystemClock())
    desk.shelve(LI, [1, 2], SystemClock().now_us() + 60 * MINUTE_US, "道路施工")
    desk.out_of_service(LI, [3], "=更换传感器")


def one(number: int) -> Alarm:
    at_us = NOW_US - (300 - number) * MINUTE_US
    rule = "water_burst" if number % 2 else "water_pressure_low"
    department = "water_company" if number % 4 else "fire"
    return alarm(
        number, rule=rule, raised_us=at_us, changed_us=at_us, waiting_us=at_us, thing=-1, department=department
    )


class Reader(Visitor):
    """An operator in front of the page."""

    def column(self, name: str, grid: str = "journal-rows") -> list[str]:
        return [text.strip() for text in self.page.locator(f"#{grid} .ag-row [col-id={name}]").all_inner_texts()]

    def said(self, where: str) -> str:
        return self.page.locator(where).inner_text()


@pytest.fixture
def reader(page: Page, center: PeopleCenter) -> Iterator[Reader]:
    opened = Reader(page, center)
    opened.holds(center.secret(f"wang.{len(center.store.accounts.list())}"))
    yield opened
    assert not opened.errors, opened.errors


def test_the_journal_is_searched_turned_and_taken_along(reader: Reader) -> None:
    page = reader.page
    reader.opens_desk("/alarms/journal")
    wait_until(lambda: reader.said("#journal-state") == "100 条", "the newest hundred")
    page.click("#journal-older")
    wait_until(lambda: reader.said("#journal-state") == "34 条", "the rest")
    page.fill("#journal-actor", "li.na")
    wait_until(lambda: set(reader.column("actor")) == {"li.na"}, "what one person did")
    assert sorted(reader.column("act")) == ["停用", "搁置", "搁置"]
    reader.opens_desk("/alarms/journal?act=shelved&alarm=2")
    wait_until(lambda: reader.column("alarm") == ["#2"], "what an address asks for")
    assert "道路施工" in reader.column("reason")[0]
    assert "act=shelved" in str(page.get_attribute("#journal-csv", "href"))


def test_an_export_is_cut_by_scope_and_is_in_the_audit(center: PeopleCenter) -> None:
    secret = center.secret("pump", Grant(Role.DEPARTMENT, "water_company"))
    with center.http(secret) as http:
        answer = http.get("/alarms/journal/export.csv?period=all&act=out_of_service")
        everything = http.get("/alarms/journal/export.csv?period=all&alarm=4")
    (line,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (line["alarm"], line["reason"], line["actor"]) == ("3", "'=更换传感器", "li.na")
    assert not list(csv.DictReader(io.StringIO(everything.text.removeprefix("\ufeff")))), "another department's"
    written = [row for row in center.store.audit.page(action="alarms.exported") if row.actor == "pump"]
    assert written[-1].detail == {"period": "all", "act": "out_of_service"}


def test_what_was_set_aside_is_taken_back_or_says_why_not(reader: Reader, center: PeopleCenter) -> None:
    page = reader.page
    reader.opens_desk("/alarms/shelved")
    wait_until(lambda: len(reader.column("aside", "shelved-rows")) == 4, "all that is aside")
    reader.picks_row('#shelved-rows .ag-row:has-text("#3")')
    page.click("#shelved-back:not([disabled])")
    wait_until(lambda: "已收回 1 条" in reader.said("#shelved-answer"), "it is taken back")
    wait_until(lambda: len(reader.column("aside", "shelved-rows")) == 3, "and gone")
    assert center.store.alarms.find([3])[0].aside is Aside.NONE
    reader.picks_row('#shelved-rows .ag-row:has-text("由 #11 解释")')
    page.click("#shelved-back:not([disabled])")
    wait_until(lambda: "#10" in reader.said("#shelved-answer"), "what is suppressed says why not")


def test_what_was_refused_is_shown_harmless_and_released_where_it_can_be(reader: Reader, center: PeopleCenter) -> None:
    page = reader.page
    reader.opens_desk("/feeds")
    wait_until(lambda: "900" in reader.said("#feeds-list"), "what was received is counted")
    reader.picks_row("#refused-rows .ag-row")
    wait_until(lambda: "0000  00 ff 3c" in reader.said("#refused-details"), "its bytes")
    assert "\\x00\\xff<script>" in reader.said("#refused-details")
    page.click("#refused-release")
    wait_until(lambda: "没有可放行的" in reader.said("#refused-answer"), "nothing can go through")
    assert [row.action for row in center.store.audit.page(action="quarantine.released")]


def test_a_department_sees_feeds_but_not_bytes_that_belong_to_nobody(page: Page, center: PeopleCenter) -> None:
    visitor = Reader(page, center)
    visitor.holds(center.secret("valve", Grant(Role.DEPARTMENT, "water_company"))).opens_desk("/feeds")
    wait_until(lambda: "900" in visitor.said("#feeds-list"), "what was received is counted")
    wait_until(lambda: "职权覆盖全市" in visitor.said("#feeds-reasons"), "it says why not")
    assert page.locator("#refused-rows").is_hidden()


def test_every_figure_leads_to_the_lines_behind_it(reader: Reader) -> None:
    page = reader.page
    reader.opens_desk("/alarms/figures")
    wait_until(lambda: "报警总数\n129" in reader.said("#figures-tiles"), "all that were lines of their own")
    assert "water_burst" in reader.said("#figures-worst") and "100%" in reader.said("#figures-priorities")
    wait_until(lambda: page.locator("#figures-plot .bars path").count() > 100, "a bar for every ten minutes")
    page.click('.tile:has-text("报警总数")')
    wait_until(lambda: reader.path().startswith("/alarms/journal?act=raised"), "the journal")
    wait_until(lambda: set(reader.column("act")) == {"发生"}, "what was raised")
