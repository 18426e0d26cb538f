"""The Content-Security-Policy in a real Chromium: every page works under it, and whatever gets into a page is stopped.

The stranger is a server on another port of this machine, so that what a policy lets through would really arrive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ops_center.screens.app import screens
from tests.screens.live_city import LiveCity, WallServer, wait_until
from tests.screens.strangers import Stranger, stranger

pytestmark = pytest.mark.browser

_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile || ""}`));
"""


class Watched:
    """A page that tells what its policy stopped."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        page.add_init_script(_WATCH)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    @property
    def violations(self) -> list[str]:
        return list(self.page.evaluate("window.violations"))

    def is_stopped(self, directive: str, script: str, *arguments: Any) -> None:
        """Do what ``script`` does and see that it is stopped by ``directive``."""
        self.page.evaluate("window.violations.length = 0")
        self.page.evaluate(script, *arguments)
        wait_until(lambda: any(v.startswith(directive) for v in self.violations), f"{directive} stops it", 10)
        assert not self.page.evaluate("window.owned"), "and yet it ran"


@pytest.fixture
def elsewhere() -> Iterator[Stranger]:
    with stranger() as met:
        yield met


@pytest.fixture(scope="module")
def drawn(browser: Browser, wall_server: WallServer) -> Iterator[Watched]:
    """The wall, opened once for all that is tried on it: nothing of that may change it."""
    context = browser.new_context(viewport={"width": 640, "height": 360})
    opened = Watched(context.new_page(), wall_server.url)
    opened.open("/wall")
    wait_until(lambda: opened.page.locator("#wall").count() > 0, "the wall is there", 60)
    yield opened
    context.close()


@pytest.fixture
def watched(browser: Browser, wall_server: WallServer) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield Watched(context.new_page(), wall_server.url)
    context.close()


def use(watched: Watched) -> None:
    """Press every button, type every key that a page may know, and click into its middle."""
    page = watched.page
    for key in "1234567lt n".replace(" ", ""):
        page.keyboard.press(key)
    for button in page.locator("button:visible").all():
        if button.is_visible():
            button.click(timeout=5000, force=True, no_wait_after=True)
    page.mouse.click(640, 360)
    page.mouse.wheel(0, -400)


@pytest.mark.parametrize("name", sorted(screens()))
def test_a_page_is_opened_and_used_without_a_violation(watched: Watched, live_city: LiveCity, name: str) -> None:
    watched.open(screens()[name].path)
    wait_until(lambda: watched.page.evaluate("document.body.innerText.length > 40"), "the page has its text", 60)
    if name == "wall":
        data = "document.documentElement.dataset"
        wait_until(lambda: watched.page.evaluate(f"Number({data}.features || 0) > 0"), "the map shows features", 60)
    use(watched)
    wait_until(lambda: watched.page.evaluate("document.readyState") == "complete", "everything is loaded", 30)
    assert watched.violations == []


def test_a_page_that_is_none_has_no_violation_either(watched: Watched) -> None:
    watched.open("/nowhere")
    wait_until(lambda: watched.page.evaluate("document.body.innerText.length > 2"), "it says something", 60)
    assert watched.violations == []


SCRIPTS = {
    "an inline script": (
        "script-src-elem",
        "() => { const s = document.createElement('script'); s.textContent = 'window.owned = 1';"
        " document.body.append(s) }",
    ),
    "a foreign script": (
        "script-src-elem",
        "(url) => { const s = document.createElement('script'); s.src = url + '/x.js'; document.body.append(s) }",
    ),
    "a script in a data address": (
        "script-src-elem",
        "() => { const s = document.createElement('script'); s.src = 'data:,window.owned=1'; document.body.append(s) }",
    ),
    "an attribute that is a script": (
        "script-src-attr",
        "() => { const b = document.createElement('b'); b.setAttribute('onclick', 'window.owned = 1');"
        " document.body.append(b); b.click() }",
    ),
    "markup with a script": (
        "script-src-attr",
        "() => { const d = document.createElement('div'); document.body.append(d);"
        " d.innerHTML = '<img src=data:, onerror=\"window.owned = 1\">' }",
    ),
    "an address that is a script": (
        "script-src-elem",
        "() => { const a = document.createElement('a'); a.href = 'javascript:window.owned=1';"
        " document.body.append(a); a.click() }",
    ),
    # What a test evaluates may use eval whatever the policy says; what it leaves to a timer may not.
    "eval": ("script-src", "() => { setTimeout(() => (0, eval)('window.owned = 1'), 0) }"),
    "a function of text": ("script-src", "() => { setTimeout(() => new Function('window.owned = 1')(), 0) }"),
    "a timer of text": ("script-src", "() => { setTimeout(() => setTimeout('window.owned = 1', 0), 0) }"),
    "a worker of text": ("worker-src", "() => { try { new Worker('data:text/javascript,1') } catch (error) {} }"),
}
SENDING = {
    "a foreign image": ("img-src", "(url) => { new Image().src = url + '/image' }"),
    "a foreign fetch": ("connect-src", "(url) => { fetch(url + '/fetch').catch(() => {}) }"),
    "a foreign beacon": ("connect-src", "(url) => { navigator.sendBeacon(url + '/beacon', 'secret') }"),
    "a foreign event source": ("connect-src", "(url) => { new EventSource(url + '/events') }"),
    "a foreign websocket": (
        "connect-src",
        "(url) => { try { new WebSocket(url.replace('http', 'ws') + '/talk') } catch (error) {} }",
    ),
    "a foreign style sheet": (
        "style-src",
        "(url) => { const l = document.createElement('link'); l.rel = 'stylesheet'; l.href = url + '/style';"
        " document.head.append(l) }",
    ),
    "a foreign font": (
        "font-src",
        "(url) => { new FontFace('theirs', `url(${url}/font)`).load().catch(() => {}) }",
    ),
    "a foreign picture behind a style": (
        "img-src",
        "(url) => { document.body.style.backgroundImage = `url(${url}/background)` }",
    ),
    "a foreign film": (
        "media-src",
        "(url) => { const v = document.createElement('video'); v.src = url + '/film'; document.body.append(v) }",
    ),
    "a foreign frame": (
        "frame-src",
        "(url) => { const f = document.createElement('iframe'); f.src = url + '/frame'; document.body.append(f) }",
    ),
    "a foreign object": (
        "object-src",
        "(url) => { const o = document.createElement('object'); o.data = url + '/object'; document.body.append(o) }",
    ),
    "a form to elsewhere": (
        "form-action",
        "(url) => { const f = document.createElement('form'); f.action = url + '/form'; f.method = 'post';"
        " document.body.append(f); f.submit() }",
    ),
}


@pytest.mark.parametrize("what", SCRIPTS)
def test_no_script_runs_that_is_not_ours(drawn: Watched, elsewhere: Stranger, what: str) -> None:
    drawn.is_stopped(*SCRIPTS[what], elsewhere.url)
    assert elsewhere.heard == []


@pytest.mark.parametrize("what", SENDING)
def test_nothing_is_loaded_from_elsewhere_or_sent_there(drawn: Watched, elsewhere: Stranger, what: str) -> None:
    drawn.is_stopped(*SENDING[what], elsewhere.url)
    assert elsewhere.heard == []


def test_the_base_of_addresses_stays_ours(drawn: Watched, elsewhere: Stranger) -> None:
    script = "(url) => { const b = document.createElement('base'); b.href = url + '/'; document.head.prepend(b) }"
    drawn.is_stopped("base-uri", script, elsewhere.url)
    assert drawn.page.evaluate("document.baseURI").startswith(drawn.url)


def test_no_stranger_shows_us_in_a_frame(watched: Watched, elsewhere: Stranger) -> None:
    elsewhere.page = f"<iframe id=f src='{watched.url}/nowhere'></iframe>".encode()
    refused: list[str] = []
    watched.page.on("console", lambda message: refused.append(message.text))
    watched.page.goto(elsewhere.url)
    wait_until(lambda: any("frame" in text.lower() for text in refused), "the browser says why", 20)
    assert "chrome-error" in watched.page.frames[-1].url or watched.page.frames[-1].url == "about:blank"


def test_no_stranger_loads_from_us(watched: Watched, elsewhere: Stranger) -> None:
    """Scripts, pictures and data of ours don't run, show or read on a stranger's page."""
    watched.page.goto(elsewhere.url)
    asked = "(url) => fetch(url, {mode: 'no-cors'}).then(() => 'loaded', () => 'stopped')"
    for path in ("/nowhere", "/assets/wall.js", "/_dash-layout"):
        assert watched.page.evaluate(asked, f"{watched.url}{path}") == "stopped"


def test_no_stranger_changes_anything_or_listens(watched: Watched, elsewhere: Stranger) -> None:
    watched.page.goto(elsewhere.url)
    posted = "(url) => fetch(url, {method: 'POST', body: '{}', mode: 'cors'}).then((a) => a.status, () => 0)"
    assert watched.page.evaluate(posted, f"{watched.url}/_dash-update-component") == 0
    heard = """(url) => new Promise((done) => {
        const socket = new WebSocket(url);
        socket.onopen = () => done('open');
        socket.onerror = () => done('refused');
    })"""
    assert watched.page.evaluate(heard, f"{watched.url.replace('http', 'ws')}/live") == "refused"
