"""The web server's own TLS over real sockets: versions, ciphers, names, cookies, renewal, who never shakes hands."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response, WebSocket
from structlog.testing import capture_logs
from websockets.sync.client import connect

from ops_center.api.cookies import set_session
from ops_center.api.guard import Guard
from ops_center.api.serving import server_options, site_of
from ops_center.certificates import CertificateFiles
from ops_center.domain.errors import ConfigurationError
from ops_center.screens.stream.endpoint import SERVER_OPTIONS
from ops_center.settings import Settings
from tests.servers.certificates import Authority
from tests.servers.webs import served


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/cookie", response_model=None)
    def cookie(request: Request) -> Response:
        response = Response("x")
        set_session(request, response, "secret")
        return response

    @app.websocket("/talk")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(f"{websocket.url.scheme} {websocket.scope['ops_center.transport'] is not None}")
        await websocket.receive()

    return app


def settings_of(files: CertificateFiles, url: str = "https://ops.example") -> Settings:
    return Settings(public_url=url, tls_certificate=files.certificate, tls_key=files.key)


def serving(settings: Settings) -> Any:
    return served(Guard(application(), site=site_of(settings)), **server_options(settings), **SERVER_OPTIONS)


@pytest.fixture(scope="module")
def files(authority: Authority) -> CertificateFiles:
    return authority.issue("ops.example")


@pytest.fixture(scope="module")
def address(files: CertificateFiles) -> Iterator[str]:
    with serving(settings_of(files)) as secure:
        yield secure


def ask(address: str, path: str, trusted: ssl.SSLContext) -> httpx.Response:
    """Ask under the public name, wherever that would lead."""
    with httpx.Client(verify=trusted) as client:
        return client.get(
            f"https://{address}{path}", headers={"Host": "ops.example"}, extensions={"sni_hostname": "ops.example"}
        )


def shaken(address: str, context: ssl.SSLContext, name: str | None = "ops.example") -> ssl.SSLSocket:
    host, port = address.split(":")
    return context.wrap_socket(socket.create_connection((host, int(port)), timeout=20), server_hostname=name)


def test_a_client_that_trusts_the_authority_is_answered(address: str, authority: Authority) -> None:
    answer = ask(address, "/cookie", authority.trusted())
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"]
    assert answer.headers["set-cookie"] == "__Host-ops_session=secret; HttpOnly; Path=/; SameSite=lax; Secure"


def test_a_client_that_does_not_trust_it_goes_away(address: str) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(address, "/cookie", ssl.create_default_context())


def test_another_name_than_the_certificate_s_is_not_believed(address: str, authority: Authority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"other\.example"):
        shaken(address, authority.trusted(), "other.example")


def test_who_speaks_plain_http_hears_nothing(address: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://{address}/cookie", headers={"Host": "ops.example"})


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_modern_versions_shake_hands_with_forward_secrecy(
    address: str, authority: Authority, version: ssl.TLSVersion
) -> None:
    context = authority.trusted()
    context.minimum_version = context.maximum_version = version
    with shaken(address, context) as secure:
        assert secure.version() == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]
        cipher = secure.cipher()
        assert cipher
        assert cipher[0].startswith(("ECDHE-", "TLS_"))
        assert secure.compression() is None


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_do_not(address: str, authority: Authority, version: ssl.TLSVersion) -> None:
    context = authority.trusted()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises(ssl.SSLError):
        shaken(address, context)


@pytest.mark.parametrize("cipher", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "DHE-RSA-AES128-GCM-SHA256"])
def test_ciphers_without_forward_secrecy_or_authentication_do_not(
    address: str, authority: Authority, cipher: str
) -> None:
    context = authority.trusted()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        shaken(address, context)


def test_websockets_go_the_same_way(address: str, authority: Authority) -> None:
    host, port = address.split(":")
    raw = socket.create_connection((host, int(port)), timeout=20)
    said = {"ssl": authority.trusted(), "origin": "https://ops.example"}
    with connect("wss://ops.example/talk", sock=raw, **said) as talking:
        assert talking.recv(10) == "wss True"


def test_a_renewed_certificate_is_served_at_the_next_handshake(authority: Authority) -> None:
    files = authority.issue("ops.example")
    with serving(settings_of(files)) as secure:
        before = _serial(secure, authority)
        with shaken(secure, authority.trusted()) as open_one:
            authority.write(files, "ops.example")
            after = _serial(secure, authority)
            open_one.sendall(b"GET /cookie HTTP/1.1\r\nHost: ops.example\r\n\r\n")
            assert b"200" in open_one.recv(1000), "who is there stays"
    assert before != after
    assert _number(files) == after


def test_a_renewal_that_does_not_fit_is_said_and_the_old_one_serves(authority: Authority, tmp_path: Path) -> None:
    files, other = authority.issue("ops.example"), authority.issue("ops.example")
    with serving(settings_of(files)) as secure, capture_logs() as logs:
        before = _serial(secure, authority)
        files.certificate.write_bytes(other.certificate.read_bytes())  # the key has not come yet
        assert _serial(secure, authority) == before
        assert _serial(secure, authority) == before
        files.key.unlink()
        assert _serial(secure, authority) == before
        files.key.touch(mode=0o600)
        files.key.write_bytes(other.key.read_bytes())
        assert _serial(secure, authority) != before
    events = [entry["event"] for entry in logs if entry["event"].startswith("certificate")]
    assert events == ["certificate.not_renewed", "certificate.renewed"]


def test_what_expires_soon_is_said(authority: Authority) -> None:
    with capture_logs() as logs:
        server_options(settings_of(authority.issue("ops.example", until_days=20)))
        server_options(settings_of(authority.issue("ops.example", until_days=-0.5)))
    assert ["19 days" in entry["reason"] or "expired" in entry["reason"] for entry in logs] == [True, True]


def test_files_that_cannot_serve_the_name_stop_the_start(authority: Authority) -> None:
    with pytest.raises(ConfigurationError, match=r"made out to other\.example"):
        server_options(settings_of(authority.issue("other.example")))


def test_who_never_shakes_hands_is_not_waited_for(files: CertificateFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    from ops_center.api import serving as serving_module

    monkeypatch.setattr(serving_module, "_HANDSHAKE_WITHIN_S", 0.3)
    with serving(settings_of(files)) as secure:
        host, port = secure.split(":")
        with socket.create_connection((host, int(port)), timeout=20) as silent:
            assert silent.recv(1) == b""


def _serial(address: str, authority: Authority) -> int:
    with shaken(address, authority.trusted()) as secure:
        found = secure.getpeercert()
        assert found
        return int(str(found["serialNumber"]), 16)


def _number(files: CertificateFiles) -> int:
    from cryptography import x509

    return x509.load_pem_x509_certificate(files.certificate.read_bytes()).serial_number
