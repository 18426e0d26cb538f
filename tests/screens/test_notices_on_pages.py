"""Notifications on every page in a real Chromium: one tab tells each once, read stays read, displays see none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from alerts.notification_text import Content
from alerts.notifying import Wanted
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import SECOND_US, SystemClock
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
        yield running


def tell(center: PeopleCenter, subject: str, target: str, priority: int = 1) -> int:
    now_us = SystemClock().now_us()
    facts = {"department": "water", "district": "D01", "priority": priority}
    values: dict[str, Any] = {"route": "duty", "route_version": 1, "alarm": 7, "act": "raised", "due_us": now_us}
    wanted = Wanted(key=subject, channel="browser", target=target, content=Content(subject, subject, facts), **values)
    (number,) = center.store.notifications.add([wanted], now_us)
    (taken,) = center.store.notifications.take(now_us, SECOND_US, 1)
    assert center.store.notifications.settle(taken, "sent", now_us, "on the pages")
    return number


@pytest.fixture
def visitor(page: Page, center: PeopleCenter) -> Iterator[Visitor]:
    opened = Visitor(page, center)
    yield opened
    assert not opened.errors, opened.errors


def toasts(page: Page) -> list[str]:
    return page.locator("#notices .notice p").all_inner_texts()


def test_it_pops_up_once_and_stays_read(visitor: Visitor, center: PeopleCenter) -> None:
    page = visitor.page
    visitor.holds(center.secret("zhou", Grant(Role.OPERATOR))).opens_desk("/account")
    page.wait_for_selector("#notices", state="attached")
    other = Visitor(page.context.new_page(), center)
    other.opens_desk("/notifications")
    other.page.wait_for_selector("#notices", state="attached")
    tell(center, "低压 <b>河西</b>", "zhou")
    wait_until(lambda: len(toasts(page) + toasts(other.page)) == 1, "one of the tabs tells it")
    wait_until(lambda: all("1" in one.locator(".notice-bell").inner_text() for one in (page, other.page)), "both count")
    tells = page if toasts(page) else other.page
    assert toasts(tells) == ["低压 <b>河西</b>"], "what is said is text, no markup"
    assert tells.locator("#notices .mark").inner_text() == "■" and not tells.evaluate("opsCenter.notices.sound.on")
    assert tells.locator("#notices a").get_attribute("href") == "/alarms/7"
    tells.click("#notices button")
    wait_until(lambda: all(not one.locator(".notice-bell").is_visible() for one in (page, other.page)), "read in both")
    visitor.opens_desk("/account")
    page.wait_for_selector("#notices", state="attached")
    wait_until(lambda: page.evaluate("opsCenter.page.live.connected"), "the stream is open")
    assert not toasts(page) and not page.locator(".notice-bell").is_visible()
    other.page.close()
    assert not other.errors, other.errors


def test_what_is_told_of_one_place_is_one_card(visitor: Visitor, center: PeopleCenter) -> None:
    page = visitor.page
    visitor.holds(center.secret("sun", Grant(Role.OPERATOR))).opens_desk("/account")
    page.wait_for_selector("#notices", state="attached")
    for subject, priority in (("压力低", 2), ("爆管", 1), ("流量大", 3)):
        tell(center, subject, "sun", priority)
        wait_until(lambda: bool(toasts(page)), "it is told")
    wait_until(lambda: "另有 2 条" in page.locator("#notices").inner_text(), "how many more")
    assert toasts(page) == ["爆管"], "the gravest is said"
    page.click("#notices button")
    wait_until(lambda: not toasts(page) and not page.locator(".notice-bell").is_visible(), "all three are read")


def test_who_does_not_want_it_is_left_alone_and_counts_it(visitor: Visitor, center: PeopleCenter) -> None:
    page = visitor.page
    visitor.holds(center.secret("lin", Grant(Role.OPERATOR))).opens_desk("/notifications")
    switch = page.locator('[data-what="pops"]')
    wait_until(lambda: switch.get_attribute("aria-pressed") == "true", "it pops up, unless somebody says no")
    switch.click()
    assert switch.get_attribute("aria-pressed") == "false"
    tell(center, "水位", "lin", 3)
    wait_until(lambda: "1" in page.locator(".notice-bell").inner_text(), "it is counted")
    assert not toasts(page)
    page.locator('[data-what="sound"]').click()
    assert page.evaluate("opsCenter.notices.sound.on"), "a click lets the page sound"
    page.click(".notice-bell")
    wait_until(lambda: page.locator("#told-rows .ag-row").count() == 1, "what is for oneself")


def test_a_display_is_told_nothing(visitor: Visitor, center: PeopleCenter) -> None:
    tell(center, "给所有人", "*")
    visitor.holds(center.secret("wall-1", Grant(Role.DISPLAY))).open("/wall")
    wait_until(
        lambda: visitor.asks("Boolean(window.opsCenter && opsCenter.page.live.connected)") == "True", "it is live"
    )
    assert not visitor.page.locator("#notices, .notice-bell").count()
