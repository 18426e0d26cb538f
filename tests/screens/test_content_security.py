"""The Content-Security-Policy in a real Chromium: every page works under it, and whatever gets into a page is stopped.

The stranger is a server on another port of this machine, so that what a policy lets through would really arrive.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError
from pydantic import SecretStr

from ops_center.api.cookies import LOOPBACK_NAME
from ops_center.bootstrap import make_people, make_store, open_web
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from ops_center.screens.app import screens
from ops_center.screens.stream.endpoint import SERVER_OPTIONS
from ops_center.settings import Settings
from ops_center.store.migrate import migrate
from tests.screens.live_city import WallServer, wait_until
from tests.screens.strangers import Stranger, stranger
from tests.servers.databases import empty_database
from tests.servers.people import secret_of
from tests.servers.webs import served

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
    """Type what a page may know and press its buttons, those that end the session aside."""
    page = watched.page
    for key in "1234567ltn":
        page.keyboard.press(key)
    for button in page.locator("main button:visible, header button:visible, aside button:visible").all()[:12]:
        with suppress(PlaywrightError):  # an answer to what was pressed before may have taken it away
            if button.is_visible() and "sign-out" not in (button.get_attribute("id", timeout=1000) or ""):
                button.click(timeout=5000, force=True, no_wait_after=True)
    page.mouse.click(640, 360)
    page.mouse.wheel(0, -400)


@dataclass
class Whole:
    """The whole web process, and the cookie of somebody who may see all of it."""

    url: str
    session: str


@pytest.fixture(scope="module")
def whole(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Whole]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        settings = Settings(
            database_url=SecretStr(url),
            redis_url=SecretStr(valkey_url),
            city_pack=small_city.folder,
            state_dir=tmp_path_factory.mktemp("state"),
            totp_roles="",
        )
        with closing(make_store(settings)) as store:
            grants = (Grant(role) for role in Role if role is not Role.DISPLAY)
            session = secret_of(make_people(settings, store), "ada", *grants)
        stop = threading.Event()
        with open_web(settings, stop) as web, served(web.application, **SERVER_OPTIONS) as address:
            yield Whole(f"http://{address}", session)


@pytest.fixture
def signed_in(browser: Browser, whole: Whole) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.add_cookies([{"name": LOOPBACK_NAME, "value": whole.session, "url": whole.url}])
    yield Watched(context.new_page(), whole.url)
    context.close()


@pytest.mark.parametrize("name", sorted(screens()))
def test_a_page_is_opened_and_used_without_a_violation(signed_in: Watched, name: str) -> None:
    signed_in.open(screens()[name].path)
    wait_until(lambda: signed_in.page.evaluate("document.body.innerText.length > 40"), "the page has its text", 60)
    wait_until(lambda: signed_in.page.evaluate("document.readyState") == "complete", "everything is loaded", 30)
    use(signed_in)
    assert signed_in.violations == []


def test_the_wall_draws_and_is_used_without_a_violation(drawn: Watched) -> None:
    data = "document.documentElement.dataset"
    wait_until(lambda: drawn.page.evaluate(f"Number({data}.features || 0) > 0"), "the map shows features", 60)
    assert drawn.violations == []


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in?next=/wall", "/display", "/wall"])
def test_a_page_for_strangers_is_opened_and_used_without_a_violation(browser: Browser, whole: Whole, path: str) -> None:
    context = browser.new_context()
    unknown = Watched(context.new_page(), whole.url)
    unknown.open(path)
    for field, typed in (("name", "ada"), ("password", "wrong")):
        for found in unknown.page.locator(f"input[name={field}]:visible").all():
            found.fill(typed)
    before = unknown.violations
    for submit in unknown.page.locator("form button[type=submit]:visible").all()[:1]:
        with unknown.page.expect_navigation(wait_until="load"):
            submit.click(no_wait_after=True)
    wait_until(lambda: unknown.page.evaluate("document.readyState") == "complete", "it is loaded", 30)
    assert [*before, *unknown.violations] == []
    context.close()


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
    with watched.page.expect_console_message(lambda said: "frame" in said.text.lower(), timeout=20_000):
        watched.page.goto(elsewhere.url)
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
