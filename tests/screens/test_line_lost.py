"""A page whose center can't be reached says so, since when, and what was not done; it recovers by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center
from tests.servers.outages import Outage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with people_center(admin, valkey_url, small_city.folder, tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.mark.parametrize("path", ["/alarms/handover", "/notifications", "/warnings", "/rules", "/feeds"])
def test_every_page_says_that_it_is_cut_off_and_comes_back(page: Page, center: PeopleCenter, path: str) -> None:
    visitor = Visitor(page, center)
    visitor.holds(center.secret(f"x{path[1:4]}", Grant(Role.COORDINATOR))).opens_desk(path)
    page.wait_for_selector("#notices", state="attached")
    assert not page.locator("#line-lost").count()
    page.context.set_offline(True)
    visitor.sees("#line-lost")
    assert "连接中断" in page.inner_text("#line-lost")
    visitor.speaks("en")
    assert "CONNECTION LOST" in page.inner_text("#line-lost")
    page.context.set_offline(False)
    wait_until(lambda: not page.locator("#line-lost").count(), "it is back by itself")


@pytest.mark.parametrize("path", ["/incidents", "/leader"])
def test_a_page_says_that_the_database_does_not_answer_the_center(page: Page, center: PeopleCenter, path: str) -> None:
    visitor = Visitor(page, center)
    role = Role.LEADER if path == "/leader" else Role.COORDINATOR
    visitor.holds(center.secret(f"db{path[1:4]}", Grant(role))).opens_desk(path)
    page.wait_for_selector("#notices", state="attached")
    assert center.settings.database_url is not None
    with Outage(center.settings.database_url.get_secret_value()):
        visitor.sees("#line-old")
        assert "数据库无应答" in page.inner_text("#line-old")
    wait_until(lambda: not page.locator("#line-old").count(), "it is back by itself")


def test_what_was_asked_for_meanwhile_was_not_done_and_is_said(page: Page, center: PeopleCenter) -> None:
    visitor = Visitor(page, center)
    visitor.holds(center.secret("zhou", Grant(Role.OPERATOR))).opens_desk("/alarms/handover")
    visitor.sees("#handover-ask")
    page.context.set_offline(True)
    visitor.sees("#line-lost")
    page.click("#handover-ask")
    visitor.sees("#line-told")
    assert "没有执行" in page.inner_text("#line-told")
    page.context.set_offline(False)
    wait_until(lambda: not page.locator("#line-lost").count(), "it is back by itself")
    page.click("#handover-ask")
    wait_until(lambda: "接班人" in page.inner_text("#handover-answer"), "and answers again")


def test_a_command_in_the_list_of_alarms_that_got_no_answer_is_said(page: Page, center: PeopleCenter) -> None:
    visitor = Visitor(page, center)
    visitor.holds(center.secret("lin", Grant(Role.OPERATOR))).opens_desk("/alarms")
    page.wait_for_selector("#notices", state="attached")
    page.context.set_offline(True)
    visitor.sees(".alarm-rows")
    page.evaluate("dash_clientside.set_props('alarm-command', {data: {id: 1, act: 'acknowledge', ids: [1]}})")
    visitor.sees("#line-told")
    assert "没有执行" in page.inner_text("#line-told")
    assert not page.locator("#line-lost").is_visible(), "the list says that it is cut off in its own words"
    page.context.set_offline(False)
