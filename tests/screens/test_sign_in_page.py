"""The sign-in page in a real Chromium: by keyboard, in both languages, with what the script makes kinder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center, signed_in_as
from tests.servers.people import PASSWORD

pytestmark = pytest.mark.browser

BETTER = "seven quiet bridges at dawn"
NAMES = {"English", "中文"}


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    more: dict[str, Any] = {
        "totp_roles": "auditor",
        "oidc_issuer": "https://sso.example",
        "oidc_name": "统一认证 · City account",
        "oidc_grants": {"ops-water": ["department/water_company"]},
    }
    with people_center(admin, valkey_url, small_city.folder, tmp_path_factory.mktemp("state"), **more) as running:
        yield running


@pytest.fixture
def visitor(page: Page, center: PeopleCenter) -> Iterator[Visitor]:
    met = Visitor(page, center)
    yield met
    assert not met.errors, met.errors


def test_somebody_signs_in_with_the_keyboard_alone(visitor: Visitor, center: PeopleCenter) -> None:
    center.secret("keys.only")
    visitor.open("/sign-in?next=/account")
    wait_until(lambda: visitor.page.evaluate("document.activeElement.id") == "name", "the cursor is where one begins")
    visitor.page.keyboard.type("keys.only")
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.type(PASSWORD)
    visitor.page.keyboard.press("Enter")
    visitor.sees("#desk .bar")
    assert visitor.path() == "/account"


def test_wrong_passwords_are_told_and_then_counted_down(visitor: Visitor, center: PeopleCenter) -> None:
    center.secret("forgetful")
    visitor.open("/sign-in")
    page, button = visitor.page, visitor.page.locator(".panel .send[type=submit]")
    seconds = 0
    while seconds < 15:  # each failure makes one wait twice as long
        wait_until(button.is_enabled, "one may try again", seconds + 30)
        signed_in_as(visitor, "forgetful", "not this one")
        visitor.sees(".notice")
        assert page.input_value("#name") == "forgetful", "the name needs no typing again"
        seconds = int(page.get_attribute(".notice", "data-seconds") or 0)
    left = int(page.locator(".notice .seconds >> visible=true").inner_text())
    assert 0 < left <= seconds
    assert button.is_disabled()
    wait_until(button.is_enabled, "one may try again", seconds + 30)
    assert page.locator(".notice").is_hidden()
    visitor.errors.clear()  # a browser reports pages with a status of 401 as errors


def test_a_new_password_and_an_authenticator_are_set_up_on_the_way_in(visitor: Visitor, center: PeopleCenter) -> None:
    password = center.invite("zhou", Grant(Role.AUDITOR))
    visitor.open("/sign-in?next=/audit")
    signed_in_as(visitor, "zhou", password)
    visitor.sees("#rules")
    page = visitor.page
    page.wait_for_load_state("load")  # from here on its script listens
    assert page.locator("#strength").is_hidden()
    page.fill("#password", "zhou1234")
    assert page.get_attribute("#strength", "data-grade") == "1"
    assert [rule.get_attribute("data-met") for rule in page.locator("#rules li").all()] == ["no", "no", "no"]
    page.fill("#password", BETTER)
    assert page.get_attribute("#strength", "data-grade") == "4"
    assert {rule.get_attribute("data-met") for rule in page.locator("#rules li").all()} == {"yes"}
    page.fill("#again", BETTER)
    page.keyboard.press("Enter")
    visitor.sees(".qr svg")
    page.click("summary")
    secret = page.locator("#secret").inner_text().replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    visitor.sees("#recovery")
    assert page.locator("#recovery li").count() == 10
    page.click("#onward")
    visitor.sees("#audit-rows .ag-row")
    assert visitor.path() == "/audit"


def test_a_password_can_be_looked_at(visitor: Visitor) -> None:
    visitor.open("/sign-in")
    visitor.page.fill("#password", "secret words")
    assert visitor.page.get_attribute("#password", "type") == "password"
    visitor.page.click(".reveal")
    assert visitor.page.get_attribute("#password", "type") == "text"
    assert visitor.page.get_attribute(".reveal", "aria-pressed") == "true"
    assert visitor.page.evaluate("document.activeElement.id") == "password"


def test_caps_lock_is_pointed_out(visitor: Visitor) -> None:
    visitor.open("/sign-in")
    visitor.page.focus("#password")
    visitor.page.evaluate(
        """document.querySelector("#password").dispatchEvent(
            new KeyboardEvent("keydown", {key: "A", bubbles: true, modifierCapsLock: true}))"""
    )
    assert visitor.page.locator("#password-caps").is_visible()


def test_a_demo_account_is_one_click_away(visitor: Visitor) -> None:
    visitor.open("/sign-in?next=/account")
    assert visitor.page.locator(".card").count() == len(Role) + 2, "one of each role, and two more crews"
    visitor.page.click('.card[value="demo-leader"]')
    visitor.sees("#desk .bar")
    assert "领导" in visitor.text()


def test_single_sign_on_is_offered_where_the_city_has_one(visitor: Visitor) -> None:
    visitor.open("/sign-in?next=/audit")
    button = visitor.page.locator("a.sso")
    assert button.get_attribute("href") == "/sso/start?next=%2Faudit"
    assert button.inner_text() == "统一认证"
    visitor.speaks("en")
    assert button.inner_text() == "City account"


def test_the_other_language_leaves_nothing_of_the_first_and_is_remembered(
    visitor: Visitor, center: PeopleCenter
) -> None:
    visitor.open("/sign-in")
    loaded = visitor.page.evaluate("performance.timeOrigin")
    visitor.speaks("en")
    assert not visitor.leftovers("en", NAMES)
    assert visitor.page.title().startswith("Sign in")
    visitor.speaks("zh")
    assert not visitor.leftovers("zh", NAMES)
    visitor.speaks("en")
    assert visitor.page.evaluate("performance.timeOrigin") == loaded, "nothing was loaded for it"
    visitor.open("/display")
    visitor.sees(".state.missing")
    visitor.errors.clear()  # a display that isn't enrolled asks for what it doesn't have
    assert visitor.attribute("language") == "en"
    assert not visitor.leftovers("en", NAMES)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160)])
def test_everything_is_on_the_screen_whatever_its_size(visitor: Visitor, size: tuple[int, int]) -> None:
    visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
    visitor.open("/sign-in")
    for what in (".panel .send[type=submit]", ".card >> nth=0", ".card >> nth=8", ".language"):
        box = visitor.page.locator(what).bounding_box()
        assert box and box["x"] >= 0 and box["y"] >= 0
        assert box["x"] + box["width"] <= size[0] and box["y"] + box["height"] <= size[1], what


def test_signing_out_is_in_the_menu(visitor: Visitor, center: PeopleCenter) -> None:
    visitor.holds(center.secret("going.home")).opens_desk("/account")
    visitor.page.click("#user-menu summary")
    visitor.page.click('#user-menu form button[type="submit"]')
    visitor.sees(".notice.calm")
    wait_until(lambda: "您已退出登录" in visitor.text(), "it is said in the language that was chosen")
    visitor.open("/account")
    visitor.sees("#name")
    assert visitor.page.input_value('.panel form input[name="next"]') == "/account", "and knows where to go back to"
