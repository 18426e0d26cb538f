"""Displays that nobody looks after, in Chromium: dark by night, awake after a sleep, renewed, honest when one hangs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, Page

from ops_center.api.cookies import LOOPBACK_NAME
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from tests.screens.live_city import wait_until
from tests.screens.people_center import FOLLOWS, PeopleCenter, center_with_walls

pytestmark = pytest.mark.browser

WALL = '[[wall]]\nname = "{}"\nlabel = {{zh = "主屏", en = "Main wall"}}\n'
DIM = 'dim = {{begins = "{:%H:%M}", ends = "{:%H:%M}", by = 0.5}}\n'
SLEEP_S = 600


def walls_file() -> str:
    """Return three walls: one without a night, one that has it now, and one that has it in six hours."""
    now, hour = datetime.now(ZoneInfo("Asia/Shanghai")), timedelta(hours=1)
    walls = {"main": "", "night": DIM.format(now - hour, now + hour), "day": DIM.format(now + 6 * hour, now + 8 * hour)}
    return "".join(WALL.format(name) + dim for name, dim in walls.items())


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    with center_with_walls(request, small_city, valkey_url, tmp_path_factory.mktemp("state"), walls_file()) as running:
        yield running


@pytest.fixture(scope="module")
def wang(center: PeopleCenter) -> Iterator[httpx.Client]:
    with center.http(center.secret("wang", Grant(Role.COORDINATOR))) as client:
        yield client


@pytest.fixture
def display(browser: Browser, center: PeopleCenter) -> Iterator[Page]:
    """A display's page that shows nothing yet."""
    context = browser.new_context(viewport={"width": 960, "height": 540})
    cookie = center.secret(f"display-{time.monotonic_ns()}", Grant(Role.DISPLAY))
    context.add_cookies([{"name": LOOPBACK_NAME, "value": cookie, "url": center.url}])
    yield context.new_page()
    context.close()


def hangs(page: Page, center: PeopleCenter, wall: str = "main") -> Page:
    """Show a wall on the page, and wait until it follows what hangs there."""
    page.goto(f"{center.url}/wall?wall={wall}")
    page.wait_for_function(FOLLOWS, timeout=60_000)
    return page


def said(http: httpx.Client, wall: str) -> dict[str, Any]:
    """What the display of a wall says of itself; nothing, where none is on."""
    (found,) = (one for one in http.get("/api/walls").json() if one["name"] == wall)
    return found["displays"][0] if found["displays"] else {}


def test_by_night_a_wall_is_darker_and_says_so(display: Page, center: PeopleCenter, wang: httpx.Client) -> None:
    dimmed, over = "document.documentElement.dataset.dimmed", "getComputedStyle(document.body, '::after').opacity"
    hangs(display, center, "night")
    wait_until(lambda: display.evaluate(dimmed) == "yes", "it is night")
    assert display.evaluate(over) == "0.5"
    wait_until(lambda: said(wang, "night").get("dimmed") is True, "the steering page knows", 30)
    hangs(display, center, "day")
    wait_until(lambda: display.evaluate(dimmed) == "no", "it is day")
    assert display.evaluate("getComputedStyle(document.body, '::after').content") == "none"
    hangs(display, center)
    assert display.evaluate(dimmed) is None, "nobody wants it dark"


def test_a_machine_that_slept_goes_on_where_the_wall_is_by_then(
    display: Page, center: PeopleCenter, wang: httpx.Client
) -> None:
    display.clock.install()
    hangs(display, center).evaluate("window.isBefore = true")
    display.clock.fast_forward(1000 * SLEEP_S)

    def behind_s() -> float:
        return abs(float(display.evaluate("opsCenter.clock.nowMs()")) / 1000 - time.time())

    wait_until(lambda: behind_s() < 5, "it knows what time the server has", 60)
    assert wang.post("/api/walls/main/scene", json={"scene": "flood"}).status_code == 200
    wait_until(lambda: said(wang, "main").get("scene") == "flood", "it shows what was sent after its sleep", 90)
    assert display.evaluate("window.isBefore"), "waking is no reason to begin anew"


def test_another_release_is_loaded_at_a_quiet_moment(display: Page, center: PeopleCenter, wang: httpx.Client) -> None:
    hangs(display, center)
    assert wang.post("/api/walls/main/scene", json={"scene": "daily"}).status_code == 200
    display.wait_for_function("() => opsCenter.stage.current?.scene === 'daily'", timeout=60_000)
    display.evaluate("opsCenter.wallDisplay.frame.switch_at_us = opsCenter.clock.nowMs() * 1000")
    display.evaluate("window.isBefore = true; opsCenter.kiosk.config.release = 'of yesterday'")
    assert display.evaluate("opsCenter.wallDisplay.isQuiet") is False, "something has just changed"
    display.wait_for_timeout(7000)  # more than one report, each of which tells it of the other release
    assert display.evaluate("window.isBefore"), "it waits for a quiet moment"
    display.wait_for_function(f"() => !window.isBefore && ({FOLLOWS})()", timeout=90_000)
    assert display.evaluate("opsCenter.kiosk.config.release") != "of yesterday"


def test_a_page_that_hangs_is_told_of_by_its_worker(display: Page, center: PeopleCenter, wang: httpx.Client) -> None:
    hangs(display, center)
    wait_until(lambda: display.evaluate("Boolean(opsCenter.kiosk.beside)"), "its worker runs")
    display.wait_for_timeout(6000)  # the page has told the worker where it belongs
    display.evaluate("setTimeout(() => { const end = Date.now() + 32000; while (Date.now() < end); }, 0)")
    wait_until(lambda: said(wang, "main").get("fault") == "the page hangs", "somebody says it", 60)
    wait_until(lambda: said(wang, "main").get("fault") == "", "and it goes on", 60)
