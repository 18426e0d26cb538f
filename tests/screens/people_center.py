"""A whole center with people in it, as it is served, on real servers; and what a person in front of a browser does."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page
from pydantic import SecretStr

from ops_center.api.cookies import LOOPBACK_NAME
from ops_center.bootstrap import import_scenes, make_people, make_store, open_web, prepare_people, set_up_demo
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import SECOND_US, SystemClock
from ops_center.screens.stream.endpoint import SERVER_OPTIONS
from ops_center.services.accounts import WithPassword
from ops_center.services.people import People
from ops_center.settings import Settings
from ops_center.store.migrate import migrate
from ops_center.store.port import Store
from ops_center.store.rule_port import Pulse
from tests.screens.live_city import wait_until
from tests.servers.databases import empty_database
from tests.servers.people import PASSWORD, secret_of
from tests.servers.webs import served

CHIEF = Asker("chief", (Grant(Role.ADMINISTRATOR),))
FOLLOWS = "() => window.opsCenter && opsCenter.wallDisplay && opsCenter.wallDisplay.frame"
"""a page shows what hangs on its wall"""
CHINESE = re.compile("[\u4e00-\u9fff]+")
LATIN = re.compile(r"[A-Za-z]{3,}")
CODE = re.compile(r"\b\w*\d\w*\b", re.ASCII)
"""ids of sessions and tokens, versions: of no language"""
_CHINESE_FIRST = """
try {
  if (!localStorage.getItem("ops-center.language")) localStorage.setItem("ops-center.language", "zh");
} catch (error) { /* a blank page has no storage */ }
"""


@dataclass
class PeopleCenter:
    """A center that is served, and the services of another process on the same store."""

    url: str
    settings: Settings
    store: Store
    people: People
    _desks: Iterator[int] = field(default_factory=count)

    def invite(self, name: str, *grants: Grant) -> str:
        """Make an account and return its one-time password."""
        made = self.people.accounts.add(name, name.title(), grants or (Grant(Role.OPERATOR),), "zh", CHIEF)
        assert isinstance(made, WithPassword), made
        return made.password

    def secret(self, name: str, *grants: Grant) -> str:
        """Make an account whose password is PASSWORD, sign in as it, and return what its cookie holds."""
        return secret_of(self.people, name, *(grants or (Grant(Role.OPERATOR),)))

    def judged(self, ago_s: float) -> None:
        """Say that alarms were last judged so many seconds ago."""
        at_us = SystemClock().now_us() - round(ago_s * SECOND_US)
        self.store.health.speak(Pulse("rules", f"{ago_s}", at_us, 0, 0.0))

    def never_judged(self) -> None:
        """Forget that anybody has ever judged: until somebody does, no page minds."""
        assert self.settings.database_url is not None
        with psycopg.connect(self.settings.database_url.get_secret_value()) as connection:
            connection.execute(f"DELETE FROM {self.settings.realm.schema}.worker_pulse")

    def http(self, secret: str | None = None) -> httpx.Client:
        """Return a client at a desk of its own: what is counted by address is counted for it alone."""
        cookies = {LOOPBACK_NAME: secret} if secret else {}
        desk = httpx.HTTPTransport(local_address=f"127.0.1.{next(self._desks) % 250 + 1}")
        headers = {"origin": self.url}
        return httpx.Client(base_url=self.url, cookies=cookies, headers=headers, timeout=60, transport=desk)


@contextmanager
def people_center(
    admin_url: str,
    valkey_url: str,
    pack: Path,
    state: Path,
    prepare: Callable[[Settings], None] = lambda _: None,
    **more: Any,
) -> Iterator[PeopleCenter]:
    """Serve a center on an empty database; ``prepare`` fills it before anything is served."""
    with empty_database(admin_url) as url:
        migrate(url)
        settings = Settings(
            **{
                "database_url": SecretStr(url),
                "redis_url": SecretStr(valkey_url),
                "city_pack": pack,
                "state_dir": state,
                "requests_per_s": 1000,
                "totp_roles": "",
                **more,
            }
        )
        prepare_people(settings)
        set_up_demo(settings)
        prepare(settings)
        stop = threading.Event()
        with (
            closing(make_store(settings)) as store,
            open_web(settings, stop) as web,
            served(web.application, **SERVER_OPTIONS) as address,
        ):
            yield PeopleCenter(f"http://{address}", settings, store, make_people(settings, store))


@contextmanager
def center_with_walls(
    request: pytest.FixtureRequest, pack: CityPack, valkey_url: str, state: Path, walls: str
) -> Iterator[PeopleCenter]:
    """Serve a center with the scenes that ship and the walls of a file."""
    (state / "walls.toml").write_text(walls, encoding="utf-8")
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert pack.folder is not None
    with people_center(admin, valkey_url, pack.folder, state, walls_file=state / "walls.toml") as running:
        import_scenes(running.settings)
        yield running


class Visitor:
    """Somebody in front of a browser."""

    def __init__(self, page: Page, center: PeopleCenter) -> None:
        self.page = page
        self.center = center
        self.errors: list[str] = []
        page.add_init_script(_CHINESE_FIRST)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))

    def holds(self, secret: str) -> Visitor:
        """The browser has a session's cookie."""
        self.page.context.add_cookies([{"name": LOOPBACK_NAME, "value": secret, "url": self.center.url}])
        return self

    def open(self, path: str) -> None:
        self.page.goto(f"{self.center.url}{path}")

    def opens_desk(self, path: str) -> None:
        """Open a page for a desk and wait until it speaks its language."""
        self.open(path)
        self.sees("#desk .bar")
        wait_until(
            lambda: self.page.title() != "" and self.page.evaluate("document.title").find("·") > 0, "it is there", 60
        )

    def sees(self, what: str, timeout_s: float = 60) -> None:
        self.page.wait_for_selector(what, state="visible", timeout=1000 * timeout_s)

    def picks_row(self, row: str) -> None:
        """Click on a list's row until it is chosen: its library drops a click in the millisecond in which rows come."""

        def chosen() -> bool:
            self.page.click(row)
            self.page.wait_for_timeout(100)
            return self.page.locator(f"{row}.ag-row-selected").count() > 0

        wait_until(chosen, f"{row} is chosen")

    def text(self) -> str:
        return str(self.page.evaluate("document.body.innerText"))

    def speaks(self, language: str) -> None:
        """Press the language's button until the page speaks ``language``."""
        if self.attribute("language") != language:
            self.page.click('[data-act="language"]')
        wait_until(lambda: self.attribute("language") == language, f"the page speaks {language}")

    def attribute(self, name: str) -> str:
        return self.asks(f"document.documentElement.dataset.{name} || ''")

    def path(self) -> str:
        return self.asks("location.pathname + location.search + location.hash")

    def asks(self, what: str) -> str:
        """Ask the page; nothing, while it is on its way to another."""
        try:
            return str(self.page.evaluate(what))
        except PlaywrightError as error:
            if "navigation" in str(error):
                return ""
            raise

    def leftovers(self, language: str, names: set[str]) -> list[str]:
        """What of the other language is still there; ``names`` have no other form."""
        text = CODE.sub(" ", self.text())
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, " ")
        return CHINESE.findall(text) if language == "en" else LATIN.findall(text)

    def is_all_in(self, language: str, names: set[str]) -> None:
        """Wait until nothing of the other language is there."""
        try:
            wait_until(lambda: not self.leftovers(language, names), f"all of it is {language}")
        except AssertionError as error:
            raise AssertionError(f"{self.leftovers(language, names)} is left") from error


def signed_in_as(visitor: Visitor, name: str, password: str = PASSWORD) -> None:
    """Sign in by the form."""
    visitor.page.fill("#name", name)
    visitor.page.fill("#password", password)
    visitor.page.press("#password", "Enter")
