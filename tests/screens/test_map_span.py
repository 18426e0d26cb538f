"""One picture on several displays, and the clock by which they change: the scripts' arithmetic, in a real Chromium."""

from __future__ import annotations

import math
from typing import Any

import pytest
from playwright.sync_api import Page

from ops_center.screens.app import ASSETS

pytestmark = pytest.mark.browser

VIEW = {"longitude": 118.78, "latitude": 32.06, "zoom": 12.3, "pitch": 0, "bearing": 25}
FULL = {"full_width": 5790, "full_height": 1080}
PARTS = [{"x": x, "y": 0, "width": 1920, "height": 1080, **FULL} for x in (0, 1935, 3870)]


@pytest.fixture
def scripts(page: Page) -> Page:
    for name in ("map_span.js", "wall_clock.js"):
        page.add_script_tag(content=(ASSETS / name).read_text("utf-8"))
    return page


def at(view: dict[str, float], width: float, height: float, place: tuple[float, float]) -> tuple[float, float]:
    """Where a place lies on a flat map, in pixels: Web Mercator as it is written in any textbook."""

    def world(longitude: float, latitude: float) -> tuple[float, float]:
        size = 512 * 2 ** view["zoom"]
        south = math.asinh(math.tan(math.radians(latitude)))
        return (longitude + 180) / 360 * size, (1 - south / math.pi) / 2 * size

    (x, y), (x0, y0) = world(*place), world(view["longitude"], view["latitude"])
    turn = -math.radians(view["bearing"])
    east, down = x - x0, y - y0
    return (
        width / 2 + east * math.cos(turn) - down * math.sin(turn),
        height / 2 + east * math.sin(turn) + down * math.cos(turn),
    )


def test_every_part_shows_each_place_where_the_whole_picture_has_it(scripts: Page) -> None:
    for place in ((118.78, 32.06), (118.9, 32.01), (118.5, 32.2)):
        x, y = at(VIEW, FULL["full_width"], FULL["full_height"], place)
        for part in PARTS:
            view = scripts.evaluate("([view, part]) => opsCenter.mapSpan.part(view, part)", [VIEW, part])
            shown = at(view, part["width"], part["height"], place)
            assert shown == pytest.approx((x - part["x"], y - part["y"]), abs=0.01)
            back = scripts.evaluate("([view, part]) => opsCenter.mapSpan.whole(view, part)", [view, part])
            assert back == pytest.approx(VIEW)


def test_the_whole_city_fits_into_the_whole_picture(scripts: Page) -> None:
    bounds, padding = [[118.6, 31.9], [119.0, 32.2]], {"left": 400, "top": 60, "right": 500, "bottom": 90}
    view: dict[str, Any] = scripts.evaluate(
        "([bounds, full, padding]) => opsCenter.mapSpan.fit(bounds, full, padding)", [bounds, FULL, padding]
    )
    west, south = at(view, FULL["full_width"], FULL["full_height"], (118.6, 31.9))
    east, north = at(view, FULL["full_width"], FULL["full_height"], (119.0, 32.2))
    assert north == pytest.approx(60, abs=0.1) and south == pytest.approx(1080 - 90, abs=0.1)
    assert west >= 400 and east <= 5790 - 500
    assert (west - 400) == pytest.approx(5790 - 500 - east, abs=0.1)


CLOCK = """(delays) => {
  let own = 1000, wall = 1000;
  const clock = new opsCenter.ServerClock(() => own, () => wall);
  const errors = [];
  for (const delay of delays) {
    own += 1000; wall += 1000;
    clock.hear(own + 5000 - delay);  // the server is 5 s ahead; what arrives now was sent `delay` ms ago
    errors.push(clock.nowMs() - (own + 5000));
  }
  return errors;
}"""


def test_the_clock_is_off_by_the_shortest_way_and_not_by_the_last(scripts: Page) -> None:
    errors = scripts.evaluate(CLOCK, [80, 30, 4, 250, 90, 33, 500, 61])
    assert errors[0] == -80
    assert errors[2:] == [-4] * 6


def test_a_machine_that_slept_begins_its_clock_anew(scripts: Page) -> None:
    error = scripts.evaluate(
        """() => {
          let own = 1000, wall = 1000, server = 6000;
          const clock = new opsCenter.ServerClock(() => own, () => wall);
          const beat = (ms) => { own += ms; wall += ms; server += ms; clock.hear(server - 3); };
          beat(1000); beat(1000);
          wall += 3600000; server += 3600000;  // asleep for an hour: the monotonic clock stood still
          beat(1000);
          return clock.nowMs() - server;
        }"""
    )
    assert error == -3


def test_a_server_whose_clock_was_set_back_is_believed_after_two_beats(scripts: Page) -> None:
    errors = scripts.evaluate(
        """() => {
          let own = 1000, server = 6000;
          const clock = new opsCenter.ServerClock(() => own, () => own);
          const beat = () => { own += 1000; server += 1000; clock.hear(server - 2); return clock.nowMs() - server; };
          beat(); beat(); beat();
          server -= 60000;
          return [beat(), beat(), beat()];
        }"""
    )
    assert errors[-1] == -2


def test_what_is_due_happens_in_a_picture_at_its_moment_and_can_be_called_off(scripts: Page) -> None:
    late = scripts.evaluate(
        """async () => {
          const clock = new opsCenter.ServerClock();
          clock.hear(clock.own() + 1234);
          let calledOff = false;
          clock.at((clock.nowMs() + 150) * 1000, () => (calledOff = true))();
          const late = await new Promise((done) => clock.at((clock.nowMs() + 300) * 1000, done));
          return { late, calledOff, past: await new Promise((done) => clock.at(0, done)) };
        }"""
    )
    assert late["late"] >= 0 and late["calledOff"] is False and late["past"] > 0
