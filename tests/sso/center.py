"""A center with the city's single sign-on: real sessions, real gate, real sign-in page; a line for all behind them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

from ops_center.api.access import Access
from ops_center.api.authentication import Authentication
from ops_center.api.entry_system import EntrySystem
from ops_center.api.errors import add_error_handlers
from ops_center.api.gate import Doorkeeper, Gate
from ops_center.api.guard import Guard
from ops_center.api.limits import RateLimits
from ops_center.api.sign_in import sign_in_routes
from ops_center.api.sign_in_answers import Answers
from ops_center.api.single_sign_on import after_signing_out, single_sign_on_routes
from ops_center.api.site import Site
from ops_center.domain.people import Account
from ops_center.domain.rights import SIGNED_IN, Asker, allows
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.people.keys import Keys
from ops_center.people.oidc_client import SignOn
from ops_center.people.passwords import Passwords
from ops_center.services.accounts import Accounts
from ops_center.services.bounded_http import BoundedHttp
from ops_center.services.session_memory import Limits
from ops_center.services.sessions import Sessions
from ops_center.services.sign_in_rules import Rules
from ops_center.services.signing_in import SigningIn
from ops_center.services.single_sign_on import SingleSignOn
from ops_center.services.sso_provider import PAUSE_S, Provider
from ops_center.store.port import Store
from tests.servers.keycloaks import CLIENT, SECRET, CitySignOn, fill_in, new_browser
from tests.servers.webs import served

GRANTS = {"ops-desk": ["operator"], "ops-water": ["department/water_company"], "ops-admin": ["administrator"]}
KEYS = Keys(b"k" * 32)
CITY = Label("演示市", "Demo City")
SYSTEM = Asker("system")


@dataclass
class Clock:
    """The machine's, off by what a test says."""

    off_s: float = 0.0

    def now_us(self) -> int:
        return time.time_ns() // 1000 + round(self.off_s * 1e6)


@dataclass
class Center:
    """One web process."""

    store: Store
    sign_on: SignOn
    clock: Clock = field(default_factory=Clock)
    pauses: list[float] = field(default_factory=lambda: [0.0])
    url: str = ""
    visits: list[Visit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sessions = Sessions(self.store.sessions, self.store.tokens, self.clock, Limits(1800.0, 43200.0))
        passwords, rules = Passwords(), Rules(frozenset(), demo=False)
        self.signing_in = SigningIn(self.store, self.sessions, passwords, KEYS, self.clock, rules)
        self.accounts = Accounts(self.store, passwords, self.clock, frozenset())
        self.trust(BoundedHttp(within_s=30.0))

    def trust(self, http: BoundedHttp) -> None:
        """Ask the provider like this."""
        self.provider = Provider(self.sign_on, http, lambda: self.pauses[0])
        self.sso = SingleSignOn(self.provider, self.store, self.sessions, self.signing_in, KEYS, self.clock)

    def close(self) -> None:
        """Let go of all connections."""
        for visit in self.visits:
            visit.browser.close()
        self.provider.close()

    def pass_pause(self) -> None:
        """As if the provider had not been asked for a while."""
        self.pauses[0] += PAUSE_S

    def account(self, subject: str) -> Account:
        found = self.store.accounts.find_external(self.sign_on.issuer, subject)
        assert found is not None
        return found

    def refusals(self) -> list[dict[str, Any]]:
        """What the audit says of tries that failed, newest first."""
        return [dict(row.detail) for row in self.store.audit.page(action="session.refused")]

    def application(self, site: Site | None = None) -> Any:
        app = FastAPI(docs_url=None, redoc_url=None)
        add_error_handlers(app)
        city = EntrySystem(
            CITY, None, "<svg/>", Names(), self.signing_in, self.sessions, single_sign_on="城市 · City",
            after=after_signing_out(self.sso),
        )  # fmt: skip
        origin = site.public.origin if site and site.public else None
        app.include_router(sign_in_routes(city))
        app.include_router(single_sign_on_routes(self.sso, Answers(city), origin))

        @app.get("/")
        @app.get("/wall")
        @allows(SIGNED_IN)
        def who() -> dict[str, Any]:
            return {"account": asker().account, "name": asker().display_name, "grants": list(map(str, asker().grants))}

        @app.get("/desk")
        @allows(SIGNED_IN)
        def desk() -> Response:
            return HTMLResponse(
                f"<p>{escape(asker().account)}<form method=post action=/sign-out><button>out</button></form>"
            )

        keeper = Doorkeeper(Authentication(self.sessions), self.sessions.is_current, RateLimits(1000.0))
        return Guard(Gate(app, Access(app.routes, {}, {}), keeper), site=site, limits=RateLimits(1000.0))


@dataclass
class Visit:
    """Somebody at a browser of their own."""

    center: Center
    browser: httpx.Client = field(default_factory=new_browser)

    def __post_init__(self) -> None:
        self.center.visits.append(self)

    def ask(self, address: str, **more: Any) -> httpx.Response:
        full = address if address.startswith("http") else f"{self.center.url}{address}"
        return self.browser.get(full, headers={"accept": "text/html", **more})

    def begin(self, path: str = "/sso/start?next=/wall&language=en") -> httpx.Response:
        """Go to the provider; returns what it shows."""
        answer = self.ask(path)
        assert answer.status_code == 303, answer.text
        return self.ask(answer.headers["location"])

    def answer(self, name: str) -> str:
        """Sign in at the provider; returns the address that it sends the browser back to."""
        back = fill_in(self.browser, self.begin(), name)
        assert back.status_code == 302, back.text[:2000]
        return str(back.headers["location"])

    def sign_in(self, name: str) -> httpx.Response:
        """All the way; returns what our center answers at last."""
        return self.ask(self.answer(name))

    def again(self) -> httpx.Response:
        """All the way with the provider's session that the browser has: no form is shown."""
        back = self.begin()
        assert back.status_code == 302, back.text[:2000]
        return self.ask(back.headers["location"])

    def who(self) -> Any:
        """Whom our center takes the browser for; None: nobody."""
        answer = self.ask("/wall", accept="application/json")
        return answer.json() if answer.status_code == 200 else None

    def sign_out(self) -> httpx.Response:
        return self.browser.post(f"{self.center.url}/sign-out", headers={"origin": self.center.url})


@contextmanager
def running(center: Center, sso: CitySignOn | None = None) -> Iterator[Center]:
    """Serve it, and make it known to the provider."""
    with served(center.application()) as address:
        center.url = f"http://{address}"
        if sso is not None:
            sso.change_client(
                redirectUris=[f"{center.url}/sso/callback"],
                attributes={
                    "backchannel.logout.url": f"{center.url}/sso/backchannel-logout",
                    "backchannel.logout.session.required": "true",
                    "post.logout.redirect.uris": f"{center.url}/sso/left",
                },
            )
        try:
            yield center
        finally:
            center.close()


def sign_on_at(issuer: str, **other: Any) -> SignOn:
    wanted = {"client_id": CLIENT, "client_secret": SECRET, "claim": "groups", "grants": GRANTS, **other}
    return SignOn.parse(issuer, **wanted)
