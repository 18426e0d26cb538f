"""Notification routes in a real Chromium: made, tried out, disabled, kept over a reload, never put over others'."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import SystemClock
from ops_center.services.notifications.routes import RouteDesk
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until
from tests.screens.people_center import Visitor

pytestmark = pytest.mark.browser
BOSS = Asker("boss", (Grant(Role.ADMINISTRATOR),))


@pytest.fixture(scope="module")
def city(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with alarm_city(admin, valkey_url, small_city.folder, tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def desk(city: AlarmCity) -> RouteDesk:
    return RouteDesk(city.center.store, city.center.settings.realm, SystemClock())


class Keeper(Visitor):
    """An administrator in front of the page."""

    def field(self, name: str) -> str:
        return f"#route-f-{name}"

    def fill(self, name: str, text: str) -> None:
        self.page.fill(self.field(name), text)
        self.page.locator(self.field(name)).press("Tab")

    def chooses(self, name: str, word: str) -> None:
        self.page.click(self.field(name))
        self.page.click(f'[role="option"]:visible:has-text("{word}")')

    def said(self, where: str) -> str:
        return self.page.locator(where).inner_text()

    def column(self, name: str) -> list[str]:
        return self.page.locator(f"#route-rows .ag-row [col-id={name}]").all_inner_texts()

    def saves(self) -> None:
        self.page.click("#route-save")


@pytest.fixture
def keeper(page: Page, city: AlarmCity) -> Iterator[Keeper]:
    page.set_viewport_size({"width": 1920, "height": 1080})
    opened = Keeper(page, city.center)
    yield opened
    assert not opened.errors, opened.errors


def test_a_route_is_made_tried_out_and_disabled(keeper: Keeper, city: AlarmCity, desk: RouteDesk) -> None:
    page = keeper.page
    keeper.holds(city.center.secret("gao", Grant(Role.ADMINISTRATOR))).opens_desk("/notifications/routes")
    page.click("#route-new")
    keeper.sees("#route-save")
    keeper.saves()
    wait_until(lambda: "尚不能保存" in keeper.said("#route-answer"), "nothing half-written is kept")
    keeper.fill("name", "duty_room")
    keeper.fill("label_zh", "值班室")
    keeper.fill("label_en", "duty room")
    keeper.chooses("channel", "页面")
    keeper.fill("targets", "zhou")
    wait_until(lambda: "zhou" in page.locator(".route-wide .mantine-Pill-label").all_inner_texts(), "a target")
    keeper.fill("hours", "1-7")
    wait_until(lambda: "第 1 行" in keeper.said(".route-fields"), "what is wrong is said at its field")
    keeper.fill("hours", "1-7 00:00-23:59")
    wait_until(lambda: not keeper.said("#route-faults"), "nothing is missing")
    keeper.saves()
    wait_until(lambda: keeper.column("label") == ["值班室"], "it is listed")
    (route,) = desk.routes()
    assert (route.name, route.targets, route.channel, route.version) == ("duty_room", ["zhou"], "browser", 1)
    assert desk.versions("duty_room")[0].author == "gao"
    assert keeper.path() == "/notifications/routes?route=duty_room" and not keeper.said(".route-kept")

    wait_until(lambda: "值班室" in keeper.said("#route-title"), "it is open")
    page.click("#route-test")
    keeper.sees("#route-ask-yes")
    assert "zhou" in keeper.said("#route-ask-text")
    page.click("#route-ask-yes")
    wait_until(lambda: "待发送" in keeper.said("#route-tested"), "the test waits for who sends it")
    now_us = SystemClock().now_us()
    (sent,) = city.center.store.notifications.take(now_us, 1_000_000, 10)
    city.center.store.notifications.settle(sent, "sent", now_us, "on the pages")
    wait_until(lambda: "已送达" in keeper.said("#route-tested"), "and its outcome is shown")

    keeper.chooses("state", "停用")
    wait_until(lambda: "不会发送" in keeper.said("#route-faults"), "what saving means is said")
    keeper.saves()
    wait_until(lambda: keeper.column("state") == ["停用"], "it is disabled")
    assert not desk.routes()[0].enabled
    wait_until(lambda: "停用" in keeper.said("#route-versions") and "新建" in keeper.said("#route-versions"), "history")
    acts = {one.action for one in city.center.store.audit.walk() if one.actor == "gao"}
    assert {"notifications.route_saved", "notifications.tested"} <= acts


def test_a_draft_outlives_a_reload_and_puts_nothing_over_what_others_saved(
    keeper: Keeper, city: AlarmCity, desk: RouteDesk
) -> None:
    form = {"name": "night", "label": {"zh": "夜班", "en": "night"}, "channel": "mail", "targets": ["a@city.example"]}
    desk.save(BOSS, form)
    keeper.holds(city.center.secret("lin", Grant(Role.ADMINISTRATOR))).opens_desk("/notifications/routes?route=night")
    wait_until(lambda: keeper.page.input_value(keeper.field("label_en")) == "night", "it is open")
    keeper.fill("label_en", "night shift")
    wait_until(lambda: "night" in keeper.said(".route-kept"), "the draft is kept")
    keeper.opens_desk("/notifications/routes?route=night")
    wait_until(lambda: keeper.page.input_value(keeper.field("label_en")) == "night shift", "what was typed is back")
    assert "已恢复" in keeper.said("#route-restored")
    desk.save(BOSS, {**form, "targets": ["b@city.example"]})
    keeper.saves()
    wait_until(lambda: "boss" in keeper.said("#route-answer"), "who was first is said")
    assert [one.route.version for one in desk.versions("night")] == [2, 1]
    keeper.page.click("#route-drop")
    wait_until(lambda: keeper.page.input_value(keeper.field("label_en")) == "night", "theirs is shown")
    assert "b@city.example" in keeper.said(".route-fields")


def test_what_a_route_names_and_nobody_knows_any_more_stays_until_it_is_taken_out(
    keeper: Keeper, city: AlarmCity, desk: RouteDesk
) -> None:
    label = {"zh": "旧", "en": "old"}
    form = {"name": "old", "label": label, "channel": "mail", "targets": ["o@city.example"], "rules": ["gone_rule"]}
    desk.save(BOSS, form)
    keeper.holds(city.center.secret("hu", Grant(Role.ADMINISTRATOR))).opens_desk("/notifications/routes?route=old")
    wait_until(lambda: "gone_rule" in keeper.said(".route-fields"), "it is shown by its code")
    keeper.speaks("en")
    keeper.speaks("zh")
    keeper.fill("label_en", "older")
    wait_until(lambda: "old" in keeper.said(".route-kept"), "the draft is kept")
    keeper.saves()
    wait_until(lambda: len(desk.versions("old")) == 2, "it is saved")
    assert desk.versions("old")[0].route.rules == ["gone_rule"]


def test_who_may_not_change_routes_reads_them_in_both_languages(
    keeper: Keeper, city: AlarmCity, desk: RouteDesk
) -> None:
    label = {"zh": "早班", "en": "early"}
    desk.save(BOSS, {"name": "early", "label": label, "channel": "mail", "targets": ["early@city.example"]})
    keeper.holds(city.center.secret("wu", Grant(Role.OPERATOR))).opens_desk("/notifications/routes?route=early")
    wait_until(lambda: "早班" in keeper.said("#route-title"), "it is open")
    assert not keeper.page.locator("#route-save").is_visible() and not keeper.page.locator("#route-new").is_visible()
    assert not keeper.page.locator(keeper.field("label_en")).is_enabled()
    keeper.speaks("en")
    wait_until(lambda: "early" in keeper.said("#route-title"), "it speaks English")
    keeper.is_all_in("en", {"中", "wu", "早班"})
