"""Connections over raw sockets: what a parser must refuse, what is too large, too slow, too many, never read.

Everything is asked of the server as it is configured in production; only the waiting is shorter.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request, Response, WebSocket
from websockets.sync.client import connect

from ops_center.api.connections import Bounds
from ops_center.api.guard import Guard
from ops_center.api.serving import most_connections, server_options
from ops_center.screens.stream.endpoint import SERVER_OPTIONS
from ops_center.settings import Settings
from tests.servers.webs import served, until

BOUNDS = Bounds(head_within_s=1.0, reads_within_s=0.5, each=6)
PATIENT = Bounds(each=6)
LARGE = 30_000_000


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/read")
    @app.get("/")
    def read() -> str:
        return "read"

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError

    @app.get("/large")
    def large() -> Response:
        return Response(b"x" * LARGE)

    @app.post("/write")
    async def write(request: Request) -> int:
        return len(await request.body())

    @app.websocket("/talk")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive()

    return app


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(Guard(application()), **server_options(Settings(), PATIENT), **SERVER_OPTIONS) as serving:
        yield serving


@pytest.fixture(scope="module")
def hasty() -> Iterator[str]:
    with served(Guard(application()), **server_options(Settings(), BOUNDS), **SERVER_OPTIONS) as serving:
        yield serving


def opened(address: str) -> socket.socket:
    host, port = address.split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def ended(connection: socket.socket) -> bytes:
    """Everything until the server ends the connection."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            said += piece
    return said


def ask(address: str, request: bytes) -> bytes:
    """What is said until the connection ends; the server ends it for what it refuses."""
    with opened(address) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(request)
        return ended(connection)
    return b""


def status(answer: bytes) -> int:
    return int(answer.split(b" ")[1]) if answer else 0


HEAD = b"GET /read HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"


def test_a_plain_request_is_answered(address: str) -> None:
    answer = ask(address, HEAD + b"\r\n")
    assert status(answer) == 200
    assert b"server:" not in answer.lower(), "nobody needs to know the program"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET /read?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET /" + b"a" * 200_000, 414),
        (HEAD + b"X: y\r\n" * 120 + b"\r\n", 431),
        (HEAD + b"X: " + b"y" * 9000 + b"\r\n\r\n", 431),
        (HEAD + b"".join(b"X%d: %s\r\n" % (n, b"y" * 1000) for n in range(60)) + b"\r\n", 431),
        (HEAD + b"X: " + b"y" * 300_000, 431),
        (HEAD + b"y" * 300_000, 431),
    ],
    ids=["path", "query", "endless path", "headers", "header", "all headers", "endless value", "endless name"],
)
def test_a_head_that_is_too_large_is_refused_while_it_comes(address: str, request_: bytes, expected: int) -> None:
    answer = ask(address, request_)
    # A server that stops reading may reset the connection before the answer is read.
    assert status(answer) in {expected, 0} if len(request_) > 100_000 else status(answer) == expected


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 300,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /read HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /read\r\n\r\n",
        b"get lost\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /read HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET /read HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n\r\n",
        b"GET /read HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"GET /read HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n",
        b"GET /read HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET /read HTTP/1.1\r\nX: y\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(address: str, request_: bytes) -> None:
    assert status(ask(address, request_)) in {400, 414, 421, 431}


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nContent-Length: 5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Content-Length: -5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: 99999999999999999999999999\r\n",
        b"Content-Length : 5\r\n",
    ],
)
def test_a_body_whose_length_can_be_read_in_two_ways_ends_the_connection(address: str, framing: bytes) -> None:
    """Whatever follows must not be taken for a second request (request smuggling)."""
    hidden = b"0\r\n\r\nGET /read HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = ask(address, b"POST /write HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n" + hidden)
    assert status(answer) in {400, 411, 413}
    assert answer.count(b"HTTP/1.1 ") == 1


def test_what_else_a_request_line_may_name_opens_nothing(address: str) -> None:
    absolute = b"GET http://evil.example/read HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
    assert status(ask(address, absolute % b"evil.example")) == 421
    assert status(ask(address, absolute % b"localhost")) == 200, "the name that is judged is the one that is used"
    assert status(ask(address, b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")) in {
        400,
        404,
        405,
    }


def test_requests_in_a_row_on_one_connection_are_all_answered(address: str) -> None:
    one = b"GET /read HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert ask(address, one * 20 + HEAD + b"\r\n").count(b"HTTP/1.1 200") == 21


@pytest.mark.parametrize("begun", [b"", b"GET /read HT", HEAD, HEAD + b"X: "])
def test_a_head_that_takes_too_long_is_not_waited_for(hasty: str, begun: bytes) -> None:
    with opened(hasty) as connection:
        connection.sendall(begun)
        assert ended(connection) == b""


def test_a_byte_now_and_then_does_not_help(hasty: str) -> None:
    with opened(hasty) as connection:
        connection.settimeout(0.1)
        for byte in (HEAD + b"X: " + b"y" * 1000).decode():
            try:
                connection.sendall(byte.encode())
                if connection.recv(1000) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        else:
            pytest.fail("the head was waited for")


def test_the_rest_of_a_body_that_nobody_wants_does_not_hold_the_connection(hasty: str) -> None:
    with opened(hasty) as connection:
        connection.sendall(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc")
        assert status(ended(connection)) == 404


def test_a_reader_that_does_not_read_is_cut_off() -> None:
    """The kernel keeps what was written and tells the reader late; that its place is free again tells it at once."""
    alone = Bounds(reads_within_s=3.0, each=1)
    with served(Guard(application()), **server_options(Settings(), alone)) as serving, opened(serving) as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert stalled.recv(12) == b"HTTP/1.1 200"
        assert ask(serving, HEAD + b"\r\n") == b""
        until(lambda: status(ask(serving, HEAD + b"\r\n")) == 200)


def test_a_slow_reader_is_waited_for() -> None:
    bounds = Bounds(head_within_s=1.0)
    with served(Guard(application()), **server_options(Settings(), bounds)) as serving, opened(serving) as slow:
        slow.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert slow.recv(12) == b"HTTP/1.1 200"
        threading.Event().wait(1.5)  # longer than a head may take
        assert len(ended(slow)) > LARGE


def test_one_address_may_open_so_many_connections_and_no_more(address: str) -> None:
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(opened(address)) for _ in range(PATIENT.each)]
        for connection in connections:
            connection.sendall(b"GET /read HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert status(connection.recv(65536)) == 200
        assert ask(address, HEAD + b"\r\n") == b""
        connections[0].close()
        until(lambda: status(ask(address, HEAD + b"\r\n")) == 200)
    until(lambda: status(ask(address, HEAD + b"\r\n")) == 200)


def test_a_proxy_may_open_more(address: str) -> None:
    behind = Settings(public_url="http://localhost", trusted_proxies="127.0.0.1")
    options = server_options(behind, Bounds(each=2))
    with served(Guard(application()), **options) as serving, contextlib.ExitStack() as held:
        for _ in range(5):
            connection = held.enter_context(opened(serving))
            connection.sendall(b"GET /read HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert status(connection.recv(65536)) == 200


def test_a_websocket_gives_its_place_back_and_is_counted_by_the_guard(address: str) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(2 * PATIENT.each):
            held.enter_context(connect(f"ws://{address}/talk"))
    assert status(ask(address, HEAD + b"\r\n")) == 200


UPGRADE = (
    b"GET /talk HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.mark.parametrize(
    "request_",
    [
        UPGRADE.replace(b"13", b"12") + b"\r\n",
        UPGRADE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"x") + b"\r\n",
        UPGRADE.replace(b"Sec-WebSocket-Key", b"X") + b"\r\n",
        UPGRADE.replace(b"GET", b"POST") + b"\r\n",
        UPGRADE.replace(b"/talk", b"/nowhere") + b"\r\n",
        UPGRADE + b"X: " + b"y" * 8300 + b"\r\n\r\n",
        UPGRADE + b"X: y\r\n" * 130 + b"\r\n",
        UPGRADE + b"Content-Length: 4\r\n\r\nabcd",
        UPGRADE + b"Transfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_a_handshake_that_is_none_ends_the_connection(address: str, request_: bytes) -> None:
    answer = ask(address, request_)
    assert status(answer) in {0, 400, 403, 405, 411, 426, 431}


def test_nonsense_is_no_news_and_a_failure_of_ours_is(address: str, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(30):
        ask(address, b"nonsense\r\n\r\n")
    assert caplog.records == []
    assert status(ask(address, HEAD.replace(b"/read", b"/broken") + b"\r\n")) == 500
    until(lambda: caplog.records)
    assert "Exception in ASGI application" in caplog.text


def test_there_are_files_for_every_connection_that_is_let_in() -> None:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 64 <= most_connections() <= max(64, soft)
