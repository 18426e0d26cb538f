"""What comes back from a real provider, tampered with on the way."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_center.services.entrance import Visitor
from ops_center.services.sign_in_outcomes import Refused
from tests.servers.keycloaks import CitySignOn, fill_in
from tests.sso.center import Center, Visit

pytestmark = pytest.mark.keycloak


@pytest.fixture
def name(sso: CitySignOn) -> str:
    """Somebody who may sign in."""
    made = f"li.{uuid.uuid4().hex[:8]}"
    sso.add_person(made, ["ops-desk"])
    return made


def changed(address: str, **parts: str | None) -> str:
    """The address with other values in its query; None takes one away."""
    split = urlsplit(address)
    kept = {**dict(parse_qsl(split.query)), **parts}
    return urlunsplit(split._replace(query=urlencode({k: v for k, v in kept.items() if v is not None})))


def part(address: str, wanted: str) -> str:
    return dict(parse_qsl(urlsplit(address).query))[wanted]


def is_refused(answer: httpx.Response, visit: Visit, words: str = "Start again") -> bool:
    assert answer.status_code in {400, 403} and words in answer.text, answer.text
    return visit.who() is None


@pytest.mark.parametrize("parts", [{"state": "another"}, {"state": None}, {"state": ""}])
def test_an_answer_to_nothing_that_was_begun_is_refused(visit: Visit, name: str, parts: dict[str, str | None]) -> None:
    assert is_refused(visit.ask(changed(visit.answer(name), **parts)), visit)


def test_a_state_that_is_said_twice_is_not_said(visit: Visit, name: str) -> None:
    answer = visit.answer(name)
    assert is_refused(visit.ask(f"{answer}&state={part(answer, 'state')}"), visit)


def test_an_answer_in_another_browser_is_refused(center: Center, visit: Visit, name: str) -> None:
    elsewhere = Visit(center)
    assert is_refused(elsewhere.ask(visit.answer(name)), elsewhere)


def test_the_answer_to_another_browsers_sign_in_is_refused(center: Center, visit: Visit, name: str) -> None:
    """Somebody is made to sign in as the one who sent the link."""
    victim = Visit(center)
    victim.begin()
    assert is_refused(victim.ask(visit.answer(name)), victim)


def test_a_code_that_was_begun_with_another_secret_is_refused(center: Center, visit: Visit, name: str) -> None:
    """A stolen code in the thief's own sign-in: the state is right, the verifier (PKCE) is not."""
    stolen, thief = visit.answer(name), Visit(center)
    begun = thief.begin()
    own = part(str(begun.url), "state")
    assert is_refused(thief.ask(changed(stolen, state=own)), thief, "used already")
    assert "invalid_grant" in center.refusals()[0]["reason"]


def test_a_code_is_good_once(center: Center, visit: Visit, name: str) -> None:
    answer = visit.answer(name)
    kept = visit.browser.cookies.get("ops_sso")
    assert visit.ask(answer).status_code == 303 and "ops_sso" not in visit.browser.cookies
    thief = Visit(center)
    assert is_refused(thief.ask(answer), thief)
    thief.browser.cookies.set("ops_sso", str(kept), domain="127.0.0.1", path="/")
    assert is_refused(thief.ask(answer), thief, "used already")


def test_a_nonce_that_is_not_ours_is_refused(center: Center, visit: Visit, name: str) -> None:
    to = visit.ask("/sso/start?language=en").headers["location"]
    back = fill_in(visit.browser, visit.ask(changed(to, nonce="of somebody else")), name)
    assert is_refused(visit.ask(back.headers["location"]), visit, "believed")
    assert center.refusals()[0]["reason"].endswith("nonce")


def test_a_sign_in_that_took_too_long_is_refused(center: Center, visit: Visit, name: str) -> None:
    answer = visit.answer(name)
    center.clock.off_s = 601
    assert is_refused(visit.ask(answer), visit)


def test_a_cookie_that_was_tampered_with_is_refused(visit: Visit, name: str) -> None:
    answer = visit.answer(name)
    sealed = str(visit.browser.cookies.get("ops_sso"))
    visit.browser.cookies.set(
        "ops_sso", sealed[:-6] + ("AAAAAA" if sealed[-6:] != "AAAAAA" else "BBBBBB"), domain="127.0.0.1", path="/"
    )
    assert is_refused(visit.ask(answer), visit)


@pytest.mark.parametrize("issuer", ["https://evil.example", None])
def test_an_answer_that_is_anothers_or_hides_whose_is_refused(visit: Visit, name: str, issuer: str | None) -> None:
    assert is_refused(visit.ask(changed(visit.answer(name), iss=issuer)), visit, "believed")


@pytest.mark.parametrize(("off_s", "may"), [(-50, True), (50, True), (-400, False), (400, False)])
def test_clocks_may_differ_by_a_minute(center: Center, visit: Visit, name: str, off_s: float, may: bool) -> None:
    center.clock.off_s = off_s
    answer = visit.sign_in(name)
    if may:
        assert answer.status_code == 303
    else:
        assert is_refused(answer, visit, "clocks")


def test_a_new_key_of_the_provider_is_learnt_at_once(center: Center, visit: Visit, sso: CitySignOn, name: str) -> None:
    visit.sign_in(name)
    sso.rotate_keys()
    center.pass_pause()
    assert visit.again().status_code == 303


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "did not let you in"),
        ("temporarily_unavailable", "does not answer"),
        ("invalid_scope", "refused this center"),
        ("<script>alert(1)</script>", "refused this center"),
    ],
)
def test_errors_of_the_provider_are_said_in_words_and_never_repeated(
    center: Center, visit: Visit, sso: CitySignOn, error: str, words: str
) -> None:
    state = part(str(visit.begin().url), "state")
    query = urlencode({"state": state, "error": error, "error_description": "<b>x", "iss": sso.issuer})
    answer = visit.ask(f"/sso/callback?{query}")
    assert answer.status_code in {403, 503} and words in answer.text and "单点登录" in answer.text
    assert "alert(1)" not in answer.text and "<b>" not in answer.text
    assert "<" not in center.refusals()[0]["reason"]


def test_an_answer_without_a_code_or_with_nothing_at_all_is_refused(visit: Visit, name: str) -> None:
    assert is_refused(visit.ask(changed(visit.answer(name), code=None)), visit, "believed")
    assert is_refused(visit.ask("/sso/callback"), visit)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(["state", "code", "iss", "error"]), st.text()),
    st.text() | st.binary().map(lambda raw: raw.decode("latin-1")),
)
def test_nothing_that_a_browser_brings_breaks_it(center: Center, answer: dict[str, str], cookie: str) -> None:
    assert isinstance(center.sso.finish(answer, cookie, Visitor()).outcome, Refused)
