"""Whatever a provider answers: nobody gets in who should not, and nobody waits without end."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from ops_center.api.site import Site
from ops_center.domain.realms import Realm
from ops_center.services.bounded_http import BoundedHttp
from ops_center.store.opening import open_store
from tests.servers.webs import served
from tests.sso.center import Center, Visit, running, sign_on_at
from tests.sso.odd_provider import THEIRS, Answer, OddProvider, dripping, endless


@pytest.fixture
def odd() -> Iterator[OddProvider]:
    provider = OddProvider()
    with served(provider.application()) as address:
        provider.url = f"http://{address}"
        yield provider


@pytest.fixture
def odd_center(odd: OddProvider, people_url: str, empty: None) -> Iterator[Center]:
    store = open_store(people_url, Realm.SIMULATED)
    with running(Center(store, sign_on_at(odd.url))) as center:
        yield center
    store.close()


@pytest.fixture
def visitor(odd_center: Center) -> Visit:
    return Visit(odd_center)


def outcome(visit: Visit) -> tuple[int, str]:
    """Go through the provider; what our center says at last."""
    start = visit.ask("/sso/start?language=en")
    if start.status_code != 303:
        return start.status_code, start.text
    answer = visit.ask(visit.ask(start.headers["location"]).headers["location"])
    return answer.status_code, answer.text


def test_an_honest_one_lets_in(visitor: Visit) -> None:
    assert outcome(visitor)[0] == 303
    assert visitor.who() == {"account": "li", "name": "Li", "grants": ["operator"]}


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"aud": "another"}, "believed"),
        ({"aud": ["ops-center", "another"]}, "believed"),
        ({"azp": "another"}, "believed"),
        ({"iss": "https://elsewhere.example"}, "believed"),
        ({"nonce": "another"}, "believed"),
        ({"exp": 1}, "clocks"),
        ({"iat": 1}, "clocks"),
        ({"iat": 99_999_999_999}, "clocks"),
        ({"sub": "x" * 300}, "believed"),
        ({"sub": None}, "believed"),
        ({"groups": "x" * 40_000}, "None of your groups"),
        ({"groups": 7}, "None of your groups"),
        ({"groups": {"ops-desk": True}}, "None of your groups"),
        ({"groups": [["ops-desk"], None, "OPS-DESK", "ｏｐｓ-desk", "ops-desk "]}, "None of your groups"),
        ({"name": "x" * 100_000}, "believed"),
    ],
)
def test_claims_that_let_nobody_in(visitor: Visit, odd: OddProvider, claims: dict[str, Any], words: str) -> None:
    odd.claims = claims
    status, text = outcome(visitor)
    assert status == 403 and words in text
    assert visitor.who() is None


@pytest.mark.parametrize(
    ("claims", "account", "name"),
    [
        ({"aud": ["ops-center", "another"], "azp": "ops-center"}, "li", "Li"),
        ({"name": "<script>alert(1)</script>"}, "li", "<script>alert(1)</script>"),
        ({"name": "\u202eadmin\u202c \u0000x\n"}, "li", "admin x"),
        ({"name": ["a", {"b": 1}]}, "li", "li"),
        ({"name": "长" * 5000}, "li", "长" * 100),
        ({"name": "\ud800", "preferred_username": "li\ud800"}, "li", "li"),
        ({"preferred_username": "../../etc/passwd\u0000"}, "etc-passwd", "Li"),
        ({"preferred_username": {"a": 1}}, "sso-", "Li"),
        ({"preferred_username": "system"}, "system-", "Li"),
        ({"preferred_username": "\N{CYRILLIC SMALL LETTER A}dmin"}, "dmin", "Li"),
        ({"preferred_username": "Li@city.example", "locale": ["zh"]}, "li", "Li"),
        ({"groups": ["ops-desk"] * 3000}, "li", "Li"),
    ],
)
def test_odd_claims_make_an_ordinary_account(
    visitor: Visit, odd: OddProvider, claims: dict[str, Any], account: str, name: str
) -> None:
    odd.claims = claims
    assert outcome(visitor)[0] == 303
    who = visitor.who()
    assert who["account"].startswith(account) and who["name"] == name and who["grants"] == ["operator"]


def test_a_token_that_another_key_signed_lets_nobody_in(visitor: Visit, odd: OddProvider) -> None:
    odd.key = THEIRS
    assert outcome(visitor)[0] == 403 and visitor.who() is None


def test_what_it_says_to_those_who_ask_counts_for_the_same_person_alone(visitor: Visit, odd: OddProvider) -> None:
    odd.claims = {"groups": None}
    odd.userinfo = {"sub": "somebody else", "groups": ["ops-admin"]}
    assert outcome(visitor)[0] == 403
    odd.userinfo = {"sub": "8f0c", "groups": ["ops-water"], "preferred_username": "wang"}
    del odd.claims["groups"]
    odd.answers["token"] = lambda: JSONResponse({"access_token": "a", "id_token": _without_groups(odd)})
    assert outcome(visitor)[0] == 303
    assert visitor.who() == {"account": "li", "name": "Li", "grants": ["department/water_company"]}


def _without_groups(odd: OddProvider) -> str:
    from joserfc import jwt

    claims = dict(jwt.decode(odd.token(), odd.key).claims)
    del claims["groups"]
    return jwt.encode({"alg": "RS256", "kid": "ours"}, claims, odd.key)


DOCUMENT = ".well-known/openid-configuration"
BOMB = gzip.compress(b" " * 50_000_000)
BAD_ANSWERS: list[Answer] = [
    lambda: Response(status_code=500),
    lambda: Response(status_code=404),
    lambda: HTMLResponse("<html>not what you asked for</html>"),
    lambda: JSONResponse([1, 2]),
    lambda: Response(b"[" * 100_000),
    lambda: Response(b"\xff\xfe"),
    lambda: Response(b"x" * 600_000),
    lambda: Response(BOMB, headers={"content-encoding": "gzip"}),
    lambda: RedirectResponse("http://127.0.0.1:1/elsewhere", 302),
    endless,
]


@pytest.mark.parametrize("answer", BAD_ANSWERS)
@pytest.mark.parametrize("path", [DOCUMENT, "keys", "token"])
def test_answers_that_are_none(visitor: Visit, odd: OddProvider, path: str, answer: Answer) -> None:
    odd.answers[path] = answer
    status, text = outcome(visitor)
    assert status in {400, 403, 503} and "登录" in text
    assert visitor.who() is None


@pytest.mark.parametrize("path", [DOCUMENT, "keys", "token"])
def test_one_that_drips_is_left(odd: OddProvider, people_url: str, path: str) -> None:
    store = open_store(people_url, Realm.SIMULATED)
    center = Center(store, sign_on_at(odd.url))
    center.provider.close()
    center.trust(BoundedHttp(within_s=0.5))
    odd.answers[path] = dripping
    with running(center):
        started_s = time.monotonic()
        assert outcome(Visit(center))[0] == 503
        assert time.monotonic() - started_s < 20  # not for ever
    store.close()


def test_a_document_of_another_issuer_is_not_used(visitor: Visit, odd: OddProvider) -> None:
    odd.document = {"issuer": f"{odd.url}/"}
    assert outcome(visitor)[0] == 503


def test_a_dead_one_is_asked_now_and_then_and_not_by_everybody(visitor: Visit, odd: OddProvider) -> None:
    odd.answers[DOCUMENT] = lambda: Response(status_code=500)
    assert [outcome(visitor)[0] for _ in range(5)] == [503] * 5
    assert len(odd.asked) == 1
    del odd.answers[DOCUMENT]
    visitor.center.pass_pause()
    assert outcome(visitor)[0] == 303


def test_unknown_keys_do_not_make_it_be_asked_without_end(visitor: Visit, odd: OddProvider) -> None:
    odd.answers["keys"] = lambda: JSONResponse({"keys": [THEIRS.as_dict(private=False) | {"kid": "another"}]})
    assert [outcome(visitor)[0] for _ in range(5)] == [403] * 5
    assert odd.asked.count("keys") == 1


def test_a_code_that_it_does_not_take_is_said_and_its_words_are_not_repeated(visitor: Visit, odd: OddProvider) -> None:
    odd.answers["token"] = lambda: JSONResponse({"error": "<b>", "error_description": "<i>"}, 400)
    assert outcome(visitor)[0] == 403
    assert visitor.center.refusals()[0]["reason"] == "the single sign-on does not take this center (HTTP 400)"
    odd.answers["token"] = lambda: JSONResponse({"error": "invalid_grant", "error_description": "<b>"}, 400)
    status, text = outcome(visitor)
    assert status == 400 and "used already" in text and "<b>" not in text
    assert visitor.center.refusals()[0]["reason"] == "the single sign-on does not take the code (invalid_grant)"


def test_behind_a_public_name_that_name_is_what_the_provider_sends_people_back_to(visitor: Visit) -> None:
    site = Site.parse("https://ops.example", "127.0.0.1/32")
    with served(visitor.center.application(site)) as address:
        headers = {"host": "ops.example", "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}
        answer = visitor.browser.get(f"http://{address}/sso/start", headers=headers)
    assert "redirect_uri=https%3A%2F%2Fops.example%2Fsso%2Fcallback&" in answer.headers["location"]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-ops_sso=") and {"Secure", "HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
