"""The last 24 hours on the wall, in a real Chromium: what the store kept, drawn by the layers of today."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from ops_center.city.pack import CityPack
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import HOUR_US
from ops_center.embedded.postgres import PostgresServer
from ops_center.screens.stream.past import STEP_US
from ops_center.store.opening import open_stream_store
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until
from tests.screens.people_center import Visitor
from tests.store.shapes import STAND

pytestmark = pytest.mark.browser

COLOURS = """() => {
    const layer = opsCenter.wall.view.picture.layers.get('roads');
    return [...new Set(layer.colors || [])].length ? [...layer.colors].map((c) => c >>> 0) : [];
}"""
TIMES = "() => [...(opsCenter.wall.view.picture.layers.get('roads').times || [])]"


def drive(city: AlarmCity, ago_us: int, speed_kmh: float) -> int:
    """Every traffic sensor measures this speed for a quarter of an hour, so long ago; return the time of the last.

    As often as moments of the past lie apart: a moment before the last measurement shows the one before it, not aged.
    """
    streams = [one.key for one in city.catalog.datastreams.values() if one.observed_property == "vehicle_speed"]
    last_us = city.clock.now_us() - ago_us
    times = last_us - np.arange(90, dtype=np.int64) * STEP_US
    keys = np.repeat(np.array(streams, np.int32), len(times))
    at = np.tile(times, len(streams))
    n = len(keys)
    batch = ObservationBatch(keys, at, np.full(n, speed_kmh), np.zeros(n, np.uint8), at, last_us)
    url = str(city.center.settings.database_url.get_secret_value())  # type: ignore[union-attr]
    with closing(open_stream_store(url, city.center.settings.realm, "test")) as store:
        store.commit_data(STAND, batch, PositionBatch.empty(), ())
    return last_us


class Wall(Visitor):
    def goes_back(self, seconds: int) -> None:
        """Drag the bar; the keyboard and the buttons end in the same."""
        self.page.evaluate(
            """(value) => {
                const range = document.querySelector('.time-track input');
                range.value = String(-value);
                range.dispatchEvent(new Event('input', { bubbles: true }));
                range.dispatchEvent(new Event('change', { bubbles: true }));
            }""",
            seconds,
        )

    def mode(self) -> str:
        return str(self.page.evaluate("document.querySelector('.time-slider').dataset.mode"))

    def newest_s(self) -> int:
        return max([0, *self.page.evaluate(TIMES)])

    def colours(self) -> set[int]:
        return set(self.page.evaluate(COLOURS))

    def marks(self) -> int:
        return self.page.locator(".alarm-mark").count()


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
def wall(browser: Browser, city: AlarmCity, secret: str) -> Iterator[Wall]:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    made = Wall(context.new_page(), city.center).holds(secret)
    assert isinstance(made, Wall)
    made.open("/wall")
    wait_until(lambda: made.attribute("map") == "ready", "the map is there", 60)
    yield made
    context.close()


def test_the_maps_show_the_past_and_come_back(wall: Wall, city: AlarmCity) -> None:
    free_us, jammed_us = drive(city, 3 * HOUR_US, 75.0), drive(city, HOUR_US, 4.0)
    alarm = city.alarm(1, raised_us=jammed_us, changed_us=jammed_us)
    city.raise_all([alarm])
    wait_until(lambda: wall.marks() == 1, "the alarm of now has its mark")
    assert not wall.page.locator(".time-slider").is_visible(), "the wall is live until somebody asks for the past"
    wall.page.keyboard.press("h")
    assert wall.mode() == "live"
    wait_until(wall.colours, "the roads of now are drawn")
    live_s = wall.newest_s()  # of what other tests of this process sent to the same cache; 0: nothing

    wall.goes_back(math.ceil((city.clock.now_us() - free_us) / 1e6))
    wait_until(
        lambda: wall.newest_s() and abs(wall.newest_s() - free_us // 1_000_000) < 120, "three hours ago is shown"
    )
    free = wall.colours()
    wait_until(lambda: wall.marks() == 0, "nothing stood then")
    assert (wall.attribute("time"), wall.mode()) == ("past", "standing")
    assert wall.page.locator(".time-badge.past").is_visible()
    assert "3 小时" in wall.page.locator(".time-ago").inner_text()
    wall.speaks("en")
    assert "3 h" in wall.page.locator(".time-ago").inner_text()

    wall.goes_back(math.ceil((city.clock.now_us() - jammed_us) / 1e6) - 15)
    wait_until(lambda: abs(wall.newest_s() - jammed_us // 1_000_000) < 120, "an hour ago is shown")
    assert not wall.colours() & free, "every road was free, then jammed"
    wait_until(lambda: wall.marks() == 1, "the alarm stood an hour ago")

    wall.page.locator(".time-live").click()
    wait_until(lambda: wall.newest_s() == live_s, "what is held of now is there again")
    assert (wall.attribute("time"), wall.mode()) == ("live", "live")
    assert wall.marks() == 1
    assert wall.errors == []


def test_it_plays_until_it_has_caught_up(wall: Wall, city: AlarmCity) -> None:
    jammed_us = drive(city, HOUR_US, 4.0)
    wall.page.keyboard.press("h")
    wall.goes_back(3900)
    wall.page.keyboard.press("Space")
    assert wall.mode() in {"playing", "loading"}
    wait_until(lambda: abs(wall.newest_s() - jammed_us // 1_000_000) < 60, "it has come to an hour ago", 60)
    wall.page.locator("[data-time=speed][data-speed='1800']").click()
    wait_until(lambda: wall.attribute("time") == "live", "an hour at 1800 times", 60)
    assert wall.errors == []


def test_where_the_past_cant_be_read_it_says_so(wall: Wall) -> None:
    wall.page.route("**/live/past?**", lambda route: route.fulfill(status=503, body="busy"))
    wall.page.keyboard.press("h")
    wall.goes_back(7200)
    wait_until(lambda: wall.mode() == "fault", "the bar says that nothing is read")
    assert wall.page.locator(".time-said.fault").is_visible()
    wall.page.unroute("**/live/past?**")
    wait_until(lambda: wall.mode() == "standing", "it tries again by itself")
