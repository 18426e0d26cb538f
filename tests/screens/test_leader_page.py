"""The leader's page in a real Chromium: what it says, what opens, who sees what; on a phone and on paper."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from ops_center.bootstrap import make_store, register_pack
from ops_center.city.pack import CityPack
from ops_center.city.scope_names import scope_names
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import HOUR_US, SystemClock
from ops_center.indicators.loading import shipped_tree
from ops_center.live.writer import RedisLiveWriter
from ops_center.services.vital_past import write_past
from ops_center.settings import Settings
from ops_center.store.port import RollupRows
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser
WEEKS = 20
LATEST = {"congestion_index": 1.93, "aqi": 74.0, "mean_pm25": 41.0, "mean_speed": 33.0, "least_pressure": 260.0}


def fill(settings: Settings) -> None:
    """Give a city 20 weeks of hourly figures and the latest ones: congestion is poor now, AQI fair."""
    assert settings.city_pack is not None and settings.redis_url is not None
    register_pack(settings, settings.city_pack)
    now_us = SystemClock().now_us()
    hours = (now_us // HOUR_US - np.arange(WEEKS * 168, 0, -1)) * HOUR_US
    daily = 1.0 + 0.2 * np.sin(np.arange(len(hours)) * 2 * np.pi / 24)
    with closing(make_store(settings)) as store:
        catalog = store.catalog.load()
        keys = _keys(catalog)
        for observed, value in LATEST.items():
            for subject, key in catalog.datastream_keys("city_figures", observed).items():
                if subject in {"city", "network:water"} or subject.startswith("road_class"):
                    values = (value if observed != "congestion_index" else 1.3) * daily
                    count, quality = np.full(len(hours), 60), np.zeros(len(hours), np.uint8)
                    rows = RollupRows(np.full(len(hours), key, np.int32), hours, values, values, values, count, quality)
                    store.history.backfill("1h", rows)
        write_past(shipped_tree(), store, scope_names(CityPack.read(settings.city_pack)), now_us)
    latest(settings, keys)


def _keys(catalog: Catalog) -> dict[int, float]:
    """Return datastream → latest value."""
    return {
        key: value
        for observed, value in LATEST.items()
        for key in catalog.datastream_keys("city_figures", observed).values()
    }


def latest(settings: Settings, keys: Mapping[int, float]) -> None:
    """Say the latest figures; they age within minutes."""
    assert settings.redis_url is not None
    now_us = SystemClock().now_us()
    times = np.full(len(keys), now_us - 1_000_000)
    batch = ObservationBatch(
        np.array([*keys], np.int32), times, np.array([*keys.values()]), np.zeros(len(keys), np.uint8), times, now_us
    )
    writer = RedisLiveWriter(settings.redis_url.get_secret_value(), Realm.SIMULATED, SystemClock())
    writer.load()
    writer.apply(batch, PositionBatch.empty(now_us), ())
    writer.flush()
    writer.close()


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    with people_center(admin, valkey_url, Path(small_city.folder), tmp_path_factory.mktemp("state"), fill) as running:
        yield running


class Leader(Visitor):
    """Somebody in front of the page."""

    def looks(self, path: str = "/leader") -> None:
        latest(self.center.settings, _keys(self.center.store.catalog.load()))
        self.opens_desk(path)
        self.sees(".leader-domain")
        wait_until(lambda: "1.93" in self.text(), "the figures are there")

    def row(self, name: str, area: str = "city") -> str:
        return f'.leader-row[data-indicator="{name}"][data-area="{area}"]'


@pytest.fixture
def leader(page: Page, center: PeopleCenter) -> Leader:
    visitor = Leader(page, center)
    visitor.holds(center.secret(f"lead-{id(page)}", Grant(Role.LEADER)))
    return visitor


def test_says_what_is_wrong_with_number_level_and_place_in_both_languages(leader: Leader) -> None:
    leader.looks()
    sentences = leader.page.locator(".leader-say li").all_inner_texts()
    assert len(sentences) == 3
    assert any(re.search(r"拥堵延时指数为1\.93，处于“较差”", said) for said in sentences), sentences
    assert "▲" in leader.page.locator(leader.row("congestion")).inner_text()
    leader.speaks("en")
    wait_until(lambda: "Congestion index: 1.93, poor" in leader.text(), "it speaks English")
    assert "not known" in leader.text(), "nobody told of the economy"
    assert not leader.errors


def test_what_looks_calm_because_nobody_judges_is_told(leader: Leader, center: PeopleCenter) -> None:
    center.judged(150)
    told = leader.page.locator(".leader-lost")
    wait_until(lambda: leader.looks() or "报警判定停滞" in " ".join(told.all_inner_texts()), "it is told", 60)
    center.never_judged()


def test_every_number_opens_what_it_is_made_of_and_the_address_leads_there(leader: Leader) -> None:
    leader.looks()
    leader.page.click(leader.row("congestion"))
    leader.sees(".leader-drawer .leader-levels")
    shown = leader.page.locator(".leader-drawer").inner_text()
    assert "congestion = index" in shown and "1.93" in shown and "DB11" not in shown
    assert re.search(r"平均误差[\d.]+", shown), "how good the forecast is"
    assert leader.page.locator(".leader-drawer .leader-chart svg path.band").count() == 1
    assert leader.page.locator('.leader-drawer a[href^="/things/city_figures/city"]').count() == 1
    assert leader.path() == "/leader?indicator=congestion&area=city"
    leader.page.keyboard.press("Escape")
    wait_until(lambda: leader.page.locator(".leader-drawer").count() == 0, "it is closed")
    leader.looks("/leader?indicator=traffic&area=city")
    leader.sees('.leader-drawer [data-indicator="expressway_speed"]')
    leader.page.click('.leader-drawer [data-indicator="expressway_speed"]')
    wait_until(lambda: "DB11/T 785-2011" in leader.page.locator(".leader-drawer").inner_text(), "its own source")
    assert not leader.errors


def test_who_leads_a_district_sees_the_district(page: Page, center: PeopleCenter, small_city: CityPack) -> None:
    code = str(small_city.table("districts")["district_id"].iloc[0])
    local = Leader(page, center).holds(center.secret("local", Grant(Role.LEADER, None, code)))
    assert isinstance(local, Leader)
    local.looks()
    assert page.locator(f'.leader-row[data-area="district:{code}"]').count() > 5
    assert page.locator('[data-area="city"]').count() == 0
    local.looks("/leader?indicator=congestion&area=city")
    wait_until(lambda: "没有这项指标" in page.locator(".leader-drawer").inner_text(), "the city is not theirs")


def test_is_for_those_who_lead(page: Page, center: PeopleCenter) -> None:
    visitor = Visitor(page, center)
    visitor.holds(center.secret("watch", Grant(Role.OPERATOR)))
    visitor.open("/leader")
    wait_until(lambda: "404" in visitor.text() or page.locator(".leader").count() == 0, "it is refused")
    assert page.locator(".leader-domain").count() == 0


def test_fits_a_phone(browser: Browser, center: PeopleCenter) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    visitor = Leader(context.new_page(), center)
    visitor.holds(center.secret("mobile", Grant(Role.LEADER)))
    visitor.looks()
    wide = "[...document.querySelectorAll('#leader *')].filter((e) => e.getBoundingClientRect().right > 391).length"
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert visitor.page.evaluate(wide) == 0
    visitor.page.tap(visitor.row("congestion"))
    visitor.sees(".leader-drawer .leader-levels")
    assert visitor.page.evaluate("document.querySelector('.leader-drawer').getBoundingClientRect().left") >= 0
    context.close()


def test_prints_on_one_sheet_of_a4(leader: Leader) -> None:
    leader.looks()
    printed = PdfReader(io.BytesIO(leader.page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    sheet = printed.pages[0]
    assert (round(float(sheet.mediabox.width)), round(float(sheet.mediabox.height))) == (595, 842)
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", sheet.extract_text()))  # fonts have signs of radicals
    for said in ("城市运行综合指数", "此刻最要紧的", "拥堵延时指数", "1.93", "较差", "宏观经济", "模拟数据"):
        assert said in text, said
    assert "退出登录" not in text and "打印" not in text
