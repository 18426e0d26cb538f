"""The coordinator's desk in a real Chromium, on a real center with things and alarms in its store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from playwright.sync_api import Browser
from pyproj import Geod

from alerts.alarm import Priority
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Thing
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until
from tests.screens.people_center import Visitor

pytestmark = pytest.mark.browser

ALARM = 7
PROJECT = "(at) => { const p = opsCenter.desk.view.map.project(at), r = %s; return [p.x + r.left, p.y + r.top]; }"
PLACE_OF = PROJECT % "document.querySelector('#desk-map-1').getBoundingClientRect()"


class Desk(Visitor):
    """Somebody at the desk."""

    def opens(self, path: str = "/desk") -> None:
        self.open(path)
        wait_until(
            lambda: self.attribute("desk") == "ready" and self.attribute("map") == "ready", "the map is there", 90
        )

    def finds(self, typed: str) -> None:
        """Type into the search box and wait for its first answer."""
        self.page.keyboard.press("/")
        self.page.fill(".desk-find", typed)
        self.sees(".desk-hit", 30)

    def click_at(self, longitude: float, latitude: float, times: int = 1) -> None:
        x, y = self.page.evaluate(PLACE_OF, [longitude, latitude])
        self.page.mouse.click(x, y, click_count=times)

    def rests(self) -> None:
        """The map has stopped moving."""
        wait_until(lambda: self.page.evaluate("!opsCenter.desk.view.map.isMoving()"), "the map rests", 30)

    def is_at(self, part: str) -> bool:
        return part in self.path()


@pytest.fixture(scope="module")
def city(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with alarm_city(plain_postgres.url_of("postgres"), valkey_url, folder, state) as made:
        pressure = [one for one in made.streams() if one.observed_property == "water_pressure"]
        made.raise_all([made.alarm(ALARM, pressure[0], priority=Priority.HIGH)])
        yield made


@pytest.fixture(scope="module")
def desk(browser: Browser, city: AlarmCity) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True)
    made = Desk(context.new_page(), city.center).holds(city.center.secret("li.na", Grant(Role.COORDINATOR)))
    assert isinstance(made, Desk)
    yield made
    assert made.errors == []
    context.close()


@pytest.fixture(scope="module")
def camera(city: AlarmCity) -> Thing:
    return next(one for one in city.catalog.things.values() if one.kind == "camera")


def test_initials_and_enter_lead_there_and_the_back_button_back(desk: Desk, camera: Thing) -> None:
    desk.opens()
    desk.finds("sxj")  # 摄像机
    assert "摄像机" in desk.page.locator(".desk-hit b").first.inner_text()
    desk.page.keyboard.press("ArrowDown")
    second = desk.page.locator(".desk-hit b").nth(1).inner_text()
    desk.page.keyboard.press("Enter")
    wait_until(lambda: desk.page.locator("#desk-card h2").all_inner_texts() == [second], "it is open", 30)
    wait_until(lambda: desk.is_at("thing=video/camera-"), "it has an address", 20)
    link = desk.page.get_attribute("#desk-card .card-acts a", "href")
    assert link is not None and link.startswith("/things/video/camera-")
    desk.page.evaluate("window.kept = true")
    desk.page.keyboard.press("Escape")
    wait_until(lambda: not desk.is_at("thing="), "it is closed", 20)
    desk.page.go_back()
    wait_until(lambda: desk.page.locator("#desk-card h2").all_inner_texts() == [second], "it is open again", 30)
    assert desk.page.evaluate("window.kept"), "without loading the page anew"


def test_an_address_opens_what_it_names(desk: Desk, camera: Thing) -> None:
    desk.opens(f"/desk?at={camera.longitude},{camera.latitude},15&layers=cameras&alarm={ALARM}")
    desk.sees("#alarm-card .card-head", 30)
    assert f"#{ALARM}" in desk.page.locator("#alarm-card").inner_text()
    assert desk.page.evaluate("[...opsCenter.desk.view.picture.visible]") == ["cameras"]
    view = desk.page.evaluate("opsCenter.desk.view.view()")
    assert (view["longitude"], view["zoom"]) == (pytest.approx(camera.longitude, abs=1e-4), pytest.approx(15))


def test_a_click_on_the_ground_says_where_it_is_and_which_cameras_look(desk: Desk, camera: Thing) -> None:
    desk.opens(f"/desk?at={camera.longitude},{camera.latitude},16&layers=")
    desk.rests()
    desk.click_at(camera.longitude, camera.latitude)
    desk.sees("#desk-card .camera", 30)
    assert desk.page.locator("#desk-card .camera").count() == 3
    assert camera.name.zh in desk.page.locator("#desk-card .camera").first.inner_text()
    assert desk.is_at("here=")


def test_a_polygon_selects_and_its_copy_opens_in_geopandas(desk: Desk, camera: Thing, tmp_path: Path) -> None:
    desk.opens(f"/desk?at={camera.longitude},{camera.latitude},14&layers=")
    desk.rests()
    desk.page.keyboard.press("p")
    x, y = camera.longitude, camera.latitude
    corners = [(x - 0.008, y - 0.004), (x + 0.008, y - 0.004), (x, y + 0.006)]
    for corner in corners:
        desk.click_at(*corner)
    desk.page.keyboard.press("Enter")
    desk.sees(".desk-table tbody tr", 30)
    assert desk.is_at("select=polygon:")
    listed = desk.page.locator(".desk-table tbody tr").count()
    assert f"{listed} 个设备" in desk.page.locator(".desk-drawer-head h2").inner_text()
    with desk.page.expect_download() as caught:
        desk.page.click(".desk-drawer-head a:has-text('GeoPackage')")
    path = tmp_path / "selection.gpkg"
    caught.value.save_as(path)
    frame = gpd.read_file(path, layer="things")
    assert len(frame) == listed and f"{camera.producer}/{camera.thing_id}" in set(
        frame["producer"] + "/" + frame["thing_id"]
    )
    address = desk.path()
    desk.opens(address)
    desk.sees(".desk-table tbody tr", 30)
    assert desk.page.locator(".desk-table tbody tr").count() == listed, "a link leads to the same selection"


def test_distances_and_areas_are_those_of_the_ellipsoid(desk: Desk) -> None:
    geod = Geod(ellps="WGS84")
    ring = [[118.7, 32.0], [118.85, 32.01], [118.83, 32.12], [118.71, 32.09]]
    metres = desk.page.evaluate("(points) => opsCenter.geodesy.length(points)", ring)
    assert metres == pytest.approx(geod.line_length(*zip(*ring, strict=True)), rel=1e-9)
    area = desk.page.evaluate("(points) => opsCenter.geodesy.area(points)", ring)
    assert area == pytest.approx(abs(geod.polygon_area_perimeter(*zip(*ring, strict=True))[0]), rel=2e-6)
    round_ = desk.page.evaluate("(at) => opsCenter.geodesy.ring(at, 500)", ring[0])
    far = geod.inv([ring[0][0]] * len(round_), [ring[0][1]] * len(round_), *zip(*round_, strict=True))[2]
    assert far == pytest.approx([500.0] * len(round_), rel=1e-4)


def test_two_times_look_at_the_same_place_and_two_districts_have_a_difference(desk: Desk, small_city: CityPack) -> None:
    desk.opens("/desk")
    desk.rests()
    desk.page.keyboard.press("b")
    wait_until(lambda: desk.page.evaluate("Boolean(opsCenter.desk.compare.second.map)"), "the second map is there", 60)
    desk.page.evaluate("opsCenter.desk.view.map.jumpTo({ zoom: 13.5 })")
    zoom = "opsCenter.desk.compare.second.map.getZoom()"
    wait_until(lambda: desk.page.evaluate(zoom) == pytest.approx(13.5), "it follows", 20)
    assert desk.page.evaluate("opsCenter.desk.compare.second.timeUs") is not None or desk.is_at("compare=times:now,")
    desk.page.keyboard.press("b")
    wait_until(lambda: desk.page.evaluate("opsCenter.maps.size") == 1, "it is gone", 20)
    desk.page.keyboard.press("B")
    desk.sees(".desk-figures", 30)
    first, second = small_city.table("districts")["district_id"].tolist()[:2]
    assert desk.is_at(f"compare=districts:{first},{second}")
    row = desk.page.locator(".desk-figures tr").first.locator("td").all_inner_texts()
    left, right = (int(cell.replace(",", "")) for cell in row[1:3])
    assert row[3].replace("−", "-").replace(",", "").split()[-1] == (f"{right - left:+d}" if right != left else "0")


def test_everything_is_said_in_either_language(desk: Desk, small_city: CityPack) -> None:
    at = small_city.manifest.bounds
    desk.opens(f"/desk?alarm={ALARM}&select=box:{at.west},{at.south},{at.east},{at.north}")
    desk.sees("#alarm-card .card-head", 30)
    desk.sees(".desk-table", 30)
    desk.page.keyboard.press("l")
    desk.speaks("en")
    wait_until(
        lambda: "things" in desk.page.locator(".desk-drawer-head h2").inner_text(), "the table speaks English", 20
    )
    desk.is_all_in("en", {"中"})
    desk.speaks("zh")
