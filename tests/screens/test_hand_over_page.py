"""A shift is handed over, in a real Chromium: summed up live, asked about, frozen, read later, printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from alerts.alarm import Aside, Priority, State
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import HOUR_US
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until
from tests.screens.people_center import Visitor
from tests.servers.people import secret_of

pytestmark = pytest.mark.browser
PAGE = "/alarms/handover"
NAMES = {"EN", "中", "li.na", "wang", "hu", "sun"}


@pytest.fixture(scope="module")
def city(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with alarm_city(admin, valkey_url, Path(small_city.folder), tmp_path_factory.mktemp("state")) as running:
        until_us = running.clock.now_us() + HOUR_US
        running.raise_all(
            [
                running.alarm(1, priority=Priority.CRITICAL),
                running.alarm(2, state=State.ACKNOWLEDGED, assigned_person="li.na"),
                running.alarm(3, aside=Aside.SHELVED, aside_until_us=until_us, aside_reason="8421", aside_by="wang"),
                running.alarm(4, aside=Aside.OUT_OF_SERVICE, aside_reason="7355", aside_by="wang"),
            ]
        )
        yield running


class OnDuty(Visitor):
    """Somebody in front of the page."""

    def said(self, where: str = "#handover-text") -> str:
        return self.asks(f"document.querySelector({where!r})?.innerText || ''")

    def begins(self) -> None:
        self.opens_desk(PAGE)
        wait_until(lambda: "#1" in self.said(), "the shift is summed up")

    def asks_to_hand_over(self, to: str, remark: str = "") -> None:
        self.page.fill("#handover-remark", remark)
        self.page.click("#handover-to")
        self.page.click(f'[role="option"]:has-text("{to}")')
        self.page.click("#handover-ask")
        self.sees("#handover-yes")

    def hands_over(self) -> None:
        self.page.click("#handover-yes")
        wait_until(lambda: self.path().startswith(f"{PAGE}/"), "what was written is shown")
        self.sees("#handover.opened")


@pytest.fixture(scope="module")
def secrets(city: AlarmCity) -> dict[str, str]:
    """Those on duty, signed in."""
    of = {"li.na": Role.OPERATOR, "wang": Role.OPERATOR, "hu": Role.COORDINATOR, "sun": Role.LEADER}
    return {name: secret_of(city.center.people, name, Grant(role)) for name, role in of.items()}


def test_what_was_handed_over_does_not_change(page: Page, city: AlarmCity, secrets: dict[str, str]) -> None:
    li = OnDuty(page, city.center).holds(secrets["li.na"])
    li.begins()
    shown = li.said()
    assert "8421" in shown and "7355" in shown and "人工恢复" in shown
    li.is_all_in("zh", NAMES)
    li.speaks("en")
    li.is_all_in("en", NAMES)
    page.click("#handover-ask")
    wait_until(lambda: "Choose first" in li.said("#handover-answer"), "nobody was chosen")
    li.asks_to_hand_over("wang", "7766")
    assert "not handed over before" in li.said("#handover-question")
    li.hands_over()
    assert city.open()[2].assigned_person == "wang"
    wait_until(lambda: "7766" in li.said(), "the remark stands in it")
    before = li.said()
    city.close(city.open()[1])
    page.reload()
    wait_until(lambda: li.said() == before, "it reads as it was written")
    page.click(".handover-back")
    wait_until(
        lambda: "live" in li.said() and "#1 " not in li.said().replace("\t", " "), "the shift goes on without it"
    )
    page.click(f'#handover-past a[href^="{PAGE}/"]')
    wait_until(lambda: li.said() == before, "and is found among those before")
    page.emulate_media(media="print")
    assert page.locator(".handover-side").is_hidden() and page.locator("#handover-text").is_visible()
    assert "SIMULATED" in li.said(), "a sheet says that its data is not real"
    assert not li.errors, li.errors


def test_of_two_at_once_one_is_told_of_the_other(browser: Browser, city: AlarmCity, secrets: dict[str, str]) -> None:
    city.raise_all([city.alarm(1001)])
    li, hu = (OnDuty(browser.new_context().new_page(), city.center).holds(secrets[name]) for name in ("li.na", "hu"))
    for one in (li, hu):
        one.begins()
        one.asks_to_hand_over("wang", "1111" if one is li else "2222")
    li.hands_over()
    hu.page.click("#handover-yes")
    wait_until(lambda: "li.na 已于" in hu.said("#handover-answer"), "it says who was first")
    desk = city.center.store.desk
    assert [one.from_account for one in desk.hand_overs()][:1] == ["li.na"]
    assert hu.page.input_value("#handover-remark") == "2222"
    hu.page.click("#handover-ask")
    hu.sees("#handover-yes")
    assert "li.na → wang" in hu.said("#handover-question")
    hu.hands_over()
    assert [(one.from_account, one.remark) for one in desk.hand_overs()][:2] == [("hu", "2222"), ("li.na", "1111")]
    assert not li.errors + hu.errors
    for one in (li, hu):
        one.page.context.close()


def test_who_may_only_look_has_no_form_and_strangers_have_nothing(
    page: Page, city: AlarmCity, secrets: dict[str, str]
) -> None:
    sun = OnDuty(page, city.center).holds(secrets["sun"])
    sun.opens_desk(PAGE)
    wait_until(lambda: "8421" in sun.said(), "a leader reads")
    assert page.locator("#handover-ask").count() == 0
    page.context.clear_cookies()
    sun.open(PAGE)
    wait_until(lambda: sun.path().startswith("/sign-in"), "strangers sign in first")
    with city.center.http() as http:
        assert http.get(PAGE, headers={"accept": "application/json"}).status_code == 401
