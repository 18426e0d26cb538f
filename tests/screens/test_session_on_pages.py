"""What a page says of its session: that it ends soon, that it has ended and why. Real sessions, a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Page, Request

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from tests.screens.live_city import LiveCity, wait_until
from tests.screens.people_center import CHIEF, PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser

SHORT = 40 / 60
"""minutes: less than a page announces, and long enough to load one on a busy machine"""


@pytest.fixture(scope="module")
def centers(
    request: pytest.FixtureRequest, small_city: CityPack, live_city: LiveCity, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, PeopleCenter]]:
    """Three centers that differ in how long a session lasts."""
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    lasting: dict[str, dict[str, Any]] = {
        "long": {},
        "idle": {"session_idle_minutes": SHORT},
        "short": {"session_hours": SHORT / 60},
    }
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                people_center(admin, live_city.redis_url, small_city.folder, tmp_path_factory.mktemp(name), **more)
            )
            for name, more in lasting.items()
        }


class Watcher(Visitor):
    """Counts what the page asks by itself."""

    def __init__(self, page: Page, center: PeopleCenter) -> None:
        super().__init__(page, center)
        page.set_viewport_size({"width": 1280, "height": 720})
        self.asked: list[str] = []
        self.streams = 0
        page.on("request", self._note)
        page.on("websocket", self._stream)

    def _note(self, request: Request) -> None:
        self.asked.append(f"{request.method} {request.url.removeprefix(self.center.url)}")

    def _stream(self, socket: Any) -> None:
        self.streams += socket.url.endswith("/live")

    def state(self) -> tuple[str, str]:
        return self.attribute("session"), self.attribute("why")


def session_of(center: PeopleCenter, name: str) -> str:
    account = center.store.accounts.find(name)
    assert account is not None
    return center.people.accounts.sessions(account)[0].id


def test_the_wall_says_that_its_session_was_ended_and_stops_asking(
    page: Page, centers: dict[str, PeopleCenter]
) -> None:
    center = centers["long"]
    watcher = Watcher(page, center).holds(center.secret("watching"))
    watcher.open("/wall")
    watcher.sees("#wall #user-menu")
    wait_until(lambda: watcher.attribute("live") not in {"", "starting", "lost"}, "the stream runs", 60)
    center.people.accounts.end_session(session_of(center, "watching"), CHIEF)
    took_s = wait_until(lambda: watcher.state() == ("ended", "ended"), "the wall says so", 30)
    assert took_s < 15
    assert "已退出登录" in watcher.text() and "会话已被结束" in watcher.text()
    assert page.locator("#lost").is_hidden(), "it is not the line that is lost"
    assert page.get_attribute(".session-again", "href") == "/sign-in?next=%2Fwall"
    streams, asked = watcher.streams, len(watcher.asked)
    waited_from = page.evaluate("performance.now()")
    wait_until(lambda: page.evaluate("performance.now()") > waited_from + 2000, "it would have tried eight times")
    assert watcher.streams == streams
    assert not [what for what in watcher.asked[asked:] if "/session" in what]
    page.click(".session-again")
    watcher.sees("#name")


def test_a_disabled_account_is_out_on_a_desk_page_too(page: Page, centers: dict[str, PeopleCenter]) -> None:
    center = centers["long"]
    watcher = Watcher(page, center).holds(center.secret("leaver"))
    watcher.opens_desk("/account")
    account = center.store.accounts.find("leaver")
    assert account is not None
    center.people.accounts.disable(account, CHIEF)
    wait_until(lambda: watcher.state() == ("ended", "ended"), "the page says so", 40)
    focused = "document.activeElement.className"
    wait_until(lambda: page.evaluate(focused) == "session-again", "Enter leads to the sign-in")


def test_a_minute_before_an_idle_session_ends_one_can_stay(page: Page, centers: dict[str, PeopleCenter]) -> None:
    center = centers["idle"]
    watcher = Watcher(page, center).holds(center.secret("dozing"))
    watcher.opens_desk("/account")
    wait_until(lambda: watcher.state() == ("ending", "idle"), "it is announced", 30)
    shown = page.locator("#session-ending .session-left")
    wait_until(lambda: 0 < int(shown.inner_text()) < 40, "some of it is over")
    left = int(shown.inner_text())
    wait_until(lambda: page.evaluate("document.activeElement.dataset.act") == "stay", "one key is enough")
    assert "POST /session/active" not in watcher.asked, "asking is no sign of a person"
    page.keyboard.press("Enter")
    wait_until(lambda: "POST /session/active" in watcher.asked, "it is told", 20)
    later = "Number(document.querySelector('#session-ending .session-left').textContent)"
    wait_until(lambda: float(watcher.asks(later)) > left, "the session goes on", 20)
    assert watcher.asked.count("POST /session/active") == 1


def test_signs_of_a_person_are_told_once_a_minute(page: Page, centers: dict[str, PeopleCenter]) -> None:
    center = centers["long"]
    watcher = Watcher(page, center).holds(center.secret("typist"))
    watcher.opens_desk("/account")
    for _ in range(5):
        page.mouse.click(300, 300)
        page.keyboard.press("Shift")
    wait_until(lambda: "POST /session/active" in watcher.asked, "the first sign is told")
    page.evaluate("fetch('/session')")
    wait_until(lambda: watcher.asked[-1] == "GET /session", "what was asked before it has been asked")
    assert watcher.asked.count("POST /session/active") == 1


def test_the_end_of_a_sign_in_is_announced_and_cannot_be_put_off(page: Page, centers: dict[str, PeopleCenter]) -> None:
    center = centers["short"]
    watcher = Watcher(page, center).holds(center.secret("long.day"))
    watcher.opens_desk("/account")
    wait_until(lambda: watcher.state() == ("ending", "limit"), "it is announced", 30)
    assert "已到单次登录的时限" in watcher.text()
    assert page.locator('#session-ending [data-act="stay"]').is_hidden()
    page.click('#session-ending [data-act="understood"]')
    wait_until(lambda: watcher.state() == ("", ""), "the word is taken away")
    wait_until(lambda: watcher.state() == ("ended", "limit"), "it ends all the same", 100)
    assert "已达到单次登录的时限" in watcher.text()


def test_nobody_is_taken_for_somebody_who_sits_there(page: Page, centers: dict[str, PeopleCenter]) -> None:
    center = centers["idle"]
    watcher = Watcher(page, center).holds(center.secret("gone.for.lunch"))
    watcher.opens_desk("/account")
    wait_until(lambda: watcher.state() == ("ended", "idle"), "it ends though the page asks all the time", 120)
    assert "长时间无人操作" in watcher.text()


def test_a_display_enrols_shows_the_wall_and_says_when_it_is_revoked(
    page: Page, centers: dict[str, PeopleCenter]
) -> None:
    center = centers["long"]
    account = center.people.accounts.add("wall", "Wall", [Grant(Role.DISPLAY)], "zh", CHIEF)
    token = center.people.accounts.add_token(account.account, "display", "row 2", None, CHIEF)  # type: ignore[union-attr]
    watcher = Watcher(page, center)
    watcher.open(f"/display#{token.secret}")  # type: ignore[union-attr]
    watcher.sees("#wall .sp-title")
    assert watcher.path() == "/wall"
    assert page.evaluate("history.length") <= 3 and token.secret not in page.evaluate(
        "JSON.stringify({...localStorage})"
    )  # type: ignore[union-attr]
    assert page.locator("#user-menu").count() == 0, "nobody sits in front of it"
    wait_until(lambda: watcher.attribute("live") not in {"", "starting", "lost"}, "the stream runs", 60)
    center.people.accounts.end_session(session_of(center, "wall"), CHIEF)
    wait_until(lambda: watcher.state()[0] == "ended", "its session was ended", 30)
    wait_until(lambda: watcher.path() == "/wall" and watcher.state()[0] == "", "it has come back by itself", 60)
    center.people.accounts.revoke_token(token.token.key, CHIEF)  # type: ignore[union-attr]
    watcher.sees(".state.revoked", 60)
    assert watcher.path() == "/display"
    assert "显示屏已停用" in watcher.text()
    wait_until(lambda: int(page.locator("#seconds").inner_text() or 0) > 0, "it says when it tries again")


def test_a_display_finds_back_though_its_page_never_learned_whose_it_is(
    page: Page, centers: dict[str, PeopleCenter]
) -> None:
    center = centers["long"]
    account = center.people.accounts.add("lobby", "Lobby", [Grant(Role.DISPLAY)], "zh", CHIEF)
    token = center.people.accounts.add_token(account.account, "display", "door", None, CHIEF)  # type: ignore[union-attr]
    watcher = Watcher(page, center)
    watcher.open(f"/display#{token.secret}")  # type: ignore[union-attr]
    watcher.sees("#wall .sp-title")
    center.people.accounts.end_session(session_of(center, "lobby"), CHIEF)
    watcher.open("/wall")
    wait_until(lambda: watcher.path() == "/wall", "it has enrolled again instead of waiting at the sign-in", 60)
    watcher.sees("#wall .sp-title")
    center.people.accounts.revoke_token(token.token.key, CHIEF)  # type: ignore[union-attr]
    watcher.open("/wall")
    watcher.sees(".state.revoked", 60)
    watcher.open("/wall")
    watcher.sees("#name")
    assert watcher.path().startswith("/sign-in"), "what is no display any more is for people again"


def test_a_start_address_that_is_wrong_or_missing_is_told_so(page: Page, centers: dict[str, PeopleCenter]) -> None:
    watcher = Watcher(page, centers["long"])
    watcher.open("/display")
    watcher.sees(".state.missing")
    page.goto("about:blank")
    watcher.open("/display#ops_d_" + "x" * 43)
    watcher.sees(".state.revoked")
    assert watcher.path() == "/display", "what was in the address is not any more"
