"""Board, room and opening of incidents in a real Chromium, on a real center: two coordinators on one, and a wall."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser

from alerts.alarm import Priority
from ops_center.bootstrap import import_plans, import_scenes
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from ops_center.screens.incident_words import acts_without_words
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until
from tests.screens.people_center import Visitor

pytestmark = pytest.mark.browser

ALARM = 7
CLOCK = re.compile(r"\d\d:\d\d(?::\d\d)?")
TITLE, WHERE = "滨江大道爆管", "滨江大道与云台路口"


class Coordinator(Visitor):
    """Somebody in the room."""

    def enters(self, number: int, tab: str = "facts") -> None:
        self.open(f"/incidents/{number}?tab={tab}")
        self.sees(".incident-steps")
        wait_until(lambda: self.attribute("map") == "ready", "the map is there", 90)

    def reads(self, place: str) -> str:
        return "\n".join(self.page.locator(place).all_inner_texts())

    def writes(self, field: str, text: str) -> None:
        self.page.fill(f'#incident-facts [data-fact="{field}"]', text)


@pytest.fixture(scope="module")
def city(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with alarm_city(plain_postgres.url_of("postgres"), valkey_url, folder, state) as made:
        import_plans(made.center.settings)
        import_scenes(made.center.settings)
        pressure = [one for one in made.streams() if one.observed_property == "water_pressure"]
        made.raise_all([made.alarm(ALARM, pressure[0], priority=Priority.HIGH)])
        yield made


@pytest.fixture(scope="module")
def secrets(city: AlarmCity) -> dict[str, str]:
    return {name: city.center.secret(name, Grant(Role.COORDINATOR)) for name in ("li.na", "wang.gang")}


@pytest.fixture(scope="module")
def chief(city: AlarmCity, secrets: dict[str, str]) -> Iterator[httpx.Client]:
    with city.center.http(secrets["li.na"]) as client:
        yield client


@pytest.fixture(scope="module")
def burst(city: AlarmCity, chief: httpx.Client) -> int:
    """An incident that is led, with the tasks of its plan and an alarm."""
    thing = city.catalog.things[city.streams()[0].thing]
    place = {"kind": "point", "coordinates": [[thing.longitude, thing.latitude]], "name": WHERE}
    report = {
        "type": "water_main_burst", "level": 2, "title": TITLE, "lead_department": "water_company", "open": True,
        "departments": ["water_company"], "places": [place], "plan": "burst_main", "alarms": [ALARM],
    }  # fmt: skip
    answer = chief.post("/api/incidents", json=report)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["incident"]["id"])


@pytest.fixture(scope="module")
def two(browser: Browser, city: AlarmCity, secrets: dict[str, str]) -> Iterator[list[Coordinator]]:
    contexts = [browser.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce") for _ in secrets]
    made = [
        Coordinator(context.new_page(), city.center).holds(secret)
        for context, secret in zip(contexts, secrets.values(), strict=True)
    ]
    yield made  # type: ignore[misc]
    for visitor, context in zip(made, contexts, strict=True):
        assert [said for said in visitor.errors if "409" not in said] == [], "but what is refused"
        context.close()


@pytest.fixture(scope="module")
def in_room(two: list[Coordinator], burst: int) -> list[Coordinator]:
    """Both are in the room of one incident, which takes their browsers seconds to draw."""
    for one in two:
        one.enters(burst)
    return two


def standing(http: httpx.Client, number: int) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"/api/incidents/{number}").json()
    return found


def test_an_alarm_becomes_an_incident_by_three_keystrokes(two: list[Coordinator], chief: httpx.Client) -> None:
    na = two[0]
    na.opens_desk("/alarms")
    na.sees(".alarm-row")
    na.page.keyboard.press("j")
    na.page.keyboard.press("I")
    wait_until(lambda: na.attribute("incidentProposal") == "ready", "it is proposed", 60)
    proposed = na.page.input_value(".incident-open .at-title input")
    na.page.keyboard.press("Enter")
    wait_until(lambda: na.asks("location.pathname").startswith("/incidents/"), "it is open", 60)
    number = int(na.path().split("?")[0].rsplit("/", 1)[1])
    found = standing(chief, number)
    assert (found["incident"]["title"], found["incident"]["state"]) == (proposed, "open")
    assert (found["incident"]["alarms"], found["incident"]["commander"]) == ([ALARM], "li.na")
    na.sees(".incident-steps")
    na.page.go_back()
    na.sees(".alarm-row")


def test_two_write_and_draw_and_each_sees_the_other(
    in_room: list[Coordinator], burst: int, chief: httpx.Client
) -> None:
    na, gang = in_room
    na.page.keyboard.press("n")
    na.page.keyboard.type("请 @wang.g")
    na.sees('#incident-mentions [data-account="wang.gang"]')
    na.page.keyboard.press("Enter")
    na.page.keyboard.type("核对阀门")
    na.page.keyboard.press("Enter")
    wait_until(lambda: "核对阀门" in gang.reads(".incident-line.to-me"), "who is meant reads it", 20)
    wait_until(lambda: na.page.input_value("#incident-text") == "", "the field is empty for the next", 20)

    gang.page.fill("#incident-text", "正在写的话")
    drawn = gang.page.locator(".shape-drawing")
    before = drawn.count()
    box = na.page.locator("#incident-map").bounding_box()
    assert box is not None
    na.page.click('[aria-controls="incident-draw-menu"]')
    na.page.click('[data-kind="cordon"][data-tool="draw_circle"]')
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    na.page.mouse.click(*middle)
    na.page.mouse.click(middle[0] + 80, middle[1])
    wait_until(lambda: drawn.count() == before + 1, "the other sees it", 20)
    assert gang.page.input_value("#incident-text") == "正在写的话", "what somebody types stays"
    made = standing(chief, burst)["incident"]["drawings"][-1]
    assert (made["kind"], made["by"]) == ("cordon", "li.na")
    gang.page.click('[aria-controls="incident-drawings"]')
    assert gang.page.locator('#incident-drawings [data-key^="erase-"]').count() == 0, "it is not theirs"
    na.page.click('[aria-controls="incident-drawings"]')
    na.page.click(f'#incident-drawings [data-key="erase-{made["id"]}"]')
    wait_until(lambda: drawn.count() == before, "it is gone for both", 20)


def test_who_is_second_is_told_and_loses_nothing(in_room: list[Coordinator], burst: int, chief: httpx.Client) -> None:
    na, gang = in_room
    gang.writes("title", "云台路爆管")
    gang.writes("description", "路面塌陷三米")
    na.writes("title", "滨江大道DN800爆管")
    na.page.keyboard.press("Enter")
    wait_until(lambda: standing(chief, burst)["incident"]["title"] == "滨江大道DN800爆管", "the first has it", 20)
    wait_until(lambda: "DN800" in gang.reads(".at-title .incident-told"), "the second is told what it is now", 20)
    assert gang.page.input_value('[data-fact="title"]') == "云台路爆管", "what was typed stays"
    assert gang.page.is_disabled('#incident-facts [data-key="save"]'), "until it is decided"
    says_again = "opsCenter.incidentRoom.emit('changed', opsCenter.incidentRoom.standing)"
    told = ".at-title .incident-told"
    wait_until(lambda: gang.page.evaluate(says_again) or CLOCK.search(gang.reads(told)), "and by whom and when", 20)
    choice = gang.page.query_selector('[data-key="theirs-title"]')
    assert choice is not None
    gang.page.evaluate(says_again)
    assert choice.evaluate("(button) => button.isConnected"), "under the hand the choice stays where it is"
    gang.page.select_option(".incident-chooser select", "fire")
    gang.page.click('[data-key="theirs-title"]')
    gang.page.click('#incident-facts [data-key="save"]')
    wait_until(lambda: standing(chief, burst)["incident"]["description"] == "路面塌陷三米", "the rest is saved", 20)
    now = standing(chief, burst)["incident"]
    assert now["title"] == "滨江大道DN800爆管"
    assert now["departments"][-1] == "fire" and len(now["departments"]) > 1, "who took part still does"
    wait_until(lambda: na.page.input_value('[data-fact="description"]') == "路面塌陷三米", "the first sees it", 20)


def test_a_decision_that_is_refused_keeps_what_was_typed(in_room: list[Coordinator]) -> None:
    na = in_room[0]
    na.page.click('[data-act-name="resolve"]')
    na.page.fill(".incident-ask textarea", "现场清理完毕")
    na.page.keyboard.press("Control+Enter")
    na.sees(".incident-ask .incident-refusal")
    assert "任务" in na.reads(".incident-refusal")
    assert na.page.input_value(".incident-ask textarea") == "现场清理完毕"
    na.page.keyboard.press("Escape")


_DROP = """([name, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    const held = new DataTransfer();
    held.items.add(new File([bytes], name));
    const told = { bubbles: true, cancelable: true, dataTransfer: held };
    for (const type of ["dragenter", "dragover", "drop"])
        document.getElementById("incident-log").dispatchEvent(new DragEvent(type, told));
}"""


def test_a_file_is_added_by_button_and_by_dropping_it(
    in_room: list[Coordinator], burst: int, chief: httpx.Client
) -> None:
    na, gang = in_room
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "#2266aa").save(picture, "PNG")
    na.page.click('[data-tab="files"]')
    na.page.set_input_files(
        "#incident-file-input", {"name": "现场.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    gang.page.click('[data-tab="files"]')
    wait_until(
        lambda: gang.asks("(document.querySelector('.incident-file img') || {}).naturalWidth") == "64",
        "it is shown",
        20,
    )
    wait_until(lambda: "现场.png" in gang.reads(".incident-line-what"), "and a line says so", 20)
    gang.page.click(".incident-file [data-picture]")
    gang.sees(".incident-picture img")
    gang.page.keyboard.press("Escape")

    na.page.evaluate(_DROP, ["阀门.pdf", base64.b64encode(b"%PDF-1.7 valves").decode()])
    with gang.page.expect_download() as saved:
        gang.page.click('.incident-file-name[download="阀门.pdf"]', timeout=20_000)
    assert saved.value.suggested_filename == "阀门.pdf"
    assert Path(saved.value.path()).read_bytes() == b"%PDF-1.7 valves"
    na.page.evaluate(_DROP, ["tool.exe", base64.b64encode(b"MZ\x00\x01").decode()])
    wait_until(lambda: "只接受" in na.reads(".incident-file.not-taken"), "what is not taken says why and stays", 20)
    na.page.click(".incident-file.not-taken [data-forget]")
    assert len(standing(chief, burst)["incident"]["files"]) == 2


def pick(na: Coordinator, act: str, typed: str, seen: str) -> None:
    """Ask for something in the menu, search it and take the first that is found."""
    wait_until(lambda: not na.page.locator(".incident-ask").count(), "nothing else is asked", 20)
    na.page.click("#incident-head .incident-menu summary")
    na.page.click(f'.incident-menu [data-act-name="{act}"]')
    na.page.fill(".incident-pick input", typed)
    found = ".incident-hits:not([aria-busy]) li >> nth=0"
    wait_until(lambda: seen in na.reads(found), f"{seen} is found", 30)
    na.page.keyboard.press("Enter")
    assert seen in na.reads(".incident-pick .incident-chosen")


def test_links_and_what_it_is_merged_into_are_searched_and_picked(
    in_room: list[Coordinator], burst: int, chief: httpx.Client
) -> None:
    na = in_room[0]
    flood = {"type": "urban_flooding", "level": 3, "title": "云台路积水", "lead_department": "water_company"}
    other = chief.post("/api/incidents", json=flood).json()["incident"]["id"]
    pick(na, "link", "云台路积水", f"#{other}")
    na.page.keyboard.press("Control+Enter")
    wait_until(lambda: standing(chief, burst)["incident"]["links"] == [other], "it is linked", 20)
    pick(na, "merge", str(other), "云台路积水")
    na.page.keyboard.press("Control+Enter")
    assert na.page.locator(".incident-ask").count() == 1, "the reason is wanted"
    na.page.keyboard.press("Escape")


def test_a_unit_is_sent_by_a_click_and_followed_against_its_plan(
    in_room: list[Coordinator], burst: int, chief: httpx.Client
) -> None:
    na, gang = in_room
    na.page.keyboard.press("Escape")  # whatever the test before has left
    for one in in_room:
        one.page.click('[data-tab="units"]')
    na.sees("#incident-dispatch .dispatch-list [data-send]")
    row = na.page.locator("#incident-dispatch .dispatch-list li:has([data-send]) >> nth=0")
    unit = str(row.get_attribute("data-unit-row"))
    row.locator("[data-way]").click()
    na.sees("#incident-over .dispatch-map .way")
    assert row.locator(".dispatch-minutes").inner_text(), "each says how long it takes"
    na.page.click(f'[data-send="{unit}"]')
    for one in in_room:
        one.sees(f'#incident-dispatch .dispatch-follow [data-unit-row="{unit}"]')
    followed = f'.dispatch-follow [data-unit-row="{unit}"]'
    plan, expected = CLOCK.findall(na.reads(followed))[:2]
    apart = (_minutes(plan) - _minutes(expected) + 720) % 1440 - 720  # over midnight too
    assert abs(apart) <= 2, "it has just been sent"
    na.page.mouse.move(5, 5)  # off the rows, which draw their way
    wait_until(lambda: na.page.locator("#incident-over .dispatch-map .way").count() == 0, "the proposal's way goes")
    for act in ("unit_under_way", "unit_arrived"):
        told = chief.post(f"/api/incidents/{burst}/commands", json={"do": act, "unit": unit})
        assert told.status_code == 200, told.text
    wait_until(lambda: "●" in gang.reads(followed) and "已到" in gang.reads(followed), "it is there", 40)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")[:2]
    return 60 * int(hours) + int(minutes)


def test_the_room_sends_its_scene_and_its_map_to_the_wall(
    in_room: list[Coordinator], burst: int, city: AlarmCity
) -> None:
    page = in_room[0].page
    page.keyboard.press("Escape")  # whatever the test before has left

    def on_the_wall() -> tuple[str, list[tuple[str, str]]]:
        found = [one.state for one in city.center.store.walls.load()]
        return (found[0].scene, [(one.kind, one.subject) for one in found[0].sent]) if found else ("", [])

    page.click(".incident-menu summary")
    page.click('[data-wall-send="incident"]')
    page.click('.ws-box .ws-all:has-text("事件场景")')
    wait_until(lambda: on_the_wall() == ("incident", [("incident", str(burst))]), "its scene follows it")
    wait_until(lambda: not page.locator(".ws-box").count(), "the dialog goes")
    page.click('[data-wall-send="view"]')
    page.click(".ws-box .ws-all")
    wait_until(lambda: [kind for kind, _ in on_the_wall()[1]] == ["incident", "view"], "and the map its view")


def test_the_board_keeps_the_row_under_the_cursor(two: list[Coordinator], burst: int, chief: httpx.Client) -> None:
    na = two[0]
    na.opens_desk("/incidents")
    na.sees(f'.board-row[data-id="{burst}"]')
    na.page.focus(f'.board-row[data-id="{burst}"]')
    before = na.page.locator(f'.board-row[data-id="{burst}"]').bounding_box()
    graver = {"type": "fire", "level": 1, "title": "化工园区火灾", "lead_department": "fire", "departments": ["fire"]}
    assert chief.post("/api/incidents", json=graver).status_code == 200
    na.sees(".board-bar")
    assert na.page.locator(f'.board-row[data-id="{burst}"]').bounding_box() == before, "nothing moves under the hand"
    na.page.keyboard.press(".")
    wait_until(lambda: "化工园区火灾" in na.reads(".board-row >> nth=0"), "the gravest is first", 20)
    assert na.page.evaluate("document.activeElement.dataset.id") == str(burst), "and the cursor stays where it was"
    na.page.keyboard.press("Enter")
    na.sees(".incident-steps")


def test_the_wall_follows_an_incident(two: list[Coordinator], burst: int, chief: httpx.Client) -> None:
    na = two[0]
    na.open(f"/wall/incident?incident={burst}")
    title = standing(chief, burst)["incident"]["title"]  # as it is now, whoever changed it
    wait_until(lambda: title in na.reads(".spi-title"), "the wall shows it", 90)
    wait_until(lambda: na.page.locator(".spi-task .incident-due").count() > 0, "deadlines count down", 30)
    chief.post(f"/api/incidents/{burst}/commands", json={"do": "note", "text": "水已止住"})
    wait_until(lambda: "水已止住" in na.reads(".spi-entry"), "a line appears by itself", 20)


def test_every_act_of_the_log_has_words() -> None:
    assert acts_without_words() == []
