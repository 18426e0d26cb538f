"""Three displays of one wall in a real Chromium: they change together, and one that was off catches up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import httpx
import pytest
from playwright.sync_api import Browser, Page

from benchmarks.wall_switching import switch_spread_ms
from ops_center.api.cookies import LOOPBACK_NAME
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import SystemClock
from ops_center.screens.panels import options_by_kind
from ops_center.services.scenes import Refused, SceneDesk
from tests.screens.live_city import wait_until
from tests.screens.people_center import FOLLOWS, PeopleCenter, center_with_walls
from tests.services.alarm_center import who

pytestmark = pytest.mark.browser

WALLS = '[[wall]]\nname = "main"\nlabel = {zh = "主屏", en = "Main wall"}\ncolumns = 3\nbezel_px = [30, 0]\n'
WORDS = {"zh": "甲", "en": "A"}
_NUMBERS = count(1)
SHOWS_THIRD = "() => window.opsCenter?.stage?.current?.scene === 'third'"


def plain_scene(name: str) -> dict[str, object]:
    """A scene without maps: what is tried here is when it is there."""
    title = {"id": "title", "kind": "title", "x": 0, "y": 0, "w": 36, "h": 3}
    return {
        "name": name, "label": {"zh": f"场景{name}", "en": name}, "purpose": WORDS, "columns": 36, "rows": 12,
        "panels": [title],
    }  # fmt: skip


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    with center_with_walls(request, small_city, valkey_url, tmp_path_factory.mktemp("state"), WALLS) as running:
        desk = SceneDesk(running.store.scenes, SystemClock(), "Asia/Shanghai", options_by_kind())
        for name in ("first", "second", "third"):
            saved = desk.save(who("wang", "coordinator"), plain_scene(name), 0, "trial")
            assert not isinstance(saved, Refused), saved
        yield running


@pytest.fixture
def displays(browser: Browser, center: PeopleCenter) -> Iterator[list[Page]]:
    secret = center.secret(f"li-{next(_NUMBERS)}", Grant(Role.OPERATOR))
    context = browser.new_context(viewport={"width": 960, "height": 540})
    context.add_cookies([{"name": LOOPBACK_NAME, "value": secret, "url": center.url}])
    pages = [context.new_page() for _ in range(3)]
    for number, page in enumerate(pages, 1):
        page.goto(f"{center.url}/wall/first?wall=main&display={number}")
    for page in pages:
        page.wait_for_function(FOLLOWS, timeout=60_000)
    yield pages
    context.close()


def test_displays_change_together_and_one_that_was_off_catches_up(displays: list[Page], center: PeopleCenter) -> None:
    with center.http(center.secret("wang", Grant(Role.COORDINATOR))) as wang:

        def set_scene(name: str) -> None:
            assert wang.post("/api/walls/main/scene", json={"scene": name}).status_code == 200

        found = switch_spread_ms(displays, ["second", "third", "second"], set_scene)
        print("switch_spread_ms", found)
        assert all(late >= 0 for change in found["late"] for late in change), "nobody changes before the moment"
        one = displays[1]
        one.goto("about:blank")
        set_scene("third")
        wait_until(lambda: displays[0].evaluate("opsCenter.stage.current.scene") == "third", "the others changed")
        one.goto(f"{center.url}/wall/first?wall=main&display=2")
        one.wait_for_function(SHOWS_THIRD, timeout=60_000)
        wait_until(lambda: showing(wang, "third") == {1, 2, 3}, "all say that they show it", 30)


def showing(http: httpx.Client, scene: str) -> set[int]:
    """The displays that say that they show a scene."""
    (wall,) = http.get("/api/walls").json()
    return {row["display"] for row in wall["displays"] if row["scene"] == scene}


def test_each_shows_its_part_and_looks_after_itself(displays: list[Page], center: PeopleCenter) -> None:
    part = displays[2].evaluate("opsCenter.wallPart()")
    assert (part["number"], part["x"], part["full_width"]) == (3, 2 * (1920 + 30) / 2, (3 * 1920 + 60) / 2)
    for page in displays:
        wait_until(
            lambda page=page: page.evaluate("document.documentElement.dataset.pointer") == "hidden", "no pointer"
        )
        assert page.evaluate("document.documentElement.dataset.kiosk") == "yes"


def test_a_display_whose_graphics_card_lost_its_context_loads_itself_anew(displays: list[Page]) -> None:
    one = displays[0]
    one.evaluate("""() => {
      window.isBefore = true;
      const canvas = document.body.appendChild(document.createElement("canvas"));
      canvas.getContext("webgl2").getExtension("WEBGL_lose_context").loseContext();
    }""")
    one.wait_for_function(f"() => !window.isBefore && ({FOLLOWS})()", timeout=60_000)
    assert displays[1].evaluate("!window.isBefore && Boolean(opsCenter.wallDisplay.frame)"), "the others go on"
