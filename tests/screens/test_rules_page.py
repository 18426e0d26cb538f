"""The rules page in a real Chromium: a rule is edited as a draft, tried on history, saved, and refused when passed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from ops_center.bootstrap import import_rules, register_pack
from ops_center.city.pack import CityPack
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import MINUTE_US, SystemClock
from ops_center.services.rules import RuleDesk
from ops_center.store.opening import open_stream_store
from ops_center.store.version_port import VersionRow
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center
from tests.store.shapes import STAND

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
        import_rules(running.settings)
        slow_traffic(running)
        yield running


def slow_traffic(center: PeopleCenter) -> None:
    """One detector has a morning of its own: 8 km/h for half an hour."""
    database = center.settings.database_url
    assert database is not None
    keys = center.store.catalog.load().of_property("vehicle_speed")
    now_us = SystemClock().now_us()
    times = np.arange(now_us - 180 * MINUTE_US, now_us - 60 * MINUTE_US, MINUTE_US // 2)
    speeds = np.where((times > times[60]) & (times < times[120]), 8.0, 40.0)
    held = np.full(len(times), keys[0], np.int32)
    batch = ObservationBatch(held, times, speeds, np.zeros(len(times), np.uint8), times, int(times[-1]))
    store = open_stream_store(database.get_secret_value(), center.settings.realm)
    store.commit_data(STAND, batch, PositionBatch.empty(), ())
    store.close()


class Editor(Visitor):
    """A coordinator in front of the page."""

    def opens(self, rule: str) -> None:
        self.opens_desk(f"/rules?rule={rule}")
        self.sees(self.field("priority.respond_min"))
        wait_until(lambda: "覆盖" in self.said("#rule-reach"), "the server has judged it")

    def field(self, path: str) -> str:
        return f'[id*=\'"path":"{path}"\']:is(input, textarea)'

    def fill(self, path: str, text: str) -> None:
        self.page.fill(self.field(path), text)

    def value(self, path: str) -> str:
        return self.page.input_value(self.field(path))

    def said(self, where: str) -> str:
        return self.page.locator(where).inner_text()

    def saves(self, reason: str) -> None:
        self.page.fill("#rule-reason", reason)
        self.page.locator("#rule-reason").press("Tab")
        wait_until(lambda: self.page.input_value("#rule-reason") == reason, "the reason is there")
        self.page.click("#rule-save")


@pytest.fixture
def editor(page: Page, center: PeopleCenter) -> Iterator[Editor]:
    opened = Editor(page, center)
    name = f"chen.{len(center.store.accounts.list())}"
    opened.holds(center.secret(name, Grant(Role.COORDINATOR)))
    yield opened
    assert not opened.errors, opened.errors


def newest(center: PeopleCenter, name: str) -> VersionRow:
    return center.store.rules.history(name)[0]


def test_a_rule_is_edited_as_a_draft_and_saved_as_a_version(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("traffic_slow")
    editor.fill("parameters.below", "many")
    editor.page.keyboard.press("Tab")
    editor.fill("texts.cause.zh", "")
    wait_until(lambda: "可能原因" in editor.said("#rule-memory"), "what is wrong is said")
    assert "长度须" in editor.said(".mantine-InputWrapper-error >> nth=0")
    editor.fill("texts.cause.zh", "需求过大")
    editor.fill("parameters.below", "20")
    wait_until(lambda: "保留已有记忆" in editor.said("#rule-memory"), "and then what saving does to memory")

    editor.opens("traffic_slow")
    assert (editor.value("parameters.below"), editor.value("texts.cause.zh")) == ("20", "需求过大")
    assert "草稿" in editor.said("#rule-told")
    editor.page.click("#rule-save")
    wait_until(lambda: "没有保存" in editor.said("#rule-answer"), "it wants a reason")
    editor.saves("夏季放宽")
    wait_until(lambda: "第 2 版" in editor.said("#rule-answer"), "it is saved")
    row = newest(center, "traffic_slow")
    assert (row.version, row.reason, row.form["parameters"]["below"]) == (2, "夏季放宽", 20)
    wait_until(editor.page.locator("#rule-save").is_hidden, "nothing is left to save")
    editor.page.click('[role="tab"]:has-text("历史版本")')
    wait_until(lambda: "夏季放宽" in editor.said("#rule-versions"), "the version is listed")
    assert "15" in editor.said(".diff .old >> nth=-1")


def test_who_saves_the_moment_they_typed_saves_all_of_it(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("water_pressure_low")
    low = editor.page.locator(editor.field("parameters.low"))
    low.fill("0.1")
    editor.page.fill("#rule-reason", "下限放宽")
    low.press("End")
    low.press_sequentially("05")
    editor.page.click("#rule-save")
    wait_until(lambda: newest(center, "water_pressure_low").version == 2, "it is saved")
    assert newest(center, "water_pressure_low").form["parameters"]["low"] == 0.105


def test_who_was_passed_is_told_by_whom_and_loses_nothing(editor: Editor, center: PeopleCenter) -> None:
    editor.opens("water_pressure_low")
    editor.fill("parameters.low", "0.13")
    wait_until(lambda: "保留已有记忆" in editor.said("#rule-memory"), "it is judged")
    desk = RuleDesk(center.store, SystemClock())
    before = newest(center, "water_pressure_low")
    other = {**before.form, "recovery": "latch"}
    assert isinstance(desk.save(Asker("zhao"), other, before.version, "须复位"), VersionRow)
    editor.saves("下限放宽")
    wait_until(lambda: "zhao" in editor.said("#rule-answer"), "it says who saved meanwhile")
    theirs = before.version + 1
    assert newest(center, "water_pressure_low").version == theirs
    editor.page.click('button:has-text("以我的修改覆盖")')
    wait_until(lambda: f"第 {theirs} 版" in editor.said("#rule-head"), "the draft goes on from theirs")
    editor.saves("下限放宽")
    wait_until(lambda: newest(center, "water_pressure_low").version == theirs + 1, "and is saved over it")
    editor.page.click('#rule-head button:has-text("停用")')
    editor.page.fill("#rule-act-reason", "检修")
    editor.page.locator("#rule-act-reason").press("Tab")
    editor.page.click("#rule-act-yes")
    wait_until(lambda: not newest(center, "water_pressure_low").enabled, "it is disabled")
    wait_until(lambda: "已停用" in editor.said("#rule-head"), "and says so")


def test_a_draft_is_tried_on_history_and_drawn_on_the_map(editor: Editor) -> None:
    page = editor.page
    editor.opens("traffic_slow")
    editor.fill("parameters.on_delay_s", "60")
    page.click('[role="tab"]:has-text("历史预演")')
    page.click("#trial-start")
    wait_until(lambda: "会成立 1 次" in editor.said("#trial-told"), "it would have been entered once", 60)
    editor.sees("#trial-plot .scatterlayer path")
    assert page.locator("#trial-plot .shapelayer path").count() >= 2
    page.click('[role="tab"]:has-text("范围地图")')
    before = editor.said("#rule-reach")
    page.click('.map-line [data-act="rule-draw"]')
    box = page.locator("#rule-map").bounding_box()
    assert box is not None
    for x, y in ((0.45, 0.4), (0.6, 0.4), (0.6, 0.6)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.keyboard.press("Enter")
    wait_until(lambda: editor.value("scope.area").startswith("[["), "the outline is in its field")
    wait_until(lambda: editor.said("#rule-reach") not in {"", before}, "it reaches fewer now")
    editor.speaks("en")
    wait_until(lambda: "Reaches" in editor.said("#rule-reach"), "in the other language, too")


def test_a_new_rule_has_the_form_of_its_type(editor: Editor) -> None:
    page = editor.page
    editor.opens_desk("/rules")
    editor.sees("#rules-rows .ag-row")
    page.click("#rules-new")
    page.fill("#rule-new-name", "anomaly_of_mine")
    page.locator("#rule-new-name").press("Tab")
    page.click("#rule-new-make")
    editor.sees(editor.field("parameters.lasts_s"))
    wait_until(lambda: "可处置时间：缺少必填项" in editor.said("#rule-memory"), "it says what is missing")
    page.click('[data-act="rule-back"]')
    wait_until(lambda: "anomaly/anomaly_of_mine" in editor.said("#rules-drafts"), "the draft waits in the list")
