"""The wall in a real Chromium over TLS: with the center's own certificate, and behind a real nginx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ops_center.city.pack import CityPack
from tests.screens.live_city import LiveCity, WallServer, wait_until
from tests.servers.certificates import Authority
from tests.servers.nginxes import Nginx

pytestmark = pytest.mark.browser


@pytest.fixture
def trusting(browser: Browser) -> Iterator[Page]:
    """A page that takes the test's certificate for good: Chromium knows no authority but the system's."""
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 720})
    yield context.new_page()
    context.close()


def live_wall(page: Page, url: str) -> None:
    """Open the wall and see that it lives, over wss and with nothing refused."""
    sockets: list[str] = []
    errors: list[str] = []
    page.on("websocket", lambda opened: sockets.append(opened.url))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.goto(f"{url}/wall")
    data = "document.documentElement.dataset"
    wait_until(lambda: page.evaluate(f"Number({data}.features || 0) > 0"), "the map shows features", 60)
    assert page.evaluate("isSecureContext")
    assert f"{url.replace('https', 'wss', 1)}/live" in [address.partition("?")[0] for address in sockets]
    assert not errors, errors


def test_over_the_center_s_own_tls(
    trusting: Page, small_city: CityPack, live_city: LiveCity, authority: Authority
) -> None:
    server = WallServer(Path(str(small_city.folder)), live_city.redis_url, authority.issue("127.0.0.1"))
    server.start()
    try:
        live_wall(trusting, server.url)
    finally:
        server.kill()


def test_behind_nginx(
    trusting: Page, small_city: CityPack, live_city: LiveCity, authority: Authority, nginx: Nginx
) -> None:
    url = f"https://localhost:{nginx.port}"
    behind = {"OPS_PUBLIC_URL": url, "OPS_TRUSTED_PROXIES": "127.0.0.1"}
    server = WallServer(Path(str(small_city.folder)), live_city.redis_url, **behind)
    server.start()
    try:
        nginx.in_front_of(f"127.0.0.1:{server.port}", authority.issue("localhost"), "localhost")
        live_wall(trusting, url)
    finally:
        server.kill()
