"""Signing in without script, over plain HTTP as a browser without it does; and what somebody may try there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pyotp
import pytest

from ops_center.api.cookies import LOOPBACK_NAME
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from tests.screens.people_center import PeopleCenter, people_center
from tests.servers.people import PASSWORD

BETTER = "seven quiet bridges at dawn"
ATTACKS = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
]


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    assert small_city.folder is not None
    state = tmp_path_factory.mktemp("state")
    with people_center(admin, valkey_url, small_city.folder, state, totp_roles="auditor") as running:
        yield running


def field(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"the page has no {name}"
    return unescape(found.group(1))


def said(page: str) -> str:
    found = re.search(r'<p class="notice[^"]*"[^>]*>(.*?)</p>', page)
    return re.sub("<[^>]+>", "", found.group(1)) if found else ""


def sign_in(http: httpx.Client, name: str, password: str, **more: str) -> httpx.Response:
    return http.post("/sign-in", data={"name": name, "password": password, **more})


def test_a_one_time_password_leads_to_a_new_one_and_in(center: PeopleCenter) -> None:
    password = center.invite("wang.fang")
    with center.http() as http:
        page = sign_in(http, "wang.fang", password, next="/account").text
        assert "设置新密码" in page and "at least 12 characters" in page
        ticket, onward = field(page, "ticket"), field(page, "next")
        differing = http.post("/sign-in/password", data={"ticket": ticket, "password": BETTER, "again": "another"})
        assert differing.status_code == 422 and "不一样" in said(differing.text)
        easy = http.post(
            "/sign-in/password", data={"ticket": ticket, "password": "password1234", "again": "password1234"}
        )
        assert easy.status_code == 422 and "容易被猜到" in said(easy.text)
        done = http.post(
            "/sign-in/password", data={"ticket": ticket, "password": BETTER, "again": BETTER, "next": onward}
        )
        assert done.status_code == 303 and done.headers["location"] == "/account"
        assert http.get("/session").json()["account"] == "wang.fang"


def test_a_role_that_demands_codes_is_led_through_enrolment_and_asked_for_one_the_next_time(
    center: PeopleCenter,
) -> None:
    password = center.invite("zhou", Grant(Role.AUDITOR))
    with center.http() as http:
        ticket = field(sign_in(http, "zhou", password).text, "ticket")
        page = http.post("/sign-in/password", data={"ticket": ticket, "password": BETTER, "again": BETTER}).text
        assert "<svg" in page, "the QR code is in the page itself"
        secret = re.sub(r"\s", "", re.search(r'<code class="secret"[^>]*>([^<]+)<', page).group(1))  # type: ignore[union-attr]
        ticket = field(page, "ticket")
        wrong = http.post("/sign-in/enrolment", data={"ticket": ticket, "code": "000000"})
        assert wrong.status_code == 401 and "<svg" in wrong.text and "验证码不对" in said(wrong.text)
        done = http.post(
            "/sign-in/enrolment", data={"ticket": ticket, "code": pyotp.TOTP(secret).now(), "next": "/audit"}
        )
        codes = re.findall(r"<li><code>([^<]+)</code></li>", done.text)
        assert done.status_code == 200 and len(codes) == 10 and 'href="/audit"' in done.text
        assert http.get("/session").json()["account"] == "zhou", "who sees the codes is in"
    with center.http() as http:
        page = sign_in(http, "zhou", BETTER).text
        assert "6 位数字" in page and LOOPBACK_NAME not in http.cookies
        ticket = field(page, "ticket")
        other = http.post("/sign-in/code", data={"ticket": ticket, "way": "recovery"}).text
        assert "恢复码" in other and field(other, "ticket") == ticket
        used = http.post("/sign-in/code", data={"ticket": ticket, "code": codes[0], "kind": "recovery"})
        assert used.status_code == 303
    with center.http() as http:
        ticket = field(sign_in(http, "zhou", BETTER).text, "ticket")
        again = http.post("/sign-in/code", data={"ticket": ticket, "code": codes[0], "kind": "recovery"})
        assert again.status_code == 401 and "验证码不对或已用过" in said(again.text)


def test_nothing_says_whether_a_name_exists(center: PeopleCenter) -> None:
    center.secret("known.person")
    with center.http() as http:
        known, unknown = (sign_in(http, name, "not the password!") for name in ("known.person", "nobody.here"))
    assert known.status_code == unknown.status_code == 401
    assert known.text.replace("known.person", "X") == unknown.text.replace("nobody.here", "X")
    assert said(known.text) == "账号或密码不对。Account or password is wrong."


def test_too_many_failures_are_told_how_long_to_wait_and_nothing_else(center: PeopleCenter) -> None:
    center.secret("hurried")
    with center.http() as http:
        answers = [sign_in(http, "hurried", f"wrong password {n}") for n in range(6)]
        waiting = answers[-1]
        assert waiting.status_code == 429
        seconds = int(waiting.headers["retry-after"])
        assert 1 <= seconds <= 60
        assert f"请在 {seconds} 秒后再试" in said(waiting.text) and f"Try again in {seconds} s" in said(waiting.text)
        right = sign_in(http, "hurried", PASSWORD)
        assert right.status_code == 429, "the right password is not judged either"
        never = [sign_in(http, "never.was", f"wrong password {n}") for n in range(6)]
        assert [answer.status_code for answer in never] == [answer.status_code for answer in answers]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nobody_is_led_away_after_signing_in(center: PeopleCenter, attack: str) -> None:
    name = f"led{ATTACKS.index(attack)}"
    center.secret(name)
    with center.http() as http:
        page = http.get("/sign-in", params={"next": attack}).text
        assert "evil" not in page and "javascript:" not in page
        assert field(page, "next") == "/"
        done = sign_in(http, name, PASSWORD, next=attack)
        assert done.status_code == 303 and done.headers["location"] == "/"


def test_whoever_is_signed_in_is_led_on(center: PeopleCenter) -> None:
    with center.http(center.secret("inside")) as http:
        answer = http.get("/sign-in", params={"next": "/account"})
        assert answer.status_code == 303 and answer.headers["location"] == "/account"


def test_signing_out_ends_the_session_for_good(center: PeopleCenter) -> None:
    secret = center.secret("leaving")
    with center.http(secret) as http:
        left = http.post("/sign-out")
        assert left.status_code == 303 and left.headers["location"] == "/sign-in?why=left"
        assert f'{LOOPBACK_NAME}=""' in left.headers["set-cookie"]
        assert "您已退出登录" in said(http.get("/sign-in?why=left").text)
    with center.http(secret) as http:
        assert http.get("/session").status_code == 401, "the old cookie opens nothing"
        assert http.post("/sign-out").status_code == 303, "twice is no fault"


def test_the_session_cookie_is_for_the_browser_alone(center: PeopleCenter) -> None:
    center.secret("baker")
    with center.http() as http:
        sent = sign_in(http, "baker", PASSWORD).headers.get_list("set-cookie")
    session = next(cookie for cookie in sent if cookie.startswith(f"{LOOPBACK_NAME}="))
    assert "HttpOnly" in session and "samesite=lax" in session.lower() and "Path=/" in session
    assert "Max-Age" not in session, "it goes with the browser"


def test_demo_accounts_enter_by_one_click(center: PeopleCenter) -> None:
    with center.http() as http:
        page = http.get("/sign-in").text
        names = re.findall(r'<button[^>]*name="account"[^>]*value="([^"]+)"', page)
        assert len(names) == len(Role) + 2, "one of each role, and two more crews"
        entered = http.post("/sign-in/demo", data={"account": "demo-auditor", "next": "/audit"})
        assert entered.status_code == 303 and entered.headers["location"] == "/audit"
    with center.http() as http:
        refused = http.post("/sign-in/demo", data={"account": "wang.fang"})
        assert refused.status_code == 403 and "演示账号" in said(refused.text)
        assert LOOPBACK_NAME not in http.cookies


def test_a_page_of_a_step_that_is_loaded_again_begins_anew(center: PeopleCenter) -> None:
    with center.http() as http:
        for step in ("code", "password", "enrolment", "demo"):
            assert http.get(f"/sign-in/{step}").headers["location"] == "/sign-in"
        for step in ("code", "password", "enrolment"):
            stale = http.post(f"/sign-in/{step}", data={"ticket": "made up", "code": "123456"})
            assert stale.status_code == 401 and "重新开始" in said(stale.text)


def test_the_pages_speak_as_the_browser_does_until_told_otherwise(center: PeopleCenter) -> None:
    with center.http() as http:
        assert 'lang="en"' in http.get("/sign-in", headers={"accept-language": "en-GB,en;q=0.9"}).text[:200]
        assert 'lang="zh-CN"' in http.get("/sign-in", headers={"accept-language": "fr,zh;q=0.8"}).text[:200]
        english = http.get("/sign-in", params={"language": "en"}).text
        assert 'data-language="en"' in english[:200] and field(english, "language") == "en"


def test_no_page_is_kept_and_every_file_is_told_apart(center: PeopleCenter) -> None:
    with center.http() as http:
        assert http.get("/sign-in").headers["cache-control"] == "no-store"
        for name, kind in (("entry.css", "text/css"), ("entry.js", "text/javascript"), ("city.svg", "image/svg+xml")):
            first = http.get(f"/sign-in/{name}")
            assert first.status_code == 200 and first.headers["content-type"].startswith(kind)
            again = http.get(f"/sign-in/{name}", headers={"if-none-match": first.headers["etag"]})
            assert again.status_code == 304 and not again.content
        assert http.get("/sign-in/nothing.css").status_code == 404
        assert http.get("/sign-in/..%2fwall.js").status_code in {401, 404}


@pytest.mark.parametrize("sent", [{"name": "x" * 300}, {"password": "x" * 2000}, {"next": "x" * 3000}])
def test_what_is_too_long_is_refused_before_it_is_judged(center: PeopleCenter, sent: dict[str, str]) -> None:
    with center.http() as http:
        assert http.post("/sign-in", data=sent).status_code == 422


def test_a_name_is_shown_again_but_never_as_markup(center: PeopleCenter) -> None:
    with center.http() as http:
        page = sign_in(http, '"><script>alert(1)</script>', "x").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
