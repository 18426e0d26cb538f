"""One's own account in a real Chromium: password, one-time codes, sessions, language, and what one did."""

from __future__ import annotations

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Page

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center
from tests.servers.people import HERE, PASSWORD

pytestmark = pytest.mark.browser

BETTER = "seven quiet bridges at dawn"


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with people_center(admin, valkey_url, small_city.folder, tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def visitor(page: Page, center: PeopleCenter) -> Iterator[Visitor]:
    opened = Visitor(page, center)
    yield opened
    assert not opened.errors, opened.errors


def said(visitor: Visitor, place: str) -> str:
    visitor.sees(f"#{place} .answer")
    return visitor.page.locator(f"#{place}").inner_text()


def test_a_password_is_changed_and_other_sessions_end(visitor: Visitor, center: PeopleCenter) -> None:
    secret, page = center.secret("changer"), visitor.page
    elsewhere = center.people.signing_in.sign_in("changer", PASSWORD, HERE)
    visitor.holds(secret).opens_desk("/account")
    wait_until(lambda: page.locator("#own-sessions tbody tr").count() == 2, "both sessions are listed")
    for name, text in (("own-current", "not the one"), ("own-new", BETTER), ("own-again", "something else")):
        page.fill(f"#{name}", text)
    page.click("#own-change")
    assert "不一样" in said(visitor, "own-password-answer")
    page.fill("#own-again", BETTER)
    page.click("#own-change")
    wait_until(lambda: "当前密码不对" in said(visitor, "own-password-answer"), "the present one is asked for")
    page.fill("#own-current", PASSWORD)
    page.click("#own-change")
    wait_until(lambda: "密码已修改" in said(visitor, "own-password-answer"), "it is changed")
    assert page.input_value("#own-new") == ""
    wait_until(lambda: page.locator("#own-sessions tbody tr").count() == 1, "the other session has ended")
    with center.http(elsewhere.secret) as http:  # type: ignore[union-attr]
        wait_until(lambda: http.get("/session").status_code == 401, "for good", 10)
    with center.http(secret) as http:
        assert http.get("/session").status_code == 200, "one's own goes on"


def test_one_time_codes_are_set_up_renewed_and_removed(visitor: Visitor, center: PeopleCenter) -> None:
    page = visitor.page
    visitor.holds(center.secret("careful")).opens_desk("/account")
    wait_until(lambda: "未绑定" in page.locator("#codes-state").inner_text(), "there are none yet")
    assert page.locator("#codes-held").is_hidden()
    page.fill("#codes-password", PASSWORD)
    page.click("#codes-begin")
    visitor.sees("#codes-secret")
    totp = pyotp.TOTP(page.locator("#codes-secret").inner_text().replace(" ", ""))
    page.fill("#codes-first", "000000")
    page.click("#codes-finish")
    assert "验证码不对" in said(visitor, "codes-answer")
    page.fill("#codes-first", totp.now())
    page.click("#codes-finish")
    visitor.sees("#own-codes")
    codes = page.locator("#own-codes li").all_inner_texts()
    assert len(codes) == 10
    wait_until(lambda: "已绑定" in page.locator("#codes-state").inner_text(), "they are set up")
    page.fill("#codes-code", codes[0])
    page.click("#codes-renew")
    wait_until(lambda: page.locator("#own-codes li").all_inner_texts() != codes, "there are new ones")
    page.fill("#codes-code", page.locator("#own-codes li").first.inner_text())
    page.click("#codes-remove")
    wait_until(lambda: "未绑定" in page.locator("#codes-state").inner_text(), "they are removed")


def test_the_language_chosen_here_is_the_accounts(visitor: Visitor, center: PeopleCenter) -> None:
    visitor.holds(center.secret("bilingual")).opens_desk("/account")
    visitor.page.click('.mantine-SegmentedControl-label:has-text("English")')
    wait_until(lambda: visitor.attribute("language") == "en", "the page speaks it")

    def known() -> str:
        account = center.store.accounts.find("bilingual")
        return account.language if account else ""

    wait_until(lambda: known() == "en", "and the account has it")
    visitor.page.click(".language")
    wait_until(lambda: visitor.attribute("language") == "zh" and known() == "zh", "the button does the same")


def test_who_one_is_and_what_one_did_is_there_in_both_languages(visitor: Visitor, center: PeopleCenter) -> None:
    secret = center.secret("chen", Grant(Role.DEPARTMENT, "water_company", "D02"))
    visitor.holds(secret).opens_desk("/account")
    wait_until(lambda: "登录" in visitor.page.locator("#own-trail").inner_text(), "what one did is listed")
    assert "自来水公司 · 东湖区" in visitor.text() or "自来水公司" in visitor.text()
    names = {"chen", "Chen", "English", "中文", "中", "EN", "Linux", "Chrome", "test", "HeadlessChrome", "/account"}
    visitor.is_all_in("zh", names)
    visitor.speaks("en")
    visitor.is_all_in("en", names)
    assert "Water Supply Company" in visitor.text()


def test_a_demo_account_has_nothing_to_change(visitor: Visitor, center: PeopleCenter) -> None:
    visitor.open("/sign-in?next=/account")
    visitor.page.click('.card[value="demo-leader"]')
    visitor.sees("#own-elsewhere")
    assert visitor.page.locator("#own-change").is_hidden()
    visitor.speaks("en")
    assert not visitor.leftovers("en", {"中", "中文"}), "a role's name is said in both languages"


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160)])
def test_nothing_runs_out_of_the_screen(visitor: Visitor, center: PeopleCenter, size: tuple[int, int]) -> None:
    visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
    visitor.holds(center.secret(f"wide{size[0]}", Grant(Role.ADMINISTRATOR)))
    for path in ("/account", "/people", "/audit"):
        visitor.opens_desk(path)
        for language in ("zh", "en"):
            visitor.speaks(language)
            assert visitor.page.evaluate("document.querySelector('#desk .content').scrollWidth") <= size[0], path
            menu = visitor.page.locator("#user-menu").bounding_box()
            assert menu and menu["x"] + menu["width"] <= size[0], f"{path} in {language}: the bar is too long"
