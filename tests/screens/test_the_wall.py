"""The wall in a real Chromium, against a real server process and a real cache."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from ops_center.city.pack import CityPack
from tests.screens.live_city import LiveCity, WallServer, wait_until

pytestmark = pytest.mark.browser

CHINESE = re.compile("[\u4e00-\u9fff]+")
LATIN_WORDS = re.compile(r"[A-Za-z]{3,}")
# What both languages write alike, and names that have no other form.
COMMON_WORDS = {"EN", "kPa", "km", "min", "Synthetic", "city", "nothing", "is", "real", "AQI"}


class Wall:
    """What a person in front of the wall sees and does."""

    def __init__(self, page: Page, server: WallServer) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.set_viewport_size({"width": 1280, "height": 720})  # software GL draws by the pixel
        page.goto(f"{server.url}/wall")
        wait_until(self.is_drawn, "the map shows features", 60)

    def attribute(self, name: str) -> str:
        return str(self.page.evaluate(f"document.documentElement.dataset.{name} || ''"))

    def is_drawn(self) -> bool:
        return self.attribute("map") == "ready" and int(self.attribute("features") or 0) > 0

    def is_lost(self) -> bool:
        return self.page.locator("#lost .why.lost").is_visible()

    def text(self) -> str:
        return str(self.page.evaluate("document.body.innerText"))

    def layer(self, name: str, what: str) -> object:
        return self.page.evaluate(
            f"(([name]) => {{ const layer = opsCenter.wall.picture.layers.get(name); return {what}; }})", [name]
        )

    def pixels(self) -> dict[str, int]:
        """How many pixels of the live layers' canvas are drawn, and how many of them are red."""
        counts = self.page.evaluate(
            """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
                const canvases = [...document.querySelectorAll('.sp-slot.shown .map-view canvas')];
                const canvas = canvases.find((c) => !c.className.includes('maplibregl'));
                const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
                copy.drawImage(canvas, 0, 0);
                const data = copy.getImageData(0, 0, canvas.width, canvas.height).data;
                let drawn = 0, red = 0;
                for (let i = 0; i < data.length; i += 4) {
                  if (data[i + 3] < 40) continue;
                  drawn++;
                  if (data[i] > 180 && data[i + 1] < 90 && data[i + 2] < 110) red++;
                }
                done({ drawn, red });
            })))"""
        )
        return dict(counts)


@pytest.fixture
def wall(page: Page, wall_server: WallServer) -> Iterator[Wall]:
    opened = Wall(page, wall_server)
    yield opened
    assert not opened.errors, opened.errors


def test_the_first_picture_shows_what_is_there(wall: Wall, live_city: LiveCity) -> None:
    shown = int(wall.attribute("features"))
    sensors = [t for t in live_city.catalog.things.values() if t.kind != "traffic_sensor"]
    wait_until(lambda: int(wall.attribute("features")) >= len(sensors), "every thing is on the map", 30)
    assert shown > 0
    # Names and shading of the ground come after the things; a picture of a city doesn't fit in less.
    wait_until(lambda: len(wall.page.screenshot()) > 150_000, "a picture of a city", 60)


def test_a_change_of_value_changes_colours_on_the_picture(wall: Wall, live_city: LiveCity) -> None:
    live_city.set("vehicle_speed", 60.0)
    wall.page.evaluate("opsCenter.wall.picture.visible.forEach((n) => n === 'roads' || opsCenter.wall.toggle(n))")
    wait_until(lambda: wall.pixels()["drawn"] > 2000 and wall.pixels()["red"] == 0, "roads flow freely", 30)
    live_city.set("vehicle_speed", 3.0)
    wait_until(lambda: wall.pixels()["red"] > 1500, "the roads turn red", 60)
    live_city.set("vehicle_speed", 60.0)
    wait_until(lambda: wall.pixels()["red"] == 0, "the roads recover", 20)


def test_a_fresh_event_asks_for_attention(wall: Wall, live_city: LiveCity) -> None:
    live_city.happens()
    wait_until(lambda: wall.page.locator(".map-rings i").count() >= 1, "a ring pulses around the camera", 15)


def test_a_picture_whose_values_stand_still_is_as_old_as_the_last_of_them(wall: Wall, live_city: LiveCity) -> None:
    with live_city.silent():
        wait_until(lambda: wall.attribute("live") == "aged", "the picture says that values stand still", 30)
        age = re.search(r"(\d+) s", wall.page.locator("#lost-age").inner_text())
        assert age and int(age[1]) >= 5, "cells are drawn anew while their values age: that makes none younger"
    wait_until(lambda: wall.attribute("live") == "ok", "values move again", 30)


_NOTE_WHAT_IT_SAYS = """() => opsCenter.page.live.line.socket.addEventListener("close", () => {
    window.saidWhenItClosed = document.documentElement.dataset.live;
})"""


def test_it_says_that_the_server_is_gone_and_recovers_by_itself(
    page: Page, small_city: CityPack, live_city: LiveCity
) -> None:
    assert small_city.folder is not None
    server = WallServer(small_city.folder, live_city.redis_url)
    server.start()
    try:
        wall = Wall(page, server)
        assert not wall.is_lost()
        page.evaluate(_NOTE_WHAT_IT_SAYS)
        server.kill()
        wait_until(wall.is_lost, "the picture says that data is lost", 60)
        assert page.evaluate("saidWhenItClosed") == "lost", "in the very turn in which the line closes"
        wait_until(lambda: re.search(r"\d+ s", page.locator("#lost-age").inner_text()), "it says how old it is")
        server.start()
        wait_until(lambda: not wall.is_lost(), "the picture is live again", 90)
        wait_until(lambda: wall.layer("roads", "layer.cells.size > 0"), "the roads are there again", 60)
        before = wall.layer("roads", "layer.cells.values().next().value.frame.header.version")
        live_city.set("vehicle_speed", 25.0)
        wait_until(
            lambda: wall.layer("roads", "layer.cells.values().next().value.frame.header.version") != before,
            "new values arrive",
            60,
        )
    finally:
        server.kill()
        live_city.set("vehicle_speed", 60.0)


def test_the_other_language_leaves_nothing_of_the_first(wall: Wall, small_city: CityPack) -> None:
    names = {*small_city.manifest.attribution, "Tester"}
    wall.page.keyboard.press("l")
    wait_until(lambda: "SIMULATED DATA" in wall.text(), "the page speaks English")
    english = _without(wall.text(), {*names, "中"})
    assert not CHINESE.findall(english), CHINESE.findall(english)
    wall.page.keyboard.press("l")
    wait_until(lambda: "模拟数据" in wall.text(), "the page speaks Chinese")
    chinese = _without(wall.text(), names)
    assert not set(LATIN_WORDS.findall(chinese)) - COMMON_WORDS


def _without(text: str, names: set[str]) -> str:
    for name in names:
        text = text.replace(name, "")
    return text


def test_it_tilts_and_shows_buildings_and_lies_down_again(wall: Wall) -> None:
    wall.page.keyboard.press("t")
    wait_until(lambda: wall.page.evaluate("opsCenter.wall.map.getPitch() > 40"), "the map is tilted")
    assert wall.page.evaluate("opsCenter.wall.map.getLayoutProperty('buildings', 'visibility')") == "visible"
    whole = wall.page.evaluate(_BUILDINGS)
    wall.page.evaluate("opsCenter.wall.view.underground(true)")
    assert wall.page.evaluate(_BUILDINGS) < whole / 2, "what lies below is seen through them"
    wall.page.evaluate("opsCenter.wall.view.underground(false)")
    assert wall.page.evaluate(_BUILDINGS) == whole
    wall.page.keyboard.press("t")
    wait_until(lambda: wall.page.evaluate("opsCenter.wall.map.getPitch() === 0"), "the map lies flat")


_BUILDINGS = "opsCenter.wall.map.getPaintProperty('buildings', 'fill-extrusion-opacity')"


def test_the_map_wears_the_theme_of_the_page(wall: Wall) -> None:
    wait_until(lambda: wall.layer("cameras", "layer.rows > 0 && Boolean(layer.colors)"), "cameras are drawn", 30)
    land = "opsCenter.wall.map.getPaintProperty('land', 'fill-color')"
    # How many colours are those that travel: a camera's own one changes with what it sees.
    by_night = "layer.colors.filter((color) => layer.day.has(color & 0xffffff)).length - layer.colors.length"
    night = wall.page.evaluate(land)
    assert wall.layer("cameras", by_night) == 0
    wall.page.evaluate("opsCenter.theme.set('light')")
    wait_until(lambda: wall.page.evaluate(land) != night, "the ground is light")
    wait_until(lambda: wall.layer("cameras", f"{by_night} === -layer.colors.length"), "and every sign is darker")
    wall.page.evaluate("opsCenter.theme.set('dark')")
    wait_until(lambda: wall.page.evaluate(land) == night and wall.layer("cameras", by_night) == 0, "it is night")


def test_a_layer_switch_takes_the_layer_off_the_picture(wall: Wall) -> None:
    wait_until(lambda: wall.pixels()["drawn"] > 2000, "layers are drawn", 30)
    before = wall.pixels()["drawn"]
    for digit in range(1, 8):
        wall.page.keyboard.press(str(digit))
    wait_until(lambda: wall.pixels()["drawn"] == 0, "the picture is empty", 20)
    assert wall.page.locator(".layer-row:not(.off)").count() == 0
    for digit in range(1, 8):
        wall.page.keyboard.press(str(digit))
    wait_until(lambda: wall.pixels()["drawn"] > before / 2, "everything is back", 20)


def test_a_click_on_a_feature_opens_its_card(wall: Wall, live_city: LiveCity) -> None:
    thing = next(t for t in live_city.catalog.things.values() if t.kind == "air_station")
    at = wall.page.evaluate(f"opsCenter.wall.map.project([{thing.longitude}, {thing.latitude}])")
    for name in ("vehicles", "cameras", "water", "weather", "roads", "pipes"):
        wall.page.evaluate(f"opsCenter.wall.toggle('{name}')")
    wait_until(lambda: wall.pixels()["drawn"] > 50, "the stations are drawn")
    wall.page.mouse.click(at["x"], at["y"])
    wait_until(lambda: thing.name.zh in wall.page.locator("#card").inner_text(), "its card opens")
    assert "µg/m³" in wall.page.locator("#card").inner_text()
    wall.page.keyboard.press("Escape")
    wait_until(lambda: not wall.page.locator("#card").inner_text().strip(), "the card closes")


def test_two_maps_on_a_page_share_a_connection_and_keep_their_clicks_apart(wall: Wall, live_city: LiveCity) -> None:
    station = next(t for t in live_city.catalog.things.values() if t.kind == "air_station")
    consumers = "opsCenter.page.live.consumers.size"
    alone = wall.page.evaluate(consumers)
    wall.page.evaluate(_SECOND_MAP, [station.longitude, station.latitude])
    drawn = "second.map && second.picture.layers.get('air').rows > 0"
    wait_until(lambda: wall.page.evaluate(drawn), "the second map shows what the page holds", 30)
    assert wall.page.evaluate("second.picture.layers.get('roads').rows") in {None, 0}, "it asked for air alone"
    assert wall.page.evaluate(consumers) == alone + 1, "it hangs on the page's connection"
    wall.page.evaluate("opsCenter.wall.view.on('pick', (picked) => clicks.push(['wall', picked]))")
    box = wall.page.locator("#second").bounding_box()
    assert box
    wait_until(
        lambda: _click_and_hear(wall, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2),
        "the click is heard",
        every_s=0.5,
    )
    assert {name for name, _ in wall.page.evaluate("clicks")} == {"second"}
    assert wall.page.evaluate("clicks.find(([, picked]) => picked)[1].layer") == "air"
    wall.page.evaluate("second.close(); dash_clientside.set_props('card', { children: [] })")
    assert wall.page.evaluate(consumers) == alone


def _click_and_hear(wall: Wall, x: float, y: float) -> bool:
    wall.page.mouse.click(x, y)
    return bool(wall.page.evaluate("clicks.some(([, picked]) => picked)"))


_SECOND_MAP = """([longitude, latitude]) => {
  const { map, layers } = opsCenter.stage.config;
  Object.assign(document.getElementById("card").style, { height: "20rem", zIndex: "5" });
  window.clicks = [];
  const hidden = layers.map(({ name }) => name).filter((name) => name !== "air");
  const view = { longitude, latitude, zoom: 14, pitch: 0, bearing: 0 };
  window.second = new opsCenter.MapView({ id: "second", map, layers, hidden, view });
  second.on("pick", (picked) => clicks.push(["second", picked]));
  dash_clientside.set_props("card", { children: second.component() });
}"""


def test_sizes_follow_the_screen(wall: Wall) -> None:
    wall.page.set_viewport_size({"width": 1920, "height": 1080})
    wait_until(lambda: wall.page.evaluate("innerWidth") == 1920, "it is a desk's screen")
    desk = wall.page.locator(".clock b").bounding_box()
    wall.page.set_viewport_size({"width": 3840, "height": 2160})
    wait_until(lambda: wall.page.evaluate("opsCenter.wall.picture.scale") == 2, "signs are twice as big")
    big = wall.page.locator(".clock b").bounding_box()
    assert desk and big and big["height"] == pytest.approx(2 * desk["height"], rel=0.05)
