"""The gate: who is let through, over real sockets. Rights and sessions are the test's own; the door is the real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.insider import session_of
from ops_center.api.access import Access
from ops_center.api.errors import add_error_handlers
from ops_center.api.gate import NOT_ALLOWED, NOT_SIGNED_IN, Doorkeeper, Gate
from ops_center.api.guard import Guard
from ops_center.api.limits import Buckets, RateLimits
from ops_center.domain.errors import StoreUnavailable
from ops_center.domain.people import Session
from ops_center.domain.rights import OPEN, Asker, Grant, Rights, Role, allows
from ops_center.people.asking import asker
from ops_center.screens.stream.endpoint import SERVER_OPTIONS
from tests.servers.webs import served, until

SESSIONS = {
    "auditor": session_of(Grant(Role.AUDITOR), name="ann"),
    "operator": session_of(Grant(Role.OPERATOR), name="olga"),
}
BOOKS = Rights(see=frozenset({Role.AUDITOR}), change=frozenset({Role.OPERATOR}))


@dataclass
class Door:
    url: str
    ended: set[str] = field(default_factory=set)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    store_is_away: bool = False
    limits: RateLimits = field(default_factory=lambda: RateLimits(1000))
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20))

    def get(self, path: str, who: str = "", **headers: str) -> httpx.Response:
        return self.ask("GET", path, who, **headers)

    def ask(self, method: str, path: str, who: str = "", **headers: str) -> httpx.Response:
        return self.http.request(method, self.url + path, headers={"authorization": who, **headers})

    async def authenticate(self, scope: Any) -> Session | None:
        if self.store_is_away:
            raise StoreUnavailable("away")
        return SESSIONS.get(dict(scope["headers"]).get(b"authorization", b"").decode())


def application() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)
    add_error_handlers(app)
    inner = APIRouter(prefix="/inner")

    @app.get("/open")
    @allows(OPEN)
    def open_() -> str:
        return asker().account

    @app.get("/books")
    @app.post("/books")
    @allows(BOOKS)
    def books() -> str:
        return asker().account

    @app.get("/forgotten")
    def forgotten() -> str:
        return "nobody should read this"

    @inner.get("/books/{name}")
    @allows(BOOKS)
    def inner_books(name: str) -> str:
        return name

    @app.websocket("/stream")
    @allows(BOOKS)
    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            await websocket.send_text(await websocket.receive_text() + asker().account)

    @app.websocket("/forgotten-stream")
    async def forgotten_stream(websocket: WebSocket) -> None:
        await websocket.accept()

    app.include_router(inner)
    return app


@pytest.fixture
def door() -> Iterator[Door]:
    found = Door("")
    app = application()
    keeper = Doorkeeper(
        found.authenticate,
        lambda session: session.id not in found.ended,
        found.limits,
        lambda who, path, address: found.refused.append((who.account, path, address)),
    )
    gate = Gate(app, Access(app.routes, {"/page": BOOKS}, {}), keeper)
    with served(Guard(gate), **SERVER_OPTIONS) as address:
        found.url = f"http://{address}"
        yield found
        found.http.close()


def test_everybody_reads_what_is_open_and_known_people_are_known(door: Door) -> None:
    assert door.get("/open").json() == ""
    assert door.get("/open", "auditor").json() == "ann"


def test_reading_asks_for_see_and_anything_else_for_change(door: Door) -> None:
    assert door.get("/books", "auditor").json() == "ann"
    assert door.ask("POST", "/books", "auditor").status_code == 403
    assert door.get("/books", "operator").status_code == 403
    assert door.ask("POST", "/books", "operator").json() == "olga"
    assert door.get("/inner/books/x", "auditor").json() == "x"
    assert door.get("/inner/books/x", "operator").status_code == 403


@pytest.mark.parametrize("who", ["auditor", "operator"])
def test_what_declares_nothing_is_closed_to_everybody(door: Door, who: str) -> None:
    assert door.get("/forgotten", who).status_code == 403
    assert door.get("/forgotten").status_code == 401
    with connect(f"ws{door.url[4:]}/forgotten-stream", additional_headers={"authorization": who}) as client:
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(5)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == NOT_ALLOWED


def test_pages_that_one_route_answers_have_rights_of_their_own(door: Door) -> None:
    assert door.get("/page", "operator").status_code == 403
    assert door.get("/page", "auditor").status_code == 404, "the gate let it through; this application has no page"


def test_a_person_is_led_to_sign_in_and_back_and_a_program_is_told(door: Door) -> None:
    page = door.get("/books?since=3&q=%E6%B0%B4", accept="text/html")
    assert page.status_code == 303
    assert page.headers["location"] == "/sign-in?next=/books%3Fsince%3D3%26q%3D%25E6%25B0%25B4"
    program = door.get("/books")
    assert program.status_code == 401 and program.headers["www-authenticate"] == "Bearer"
    assert program.headers["content-type"] == "application/problem+json"
    image = door.get("/books", accept="text/html", **{"sec-fetch-mode": "no-cors"})
    assert image.status_code == 401, "only what a person waits for is led away"
    forbidden = door.get("/books", "operator", accept="text/html")
    assert forbidden.status_code == 403 and "无权访问" in forbidden.text


def test_an_address_that_is_none_says_nothing_to_strangers(door: Door) -> None:
    assert door.get("/nowhere").status_code == 401
    assert door.get("/nowhere", "auditor").status_code == 404
    assert door.ask("DELETE", "/books", "auditor").status_code == 405


def test_what_is_refused_to_somebody_known_is_heard_of(door: Door) -> None:
    door.get("/books", "operator")
    door.get("/books")
    door.get("/nowhere", "operator")
    assert door.refused == [("olga", "/books", "127.0.0.1")]


def test_while_nobody_can_say_who_asks_only_what_is_open_is_answered(door: Door) -> None:
    door.store_is_away = True
    answer = door.get("/books", "auditor")
    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert door.get("/open", "auditor").json() == ""


def test_too_many_requests_are_told_when_to_come_back(door: Door) -> None:
    door.limits.session = Buckets(0.1, 3)
    answers = [door.get("/books", "auditor") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert door.ask("POST", "/books", "operator").status_code == 200, "of another session"


def test_guessing_secrets_is_not_free(door: Door) -> None:
    door.limits.anonymous = Buckets(0.1, 3)
    assert [door.get("/books", f"guess {i}").status_code for i in range(5)] == [401, 401, 401, 429, 429]
    assert door.get("/open", "guess").status_code == 200


def test_a_stream_without_a_session_hears_why(door: Door) -> None:
    with connect(f"ws{door.url[4:]}/stream") as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(5)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == NOT_SIGNED_IN


def test_a_stream_ends_with_its_session_whether_it_speaks_or_waits(door: Door) -> None:
    headers = {"authorization": "auditor"}
    with connect(f"ws{door.url[4:]}/stream", additional_headers=headers) as client:
        client.send("x")
        assert client.recv(5) == "xann"
        door.ended.add(SESSIONS["auditor"].id)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                client.recv(10)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == NOT_SIGNED_IN
    until(lambda: door.limits.sockets.held(SESSIONS["auditor"].id) == 0)


def test_one_session_opens_only_so_many_streams(door: Door) -> None:
    headers = {"authorization": "auditor"}
    with ExitStack() as held:
        *_, one_more = [
            held.enter_context(connect(f"ws{door.url[4:]}/stream", additional_headers=headers)) for _ in range(33)
        ]
        with pytest.raises(ConnectionClosed) as closed:
            one_more.recv(5)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1013
    until(lambda: door.limits.sockets.held(SESSIONS["auditor"].id) == 0)


def test_who_asks_is_not_mixed_up_between_requests_at_once(door: Door) -> None:
    answers: list[bool] = []

    def ask(who: str, method: str, name: str) -> None:
        answers.extend(door.ask(method, "/books", who).json() == name for _ in range(25))

    given = [("auditor", "GET", "ann"), ("operator", "POST", "olga")] * 2
    threads = [threading.Thread(target=ask, args=one) for one in given]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 100 and all(answers)


def test_an_asker_outside_any_request_is_nobody() -> None:
    assert asker() == Asker("")
