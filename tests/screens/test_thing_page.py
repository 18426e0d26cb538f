"""A thing's page in a real Chromium: what it shows, over which span, beside what, to whom; and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page

from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.rights import Grant, Role
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US, SECOND_US, SystemClock
from ops_center.store.opening import open_stream_store
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until
from tests.screens.people_center import Visitor
from tests.store.shapes import STAND

pytestmark = pytest.mark.browser
SILENT_FROM, SILENT_UNTIL = 60, 90
"""minutes of the last two hours in which the pressure sensor said nothing"""


@pytest.fixture(scope="module")
def city(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with alarm_city(admin, valkey_url, Path(small_city.folder), tmp_path_factory.mktemp("state")) as running:
        measure(running)
        yield running


def pressure(city: AlarmCity, place: int = 0) -> Datastream:
    return [one for one in city.streams() if one.observed_property == "water_pressure"][place]


def thing_of(city: AlarmCity, stream: Datastream) -> Thing:
    return city.catalog.things[stream.thing]


def path_of(thing: Thing) -> str:
    return f"/things/{thing.producer}/{quote(thing.thing_id, safe='')}"


def measure(city: AlarmCity) -> None:
    """Two hours of two sensors each 10 s, with half an hour of silence, one odd value, one that was corrected."""
    now_us = SystemClock().now_us()
    url = city.center.settings.database_url.get_secret_value()  # type: ignore[union-attr]
    store = open_stream_store(url, city.center.settings.realm)
    for place in (0, 1):
        key = pressure(city, place).key
        minutes = np.arange(0, 120, 1 / 6)
        minutes = minutes[(minutes < SILENT_FROM) | (minutes >= SILENT_UNTIL)]
        times = now_us - (120 * MINUTE_US) + (minutes * MINUTE_US).astype(np.int64)
        values = 300 + 20 * np.sin(minutes / 9) + place * 15
        values[400] = 480.0
        flags = np.zeros(len(times), np.uint8)
        flags[400] = 4
        keys = np.full(len(times), key, np.int32)
        batch = ObservationBatch(keys, times, values, flags, times, int(times[-1]))
        store.commit_data(STAND, batch, PositionBatch.empty(), ())
    again = batch.take(np.array([200]))
    late = ObservationBatch(
        again.datastream,
        again.phenomenon_time_us,
        again.result + 1,
        again.quality,
        again.result_time_us + SECOND_US,
        now_us,
    )
    store.commit_data(STAND, late, PositionBatch.empty(), ())
    store.close()
    city.raise_all([city.alarm(41, pressure(city))])


class Reader(Visitor):
    """Somebody who looks at things."""

    def opens(self, path: str) -> None:
        self.opens_desk(path)

    def draws(self) -> None:
        """Wait until the newest question is answered."""
        wait_until(lambda: "waits" not in (self.page.get_attribute("#thing-chart", "class") or ""), "it is drawn")
        self.sees("#thing-chart svg")

    def lines(self) -> int:
        return self.page.locator(".chart-line").count()

    def span_s(self) -> float:
        return float(self.asks("(() => { const q = new URLSearchParams(location.search);"
                               " return (Number(q.get('to')) - Number(q.get('from'))) / 1000 })()"))  # fmt: skip


@pytest.fixture
def reader(page: Page, city: AlarmCity) -> Iterator[Reader]:
    opened = Reader(page, city.center)
    name = f"wang.{len(city.center.store.accounts.list())}"
    opened.holds(city.center.secret(name, Grant(Role.OPERATOR)))
    yield opened
    assert not opened.errors, opened.errors


def test_a_thing_is_shown_with_what_it_measured_its_gap_its_odd_value_and_its_alarm(
    reader: Reader, city: AlarmCity
) -> None:
    thing, page = thing_of(city, pressure(city)), reader.page
    reader.opens(f"{path_of(thing)}?range=day")
    reader.draws()
    assert thing.name.zh in page.inner_text(".thing-head")
    assert reader.lines() == 1
    gaps = page.evaluate("document.querySelectorAll('.chart-gap').length")
    assert gaps >= 2, "before it began, and the half hour"
    path = page.get_attribute(".chart-line", "d") or ""
    assert path.count("M") >= 2, "no line is drawn over silence"
    assert page.locator(".chart-odd").count() == 1
    reader.sees(".chart-alarm")
    wait_until(lambda: "#41" in page.inner_text("#thing-alarms"), "its alarm is listed")
    assert page.locator('.thing-rules a[href^="/rules?rule="]').count() > 0
    page.click("#thing-table summary")
    wait_until(lambda: "无数据" in page.inner_text("#thing-rows"), "the table says the gap, too")
    assert "突变" in page.inner_text("#thing-rows"), "and what was odd"


def test_never_more_points_than_pixels_and_the_peak_is_there(reader: Reader, city: AlarmCity) -> None:
    reader.page.set_viewport_size({"width": 1100, "height": 720})
    reader.opens(f"{path_of(thing_of(city, pressure(city)))}?range=day")
    reader.draws()
    path = reader.page.get_attribute(".chart-line", "d") or ""
    points, width = (
        path.count("L") + path.count("M"),
        reader.page.evaluate("document.querySelector('.chart').clientWidth"),
    )
    assert 0 < points <= width
    readable = reader.page.evaluate("[...document.querySelectorAll('.chart-tick')].map((e) => Number(e.textContent))")
    assert max(value for value in readable if value == value) >= 400, "the axis reaches up to the peak"  # noqa: PLR0124


def test_one_zooms_by_dragging_shifts_by_keys_and_comes_back_to_now(reader: Reader, city: AlarmCity) -> None:
    page = reader.page
    reader.opens(f"{path_of(thing_of(city, pressure(city)))}?range=hour")
    reader.draws()
    box = page.locator("#thing-chart").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 100, steps=4)
    page.mouse.up()
    wait_until(lambda: 0 < reader.span_s() < 1200, "a fifth of the hour, about")
    first = reader.span_s()
    page.focus("#thing-chart")
    page.keyboard.press("ArrowLeft")
    assert reader.span_s() == pytest.approx(first, abs=1)
    page.keyboard.press("-")
    wait_until(lambda: reader.span_s() > 1.4 * first, "twice as long, up to now")
    assert page.get_attribute('[data-thing="live"]', "aria-pressed") == "false"
    page.keyboard.press("Home")
    wait_until(lambda: "range=" in reader.path(), "and back to live")
    assert page.get_attribute('[data-thing="live"]', "aria-pressed") == "true"


def test_it_is_compared_with_a_neighbour_and_with_yesterday(reader: Reader, city: AlarmCity) -> None:
    page, other = reader.page, thing_of(city, pressure(city, 1))
    reader.opens(f"{path_of(thing_of(city, pressure(city)))}?range=hour")
    reader.draws()
    page.fill("#thing-other", other.thing_id)
    page.click(f'.thing-line:has-text("{other.thing_id}")')
    wait_until(lambda: reader.lines() == 2, "two lines")
    assert str(pressure(city, 1).key) in reader.path()
    page.click('[data-thing="days"][data-value="1"]')
    wait_until(lambda: reader.lines() == 3, "and the same hour of yesterday")
    assert "days=1" in reader.path()
    reader.speaks("en")
    wait_until(lambda: "Over time" in reader.text(), "in the other language, too")
    assert "yesterday" in reader.text()


def test_what_one_may_not_see_is_not_there(page: Page, city: AlarmCity) -> None:
    thing = thing_of(city, pressure(city))
    reader = Reader(page, city.center)
    reader.holds(city.center.secret("outsider", Grant(Role.DEPARTMENT, "nobody_s")))
    for path in (path_of(thing), "/things/water/none"):
        reader.opens(path)
        wait_until(lambda: "没有这个设备" in reader.text(), "it says that there is none")
    assert thing.name.zh not in reader.text()
    assert not reader.errors, reader.errors


def test_a_thing_without_data_and_a_retired_one_say_so(reader: Reader, city: AlarmCity) -> None:
    silent = Thing(-1, "water", "P-静", "water_pressure_sensor", "water", Label("静默", "quiet"), 118.7, 32.0)
    stream = Datastream(-1, -1, "water_pressure", "kPa", "water", 10.0)
    city.center.store.catalog.register([silent], [("water", "P-静", stream)], "test")

    def shows(word: str) -> bool:  # the center looks once a second, and a page that is there does not ask again
        reader.opens(path_of(silent))
        reader.sees(".thing-head, .thing-nothing")
        return word in reader.text()

    wait_until(lambda: shows("从未收到"), "nothing was ever received", 40)
    city.center.store.catalog.retire("water", "P-静", "test")
    wait_until(lambda: shows("已停用"), "it is retired", 40)


def test_what_is_shown_is_taken_along_as_a_file(city: AlarmCity) -> None:
    stream, now_ms = pressure(city), SystemClock().now_us() // 1000
    asked = {"from": now_ms - 7_200_000, "to": now_ms, "series": stream.key}
    with city.center.http(city.center.secret("taker", Grant(Role.OPERATOR))) as http:
        answer = http.get("/things/series.csv", params=asked)
        assert answer.status_code == 200
        lines = answer.text.lstrip("\ufeff").splitlines()
        assert lines[0].startswith("thing,name_zh")
        assert len(lines) > 500 and any("JUMP" in line for line in lines)
        for wrong in ({"series": "x"}, {"to": 5, "from": 9}, {"series": ""}):
            assert http.get("/things/series.csv", params={**asked, **wrong}).status_code == 422
        assert http.get("/things/series.csv", params={**asked, "series": 2**31 - 2}).status_code == 404
    with city.center.http(city.center.secret("stranger", Grant(Role.DEPARTMENT, "nobody_s"))) as http:
        assert http.get("/things/series.csv", params=asked).status_code == 404
    wait_until(lambda: list(city.center.store.audit.page(action="series.exported")), "the audit says so")
