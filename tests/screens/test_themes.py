"""The theme in a real Chromium: worn from the first picture on, switched without loading anything, remembered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser
GROUND = "getComputedStyle(document.body).backgroundColor"
SURFACE = "getComputedStyle(document.querySelector('.ag-root-wrapper')).backgroundColor"
LIGHTS = "document.documentElement.dataset.theme + document.documentElement.dataset.mantineColorScheme"


@pytest.fixture(scope="module")
def center(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with people_center(plain_postgres.url_of("postgres"), valkey_url, folder, state) as running:
        yield running


def test_the_switch_changes_everything_at_once_and_is_remembered(page: Page, center: PeopleCenter) -> None:
    visitor = Visitor(page, center).holds(center.secret("ada", Grant(Role.ADMINISTRATOR)))
    visitor.opens_desk("/people")
    visitor.sees(".ag-row")
    dark = [visitor.asks(GROUND), visitor.asks(SURFACE)]
    assert visitor.asks(LIGHTS) == "darkdark"
    page.evaluate("window.same = true")
    page.click("#user-menu summary")
    page.click('[data-act="theme"]')
    wait_until(lambda: visitor.asks(LIGHTS) == "lightlight", "all of it is light")
    assert all(now != before for now, before in zip([visitor.asks(GROUND), visitor.asks(SURFACE)], dark, strict=True))
    assert page.evaluate("window.same"), "nothing was loaded anew"
    visitor.opens_desk("/account")
    assert visitor.asks(LIGHTS) == "lightlight"
    assert not visitor.errors


def test_nothing_is_painted_in_the_theme_that_is_not_worn(browser: Browser, center: PeopleCenter) -> None:
    context = browser.new_context()
    visitor = Visitor(context.new_page(), center).holds(center.secret("grace", Grant(Role.ADMINISTRATOR)))
    visitor.page.add_init_script("""
      if (!localStorage.getItem("ops-center.theme")) localStorage.setItem("ops-center.theme", "light");
      window.worn = new Set();
      const look = () => { if (document.body) window.worn.add(getComputedStyle(document.body).backgroundColor
        + (document.documentElement.dataset.mantineColorScheme || "")); requestAnimationFrame(look); };
      requestAnimationFrame(look);""")
    visitor.opens_desk("/people")
    visitor.sees(".ag-row")
    assert visitor.page.evaluate("[...window.worn]") == ["rgb(237, 241, 245)light"]
    context.close()


def test_a_display_is_told_by_its_address(page: Page, center: PeopleCenter) -> None:
    visitor = Visitor(page, center).holds(center.secret("wall-1", Grant(Role.DISPLAY)))
    visitor.open("/wall?theme=light")
    assert visitor.attribute("theme") == "light"
    visitor.open("/wall?theme=purple")
    assert visitor.attribute("theme") == "light", "what it was told before"


def test_the_sign_in_page_wears_what_the_browser_remembers(page: Page, center: PeopleCenter) -> None:
    visitor = Visitor(page, center)
    visitor.open("/sign-in?theme=light")
    light = visitor.asks(GROUND)
    visitor.open("/sign-in?theme=dark")
    assert visitor.attribute("theme") == "dark" and visitor.asks(GROUND) != light


def test_what_lies_over_a_map_wears_the_theme_of_the_map(page: Page, center: PeopleCenter) -> None:
    visitor = Visitor(page, center).holds(center.secret("emmy", Grant(Role.COORDINATOR)))
    visitor.opens_desk("/desk")
    wait_until(lambda: visitor.attribute("map") == "ready", "the map is there", 90)
    halo = "getComputedStyle(document.querySelector('.desk-furniture')).textShadow"
    by_night, of_the_page = visitor.asks(halo), visitor.asks(GROUND)
    page.keyboard.press("y")  # the map alone becomes light
    wait_until(lambda: visitor.asks(halo) != by_night, "the halo is that of a light map")
    assert visitor.asks(GROUND) == of_the_page
    page.evaluate("opsCenter.theme.set('light')")
    page.keyboard.press("y")
    wait_until(lambda: visitor.asks(halo) == by_night, "a night map keeps its own in a light page")
    assert visitor.asks(GROUND) != of_the_page
    assert not visitor.errors
