"""Cases in a real Chromium: found, opened, passed on as an address; lessons written anew by two, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route

from ops_center.bootstrap import register_pack
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser

FIRST, SECOND = "阀门图与现场不符，应每季更新。", "围挡摆得太晚。"


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin, folder = request.getfixturevalue("plain_postgres").url_of("postgres"), small_city.folder
    assert folder is not None
    with people_center(admin, valkey_url, folder, tmp_path_factory.mktemp("state")) as running:
        register_pack(running.settings, folder)
        yield running


@pytest.fixture(scope="module")
def chief(center: PeopleCenter) -> Iterator[httpx.Client]:
    with center.http(center.secret("li.na", Grant(Role.COORDINATOR))) as client:
        yield client


@pytest.fixture(scope="module")
def cases(chief: httpx.Client, small_city: CityPack) -> dict[str, int]:
    lon, lat = small_city.manifest.bounds.centre
    return {
        "burst": close_one(chief, "滨江大道爆管", "water_main_burst", FIRST, [lon, lat]),
        "fire": close_one(chief, "仓库火灾", "fire", SECOND, [lon + 0.01, lat]),
    }


def close_one(chief: httpx.Client, title: str, kind: str, lessons: str, at: list[float]) -> int:
    place = {"kind": "point", "coordinates": [at], "name": title[:4]}
    report = {
        "type": kind,
        "level": 3,
        "title": title,
        "lead_department": "water_company",
        "open": True,
        "places": [place],
    }
    number = int(chief.post("/api/incidents", json=report).json()["incident"]["id"])
    for given in ({"do": "contain"}, {"do": "resolve"}, {"do": "close", "lessons": lessons}):
        assert command(chief, number, given).status_code == 200
    return number


def command(chief: httpx.Client, number: int, given: dict[str, Any]) -> httpx.Response:
    return chief.post(f"/api/incidents/{number}/commands", json=given)


class Reader(Visitor):
    """Somebody who looks for a case."""

    def titles(self) -> list[str]:
        return self.page.locator(".cases-row b").all_inner_texts()

    def looks_for(self, text: str, titles: list[str]) -> None:
        self.page.fill("#cases-find", text)
        wait_until(lambda: self.titles() == titles, f"{text!r} finds {titles}")

    def lessons(self) -> str:
        return self.page.locator(".case-lessons > .case-said").inner_text()


@pytest.fixture
def reader(page: Page, center: PeopleCenter, cases: dict[str, int]) -> Iterator[Reader]:
    opened = Reader(page, center)
    opened.holds(center.secret(f"wang.{len(center.store.accounts.list())}", Grant(Role.COORDINATOR)))
    yield opened


def test_a_case_is_found_opened_passed_on_and_left_by_keyboard(reader: Reader, cases: dict[str, int]) -> None:
    reader.opens_desk("/cases")
    wait_until(lambda: reader.titles() == ["仓库火灾", "滨江大道爆管"], "both are listed, the newest first")
    reader.looks_for("每季", ["滨江大道爆管"])
    reader.page.press("#cases-find", "Enter")
    reader.page.keyboard.press("Enter")
    reader.sees(".case-lessons")
    assert reader.path().startswith(f"/cases/{cases['burst']}?q=") and reader.lessons() == FIRST
    assert reader.asks("document.activeElement.id") == "case-view"
    reader.page.click(".case-alike a")
    wait_until(lambda: reader.page.locator(".case-head h1").inner_text() == "仓库火灾", "the one like it is open")
    reader.page.go_back()
    wait_until(lambda: reader.page.locator(".case-head h1").inner_text() == "滨江大道爆管", "back is back")
    reader.page.reload()
    reader.sees(".case-lessons")
    wait_until(lambda: reader.titles() == ["滨江大道爆管"], "the address says all of it")
    assert reader.lessons() == FIRST
    assert not reader.errors, reader.errors
    reader.open("/cases/999999")
    wait_until(lambda: "没有这个案例" in reader.text(), "what is no case is said")


def test_lessons_are_kept_while_they_are_typed_and_who_was_passed_sees_both(
    reader: Reader, chief: httpx.Client, cases: dict[str, int]
) -> None:
    number = cases["burst"]
    reader.opens_desk(f"/cases/{number}")
    reader.sees(".case-lessons .case-edit")
    reader.page.keyboard.press("e")
    reader.page.fill(".case-form textarea", "半句")
    reader.page.reload()
    reader.sees(".case-form textarea")
    assert reader.page.input_value(".case-form textarea") == "半句", "what was half typed is back"
    seen = chief.get(f"/api/cases/{number}").json()["version"]
    theirs = {"do": "rewrite_lessons", "seen": seen, "lessons": "阀门图每月更新。"}
    assert command(chief, number, theirs).status_code == 200
    reader.page.fill(".case-form textarea", "阀门图每季更新，并现场核对。")
    reader.page.keyboard.press("Control+Enter")
    reader.sees(".case-theirs")
    assert "阀门图每月更新。" in reader.page.locator(".case-theirs").inner_text()
    assert reader.page.input_value(".case-form textarea") == "阀门图每季更新，并现场核对。"
    reader.page.click(".case-form button[type=submit]")
    wait_until(lambda: reader.page.locator(".case-form").count() == 0, "it is saved over what was seen")
    wait_until(lambda: reader.lessons() == "阀门图每季更新，并现场核对。", "and stands there")
    texts = [one["text"] for one in chief.get(f"/api/cases/{number}").json()["versions"]]
    assert texts == ["阀门图每季更新，并现场核对。", "阀门图每月更新。", FIRST]


def test_what_is_typed_while_lessons_are_saved_is_not_lost(
    reader: Reader, chief: httpx.Client, cases: dict[str, int]
) -> None:
    number, field = cases["fire"], ".case-form textarea"
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    reader.page.route(f"**/api/incidents/{number}/commands", hold, times=1)
    reader.opens_desk(f"/cases/{number}")
    reader.sees(".case-lessons .case-edit")
    reader.page.keyboard.press("e")
    reader.page.fill(field, "围挡先摆。")
    reader.page.keyboard.press("Control+Enter")
    wait_until(lambda: reader.asks("1") and held, "it is under way")
    reader.page.fill(field, "围挡先摆，再疏散。")
    held[0].continue_()
    wait_until(lambda: "已保存" in reader.page.locator(".case-lessons .answer").inner_text(), "the first is saved")
    assert reader.page.input_value(field) == "围挡先摆，再疏散。"
    reader.page.reload()
    reader.sees(field)
    assert reader.page.input_value(field) == "围挡先摆，再疏散。", "it is kept"
    reader.page.focus(field)
    reader.page.keyboard.press("Control+Enter")
    wait_until(lambda: reader.page.locator(".case-form").count() == 0, "nobody else was first")
    assert reader.lessons() == "围挡先摆，再疏散。"
    texts = [one["text"] for one in chief.get(f"/api/cases/{number}").json()["versions"]]
    assert texts == ["围挡先摆，再疏散。", "围挡先摆。", SECOND]
