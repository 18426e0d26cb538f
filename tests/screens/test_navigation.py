"""The groups of pages in the line at the top: they fit a small screen, and are walked by keyboard as menus are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from ops_center.screens.groups import Group
from tests.screens.people_center import PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser
EVERYTHING = [Grant(role) for role in Role if role is not Role.DISPLAY]
FOCUS = "document.activeElement.textContent"
OPEN = """
Array.from(document.querySelectorAll("#pages details[open] summary > :first-child .en"), (e) => e.textContent).join()
"""


@pytest.fixture(scope="module")
def center(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with people_center(plain_postgres.url_of("postgres"), valkey_url, folder, state) as running:
        yield running


def opened(page: Page, center: PeopleCenter, name: str, *grants: Grant) -> Visitor:
    visitor = Visitor(page, center).holds(center.secret(name, *grants))
    page.set_viewport_size({"width": 1280, "height": 720})
    visitor.opens_desk("/account")
    visitor.speaks("en")
    return visitor


def test_all_groups_fit_a_small_screen_and_are_walked_by_keyboard(page: Page, center: PeopleCenter) -> None:
    visitor = opened(page, center, "ada", *EVERYTHING)
    assert page.evaluate("document.querySelector('#desk .bar').scrollWidth") <= 1280
    menu = page.locator("#user-menu").bounding_box()
    assert menu and menu["x"] + menu["width"] <= 1280
    assert page.locator("#pages > *").count() == len(Group)

    page.locator("#pages summary").first.focus()
    page.keyboard.press("ArrowDown")
    assert visitor.asks(OPEN) == "Live" and "Wall" in visitor.asks(FOCUS)
    page.keyboard.press("End")
    last = visitor.asks(FOCUS)
    page.keyboard.press("ArrowDown")
    assert "Wall" in visitor.asks(FOCUS) and "Wall" not in last, "down from the last is the first"
    page.keyboard.press("ArrowRight")
    assert visitor.asks(OPEN) == "Alarms", "an open group hands over to the next"
    page.keyboard.press("Escape")
    assert visitor.asks(OPEN) == "" and "Alarms" in visitor.asks(FOCUS)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/alarms/shelved")
    visitor.sees('#pages summary[aria-current="true"]')


def test_a_group_closes_when_something_else_is_meant(page: Page, center: PeopleCenter) -> None:
    visitor = opened(page, center, "grace", *EVERYTHING)
    page.locator("#pages summary").nth(1).click()
    assert visitor.asks(OPEN) == "Alarms"
    page.locator("#pages summary").nth(0).hover()
    assert visitor.asks(OPEN) == "Live", "while one is open the pointer leads to the others"
    page.locator("#desk .content").click(position={"x": 5, "y": 5})
    assert visitor.asks(OPEN) == ""


def test_one_page_of_a_group_stands_in_the_line_itself(page: Page, center: PeopleCenter) -> None:
    visitor = opened(page, center, "mary", Grant(Role.AUDITOR))
    alone = page.locator("#pages > a").all_inner_texts()
    assert "Audit" in alone and "Administration" not in visitor.text(), alone
