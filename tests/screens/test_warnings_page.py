"""The page of public warnings in a real Chromium: drafted from an alarm, issued by a typed word, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page

from alerts.cap import MsgType
from alerts.route import Route
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import SystemClock
from ops_center.domain.words import Words
from ops_center.services.notifications.routes import RouteDesk
from tests.alerts.test_cap import SCHEMA
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until
from tests.screens.people_center import Visitor

pytestmark = pytest.mark.browser
ALARM = 7


@pytest.fixture(scope="module")
def city(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with alarm_city(admin, valkey_url, small_city.folder, tmp_path_factory.mktemp("state")) as running:
        running.raise_all([replace(running.alarm(ALARM, running.streams()[0]), department="", district="")])
        store, realm = running.center.store, running.center.settings.realm
        portal = Route(
            name="portal",
            label=Words("门户", "portal"),
            channel="folder",
            targets=["portal"],
            acts=["warning"],
            test_target=True,
        )
        RouteDesk(store, realm, SystemClock()).save(Asker("boss", (Grant(Role.ADMINISTRATOR),)), portal)
        yield running


class Issuer(Visitor):
    """A commander in front of the page."""

    def field(self, name: str) -> str:
        return f"#warn-f-{name}"

    def fill(self, name: str, text: str) -> None:
        self.page.fill(self.field(name), text)
        self.page.locator(self.field(name)).press("Tab")

    def drafts(self, what: str) -> None:
        self.opens_desk(f"/warnings?{what}")
        self.sees("#warn-title")
        wait_until(lambda: self.page.input_value(self.field("headline_zh")) != "", "the draft is there")

    def said(self, where: str) -> str:
        return self.page.locator(where).inner_text()

    def confirms(self, dialog: str, word: str) -> None:
        self.page.fill(f"#{dialog}-word", word)
        self.page.click(f"#{dialog}-yes")

    def column(self, name: str) -> list[str]:
        return self.page.locator(f"#warn-rows .ag-row [col-id={name}]").all_inner_texts()


@pytest.fixture
def issuer(page: Page, city: AlarmCity) -> Iterator[Issuer]:
    page.set_viewport_size({"width": 1920, "height": 1080})
    opened = Issuer(page, city.center)
    yield opened
    assert not opened.errors, opened.errors


def test_a_warning_is_drafted_kept_over_a_reload_and_issued(issuer: Issuer, city: AlarmCity) -> None:
    page = issuer.page
    issuer.holds(city.center.secret("chen", Grant(Role.COMMANDER)))
    issuer.drafts(f"alarm={ALARM}")
    issuer.fill("headline_en", "")
    wait_until(lambda: page.locator(".warn-texts .mantine-InputWrapper-error").count() == 1, "it is said at the field")
    page.click("#warn-issue")
    wait_until(lambda: "尚不能发布" in issuer.said("#warn-faults"), "nothing half-written leaves")
    issuer.fill("headline_en", "Low water pressure")
    issuer.fill("place_zh", "河西片区")
    issuer.fill("place_en", "West bank")
    box = page.locator("#warn-map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=3)
    page.mouse.up()
    page.mouse.click(x + 5, y + 5)
    wait_until(lambda: "<geocode>" in issuer.said("#warn-preview"), "the district that was clicked is in the message")
    radius = page.input_value(issuer.field("radius_km"))
    issuer.drafts(f"alarm={ALARM}")
    assert (page.input_value(issuer.field("place_zh")), page.input_value(issuer.field("radius_km"))) == (
        "河西片区",
        radius,
    ), "what was typed is there again"
    assert "已恢复" in issuer.said("#warn-restored")

    wait_until(lambda: "Low water pressure" in issuer.said("#warn-preview"), "the message as it would be")
    SCHEMA.validate(ElementTree.fromstring(page.locator("#warn-preview").text_content() or ""))
    page.click("#warn-issue")
    issuer.sees("#warn-ask-yes")
    assert "只发往标明为测试的对象" in issuer.said("#warn-ask-text") and "门户：portal" in issuer.said("#warn-ask-text")
    issuer.confirms("warn-ask", "好")
    wait_until(lambda: "没有发布" in issuer.said("#warn-ask-answer"), "another word is none")
    assert not city.center.store.warnings.warnings()
    issuer.confirms("warn-ask", "west bank")
    wait_until(lambda: "已发布" in issuer.said("#warn-told"), "it is issued")
    (first,) = city.center.store.warnings.warnings()
    assert (first.author, first.alarm, first.draft.headline.en) == ("chen", ALARM, "Low water pressure")
    wait_until(lambda: "待发送 1" in issuer.column("ways")[:1], "and listed with its way out")
    assert not page.locator(".warn-kept a").count(), "the draft is done with"


def test_a_warning_is_replaced_and_taken_back_with_a_reason(issuer: Issuer, city: AlarmCity) -> None:
    page, secret = issuer.page, city.center.secret("sun", Grant(Role.COMMANDER))
    issuer.holds(secret)
    with city.center.http(secret) as program:
        draft = program.post("/api/warnings/draft", json={"alarm": ALARM}).json()
        first = program.post("/api/warnings", json={"alarm": ALARM, "draft": draft}).json()["identifier"]
    word = draft["area"]["description"]["zh"]
    issuer.drafts(f"update={first}")
    issuer.fill("instruction_zh", "请储水备用。")
    wait_until(lambda: f"{first}," in issuer.said("#warn-preview"), "the message refers to the first")
    page.click("#warn-issue")
    issuer.sees("#warn-ask-yes")
    issuer.confirms("warn-ask", word)
    wait_until(lambda: "更新 2" in issuer.column("kind"), "it is replaced")
    issuer.picks_row('#warn-rows .ag-row:has-text("更新 2")')
    issuer.sees("#warn-end-open")
    page.click("#warn-end-open")
    issuer.sees("#warn-end-yes")
    issuer.confirms("warn-end", word)
    wait_until(lambda: "原因" in issuer.said("#warn-end-answer"), "a reason is wanted")
    page.fill("#warn-end-note", "压力已恢复")
    page.click("#warn-end-yes")
    wait_until(lambda: "压力已恢复" in issuer.said("#warn-details"), "it is taken back, and says why")
    found = city.center.store.warnings.warning(first)
    assert [one.msg_type for one in found] == [MsgType.ALERT, MsgType.UPDATE, MsgType.CANCEL]


def test_all_of_it_is_in_both_languages(issuer: Issuer, city: AlarmCity) -> None:
    issuer.holds(city.center.secret("liu", Grant(Role.COORDINATOR)))
    issuer.drafts(f"alarm={ALARM}")
    issuer.fill("headline_zh", "")
    issuer.fill("radius_km", "")
    issuer.speaks("en")
    wait_until(lambda: "fields to complete: 2" in issuer.said("#warn-faults"), "what is wrong is English, too")
    wait_until(lambda: "This is needed" in issuer.said(".warn-texts"), "at its field as well")
    issuer.is_all_in("en", {"中", "liu"})
    issuer.opens_desk("/warnings")
    issuer.sees(".warn-kept a")
    wait_until(lambda: f"Alarm #{ALARM}" in issuer.said(".warn-kept"), "what was begun is kept")


def test_a_choice_that_the_library_empties_while_its_options_come_is_filled_in_again(
    issuer: Issuer, city: AlarmCity
) -> None:
    page = issuer.page
    issuer.holds(city.center.secret("mei", Grant(Role.COMMANDER)))
    issuer.drafts(f"alarm={ALARM}")
    began = page.input_value(issuer.field("severity"))
    assert began
    page.evaluate("dash_clientside.set_props('warn-f-severity', {value: null})")
    wait_until(lambda: page.evaluate("opsCenter.warnings.typed().severity") is not None, "it is there again")
    wait_until(lambda: page.input_value(issuer.field("severity")) == began, "and shown")


def test_who_may_not_issue_sees_the_list_alone(issuer: Issuer, city: AlarmCity) -> None:
    issuer.holds(city.center.secret("zhou", Grant(Role.OPERATOR))).opens_desk(f"/warnings?alarm={ALARM}")
    wait_until(lambda: "无权" in issuer.said("#warn-told"), "it is refused")
    assert not issuer.page.locator("#warn-issue").is_visible() and not issuer.page.locator("#warn-new").is_visible()
