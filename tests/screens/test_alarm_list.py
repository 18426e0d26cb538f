"""The alarm list and the card in a real Chromium, on a real center with alarms in its store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, WebSocketRoute

from alerts.alarm import Aside, Priority, State
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from ops_center.store.alarm_port import JournalQuery
from tests.screens.alarm_city import AlarmCity, alarm_city, group
from tests.screens.live_city import wait_until
from tests.screens.people_center import Visitor

pytestmark = pytest.mark.browser

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
PLACE = "(id) => document.querySelector(`.alarm-row[data-id='${id}']`).getBoundingClientRect().top"


class Desk(Visitor):
    """Somebody at the list."""

    def opens(self, path: str = "/alarms") -> None:
        self.open(path)
        wait_until(lambda: self.attribute("alarms") != "", "the list has been read", 60)

    def ids(self) -> list[int]:
        return list(self.page.evaluate("opsCenter.alarms.rows.entries.map((entry) => entry.id)"))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def at(self, number: int) -> None:
        """Click the row of an alarm."""
        self.page.click(f".alarm-row[data-id='{number}'] .where")


@pytest.fixture(scope="module")
def city(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with alarm_city(plain_postgres.url_of("postgres"), valkey_url, folder, state) as made:
        yield made


@pytest.fixture(scope="module")
def secret(city: AlarmCity) -> str:
    return city.center.secret("li.na", Grant(Role.OPERATOR))


@pytest.fixture
def desk(browser: Browser, city: AlarmCity, secret: str) -> Iterator[Desk]:
    for alarm in list(city.open().values()):
        city.close(alarm)
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    made = Desk(context.new_page(), city.center).holds(secret)
    assert isinstance(made, Desk)
    yield made
    assert made.errors == []
    context.close()


@pytest.fixture
def first(city: AlarmCity) -> int:
    """The first number that no test before has used."""
    found = city.center.store.alarms.journal(JournalQuery(limit=10_000))
    return max((line.alarm for line in found), default=0) + 1


def test_the_worst_comes_first_and_then_who_waits_and_then_the_newest(desk: Desk, city: AlarmCity, first: int) -> None:
    known = {"state": State.ACKNOWLEDGED, "acknowledged_by": "wang"}
    city.raise_all(
        [
            city.alarm(first, priority=Priority.HIGH, **known),
            city.alarm(first + 1, priority=Priority.HIGH),
            city.alarm(first + 2, priority=Priority.HIGH),
            city.alarm(first + 3, priority=Priority.LOW),
            city.alarm(first + 4, priority=Priority.CRITICAL, **known),
            city.alarm(first + 5, aside=Aside.SHELVED, aside_until_us=city.clock.now_us() + 10**10, aside_reason="x"),
        ]
    )
    desk.opens()
    wait_until(lambda: desk.ids() == [first + place for place in (4, 2, 1, 0, 3)], "they are in order", 20)
    waits = desk.page.locator(".standing-tile b")
    wait_until(lambda: waits.all_inner_texts() == ["0", "2", "0", "1"], "what waits for somebody is counted", 20)
    desk.page.click(".segments .chip:nth-child(2)")
    wait_until(lambda: desk.ids() == [first + 5], "what is shelved is a list of its own", 20)


def test_a_list_for_which_nobody_judges_says_so(desk: Desk, city: AlarmCity) -> None:
    desk.opens()
    said = desk.page.locator(".alarm-strip .age")
    city.center.judged(75)
    wait_until(lambda: "报警判定停滞 1" in said.inner_text(), "what looks calm is not", 20)
    wait_until(lambda: city.center.judged(0) or not said.is_visible(), "somebody judges again", 20)
    city.center.never_judged()


def test_the_row_under_the_cursor_stays_where_it_is(desk: Desk, city: AlarmCity, first: int) -> None:
    city.raise_all([city.alarm(first + n, priority=Priority.LOW) for n in range(200)])
    desk.opens()
    wait_until(lambda: len(desk.ids()) == 200, "they are listed", 20)
    desk.page.evaluate("opsCenter.alarms.rows.holder.scrollTop = 2000")
    desk.press("j", "j", "j", "Space")
    cursor = int(desk.asks("opsCenter.alarms.rows.cursor"))
    wait_until(lambda: desk.page.locator(f".alarm-row.cursor.chosen[data-id='{cursor}']").count() == 1, "it is drawn")
    before = desk.page.evaluate(PLACE, cursor)
    city.raise_all([city.alarm(first + 200 + n, priority=Priority.CRITICAL) for n in range(30)])
    desk.sees(".alarm-bar", 20)
    wait_until(lambda: "30" in desk.page.locator(".alarm-bar b").inner_text(), "the bar counts them", 20)
    assert desk.page.evaluate(PLACE, cursor) == before
    desk.press(".")
    wait_until(lambda: len(desk.ids()) == 230, "they are taken in when somebody says so", 20)
    assert abs(desk.page.evaluate(PLACE, cursor) - before) < 1, "and the row is still there"
    assert desk.asks("opsCenter.alarms.rows.cursor") == str(cursor)
    assert desk.asks("[...opsCenter.alarms.rows.selected].join()") == str(cursor)
    city.close(city.open()[cursor])
    wait_until(lambda: desk.page.locator(".alarm-row.cursor.gone").count() == 1, "it says that it has left", 20)
    assert abs(desk.page.evaluate(PLACE, cursor) - before) < 1


def test_a_bulk_is_answered_alarm_by_alarm(desk: Desk, city: AlarmCity, first: int) -> None:
    numbers = [first, first + 1, first + 2]
    alarms = [city.alarm(number) for number in numbers]
    city.raise_all([*alarms[:2], replace(alarms[2], state=State.ACKNOWLEDGED, acknowledged_by="wang")])
    desk.opens()
    wait_until(lambda: len(desk.ids()) == 3, "they are listed", 20)
    desk.press("*", "a")
    wait_until(lambda: "2" in desk.page.locator(".alarm-said b").inner_text(timeout=20_000), "two are done", 20)
    assert "已经确认过 ×1" in desk.page.locator(".alarm-said").inner_text()
    assert {number: one.acknowledged_by for number, one in city.open().items()} == {
        first: "li.na",
        first + 1: "li.na",
        first + 2: "wang",
    }


def test_what_is_shelved_by_mistake_comes_back_by_a_key(desk: Desk, city: AlarmCity, first: int) -> None:
    city.raise_all([city.alarm(first)])
    desk.opens()
    wait_until(lambda: desk.ids() == [first], "it is listed", 20)
    desk.press("j", "s")
    desk.sees("dialog.ask")
    desk.page.fill("dialog.ask textarea", "换泵")
    desk.press("Control+Enter")
    wait_until(lambda: city.open()[first].aside is Aside.SHELVED, "it is shelved", 20)
    assert city.open()[first].aside_reason == "换泵"
    desk.sees(".alarm-said b")
    desk.press("u")
    wait_until(lambda: city.open()[first].aside is Aside.NONE, "it is back", 20)


def test_commands_given_in_one_moment_are_all_done(desk: Desk, city: AlarmCity, first: int) -> None:
    city.raise_all([city.alarm(first), city.alarm(first + 1)])
    desk.opens()
    wait_until(lambda: len(desk.ids()) == 2, "they are listed", 20)
    pressed = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))"
    desk.page.evaluate(f"for (const key of 'jaja') {pressed}")
    wait_until(lambda: all(one.state is State.ACKNOWLEDGED for one in city.open().values()), "both are known", 10)


def test_a_command_waits_for_the_outcome_of_the_one_before(desk: Desk, city: AlarmCity, first: int) -> None:
    city.raise_all([city.alarm(first), city.alarm(first + 1)])
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route) if "alarm-command.data" in str(route.request.post_data) else route.continue_()

    desk.page.route("**/_dash-update-component*", hold)
    desk.opens()
    wait_until(lambda: len(desk.ids()) == 2, "they are listed", 20)
    top, below = desk.ids()
    desk.press("j", "s")
    desk.sees("dialog.ask")
    desk.page.fill("dialog.ask textarea", "换泵")
    desk.press("Control+Enter")
    wait_until(lambda: desk.asks("opsCenter.alarms.commands.queue.length") == "1", "one is under way")
    desk.press("j", "a")
    wait_until(lambda: desk.asks("opsCenter.alarms.commands.queue.length") == "2", "another waits for it")
    wait_until(lambda: desk.asks("1") and len(held) == 1, "one is sent")
    held[0].continue_()
    said = desk.page.locator(".alarm-said")
    wait_until(lambda: "搁置" in said.inner_text() and "撤销" in said.inner_text(), "the first is told")
    wait_until(lambda: desk.asks("1") and len(held) == 2, "and then the other is sent")
    assert city.open()[below].state is not State.ACKNOWLEDGED
    held[1].continue_()
    wait_until(lambda: "确认" in said.inner_text(), "so is the other")
    assert city.open()[top].aside is Aside.SHELVED and city.open()[below].state is State.ACKNOWLEDGED


def test_a_command_without_an_outcome_does_not_hold_up_the_next(desk: Desk, city: AlarmCity, first: int) -> None:
    city.raise_all([city.alarm(first), city.alarm(first + 1)])
    desk.opens()
    wait_until(lambda: len(desk.ids()) == 2, "they are listed", 20)
    below = desk.ids()[1]
    commands = "opsCenter.alarms.commands"
    desk.page.evaluate(f"{commands}.queue.push({{}}); {commands}.sentAt = -15000")  # one was sent long ago
    desk.press("j", "j", "a")
    assert desk.asks(f"{commands}.queue.length") == "2"
    desk.page.evaluate(f"{commands}.look()")
    desk.sees("#line-told")
    wait_until(lambda: city.open()[below].state is State.ACKNOWLEDGED, "the next is done", 10)


def test_a_group_is_one_line_until_it_is_unfolded(desk: Desk, city: AlarmCity, first: int) -> None:
    city.raise_all(group(city, first, 12))
    desk.opens()
    wait_until(lambda: desk.ids() == [first], "one line for all of them", 20)
    assert "12" in desk.page.locator(".fold").first.inner_text()
    desk.press("j", "e")
    wait_until(lambda: len(desk.ids()) == 13, "its children are under it", 20)
    desk.press("A")
    wait_until(lambda: all(one.state is State.ACKNOWLEDGED for one in city.open().values()), "all are acknowledged", 20)


def test_filters_find_in_both_languages_and_are_saved_as_views(desk: Desk, city: AlarmCity, first: int) -> None:
    by_property = {one.observed_property: one for one in city.streams()}
    city.raise_all(
        [city.alarm(first + n, by_property[name]) for n, name in enumerate(("water_pressure", "vehicle_speed"))]
    )
    desk.opens()
    wait_until(lambda: len(desk.ids()) == 2, "they are listed", 20)
    for words in ("供水压力", "low WATER"):
        desk.press("/")
        desk.page.fill(".search", words)
        wait_until(lambda: desk.ids() == [first], f"{words} finds it", 20)
        desk.press("Escape")
    desk.page.click(".alarm-filter .chip:has-text('保存视图')")
    desk.page.fill("dialog.ask input", "水务")
    desk.press("Enter")
    wait_until(lambda: desk.page.locator(".views option").count() == 2, "it is saved", 20)
    desk.opens()
    wait_until(lambda: len(desk.ids()) == 2, "nothing is filtered", 20)
    wait_until(lambda: desk.page.locator(".views option").count() == 2, "the view is still there", 20)
    desk.page.select_option(".views", "水务")
    wait_until(lambda: desk.ids() == [first], "the view filters", 20)


def test_the_card_says_what_to_do_and_takes_files(desk: Desk, city: AlarmCity, first: int) -> None:
    pressure = next(one for one in city.streams() if one.observed_property == "water_pressure")
    city.raise_all([city.alarm(first, pressure)])
    desk.opens(f"/alarms/{first}")
    desk.sees(".card-head")
    shown = desk.page.locator("#alarm-card").inner_text()
    assert all(words in shown for words in ("供水压力低", "查看相邻压力点与流量", "分钟内须处置", "相邻设备", "发生"))
    desk.page.click("#alarm-card button:has-text('附件')")
    desk.page.set_input_files("dialog.ask input", {"name": "泵.png", "mimeType": "image/png", "buffer": PNG})
    desk.page.click("dialog.ask .main")
    desk.sees("#alarm-card a.file")
    address = str(desk.page.get_attribute("#alarm-card a.file", "href"))
    assert desk.page.evaluate("(at) => fetch(at).then((answer) => answer.headers.get('content-type'))", address) == (
        "image/png"
    )
    desk.press("Escape", "Escape")
    wait_until(lambda: desk.path() == "/alarms", "the card is closed", 20)


def test_sound_is_off_until_somebody_wants_it_and_is_silenced_by_a_key(desk: Desk, city: AlarmCity, first: int) -> None:
    sound = "opsCenter.alarms.sound"
    desk.opens()
    wait_until(lambda: desk.attribute("stream") == "ok", "it is live", 20)
    city.raise_all([city.alarm(first, priority=Priority.CRITICAL)])
    wait_until(lambda: desk.ids() == [first], "it is listed", 20)
    assert (desk.asks(f"{sound}.on"), desk.asks(f"{sound}.played")) == ("False", "0")
    desk.page.click(".chip.sound")
    wait_until(lambda: int(desk.asks(f"{sound}.played")) >= 2, "a critical one that waits is repeated", 20)
    desk.press("m")
    assert desk.asks(f"{sound}.silenced") == "True"
    desk.press("j", "a")
    wait_until(lambda: city.open()[first].state is State.ACKNOWLEDGED, "it is known", 20)


def test_what_was_closed_of_late_is_found(desk: Desk, city: AlarmCity, first: int) -> None:
    city.raise_all([city.alarm(first), city.alarm(first + 1)])
    city.close(city.open()[first])
    desk.opens()
    wait_until(lambda: desk.ids() == [first + 1], "what is open is listed", 20)
    desk.page.click(".segments .chip:nth-child(5)")
    wait_until(lambda: first in desk.ids() and first + 1 not in desk.ids(), "what was closed is listed", 20)


def test_who_only_reads_has_no_buttons(browser: Browser, city: AlarmCity, desk: Desk, first: int) -> None:
    city.raise_all([city.alarm(first)])
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    leader = Desk(context.new_page(), city.center).holds(city.center.secret("sun", Grant(Role.LEADER)))
    assert isinstance(leader, Desk)
    leader.opens(f"/alarms/{first}")
    leader.sees(".card-head")
    assert leader.page.locator(".act").count() == 0
    leader.press("j", "a")
    assert leader.page.locator(".alarm-said").inner_text() == ""
    assert leader.errors == []
    context.close()


def test_losing_the_stream_is_said_with_its_age(desk: Desk, city: AlarmCity, first: int) -> None:
    city.raise_all([city.alarm(first)])
    lines: list[WebSocketRoute] = []
    cut: list[bool] = []

    def pass_on(line: WebSocketRoute) -> None:
        if not cut:  # a slow page opens more than one
            line.connect_to_server()
        lines.append(line)

    desk.page.route_web_socket("**/live", pass_on)
    desk.opens()
    wait_until(lambda: desk.attribute("stream") == "ok", "it is live", 20)
    cut.append(True)
    lines[-1].close()
    wait_until(lambda: "数据中断" in desk.page.locator(".alarm-strip .age").inner_text(), "it says so", 20)
    assert desk.attribute("stream") == "lost"


def test_the_wall_marks_them_by_the_worst_and_opens_their_card(desk: Desk, city: AlarmCity, first: int) -> None:
    pressure = [one for one in city.streams() if one.observed_property == "water_pressure"]
    known = {"state": State.ACKNOWLEDGED, "priority": Priority.LOW}
    many = [city.alarm(first + n, pressure[0], subject=n, **known) for n in range(30)]
    city.raise_all([*many, city.alarm(first + 30, pressure[0], priority=Priority.CRITICAL)])
    desk.opens("/wall")
    desk.sees(".alarm-mark", 90)
    wait_until(
        lambda: desk.page.locator(".alarm-mark").all_inner_texts() == ["1\n31"], "one mark for all in one place", 30
    )
    assert desk.page.locator(".alarm-mark.p1.waits").count() == 1, "the worst is what it looks like"
    assert desk.page.locator(".sp-slot.shown .alarm-strip .standing-tile b").all_inner_texts() == ["1", "0", "0", "0"]
    for one in many:
        city.close(one)
    wait_until(lambda: desk.page.locator(".alarm-mark").all_inner_texts() == ["1"], "one is left", 30)
    desk.page.locator(".alarm-mark").dispatch_event("click")
    desk.sees("#card .card-head", 30)
    wait_until(lambda: desk.page.locator("#card .left").inner_text() != "", "it says how long there is left", 20)
    desk.press("m")
    assert desk.attribute("motion") == "off"
    assert desk.page.evaluate("getComputedStyle(document.querySelector('.alarm-mark .ring')).animationName") == "none"


def test_everything_is_said_in_either_language(desk: Desk, city: AlarmCity, first: int) -> None:
    city.raise_all([city.alarm(first, times=3), *group(city, first + 1, 3)])
    desk.opens(f"/alarms/{first}")
    desk.sees(".card-head")
    desk.speaks("en")
    desk.is_all_in("en", {"中", "水务"})
