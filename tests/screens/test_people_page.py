"""The people page in a real Chromium: an administrator looks after accounts, displays and tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from tests.screens.live_city import wait_until
from tests.screens.people_center import CHIEF, PeopleCenter, Visitor, people_center, signed_in_as
from tests.servers.people import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with people_center(admin, valkey_url, small_city.folder, tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture(scope="module")
def secret(center: PeopleCenter) -> str:
    return center.secret("boss", Grant(Role.ADMINISTRATOR))


class Desk(Visitor):
    """An administrator in front of the page."""

    def search(self, text: str) -> None:
        self.page.fill("#people-search", text)
        wait_until(lambda: self.names() == [text], f"only {text} is listed")

    def names(self) -> list[str]:
        return [name.strip() for name in self.page.locator("#people-rows .ag-row [col-id=name]").all_inner_texts()]

    def choose(self, name: str) -> None:
        self.search(name)
        self.picks_row(f'#people-rows .ag-row:has-text("{name}")')
        wait_until(lambda: name in self.page.locator("#person-head").inner_text(), f"{name} is shown")

    def pick(self, choice: str, words: str) -> None:
        self.page.click(f"#{choice}")
        self.page.click(f'.mantine-Select-option:has-text("{words}") >> visible=true')

    def does(self, act: str) -> str:
        """Press the button of an act, confirm, and return what is said of it."""
        self.page.click(f".person button:has-text('{act}')")
        self.sees("#confirm-yes")
        self.page.click("#confirm-yes")
        self.sees("#confirm-close")
        said = self.page.locator("#confirm-text").inner_text()
        self.page.click("#confirm-close")
        wait_until(lambda: self.page.locator("#confirm-text").is_hidden(), "the dialog closes")
        return said

    def tab(self, words: str) -> None:
        self.page.click(f'[role="tab"]:has-text("{words}")')


@pytest.fixture
def desk(page: Page, center: PeopleCenter, secret: str) -> Iterator[Desk]:
    opened = Desk(page, center)
    opened.holds(secret).opens_desk("/people")
    opened.sees("#people-rows .ag-row")
    yield opened
    assert not opened.errors, opened.errors


def test_somebody_is_added_signs_in_and_is_disabled_again(desk: Desk, center: PeopleCenter, browser: Browser) -> None:
    page = desk.page
    page.click("#people-new")
    page.fill("#new-name", "zhao.lei")
    page.fill("#new-display", "赵磊")
    desk.pick("new-role", "部门人员")
    desk.pick("new-department", "自来水公司")
    page.click("#new-grant")
    wait_until(lambda: "自来水公司" in page.locator("#new-grants").inner_text(), "the grant is listed in words")
    page.click("#new-make")
    desk.sees("#new-once")
    password = page.locator("#new-once").inner_text()
    page.click("#new-close")
    account = center.store.accounts.find("zhao.lei")
    assert account is not None
    assert account.grants == (Grant(Role.DEPARTMENT, "water_company"),) and account.must_change_password

    context = browser.new_context()
    person = Visitor(context.new_page(), center)
    person.open("/sign-in?next=/account")
    signed_in_as(person, "zhao.lei", password)
    person.sees("#rules")
    person.page.fill("#password", PASSWORD)
    person.page.fill("#again", PASSWORD)
    person.page.keyboard.press("Enter")
    person.sees("#desk .bar")
    assert "自来水公司" in person.text()

    desk.choose("zhao.lei")
    wait_until(lambda: "正常" in page.locator("#person-head").inner_text(), "the list knows that they were here", 30)
    assert "已完成" in desk.does("停用账号")
    wait_until(lambda: person.attribute("session") == "ended", "their page says that it is over", 40)
    context.close()
    wait_until(lambda: "已停用" in page.locator("#person-head").inner_text(), "and the list says so")
    assert "已完成" in desk.does("启用账号")


def test_grants_are_a_draft_until_they_are_saved(desk: Desk, center: PeopleCenter) -> None:
    center.secret("li.qiang", Grant(Role.OPERATOR))
    desk.choose("li.qiang")
    page = desk.page
    assert page.locator("#person-save").is_hidden()
    desk.pick("person-role", "协调员")
    page.click("#person-grant")
    wait_until(page.locator("#person-save").is_visible, "there is something to save")
    page.click("#person-undo")
    wait_until(page.locator("#person-save").is_hidden, "it is as it was")
    page.click("#person-grant")
    page.click('#person-grants li:has-text("值班员") button')  # at once: neither of both is lost
    wait_until(lambda: "值班员" not in page.locator("#person-grants").inner_text(), "the other is taken away")
    page.click("#person-save")
    wait_until(lambda: "已完成" in page.locator("#person-answer").inner_text(), "it is saved")
    account = center.store.accounts.find("li.qiang")
    assert account is not None and account.grants == (Grant(Role.COORDINATOR),)


def test_what_is_half_done_survives_a_list_that_comes_anew(desk: Desk, center: PeopleCenter) -> None:
    center.secret("half.done", Grant(Role.OPERATOR))
    desk.choose("half.done")
    page = desk.page
    desk.pick("person-role", "领导")
    page.click("#person-grant")
    wait_until(lambda: "领导" in page.locator("#person-grants").inner_text(), "the draft has it")
    page.click("#people-new")
    page.fill("#new-name", "typed.so.far")
    center.invite("another.one")
    page.evaluate("dash_clientside.set_props('people-changed', {data: 4711})")
    page.evaluate("dash_clientside.set_props('people-tick', {n_intervals: 4711})")
    page.click("#new-close")
    page.fill("#people-search", "another.one")
    wait_until(lambda: desk.names() == ["another.one"], "the list came anew")
    assert "领导" in page.locator("#person-grants").inner_text() and page.locator("#person-save").is_visible()
    page.click("#people-new")
    assert page.input_value("#new-name") == "typed.so.far"


def test_somebody_elses_change_is_not_overwritten(desk: Desk, center: PeopleCenter) -> None:
    center.secret("contested", Grant(Role.OPERATOR))
    desk.choose("contested")
    page = desk.page
    desk.pick("person-role", "领导")
    page.click("#person-grant")
    wait_until(page.locator("#person-save").is_visible, "there is something to save")
    account = center.store.accounts.find("contested")
    assert account is not None
    center.people.accounts.grant(account, [Grant(Role.AUDITOR)], CHIEF)
    page.click("#person-save")
    wait_until(lambda: "他人修改" in desk.text(), "it is told")
    wait_until(lambda: "审计员" in page.locator("#person-grants").inner_text(), "what is there now is shown")
    found = center.store.accounts.find("contested")
    assert found is not None and found.grants == (Grant(Role.AUDITOR),)


def test_what_cannot_be_done_is_refused_with_its_reason(desk: Desk, center: PeopleCenter) -> None:
    page = desk.page
    center.secret("bare", Grant(Role.OPERATOR))
    desk.choose("bare")
    page.click('#person-grants li:has-text("值班员") button')
    wait_until(page.locator("#person-save").is_visible, "there is something to save")
    page.click("#person-save")
    wait_until(lambda: "至少需要一个角色" in page.locator("#person-answer").inner_text(), "it is refused")
    page.click("#person-undo")
    page.click("#people-new")
    page.fill("#new-name", "Not A Name")
    page.fill("#new-display", "x")
    page.click("#new-make")
    wait_until(lambda: "账号名须以小写字母或数字开头" in page.locator("#new-answer").inner_text(), "the reason is told")
    assert page.input_value("#new-name") == "Not A Name", "what was typed stays"


def test_a_password_is_made_anew_and_shown_once(desk: Desk, center: PeopleCenter) -> None:
    center.secret("locked.out")
    desk.choose("locked.out")
    said = desk.does("发放一次性密码")
    password = re.search(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}", said)
    assert password and "locked.out" in said
    desk.tab("显示屏")
    assert password.group() not in desk.page.content(), "it is shown once"


def test_a_display_gets_a_start_address_and_is_revoked(desk: Desk, center: PeopleCenter) -> None:
    page = desk.page
    desk.tab("显示屏")
    page.fill("#display-label", "指挥大厅 第二排")
    page.click("#display-make")
    desk.sees("#display-once")
    address = page.locator("#display-once").inner_text()
    assert address.startswith(f"{center.url}/display#ops_d_")
    token = address.split("#")[1]
    with center.http() as kiosk:
        assert kiosk.post("/display", json={"token": token}).status_code == 204
        assert kiosk.get("/session").json()["kind"] == "display"
        row = page.locator('#displays-list tr:has-text("指挥大厅 第二排")')
        wait_until(lambda: "有效" in row.inner_text(), "it was used", 30)
        row.locator("button").click()
        desk.sees("#confirm-yes")
        page.click("#confirm-yes")
        desk.sees("#confirm-close")
        page.click("#confirm-close")
        wait_until(lambda: "已撤销" in row.inner_text(), "it is revoked")
        wait_until(lambda: kiosk.get("/session").status_code == 401, "and opens nothing any more", 10)
        assert kiosk.post("/display", json={}).status_code == 401


def test_a_program_gets_a_token_that_asks_for_it(desk: Desk, center: PeopleCenter) -> None:
    center.secret("exporter", Grant(Role.OPERATOR))
    desk.page.reload()
    desk.sees("#people-rows .ag-row")
    desk.tab("接口令牌")
    wait_until(lambda: desk.page.locator("#token-account").count() == 1, "the form is there")
    desk.page.fill("#token-account", "exporter")
    desk.page.click('.mantine-Select-option:has-text("exporter") >> visible=true')
    desk.page.fill("#token-label", "夜间导出")
    desk.page.click("#token-make")
    desk.sees("#token-once")
    token = desk.page.locator("#token-once").inner_text()
    answer = httpx.get(f"{center.url}/api/health", headers={"authorization": f"Bearer {token}"}, timeout=60)
    assert answer.status_code in {200, 503} and "feeds" in answer.json()


def test_sessions_are_listed_and_ended(desk: Desk, center: PeopleCenter) -> None:
    other = center.secret("online.now")
    desk.tab("在线会话")
    row = desk.page.locator('#sessions-list tr:has-text("online.now")').first
    wait_until(row.is_visible, "they are listed", 30)
    row.locator("button").click()
    desk.sees("#confirm-yes")
    desk.page.click("#confirm-yes")
    desk.sees("#confirm-close")
    desk.page.click("#confirm-close")
    with center.http(other) as http:
        wait_until(lambda: http.get("/session").status_code == 401, "they are out", 10)
    assert desk.page.locator("#sessions-list .badge.good").count() == 1, "one's own can't be ended here"


def test_the_other_language_leaves_nothing_of_the_first(desk: Desk, center: PeopleCenter) -> None:
    names = {account.name for account in center.people.accounts.list()}
    names |= {account.display_name for account in center.people.accounts.list()}
    names |= {"中", "EN", "Chrome", "HeadlessChrome", "Linux", "python-httpx", "API", "test", center.url}
    names |= {"指挥大厅", "第二排"}
    desk.choose("boss")
    for words in (
        {"en": "Accounts", "zh": "账号"},
        {"en": "Sessions", "zh": "会话"},
        {"en": "Displays", "zh": "显示屏"},
    ):
        desk.speaks("zh")
        desk.tab(words["zh"])
        desk.is_all_in("zh", names)
        desk.speaks("en")
        desk.tab(words["en"])
        desk.is_all_in("en", names)


def test_nobody_else_gets_there(page: Page, center: PeopleCenter) -> None:
    visitor = Visitor(page, center).holds(center.secret("curious", Grant(Role.OPERATOR)))
    visitor.open("/people")
    assert "无权访问" in visitor.text() and page.locator("#people-rows").count() == 0
