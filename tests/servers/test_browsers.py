"""The browser fixture notices what leaves this machine; without that, a test that watches for it could not fail."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.servers.browsers import leaves_this_machine

pytestmark = pytest.mark.browser


def test_a_request_that_leaves_this_machine_is_noticed(page: Page, foreign_requests: list[str]) -> None:
    page.route("**/*", lambda route: route.abort())  # it is recorded before it is stopped
    page.set_content('<img src="http://tiles.invalid/1.png"><img src="http://127.0.0.1:1/2.png"><img src="data:,">')
    page.wait_for_load_state("networkidle")
    assert foreign_requests == ["http://tiles.invalid/1.png"]
    foreign_requests.clear()  # this test made it on purpose


def test_a_websocket_that_leaves_this_machine_is_noticed(page: Page, foreign_requests: list[str]) -> None:
    with page.expect_event("websocket"):
        page.evaluate("() => { new WebSocket('ws://push.invalid/') }")
    assert foreign_requests == ["ws://push.invalid/"]
    foreign_requests.clear()


def test_pages_are_drawn_in_software_the_same_everywhere(page: Page) -> None:
    renderer = page.evaluate(
        "() => { const gl = document.createElement('canvas').getContext('webgl2');"
        " return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL) }"
    )
    assert "SwiftShader" in renderer


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8050/", "ws://localhost:1/live", "data:,x", "blob:null/1", "about:blank"]
)
def test_what_stays_here_is_not_foreign(url: str) -> None:
    assert not leaves_this_machine(url)


@pytest.mark.parametrize("url", ["https://tiles.example/1", "http://192.0.2.1/", "wss://push.example/"])
def test_what_goes_elsewhere_is_foreign(url: str) -> None:
    assert leaves_this_machine(url)
