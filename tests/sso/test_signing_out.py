"""Signed out at the provider is signed out here, and the other way round."""

from __future__ import annotations

import re
import uuid
from html import unescape

import httpx
import pytest

from ops_center.people.sealing import Sealer
from ops_center.services.session_memory import Limits
from ops_center.services.sessions import Sessions
from tests.servers.keycloaks import CitySignOn
from tests.servers.webs import until
from tests.sso.center import KEYS, Center, Visit

pytestmark = pytest.mark.keycloak


@pytest.fixture
def name() -> str:
    return f"wang.{uuid.uuid4().hex[:8]}"


def leave(visit: Visit) -> httpx.Response:
    """Sign out; returns the page that leads on to the provider."""
    answer = visit.sign_out()
    assert answer.status_code == 303 and answer.headers["location"].startswith("/sso/leave?ticket=")
    return visit.ask(answer.headers["location"])


def onward(page: httpx.Response) -> str:
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def test_who_is_signed_out_at_the_provider_is_out_here_at_once(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    subject = sso.add_person(name, ["ops-desk"])
    visit.sign_in(name)
    assert visit.who() is not None
    sso.end_sessions(subject)  # the provider tells us before it answers
    until(lambda: visit.who() is None)
    ended = center.store.audit.page(action="session.ended")[0]
    assert ended.actor == "system" and ended.detail["reason"] == "single sign-on"


def test_other_processes_hear_of_it_through_the_store(center: Center, visit: Visit, sso: CitySignOn, name: str) -> None:
    subject = sso.add_person(name, ["ops-desk"])
    visit.sign_in(name)
    other = Sessions(center.store.sessions, center.store.tokens, center.clock, Limits(1800.0, 43200.0))
    secret = str(visit.browser.cookies.get("ops_session"))
    session = other.resolve(secret)
    assert session is not None and other.is_alive(session.id)
    sso.end_sessions(subject)
    until(lambda: not other.is_alive(session.id) or not other.look())
    assert other.resolve(secret) is None


def test_one_browser_of_two_goes_on(center: Center, visit: Visit, sso: CitySignOn, name: str) -> None:
    sso.add_person(name, ["ops-desk"])
    other = Visit(center)
    visit.sign_in(name)
    other.sign_in(name)
    other.ask(onward(leave(other)))
    assert other.who() is None and visit.who() is not None


def test_signing_out_here_signs_out_there_and_leads_back(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    sso.add_person(name, ["ops-desk"])
    visit.sign_in(name)
    assert visit.begin().status_code == 302  # the provider knows this browser
    back = visit.ask(onward(leave(visit)))
    assert (back.status_code, back.headers["location"]) == (302, f"{center.url}/sso/left")
    assert visit.ask(back.headers["location"]).headers["location"] == "/sign-in?why=left"
    assert visit.who() is None
    assert "kc-form-login" in visit.begin().text  # and asks again


def test_a_ticket_for_the_way_out_is_good_for_a_moment(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    sso.add_person(name, ["ops-desk"])
    visit.sign_in(name)
    address = visit.sign_out().headers["location"]
    center.clock.off_s = 121
    for late in (address, "/sso/leave", "/sso/leave?ticket=abc", f"{address[:-3]}AAA"):
        assert visit.ask(late).headers["location"] == "/sign-in?why=left"


def test_what_is_no_logout_token_ends_nothing(center: Center, visit: Visit, sso: CitySignOn, name: str) -> None:
    sso.add_person(name, ["ops-desk"])
    visit.sign_in(name)
    session = center.sessions.resolve(str(visit.browser.cookies.get("ops_session")))
    assert session is not None
    kept = center.store.external.of(session.id)
    assert kept is not None and kept.hint is not None
    identity = Sealer(KEYS.derived("sso farewell")).open(kept.hint, session.id)
    assert identity is not None
    for token in ("", "x", "a.b.c", identity.decode(), identity.decode()[:-4] + "AAAA", "é" * 50_000):
        answer = httpx.post(f"{center.url}/sso/backchannel-logout", data={"logout_token": token})
        assert answer.status_code in {400, 413}, token[:20]
    assert httpx.post(f"{center.url}/sso/backchannel-logout", content=b"{").status_code == 400
    assert visit.who() is not None


def test_a_page_elsewhere_can_not_send_one(center: Center) -> None:
    answer = httpx.post(f"{center.url}/sso/backchannel-logout", headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
