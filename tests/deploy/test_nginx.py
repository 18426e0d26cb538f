"""deploy/nginx.conf, as it is shipped, in a real nginx before a real center's guard."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response, WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from ops_center.api.cookies import set_session
from ops_center.api.guard import Guard
from ops_center.api.serving import server_options, site_of
from ops_center.screens.stream.endpoint import SERVER_OPTIONS
from ops_center.settings import Settings
from tests.servers.certificates import Authority
from tests.servers.nginxes import Nginx
from tests.servers.webs import served

NAME = "ops.example"
CLIENT = "127.0.0.2"
"""where the tests' clients connect from: not the address of the proxy, which is 127.0.0.1"""
SETTINGS = Settings(public_url=f"https://{NAME}", trusted_proxies="127.0.0.1")
LIES = [
    {"X-Forwarded-For": "203.0.113.9"},
    {"X-Forwarded-For": "127.0.0.1, 10.0.0.1"},
    {"X-Forwarded-For": "not an address"},
    {"Forwarded": "for=203.0.113.9;proto=http;host=evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
    {"X-Real-IP": "203.0.113.9", "Client-IP": "203.0.113.9"},
]


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/who")
    def who(request: Request) -> list[str]:
        assert request.client
        return [request.client.host, request.scope["ops_center.peer"], str(request.url)]

    @app.get("/cookie", response_model=None)
    def cookie(request: Request) -> Response:
        response = Response("x")
        set_session(request, response, "secret")
        return response

    @app.post("/write")
    async def write(request: Request) -> int:
        return len(await request.body())

    @app.websocket("/talk")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        assert websocket.client
        await websocket.send_text(f"{websocket.client.host} {websocket.url.scheme}")
        await websocket.receive()

    return app


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    guarded = Guard(application(), site=site_of(SETTINGS))
    with served(guarded, **server_options(SETTINGS), **SERVER_OPTIONS) as address:
        yield address


@pytest.fixture(scope="module")
def front(nginx: Nginx, upstream: str, authority: Authority) -> Nginx:
    return nginx.in_front_of(upstream, authority.issue(NAME), NAME)


class Client(httpx.Client):
    """Connects from an address of its own to nginx, and asks for the public name."""

    def __init__(self, front: Nginx, authority: Authority) -> None:
        transport = httpx.HTTPTransport(verify=authority.trusted(), local_address=CLIENT)
        super().__init__(transport=transport, base_url=f"https://127.0.0.1:{front.port}", headers={"Host": NAME})

    def send(self, request: httpx.Request, **more: object) -> httpx.Response:
        request.extensions["sni_hostname"] = NAME
        return super().send(request, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def client(front: Nginx, authority: Authority) -> Iterator[Client]:
    with Client(front, authority) as connected:
        yield connected


def talking(front: Nginx, authority: Authority, origin: str | None, **said: str) -> ClientConnection:
    raw = socket.create_connection(("127.0.0.1", front.port), timeout=20, source_address=(CLIENT, 0))
    options = {"ssl": authority.trusted(), "origin": origin, "additional_headers": said}
    return connect(f"wss://{NAME}/talk", sock=raw, **options)


def test_the_center_sees_who_asked_how_and_for_what(client: Client) -> None:
    answer = client.get("/who")
    assert answer.json() == [CLIENT, "127.0.0.1", f"https://{NAME}/who"]
    assert answer.headers["strict-transport-security"]
    assert answer.headers["content-security-policy"]
    assert answer.headers["server"] == "nginx", "no version"


@pytest.mark.parametrize("lies", LIES)
def test_what_a_client_claims_of_itself_goes_no_further(client: Client, lies: dict[str, str]) -> None:
    assert client.get("/who", headers=lies).json() == [CLIENT, "127.0.0.1", f"https://{NAME}/who"]


def test_cookies_are_for_https_alone(client: Client) -> None:
    assert client.get("/cookie").headers["set-cookie"].startswith("__Host-ops_session=secret;")
    assert "Secure" in client.get("/cookie").headers["set-cookie"]


def test_a_page_of_ours_may_change_something_and_no_other(client: Client) -> None:
    own = {"Origin": f"https://{NAME}"}
    assert client.post("/write", content=b"abc", headers=own).json() == 3
    assert client.post("/write", content=b"abc", headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/write", content=iter([b"abc", b"de"]), headers=own).json() == 5, "nginx gives the length"


def test_the_bounds_hold_before_the_center_is_asked(client: Client) -> None:
    assert client.post("/write", content=b"x" * (4 * 1024 * 1024 + 1)).status_code == 413
    assert client.get("/who?" + "a" * 9000).status_code == 414
    assert client.get("/who", headers={"X": "y" * 9000}).status_code == 400


def test_websockets_pass_and_are_judged(front: Nginx, authority: Authority) -> None:
    with talking(front, authority, f"https://{NAME}") as open_one:
        assert open_one.recv(10) == f"{CLIENT} wss"
    for lies in LIES:
        with talking(front, authority, f"https://{NAME}", **lies) as open_one:
            assert open_one.recv(10) == f"{CLIENT} wss"
    with pytest.raises(InvalidStatus):
        talking(front, authority, "https://evil.example")
    with pytest.raises(InvalidStatus):
        talking(front, authority, None, Cookie="__Host-ops_session=x")


def test_plain_http_leads_to_https(front: Nginx) -> None:
    answer = httpx.get(f"http://127.0.0.1:{front.plain_port}/who?a=b", headers={"Host": NAME})
    assert answer.status_code == 308
    assert answer.headers["location"] == f"https://{NAME}/who?a=b"


def test_another_name_gets_no_answer(front: Nginx, authority: Authority) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://127.0.0.1:{front.plain_port}/who", headers={"Host": "evil.example"})
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        authority.trusted().wrap_socket(
            socket.create_connection(("127.0.0.1", front.port), timeout=20), server_hostname="evil.example"
        )


def test_a_host_that_is_not_the_certificate_s_goes_no_further(client: Client) -> None:
    with pytest.raises(httpx.HTTPError):
        client.get("/who", headers={"Host": "evil.example"}).raise_for_status()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_versions_shake_no_hands(front: Nginx, authority: Authority) -> None:
    context = authority.trusted()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        context.wrap_socket(socket.create_connection(("127.0.0.1", front.port), timeout=20), server_hostname=NAME)


def test_past_the_proxy_nobody_is_answered(upstream: str) -> None:
    said = {"Host": NAME, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    with httpx.Client(transport=httpx.HTTPTransport(local_address=CLIENT)) as stranger:
        assert stranger.get(f"http://{upstream}/who", headers=said).status_code == 403
