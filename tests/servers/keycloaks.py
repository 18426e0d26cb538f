"""Keycloak: one server per session (``keycloak``) with the realm ``city``, run over its admin interface (``sso``)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from ops_center.domain.errors import ServerError
from tests.servers.absence import missing
from tests.servers.keycloak_server import ADMIN, PASSWORD, REALM, KeycloakServer

CLIENT, SECRET = "ops-center", "the-center-at-the-single-sign-on"
"""as keycloak.realm.json has them"""
USER_PASSWORD = "a password of the tests"


class CitySignOn:
    """The realm at a real Keycloak: people, groups, keys, our center as its client."""

    def __init__(self, server: KeycloakServer) -> None:
        self.server = server
        self._http = httpx.Client(timeout=60, event_hooks={"request": [self._sign]})
        self._token = ""

    @property
    def issuer(self) -> str:
        return f"{self.server.url}/realms/{REALM}"

    def close(self) -> None:
        self._http.close()

    def add_person(self, name: str, groups: Sequence[str] = (), **more: Any) -> str:
        """Make somebody who can sign in with USER_PASSWORD; return the subject."""
        known = {"firstName": "Wei", "lastName": "Zhang", "email": f"{name}@city.example", "emailVerified": True}
        credential = {"type": "password", "value": USER_PASSWORD, "temporary": False}
        person = {"username": name, "enabled": True, "credentials": [credential], **known, **more}
        made = self._send("POST", "users", person)
        subject = made.headers["location"].rpartition("/")[2]
        self.set_groups(subject, groups)
        return subject

    def set_groups(self, subject: str, groups: Sequence[str]) -> None:
        """Let somebody be in these groups and no others."""
        for group in self._get(f"users/{subject}/groups"):
            self._send("DELETE", f"users/{subject}/groups/{group['id']}")
        for group in groups:
            self._send("PUT", f"users/{subject}/groups/{self._group(group)}")

    def end_sessions(self, subject: str) -> None:
        """Sign somebody out everywhere, as an administrator of the provider does; clients hear of it."""
        self._send("POST", f"users/{subject}/logout")

    def change_client(self, **fields: Any) -> None:
        """Change what the realm knows of our center."""
        before = self._client
        path = f"clients/{before['id']}"
        attributes = before["attributes"] | fields.pop("attributes", {})
        self._send("PUT", path, before | fields | {"attributes": attributes})

    def change_realm(self, **fields: Any) -> None:
        """Change settings of the realm."""
        self._send("PUT", "", fields)

    def rotate_keys(self) -> None:
        """Sign with a new key from now on and take the old ones away."""
        old = self._get("components?type=org.keycloak.keys.KeyProvider")
        self._add_key(priority=200)
        for key in old:
            if key["providerId"].startswith("rsa"):
                self._send("DELETE", f"components/{key['id']}")

    def tell_groups(self, *, in_token: bool) -> None:
        """Say the groups in the identity token, or only to those who ask for them."""
        mapper = next(found for found in self._get(f"{self._mappers}/models") if found["name"] == "groups")
        config = mapper["config"] | {"id.token.claim": str(in_token).lower()}
        self._send("PUT", f"{self._mappers}/models/{mapper['id']}", mapper | {"config": config})

    @property
    def _mappers(self) -> str:
        return f"clients/{self._client['id']}/protocol-mappers"

    @property
    def _client(self) -> Any:
        return self._get(f"clients?clientId={CLIENT}")[0]

    def _add_key(self, priority: int) -> None:
        config = {"priority": [str(priority)], "keySize": ["2048"], "algorithm": ["RS256"]}
        key = {"name": uuid.uuid4().hex, "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider"}
        self._send("POST", "components", {**key, "config": config})

    def _group(self, name: str) -> str:
        found = [group for group in self._get(f"groups?exact=true&search={name}") if group["name"] == name]
        if found:
            return str(found[0]["id"])
        return self._send("POST", "groups", {"name": name}).headers["location"].rpartition("/")[2]

    def _get(self, path: str) -> Any:
        return self._send("GET", path).json()

    def _send(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> httpx.Response:
        address = f"{self.server.url}/admin/realms/{REALM}/{path}".rstrip("/")
        answer = self._http.request(method, address, json=content)
        if answer.status_code == 401:  # its administrators' tokens are good for a minute
            self._token = ""
            answer = self._http.request(method, address, json=content)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def _sign(self, request: httpx.Request) -> None:
        if not self._token:
            form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": PASSWORD}
            asked = httpx.post(f"{self.server.url}/realms/master/protocol/openid-connect/token", data=form, timeout=60)
            self._token = asked.raise_for_status().json()["access_token"]
        request.headers["authorization"] = f"Bearer {self._token}"


def new_browser() -> httpx.Client:
    """A browser without script: it keeps cookies, and trusts plain http on loopback as browsers do."""
    browser = httpx.Client(timeout=60)

    def trust_loopback(_answer: httpx.Response) -> None:
        for cookie in browser.cookies.jar:
            cookie.secure = False

    browser.event_hooks = {"response": [trust_loopback]}
    return browser


def fill_in(browser: httpx.Client, page: httpx.Response, name: str, password: str = USER_PASSWORD) -> httpx.Response:
    """Post the provider's own sign-in form as ``page`` shows it; return where it leads, not followed."""
    form = re.search(r'<form id="kc-form-login"[^>]*action="([^"]+)"', page.text)
    assert form, f"no sign-in form: {page.status_code} {page.text[:500]}"
    address = urljoin(str(page.url), unescape(form[1]))
    return browser.post(address, data={"username": name, "password": password, "credentialId": ""})


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeycloakServer]:
    server = KeycloakServer(tmp_path_factory.mktemp("keycloak"))
    try:
        server.start()
    except ServerError as error:
        missing("Keycloak", error)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sso(keycloak: KeycloakServer) -> Iterator[CitySignOn]:
    realm = CitySignOn(keycloak)
    yield realm
    realm.close()
