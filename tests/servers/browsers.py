"""A real Chromium: one process per session (``browser``), one profile per test (``page``).

Drawing is done in software, so that it is the same on every machine. Every request that leaves this machine is
recorded in ``foreign_requests``; ``page`` fails the test that made one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, WebSocket, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.servers.absence import missing

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-dev-shm-usage",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider",
    "--hide-scrollbars",
)
_HERE = {"127.0.0.1", "localhost", "::1"}
_LOCAL_SCHEMES = {"data", "blob", "about", "chrome", "devtools"}


def chromium_program() -> str | None:
    """The Chromium to drive: OPS_CHROMIUM, else the one on the path."""
    return os.environ.get("OPS_CHROMIUM") or next(filter(None, map(shutil.which, _PROGRAMS)), None)


def leaves_this_machine(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in _LOCAL_SCHEMES and parts.hostname not in _HERE


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium_program()
    if program is None:
        missing("Chromium", "no chromium on the path (Debian: apt-get install chromium)")
    arguments = [*_ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else list(_ARGUMENTS)
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=program, headless=True, args=arguments)
        except PlaywrightError as error:
            missing("Chromium", error)
        yield running
        running.close()


@pytest.fixture
def foreign_requests() -> list[str]:
    """Addresses that the test's page asked for outside this machine."""
    return []


@pytest.fixture
def page(browser: Browser, foreign_requests: list[str]) -> Iterator[Page]:
    """An empty 1920×1080 page; the test fails at its end if the page asked for anything outside this machine."""
    with new_page(browser, foreign_requests) as opened:
        yield opened


@contextmanager
def new_page(browser: Browser, foreign_requests: list[str]) -> Iterator[Page]:
    """Open an empty 1920×1080 page; fails at its end if it asked for anything outside this machine."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, service_workers="allow")

    def note(asked: Request | WebSocket) -> None:
        if leaves_this_machine(asked.url):
            foreign_requests.append(asked.url)

    context.on("request", note)
    opened = context.new_page()
    opened.on("websocket", note)
    yield opened
    context.close()
    assert not foreign_requests, f"the page asked for {foreign_requests}"
