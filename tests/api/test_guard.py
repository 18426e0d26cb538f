"""The guard: who may ask, and under which headers. Over real sockets, so that odd requests stay odd."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI, Request

from ops_center.api.guard import Guard, content_security_policy
from tests.servers.webs import served


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/read")
    def read() -> str:
        return "read"

    @app.post("/write")
    async def write(request: Request) -> int:
        return len(await request.body())

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
    import asyncio

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def ask() -> None:
        for kind in ("http", "websocket"):
            scope = {"type": kind, "method": "GET", "path": "/", "headers": [(b"host", b"localhost")], "client": client}
            await Guard(_pass)(scope, None, send)  # type: ignore[arg-type]

    asyncio.run(ask())
    assert sent[0]["status"] == 403
    assert sent[-1]["type"] == "websocket.close"
