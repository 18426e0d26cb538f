"""Through the provider and back, and out again, in Chromium under the center's own policy."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.servers.keycloaks import USER_PASSWORD, CitySignOn
from tests.sso.center import Center

pytestmark = [pytest.mark.browser, pytest.mark.keycloak]

WITHIN_MS = 60_000
"""the provider's pages come slowly at first"""


def test_somebody_signs_in_with_the_citys_button_and_out_everywhere(
    center: Center, sso: CitySignOn, page: Page
) -> None:
    name = f"chen.{uuid.uuid4().hex[:8]}"
    sso.add_person(name, ["ops-desk"])
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{center.url}/desk")  # not signed in: led to the sign-in page
    page.locator("a.sso").click()
    page.locator("#username").fill(name)
    page.locator("#password").fill(USER_PASSWORD)
    page.locator("#kc-login").click()
    page.wait_for_url(f"{center.url}/desk")
    expect(page.locator("p")).to_have_text(name, timeout=WITHIN_MS)
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies(center.url)}
    assert "ops_sso" not in cookies and cookies["ops_session"]["httpOnly"]
    assert cookies["ops_session"]["sameSite"] == "Lax"
    page.locator("button").click()
    page.wait_for_url(f"{center.url}/sign-in?why=left")
    page.locator("a.sso").click()
    expect(page.locator("#kc-login")).to_be_visible(timeout=WITHIN_MS)  # the provider asks again
    ours = [text for text in complaints if center.url in text]
    assert not ours


def test_turning_back_at_the_provider_leads_to_the_sign_in_page(center: Center, sso: CitySignOn, page: Page) -> None:
    page.goto(f"{center.url}/sso/start?language=en")
    state = page.url.split("state=")[1].split("&")[0]
    page.goto(f"{center.url}/sso/callback?state={state}&error=access_denied&iss={sso.issuer}")
    expect(page.locator("#notice")).to_contain_text("did not let you in", timeout=WITHIN_MS)
    expect(page.locator("#password")).to_be_visible(timeout=WITHIN_MS)
