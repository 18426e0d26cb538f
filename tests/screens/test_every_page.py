"""Every page of the registry in a real Chromium: WCAG 2.2 AA in both themes, one language at a time, all by keyboard.

One page is opened once and then wears and speaks everything in turn. What is asked of two themes and two languages is
asked of each of them at least once; OPS_EVERY_PAIR=1 asks all four.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from alerts.alarm import State
from ops_center.api.parameters import LAST_ID
from ops_center.bootstrap import import_plans
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from ops_center.screens.app import screens
from tests.screens import looking
from tests.screens.alarm_city import AlarmCity, alarm_city, group
from tests.screens.language_words import leftovers
from tests.screens.live_city import LiveCity, wait_until
from tests.screens.people_center import Visitor

pytestmark = pytest.mark.browser

BELOW = {
    "alarms-card": ("/alarms/1", "#alarm-side.open .card-head"),
    "rules-form": ("/rules?rule=water_pressure_low", ".rules.open .rule-fields input"),
    "thing": ("/things/water/water_pressure_sensor-000001", "#thing-chart svg"),
    "thing-unknown": ("/things/water/none", ".thing-nothing"),
    "catalog-form": ("/catalog?thing=water/water_pressure_sensor-000001", "#catalog-page.editing .catalog-set input"),
    "cases-one": ("/cases/2", ".case-lessons .case-said"),
    "incidents-room": ("/incidents/1", ".incident-department .incident-task"),
    "warnings-draft": ("/warnings?alarm=0", ".warn.writing .warn-fields input"),
}
"""pages that open something: name → address, and what is there then"""
PAGES = {**{name: (screen.path, "body") for name, screen in screens().items()}, **BELOW}
DRAWN = ("警戒区", "道路封闭")
"""labels on the shared picture have the language of who wrote them, those of a plan's drawings too"""
PAIRS: tuple[tuple[looking.Theme, str], ...] = (("dark", "zh"), ("light", "en"))
if os.environ.get("OPS_EVERY_PAIR"):
    PAIRS = (*PAIRS, ("dark", "en"), ("light", "zh"))


@pytest.fixture(scope="module")
def city(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with alarm_city(plain_postgres.url_of("postgres"), valkey_url, folder, state) as made:
        known = {"state": State.ACKNOWLEDGED, "acknowledged_by": "wang"}
        made.raise_all([*group(made, 1, 3), *(made.alarm(n) for n in range(5, 20)), made.alarm(20, **known)])
        _open_an_incident(made)
        _close_an_incident(made)
        with closing(LiveCity(small_city, valkey_url)):
            yield made


def _report(city: AlarmCity) -> dict[str, Any]:
    thing = city.catalog.things[city.streams()[0].thing]
    place = {"kind": "point", "coordinates": [[thing.longitude, thing.latitude]]}
    return {
        "type": "water_main_burst", "level": 2, "title": "DN800", "lead_department": "water_company", "open": True,
        "departments": ["water_company"], "places": [place],
    }  # fmt: skip


def _open_an_incident(city: AlarmCity) -> None:
    """The first, led, with the tasks of its plan."""
    import_plans(city.center.settings)
    with city.center.http(city.center.secret("li.na", Grant(Role.COORDINATOR))) as chief:
        report = {**_report(city), "plan": "burst_main", "alarms": [1]}
        assert chief.post("/api/incidents", json=report).status_code == 200


def _close_an_incident(city: AlarmCity) -> None:
    """The second, a case whose lessons were written twice; of the first a report is issued."""
    written = {"do": "rewrite_lessons", "seen": LAST_ID, "lessons": "DN800 → DN600"}
    with city.center.http(city.center.secret("wu.bo", Grant(Role.COORDINATOR))) as chief:
        assert chief.post("/api/incidents", json=_report(city)).json()["incident"]["id"] == 2
        for given in ({"do": "contain"}, {"do": "resolve"}, {"do": "close", "lessons": "DN800"}, written):
            assert chief.post("/api/incidents/2/commands", json=given).status_code == 200
        assert chief.post("/api/incidents/1/reports", json={"outlook": "DN800, 2026-12-01"}).json()["number"] == 1


@pytest.fixture(scope="module", params=sorted(PAGES))
def opened(browser: Browser, city: AlarmCity, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """The page, open in dark and Chinese, in front of somebody who may everything."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    name = f"ada.{len(city.center.store.accounts.list())}"
    everything = (Grant(role) for role in Role if role is not Role.DISPLAY)
    visitor = Visitor(context.new_page(), city.center).holds(city.center.secret(name, *everything))
    address, there = PAGES[request.param]
    visitor.open(address)
    visitor.sees(there)
    wait_until(lambda: len(visitor.text()) > 40 and "·" in visitor.asks("document.title"), "the page is there", 60)
    visitor.page.wait_for_load_state("networkidle")
    yield visitor
    context.close()


def is_without(faults: list[str]) -> None:
    assert not faults, "\n  ".join(["", *faults])


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_a_page_keeps_wcag_2_2_aa(
    opened: Visitor, pair: tuple[looking.Theme, str], request: pytest.FixtureRequest
) -> None:
    looking.wears(opened.page, pair[0])
    looking.speaks(opened.page, pair[1])
    is_without(looking.judged(opened.page))
    looking.shoots(opened.page, f"{request.node.callspec.params['opened']}-1920x1080-{pair[1]}-{pair[0]}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_speaks_one_language(opened: Visitor, language: str) -> None:
    looking.speaks(opened.page, language)
    try:  # what is written once a second follows within one
        wait_until(lambda: not leftovers(looking.words(opened.page), language), "all of it is", 15)
    except AssertionError:
        is_without(leftovers(looking.words(opened.page), language))


def test_a_page_is_walked_by_keyboard(opened: Visitor) -> None:
    is_without(looking.walked(opened.page))


@pytest.mark.parametrize(("theme", "language", "number"), [("dark", "zh", 0), ("light", "en", 0), ("dark", "en", 1)])
def test_a_situation_report_is_read_by_everybody_and_printed_on_paper(
    browser: Browser, city: AlarmCity, theme: looking.Theme, language: str, number: int
) -> None:
    """It is a document of its own: its language stands in its address, and whoever prints it prints the paper alone."""
    with closing(browser.new_context(viewport={"width": 1280, "height": 720})) as context:
        writer = Visitor(context.new_page(), city.center)
        writer.holds(city.center.secret(f"eva.{len(city.center.store.accounts.list())}", Grant(Role.COORDINATOR)))
        writer.open(f"/incidents/1/report?language={language}&number={number}")
        looking.wears(writer.page, theme)
        is_without(looking.judged(writer.page))
        written = [text for text in looking.words(writer.page) if not any(label in text for label in DRAWN)]
        is_without(leftovers(written, language))
        is_without(looking.walked(writer.page))
        assert writer.page.locator("#report-issue").count() == (number == 0), "what is issued is not issued again"
        looking.shoots(writer.page, f"report-{number}-1280x720-{language}-{theme}")
        writer.page.emulate_media(media="print")
        assert not writer.page.locator(".bar").is_visible()
        assert writer.asks("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        is_without(looking.judged(writer.page))
        assert not writer.errors, writer.errors
