"""What stands in a panel that has nothing to show as usual: all five states on one page, in Chromium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from ops_center.screens.states import STATES, gallery
from tests.screens import looking
from tests.screens.language_words import leftovers
from tests.screens.people_center import PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser
LOOKS = """(state) => {
  const sign = document.querySelector(`.state-${state} .state-sign`), look = getComputedStyle(sign);
  const word = document.querySelector(`.state-${state} b`).innerText;
  return [sign.textContent, word, look.borderRadius + look.borderStyle];
}"""


@pytest.fixture(scope="module")
def center(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with people_center(plain_postgres.url_of("postgres"), valkey_url, folder, state) as running:
        yield running


@pytest.fixture
def shown(page: Page, center: PeopleCenter) -> Visitor:
    """The gallery in place of the account's page."""
    visitor = Visitor(page, center).holds(center.secret(f"ada.{len(center.store.accounts.list())}", Grant(Role.LEADER)))
    visitor.opens_desk("/account")
    parts = json.loads(json.dumps(gallery().to_plotly_json(), default=lambda part: part.to_plotly_json()))
    page.evaluate("(parts) => dash_clientside.set_props('page', { children: parts })", parts)
    visitor.sees(".state-gallery .state-forbidden")
    return visitor


def test_every_state_keeps_wcag_and_speaks_one_language(shown: Visitor) -> None:
    for theme, language in (("dark", "zh"), ("light", "en")):
        looking.wears(shown.page, theme)  # type: ignore[arg-type]
        shown.page.evaluate("(language) => (document.documentElement.dataset.language = language)", language)
        assert looking.judged(shown.page) == []
        texts = [text for text in shown.page.locator(".state-gallery").inner_text().splitlines() if text]
        assert len(texts) > 2 * len(STATES)
        assert leftovers(texts, language) == []


def test_states_are_told_apart_without_colour(shown: Visitor) -> None:
    looks = [tuple(shown.page.evaluate(LOOKS, state)) for state in STATES]
    assert len({sign for sign, _, _ in looks}) == len({word for _, word, _ in looks}) == len(STATES)


def test_an_address_that_is_nobodys_says_so_and_leads_back(page: Page, center: PeopleCenter) -> None:
    visitor = Visitor(page, center).holds(center.secret("grace", Grant(Role.LEADER)))
    visitor.open("/no-such-page")
    visitor.sees(".nowhere .state-forbidden")
    page.click(".nowhere a")
    visitor.page.wait_for_url(lambda url: "no-such-page" not in url)
    assert visitor.path() != "/no-such-page"


def test_a_list_without_rows_says_so_and_what_to_do(page: Page, center: PeopleCenter) -> None:
    visitor = Visitor(page, center).holds(
        center.secret(f"ada.{len(center.store.accounts.list())}", Grant(Role.COORDINATOR))
    )
    visitor.opens_desk("/warnings")
    visitor.sees(".grid .stated.state-empty")
    visitor.speaks("en")
    assert "Draft one from an alarm" in visitor.page.locator(".grid .stated").inner_text()
