"""The page of notifications in a real Chromium: the journal of a real database, and all of one with its attempts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from alerts.notification_text import Content
from alerts.notifying import Wanted
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import SystemClock
from ops_center.store.notification_port import Attempt, Settled
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with people_center(admin, valkey_url, small_city.folder, tmp_path_factory.mktemp("state")) as running:
        told(running, "mail", "duty@city.example", "dead", "550 the recipient is refused", "water")
        told(running, "browser", "*", "sent", "on the pages", "water")
        told(running, "mail", "fire@city.example", "void", "acknowledged", "fire")
        yield running


def told(center: PeopleCenter, channel: str, target: str, state: Settled, outcome: str, department: str) -> None:
    now_us = SystemClock().now_us()
    facts = {"department": department, "district": "D01"}
    content = Content(f"报警 {target}", "Low pressure <b>here</b>", facts)
    values = {"route": "duty", "route_version": 3, "alarm": 0, "act": "raised", "due_us": now_us, "content": content}
    wanted = Wanted(key=target, channel=channel, target=target, **values)  # type: ignore[arg-type]
    center.store.notifications.add([wanted], now_us)
    (one,) = center.store.notifications.take(now_us, 1_000_000, 10)
    attempt = Attempt(1, now_us, "refused" if state == "dead" else "sent", outcome) if state != "void" else None
    center.store.notifications.settle(one, state, now_us, outcome, attempt=attempt)


class Reader(Visitor):
    """Somebody in front of the page."""

    def column(self, name: str) -> list[str]:
        return self.page.locator(f"#told-rows .ag-row [col-id={name}]").all_inner_texts()

    def chooses(self, word: str) -> None:
        self.page.click("#told-what")
        self.page.click(f'.mantine-Select-option:has-text("{word}")')


@pytest.fixture
def reader(page: Page, center: PeopleCenter) -> Iterator[Reader]:
    opened = Reader(page, center)
    yield opened
    assert not opened.errors, opened.errors


def test_the_journal_says_what_was_sent_and_what_was_given_up_and_why(center: PeopleCenter, reader: Reader) -> None:
    reader.holds(center.secret("zhou", Grant(Role.OPERATOR))).opens_desk("/notifications")
    wait_until(lambda: len(reader.column("said")) == 3, "all of the journal")
    assert set(reader.column("state")) == {"死信", "已送达", "未发送"}
    assert "已有人确认" in reader.column("why")
    reader.chooses("死信")
    wait_until(lambda: reader.column("to") == ["duty@city.example"], "dead letters alone")
    reader.picks_row("#told-rows .ag-row")
    wait_until(lambda: "550 the recipient is refused" in reader.page.inner_text("#told-details"), "its attempts")
    assert "Low pressure <b>here</b>" in reader.page.inner_text("#told-details"), "what was said is text, no markup"
    reader.chooses("发给我的")
    wait_until(lambda: reader.column("to") == ["*"], "what is for oneself")


def test_a_department_sees_what_is_its_own(center: PeopleCenter, reader: Reader) -> None:
    reader.holds(center.secret("huo", Grant(Role.DEPARTMENT, "fire"))).opens_desk("/notifications")
    wait_until(lambda: reader.column("to") == ["fire@city.example"], "its own alone")
