"""The steering page in a real Chromium: two coordinators, what hangs there live, what is sent from a card."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ops_center.bootstrap import import_scenes
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until
from tests.screens.people_center import Visitor

pytestmark = pytest.mark.browser

WALLS = """
[[wall]]
name = "main"
label = {zh = "主屏", en = "Main wall"}
columns = 3
"""


@pytest.fixture(scope="module")
def city(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    state = tmp_path_factory.mktemp("state")
    (state / "walls.toml").write_text(WALLS, encoding="utf-8")
    assert small_city.folder is not None
    more = {"walls_file": state / "walls.toml"}
    with alarm_city(admin, valkey_url, Path(small_city.folder), state, **more) as running:
        import_scenes(running.center.settings)
        running.raise_all([running.alarm(number) for number in range(1, 4)])
        yield running


def test_two_coordinators_see_each_other_and_who_was_passed_is_told_by_whom(page: Page, city: AlarmCity) -> None:
    center = city.center
    wang = Visitor(page, center).holds(center.secret("wang", Grant(Role.COORDINATOR)))
    wang.opens_desk("/walls")
    wang.sees(".wm-display")
    with center.http(center.secret("li", Grant(Role.OPERATOR))) as li:
        assert li.post("/api/walls/main/scene", json={"scene": "flood"}).status_code == 200
        wait_until(lambda: "防汛" in page.inner_text(".wp-head"), "the scene that li set is shown")
        # Li decides once more, and wang, on what they saw before.
        page.evaluate("opsCenter.steering.take = () => {}")
        assert li.post("/api/walls/main/scene", json={"scene": "air"}).status_code == 200
        page.click('.wp-list [data-scene="daily"]')
        wait_until(lambda: "Li" in page.inner_text(".wp-told"), "wang is told")
        assert center.store.walls.load()[0].state.scene == "air"
    assert [error for error in wang.errors if "409" not in error] == []


def test_what_is_sent_from_an_alarms_card_hangs_there_until_it_is_taken_back(page: Page, city: AlarmCity) -> None:
    center = city.center
    wang = Visitor(page, center).holds(center.secret("wang2", Grant(Role.COORDINATOR)))
    wang.opens_desk("/alarms/2")
    wang.sees("#alarm-card .wall-send")
    page.click("#alarm-card .wall-send")
    wang.sees(".ws-display")
    page.click(".ws-display >> nth=1")
    wang.sees(".ws-said.good")
    wang.opens_desk("/walls")
    wang.sees('.wm-display[data-display="2"] .wm-sent.alarm')
    assert page.locator('.wm-display[data-display="1"] .wm-sent').count() == 0
    page.click(".wp-line .wp-button")
    wait_until(lambda: page.locator(".wm-sent").count() == 0, "it was taken down")
    wait_until(lambda: "撤回内容" in page.inner_text(".wp-lately"), "the history says so")
    assert wang.errors == []


def test_who_does_not_steer_reads_and_has_no_buttons(page: Page, city: AlarmCity) -> None:
    center = city.center
    leader = Visitor(page, center).holds(center.secret("sun", Grant(Role.LEADER)))
    leader.opens_desk("/walls")
    leader.sees(".wm-display")
    assert page.locator("[data-release], [data-back], .wp-list .wp-button:not(:disabled)").count() == 0
    leader.opens_desk("/alarms/1")
    leader.sees("#alarm-card .close")
    assert page.locator(".wall-send").count() == 0
