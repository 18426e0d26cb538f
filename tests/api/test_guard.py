"""The guard: who may ask, and under which headers. Over real sockets, so that odd requests stay odd."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from ops_center.api.guard import Guard, content_security_policy
from ops_center.api.limits import RateLimits
from ops_center.api.site import Site
from tests.servers.loops import run
from tests.servers.webs import served, until


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/read")
    def read() -> str:
        return "read"

    @app.post("/write")
    @app.post("/sign-in")
    async def write(request: Request) -> int:
        return len(await request.body())

    @app.get("/who")
    def who(request: Request) -> list[object]:
        assert request.client
        return [request.client.host, str(request.url), request.scope["ops_center.peer"]]

    @app.get("/assets/wall.js")
    @app.get("/kept", response_model=None)
    def kept() -> Response:
        return Response("x", headers={"cache-control": "private, max-age=5"})

    @app.get("/assets/plain.js")
    def plain() -> str:
        return "x"

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("the password is s3cret")

    @app.websocket("/talk")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await websocket.send_text(await websocket.receive_text())

    return app


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(Guard(application(), content_security_policy(["sha256-abc="]), max_body=1000)) as serving:
        yield serving


def raw(address: str, request: str, body: bytes = b"") -> str:
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
        return connection.recv(65536).decode("latin-1")


def status(answer: str) -> int:
    return int(answer.split(" ")[1])


def test_what_passes_carries_the_headers_that_browsers_obey(address: str) -> None:
    headers = httpx.get(f"http://{address}/read").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self' 'wasm-unsafe-eval' 'sha256-abc='" in policy
    assert "unsafe-eval'" not in policy.replace("wasm-unsafe-eval", "")


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "[::1]:8050", "LOCALHOST:80"])
def test_names_of_this_machine_are_answered(address: str, host: str) -> None:
    assert status(raw(address, f"GET /read HTTP/1.1\nHost: {host}")) == 200


@pytest.mark.parametrize("host", ["rebound.example", "localhost.evil.example", "127.0.0.1.evil.example", "a@b", ""])
def test_other_names_are_refused(address: str, host: str) -> None:
    assert status(raw(address, f"GET /read HTTP/1.1\nHost: {host}")) == 421


def test_two_names_or_none_are_refused(address: str) -> None:
    assert status(raw(address, "GET /read HTTP/1.1\nHost: localhost\nHost: evil.example")) in {400, 421}
    assert status(raw(address, "GET /read HTTP/1.0")) == 421


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_from_elsewhere_may_not_change_anything(address: str, headers: dict[str, str]) -> None:
    assert httpx.post(f"http://{address}/write", content=b"x", headers=headers).status_code == 403


def test_a_page_of_ours_and_a_script_may(address: str) -> None:
    own = {"Origin": f"http://{address}", "Sec-Fetch-Site": "same-origin"}
    assert httpx.post(f"http://{address}/write", content=b"x" * 1000, headers=own).json() == 1000
    assert httpx.post(f"http://{address}/write", content=b"x").json() == 1


def test_a_body_that_is_too_long_or_hides_its_length_is_refused_unread(address: str) -> None:
    assert httpx.post(f"http://{address}/write", content=b"x" * 1001).status_code == 413
    head = f"POST /write HTTP/1.1\nHost: {address}\nTransfer-Encoding: chunked"
    assert status(raw(address, head, b"5\r\nhello\r\n0\r\n\r\n")) == 411


async def _pass(scope: object, receive: object, send: object) -> None:
    raise AssertionError("reached")


@pytest.mark.parametrize("client", [("10.0.0.7", 5), ("2001:db8::1", 5), None, ("unix", 0)])
def test_other_machines_are_refused(client: tuple[str, int] | None) -> None:
    """A connection from another machine can't be made here: the guard is asked directly."""
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def ask() -> None:
        for kind in ("http", "websocket"):
            scope = {"type": kind, "method": "GET", "path": "/", "headers": [(b"host", b"localhost")], "client": client}
            scope["scheme"] = "http" if kind == "http" else "ws"
            await Guard(_pass)(scope, None, send)  # type: ignore[arg-type]

    run(ask())
    assert sent[0]["status"] == 403
    assert sent[-1]["type"] == "websocket.close"


def test_what_carries_peoples_data_is_not_kept_and_assets_say_it_themselves(address: str) -> None:
    def kept(path: str) -> str | None:
        return httpx.get(f"http://{address}{path}").headers.get("cache-control")

    assert kept("/read") == "no-store"
    assert kept("/nowhere") == "no-store"
    assert kept("/broken") == "no-store"
    assert kept("/kept") == "private, max-age=5"
    assert kept("/assets/plain.js") is None


def test_a_failure_shows_nothing_of_itself(address: str) -> None:
    answer = httpx.get(f"http://{address}/broken")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["content-security-policy"]


def test_it_is_said_only_over_https_that_https_is_wanted() -> None:
    site = Site.parse("https://ops.example", "127.0.0.1")
    with served(Guard(application(), site=site)) as behind:
        said = {"Host": "ops.example", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        answer = httpx.get(f"http://{behind}/who", headers=said)
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert answer.json() == ["203.0.113.7", "https://ops.example/who", "127.0.0.1"]
        assert httpx.get(f"http://{behind}/read", headers={"Host": "ops.example"}).status_code == 403
    site = Site.parse("https://localhost:8443", "127.0.0.1")
    with served(Guard(application(), site=site)) as here:
        answer = httpx.get(f"http://{here}/read", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
        assert answer.status_code == 200
        assert "strict-transport-security" not in answer.headers, "it would hold for every port of this machine"


def test_the_name_that_the_proxy_was_asked_is_the_name_of_the_request() -> None:
    site = Site.parse("https://ops.example", "127.0.0.1")
    with served(Guard(application(), site=site)) as behind:
        said = {"X-Forwarded-Host": "ops.example", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        assert httpx.get(f"http://{behind}/who", headers=said).json()[1] == "https://ops.example/who"


def test_a_refusal_speaks_to_people_and_to_programs(address: str) -> None:
    to_program = httpx.post(f"http://{address}/write", headers={"Origin": "null"})
    assert to_program.headers["content-type"] == "application/problem+json"
    assert to_program.json()["status"] == 403
    said = {"Origin": "null", "Accept": "text/html,*/*"}
    assert httpx.post(f"http://{address}/write", headers=said).text.splitlines() == [
        "请求来自其他站点的页面",
        "asked by a page from elsewhere",
    ]


COOKIE = {"Cookie": "ops_session=x"}


def test_who_has_a_session_must_say_from_which_page(address: str) -> None:
    own = {"Origin": f"http://{address}"}
    assert httpx.post(f"http://{address}/write", headers=COOKIE).status_code == 403
    assert httpx.post(f"http://{address}/write", headers={**COOKIE, **own}).status_code == 200
    assert httpx.get(f"http://{address}/read", headers=COOKIE).status_code == 200


def opens(address: str, **said: str) -> bool:
    try:
        with connect(f"ws://{address}/talk", additional_headers=said) as talking:
            talking.send("hello")
            return talking.recv(10) == "hello"
    except InvalidStatus as refused:
        assert refused.response.status_code == 403
        return False


def test_a_websocket_is_judged_like_what_changes_something(address: str) -> None:
    own = {"Origin": f"http://{address}"}
    assert opens(address)
    assert opens(address, **own, **COOKIE)
    assert not opens(address, **COOKIE)
    assert not opens(address, Origin="http://evil.example")
    assert not opens(address, Host="evil.example")


def test_an_address_that_asks_too_often_is_told_when_to_come_again() -> None:
    with served(Guard(application(), limits=RateLimits(1.0))) as limited, httpx.Client() as http:
        answers = [http.get(f"http://{limited}/read") for _ in range(14)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert answers[9].status_code == 200
        assert refused
        assert 1 <= int(refused[-1].headers["retry-after"]) <= 2
        assert http.get(f"http://{limited}/read", headers=COOKIE).status_code == 200, "the gate counts sessions"


def test_forms_to_sign_in_are_counted_apart_and_small() -> None:
    limits = RateLimits(1000.0)
    with served(Guard(application(), limits=limits)) as limited, httpx.Client() as http:
        statuses = [
            http.post(
                f"http://{limited}/sign-in", content=b"x", headers=COOKIE | {"Origin": f"http://{limited}"}
            ).status_code
            for _ in range(33)
        ]
        assert statuses[:30] == [200] * 30
        assert statuses[-1] == 429
        assert http.get(f"http://{limited}/read").status_code == 200
    with served(Guard(application())) as limited:
        assert httpx.post(f"http://{limited}/sign-in", content=b"x" * 65_537).status_code == 413
        assert httpx.post(f"http://{limited}/write", content=b"x" * 65_537).status_code == 200


def test_one_address_has_so_many_open_and_no_more() -> None:
    limits = RateLimits()
    with served(Guard(application(), limits=limits)) as limited, contextlib.ExitStack() as open_ones:
        for _ in range(256):
            assert limits.exchanges.take("127.0.0.1")
        assert httpx.get(f"http://{limited}/read").status_code == 429
        limits.exchanges.give_back("127.0.0.1")
        talking = open_ones.enter_context(connect(f"ws://{limited}/talk"))
        assert not opens(limited)
        talking.close()
        until(lambda: limits.exchanges.held("127.0.0.1") == 255)
        assert httpx.get(f"http://{limited}/read").status_code == 200
        until(lambda: limits.exchanges.held("127.0.0.1") == 255)


def test_a_body_that_takes_too_long_is_not_waited_for() -> None:
    limits = RateLimits()
    with served(Guard(application(), limits=limits, body_within_s=0.2)) as slow:
        head = f"POST /write HTTP/1.1\nHost: {slow}\nContent-Length: 10"
        assert status(raw(slow, head, b"abc")) == 408
        until(lambda: limits.exchanges.held("127.0.0.1") == 0)
        assert status(raw(slow, head, b"0123456789")) == 200


def test_what_really_comes_is_counted_too() -> None:
    """uvicorn never hands on more than was said; the bound doesn't rest on that."""
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"x" * 600, "more_body": True}

    async def read_all(_scope: object, receive: object, send: object) -> None:
        while (await receive())["type"] == "http.request":  # type: ignore[operator]
            pass
        raise RuntimeError("the client has gone")

    scope = {
        "type": "http", "method": "POST", "path": "/", "query_string": b"", "scheme": "http",
        "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1),
    }  # fmt: skip
    run(Guard(read_all, max_body=1000)(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "٣", "1, 1", "+5", " "])
def test_a_length_that_is_none_is_refused(address: str, length: str) -> None:
    head = f"POST /write HTTP/1.1\nHost: {address}\nContent-Length: {length}"
    with contextlib.suppress(UnicodeEncodeError):
        assert status(raw(address, head, b"x")) in {400, 411, 413}
