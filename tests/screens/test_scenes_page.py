"""Scenes in a real Chromium: the stage of the wall prepares and swaps; the editor moves, drafts, undoes, saves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from ops_center.bootstrap import import_scenes, register_pack
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.store.version_port import VersionRow
from tests.screens.held_answers import held_answer
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    folder = small_city.folder
    assert folder is not None
    with people_center(admin, valkey_url, folder, tmp_path_factory.mktemp("state")) as running:
        register_pack(running.settings, folder)
        import_scenes(running.settings)
        yield running


_STILL = "try { localStorage.setItem('ops-center.scene-live', 'off') } catch (error) { /* a blank page has none */ }"


class Editor(Visitor):
    """Somebody in front of the page; the live picture under the grid is switched off: nobody looks at it here."""

    def opens(self, scene: str) -> None:
        self.opens_desk(f"/scenes?scene={scene}")
        self.sees(self.panel("title"))

    def panel(self, id_: str) -> str:
        return f'#scene-grid [data-id="{id_}"]'

    def place(self, id_: str) -> list[int]:
        form = self.page.evaluate("opsCenter.sceneEditor.form")
        return next([one["x"], one["y"], one["w"], one["h"]] for one in form["panels"] if one["id"] == id_)

    def options(self, id_: str) -> dict[str, Any]:
        form = self.page.evaluate("opsCenter.sceneEditor.form")
        return next(dict(one["options"]) for one in form["panels"] if one["id"] == id_)

    def types(self, field: str, text: str) -> None:
        self.page.fill(field, text)
        self.page.locator(field).blur()

    def saves(self, reason: str) -> None:
        self.page.fill(".scene-saving input", reason)
        self.page.click(".scene-saving .main")

    def moves(self, id_: str, key: str) -> list[int]:
        """Move a panel and return where it stands."""
        self.page.focus(self.panel(id_))
        self.page.keyboard.press(key)
        return self.place(id_)

    def knows_it_is_saved(self) -> None:
        wait_until(lambda: self.page.locator(".scene-saving").count() == 0, "nothing is left to save")

    def is_told(self, words: str) -> None:
        wait_until(lambda: words in self.page.locator("#scene-foot").inner_text(), f"it is told: {words}")


@pytest.fixture
def editor(page: Page, center: PeopleCenter) -> Iterator[Editor]:
    page.add_init_script(_STILL)
    opened = Editor(page, center)
    opened.holds(center.secret(f"chen.{len(center.store.accounts.list())}", Grant(Role.COORDINATOR)))
    yield opened
    assert not opened.errors, opened.errors


def newest(center: PeopleCenter, name: str) -> VersionRow:
    return center.store.scenes.history(name)[0]


def test_panels_are_moved_by_keyboard_and_mouse_and_saved_with_a_reason(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("air")
    before = editor.place("legend")
    editor.page.focus(editor.panel("legend"))
    for key in ("ArrowUp", "ArrowRight", "Shift+ArrowDown"):
        editor.page.keyboard.press(key)
    x, y, w, h = before
    assert editor.place("legend") == [x + 1, y - 1, w, h + 1]
    editor.page.keyboard.press("Control+z")
    assert editor.place("legend") == [x + 1, y - 1, w, h]
    box, grid = (editor.page.locator(one).bounding_box() for one in (editor.panel("legend"), "#scene-grid"))
    assert box and grid
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    editor.page.mouse.move(*middle)
    editor.page.mouse.down()
    editor.page.mouse.move(middle[0] + 3 * grid["width"] / 32, middle[1], steps=4)
    editor.page.mouse.up()
    assert editor.place("legend") == [x + 4, y - 1, w, h]
    editor.saves("clear of the river")
    wait_until(lambda: newest(center, "air").version == 2, "it is saved")
    row = newest(center, "air")
    assert row.reason == "clear of the river" and row.author.startswith("chen.")
    assert next(one for one in row.form["panels"] if one["id"] == "legend")["x"] == x + 4
    editor.knows_it_is_saved()


def test_nothing_half_made_is_lost_and_what_is_wrong_is_said(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("flood")
    editor.page.focus(editor.panel("rain"))
    editor.page.keyboard.press("Shift+ArrowDown")
    wait_until(lambda: editor.page.locator(f"{editor.panel('drains')}.wrong").count() == 1, "the overlap is shown")
    editor.saves("does not fit")
    editor.is_told("没有保存")
    assert newest(center, "flood").version == 1
    place = editor.place("rain")
    editor.opens("flood")
    assert editor.place("rain") == place, "the draft is back"
    editor.page.click(".scene-saving button:has-text('放弃')")
    wait_until(lambda: editor.place("rain") != place, "it is dropped")


def test_a_scene_is_duplicated_gets_a_panel_and_is_deleted(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("daily")
    editor.page.fill(".scf-copy input", "night_watch")
    editor.page.click(".scf-copy button")
    wait_until(lambda: editor.page.evaluate("opsCenter.sceneEditor.name") == "night_watch", "the copy is opened")
    editor.page.select_option("#scene-bar select", "text")
    editor.page.fill('[data-field="text"] textarea >> nth=0', "值班电话 2345")
    editor.page.locator('[data-field="text"] textarea >> nth=0').blur()
    editor.saves("for the night")
    wait_until(lambda: newest(center, "night_watch").version == 2, "it is saved")
    editor.knows_it_is_saved()
    assert newest(center, "night_watch").form["panels"][-1]["options"]["text"]["zh"] == "值班电话 2345"
    editor.page.click("button:has-text('‹ 场景')")
    editor.page.on("dialog", lambda dialog: dialog.accept())
    editor.page.click("button:has-text('删除场景')")
    wait_until(lambda: newest(center, "night_watch").gone, "it is deleted")


def test_a_scene_gets_hours_a_turn_and_a_view_and_goes_back_to_what_it_was(
    editor: Editor, center: PeopleCenter
) -> None:
    editor.opens("water_network")
    page = editor.page
    page.click("button:has-text('增加时段')")
    editor.types('.scf-time[aria-label="开始"]', "26:00")
    editor.sees("#scene-foot:has-text('须为时刻')")
    editor.types('.scf-time[aria-label="开始"]', "9:30")
    editor.types('.scf-time[aria-label="结束"]', "24")
    page.click(".scf-day >> nth=5")
    editor.types('[data-field="rotate_s"] input', "45")
    editor.saves("at night too")
    window = {"days": ["mon", "tue", "wed", "thu", "fri", "sat"], "begins": "09:30", "ends": "24:00"}
    wait_until(lambda: newest(center, "water_network").form["schedule"] == [window], "the hours are saved")
    editor.knows_it_is_saved()
    assert newest(center, "water_network").form["rotate_s"] == 45
    page.evaluate("dash_clientside.set_props('scene-changed', { data: 1 })")
    wait_until(lambda: page.locator('.scene-card.opened:has-text("第 2 版")').count() == 1, "the list came anew")
    assert page.locator(".scene-saving").count() == 0, "nothing is left to save still"
    assert page.input_value('.scf-time[aria-label="结束"]') == "24:00"
    page.focus(editor.panel("mains"))
    page.click("button:has-text('在地图上选取')")
    wait_until(lambda: page.evaluate("Boolean(opsCenter.maps.get('scene-picker-map')?.map)"), "a map to choose on", 60)
    page.click("button:has-text('采用此视野')")
    wait_until(lambda: editor.options("mains").get("view") is not None, "it is taken")
    page.click('[data-field="drawn"] button:has-text("增加一项")')
    editor.types('[data-field="layer"] input', "districts")
    editor.types('[data-field="look"] input', "rain")
    editor.saves("closer")
    wait_until(lambda: newest(center, "water_network").version == 3, "the view is saved")
    editor.knows_it_is_saved()
    page.click("button:has-text('‹ 场景')")
    page.click("button:has-text('恢复为随系统提供的样子')")
    wait_until(lambda: newest(center, "water_network").is_as_shipped, "it is what ships again")
    wait_until(lambda: page.locator(".scf-window").count() == 0, "and is opened")
    page.click(".scf-version:has-text('第 2 版') button")
    wait_until(lambda: newest(center, "water_network").form["schedule"] == [window], "an old version is back")
    wait_until(lambda: page.locator(".scf-window").count() == 1, "and is opened")


def test_what_is_moved_while_a_save_is_under_way_stays_a_draft(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("big_event")
    saved = editor.moves("title", "Shift+ArrowLeft")
    with held_answer(editor.page, "scene-act") as is_done:
        editor.saves("smaller")
        is_done()
        moved = editor.moves("title", "Shift+ArrowLeft")
    editor.is_told("已保存为第 2 版")
    assert editor.place("title") == moved != saved
    editor.opens("big_event")
    assert editor.place("title") == moved, "the draft is back"
    editor.is_told("已恢复您未保存的草稿")
    editor.saves("smaller still")
    wait_until(lambda: newest(center, "big_event").version == 3, "it is saved on what was saved before")
    forms = [row.form["panels"] for row in center.store.scenes.history("big_event")[:2]]
    assert [next(one["w"] for one in panels if one["id"] == "title") for panels in forms] == [moved[2], saved[2]]


def test_a_scene_that_is_opened_while_another_is_saved_keeps_its_draft(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("traffic_peak")
    editor.moves("title", "Shift+ArrowLeft")
    with held_answer(editor.page, "scene-act") as is_done:
        editor.saves("smaller")
        is_done()
        editor.page.click(".scene-card:has-text('日常运行')")
        editor.sees(".scene-card.opened:has-text('日常运行')")
        moved = editor.moves("title", "Shift+ArrowLeft")
    editor.is_told("已保存为第 2 版")
    assert editor.place("title") == moved
    drafted = "opsCenter.sceneEditor.rows.map(({ name }) => name).filter((name) => opsCenter.sceneEditor.draftOf(name))"
    assert editor.page.evaluate(drafted) == ["daily"]
    version = newest(center, "daily").version
    editor.saves("smaller too")
    wait_until(lambda: newest(center, "daily").version == version + 1, "it is saved")
    assert newest(center, "traffic_peak").version == 2


def test_a_save_whose_answer_is_lost_is_known_by_the_next_list(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("incident")
    editor.page.evaluate("dash_clientside.set_props('scenes-tick', { disabled: true })")
    editor.moves("tasks", "Shift+ArrowUp")
    with held_answer(editor.page, "scene-act", lost=True) as is_done:
        editor.saves("lower")
        is_done()
    wait_until(lambda: editor.errors or editor.page.wait_for_timeout(50), "it is lost")
    editor.page.evaluate("dash_clientside.set_props('scenes-tick', { n_intervals: 1 })")
    editor.knows_it_is_saved()
    editor.moves("tasks", "Shift+ArrowUp")
    editor.saves("lower still")
    wait_until(lambda: newest(center, "incident").version == 3, "the next is saved")
    editor.errors.clear()  # the browser says that an answer is lost, and that is what was tried


def test_old_versions_that_come_late_leave_what_is_being_typed(editor: Editor) -> None:
    purpose = editor.page.locator('#scene-form [data-field="purpose"] input').nth(1)
    with held_answer(editor.page, "scene-history-of") as is_done:
        editor.opens("flood")
        is_done()
        purpose.fill("")
        purpose.press_sequentially("half a pur")
    editor.sees(".scf-version")
    editor.page.keyboard.type("pose")
    assert purpose.input_value() == "half a purpose"
    purpose.blur()
    assert editor.page.evaluate("opsCenter.sceneEditor.form.purpose.en") == "half a purpose"


def test_the_preview_lives(editor: Editor) -> None:
    editor.opens("air")
    clock = editor.page.locator('#stage .sp-slot.shown [data-clock="time"]')
    editor.page.check(".scb-live input")
    wait_until(lambda: clock.count() == 1 and clock.text_content() != "", "it has a clock", 60)
    before = clock.text_content()
    wait_until(lambda: clock.text_content() != before, "that goes")
    editor.page.uncheck(".scb-live input")
    assert not editor.page.locator("#stage").is_visible()


def test_an_operator_sees_scenes_and_changes_none(page: Page, center: PeopleCenter) -> None:
    page.add_init_script(_STILL)
    operator = Editor(page, center)
    operator.holds(center.secret("wang", Grant(Role.OPERATOR)))
    operator.opens("traffic_peak")
    before = operator.place("alarms")
    operator.page.focus(operator.panel("alarms"))
    operator.page.keyboard.press("ArrowUp")
    assert operator.place("alarms") == before
    assert operator.page.locator("#scene-form input:enabled").count() == 0


def test_the_stage_prepares_a_scene_behind_the_shown_one_and_swaps_it_at_once(page: Page, center: PeopleCenter) -> None:
    wall = Visitor(page, center)
    wall.holds(center.secret("screen.one", Grant(Role.OPERATOR)))
    page.goto(f"{center.url}/wall/air")
    shown = "opsCenter.stage && opsCenter.stage.current && opsCenter.stage.current.scene"
    wait_until(lambda: page.evaluate(shown) == "air", "the scene of the address is shown", 60)
    prepared = page.evaluate("opsCenter.stage.prepare('water_network').then(() => opsCenter.stage.current.scene)")
    assert prepared == "air", "what is prepared isn't shown yet"
    assert page.locator('.sp-slot:not(.shown) [data-scene="water_network"]').count() == 1
    assert page.evaluate("(opsCenter.stage.swap(), opsCenter.stage.current.scene)") == "water_network"
    assert page.locator('.sp-slot.shown [data-scene="water_network"]').is_visible()
    assert page.evaluate("Object.keys(opsCenter.stage.maps())") == ["mains"]
    wait_until(lambda: page.locator('[data-scene="air"]').count() == 0, "the old one gives its graphics back")
    failed = page.evaluate("opsCenter.stage.prepare('nowhere').catch((error) => error.message)")
    assert "unknown" in failed and page.evaluate(shown) == "water_network"
