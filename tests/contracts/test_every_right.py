"""Everything that can be asked for declares who may, and nobody else gets it: each line of the table, as each role.

The whole web process is made as it is in production, on real servers. ``OPS_WRITE_DOCS=1`` writes docs/rights.md anew.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from ops_center.api.access import Row
from ops_center.api.cookies import LOOPBACK_NAME
from ops_center.api.gate import NOT_ALLOWED, NOT_SIGNED_IN
from ops_center.api.rights_table import rights_table
from ops_center.bootstrap import make_people, make_store, open_web
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.screens.stream.endpoint import SERVER_OPTIONS
from ops_center.screens.stream.frames import decode_frames
from ops_center.settings import Settings
from ops_center.store.migrate import migrate
from ops_center.web import Web
from tests.servers.databases import empty_database
from tests.servers.people import secret_of
from tests.servers.webs import served

PAGE = Path(__file__).parents[2] / "docs" / "rights.md"
STRANGER = None
EVERYBODY = (STRANGER, *Role)
NAMES = [role.value if role else "stranger" for role in EVERYBODY]
GIVEN = {"{cell:path}": "roads/-/-", "{geometry}": "0", "{id}": "1", "{path:path}": "/nowhere/at/all"}
STEPS_OF_SIGNING_IN = {f"POST /sign-in/{step}" for step in ("code", "password", "enrolment", "demo")}
ENDS_THE_SESSION = {"POST /sign-out", "POST /sign-in", "POST /display", *STEPS_OF_SIGNING_IN}
"""and what answers 401 of itself, to whoever sends a wrong password or code"""


@dataclass
class Center:
    url: str
    web: Web
    cookies: dict[Role | None, dict[str, str]]

    def ask(self, method: str, path: str, role: Role | None, **more: Any) -> httpx.Response:
        origin = {"origin": self.url}
        with httpx.Client(base_url=self.url, cookies=self.cookies[role], headers=origin, timeout=60) as http:
            return http.request(method, path, **more)


@pytest.fixture(scope="module")
def center(
    request: pytest.FixtureRequest, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Center]:
    admin = request.getfixturevalue("plain_postgres").url_of("postgres")
    state = tmp_path_factory.mktemp("state")
    with empty_database(admin) as url:
        migrate(url)
        settings = Settings(
            database_url=SecretStr(url),
            redis_url=SecretStr(valkey_url),
            city_pack=small_city.folder,
            state_dir=state,
            requests_per_s=10_000,
            totp_roles="",
        )
        stop = threading.Event()
        with open_web(settings, stop) as web, served(web.application, **SERVER_OPTIONS) as address:
            yield Center(f"http://{address}", web, sign_in_everybody(settings))


def sign_in_everybody(settings: Settings) -> dict[Role | None, dict[str, str]]:
    """An account for each role, over the whole city, and a session of each."""
    cookies: dict[Role | None, dict[str, str]] = {STRANGER: {}}
    with closing(make_store(settings)) as store:
        people = make_people(settings, store)
        for role in Role:
            cookies[role] = {LOOPBACK_NAME: secret_of(people, role.value, Grant(role))}
    return cookies


def test_everything_declares_its_rights(center: Center) -> None:
    silent = [f"{row.kind} {row.name}" for row in center.web.rows() if not row.is_declared]
    assert not silent, f"closed to everybody, since nothing is declared: {silent}"


def test_the_page_says_what_is_declared(center: Center) -> None:
    table = rights_table(center.web.rows())
    if os.environ.get("OPS_WRITE_DOCS"):
        PAGE.write_text(table, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == table, "review what changed, then run this with OPS_WRITE_DOCS=1"


def test_the_table_has_every_kind_of_line(center: Center) -> None:
    kinds = {row.kind for row in center.web.rows()}
    assert kinds == {"page", "route", "stream", "callback", "layer", "feed"}
    assert len(center.web.rows()) > 40


@pytest.mark.parametrize("role", EVERYBODY, ids=NAMES)
def test_every_page_and_address_answers_those_who_may_and_no_others(center: Center, role: Role | None) -> None:
    wrong = []
    for row in center.web.rows():
        if row.kind not in {"page", "route"} or row.name in ENDS_THE_SESSION:
            continue
        method, path = ("GET", row.name) if row.kind == "page" else row.name.split(" ", 1)
        status = center.ask(method, filled(path), role, headers={"sec-fetch-mode": "cors"}).status_code
        if (status in {401, 403}) == may(role, row) or (status == 401) != (role is STRANGER and not row.anonymous):
            wrong.append((row.name, status))
    assert not wrong


@pytest.mark.parametrize("role", EVERYBODY, ids=NAMES)
def test_every_callback_runs_for_those_who_may_and_for_no_others(center: Center, role: Role | None) -> None:
    wrong = []
    for row in center.web.rows():
        if row.kind != "callback":
            continue
        body = called(center.web, row.name)
        status = center.ask("POST", "/_dash-update-component", role, json=body).status_code
        refused = 401 if role is STRANGER else 403
        if (status == refused) == may(role, row) or (status == 500):
            wrong.append((row.name, status))
    assert not wrong


@pytest.mark.parametrize("role", EVERYBODY, ids=NAMES)
def test_every_stream_opens_for_those_who_may_and_for_no_others(center: Center, role: Role | None) -> None:
    for row in center.web.rows():
        if row.kind == "stream":
            code = close_code(center, row.name, role)
            refused = NOT_SIGNED_IN if role is STRANGER else NOT_ALLOWED
            assert (code == refused) != may(role, row), (row.name, code)


@pytest.mark.parametrize("role", list(Role), ids=NAMES[1:])
def test_every_layer_is_sent_to_those_who_may_see_it_and_to_no_others(center: Center, role: Role) -> None:
    rows = {row.name: row for row in center.web.rows() if row.kind == "layer"}
    if close_code(center, "/live", role) == NOT_ALLOWED:
        assert not any(may(role, row) for row in rows.values())
        return
    with socket_of(center, "/live", role) as client:
        client.send(json.dumps({"subscribe": {"layers": list(rows)}}))
        while True:
            frames = [header for header, _ in decode_frames(client.recv(20, decode=False))]
            if answers := [header for header in frames if header["kind"] == "subscribed"]:
                break
    assert set(answers[0]["layers"]) == {name for name, row in rows.items() if may(role, row)}


def may(role: Role | None, row: Row) -> bool:
    return row.anonymous or role in row.roles


def filled(path: str) -> str:
    for name, value in GIVEN.items():
        path = path.replace(name, value)
    while "{" in path:
        path = path[: path.index("{")] + "x" + path[path.index("}") + 1 :]
    return path.replace("…", "wall.css")


def called(web: Web, name: str) -> dict[str, Any]:
    """What a browser sends to run a callback whose inputs are all empty; a pattern fits nothing then."""
    entry = web.callbacks.described(name)
    return {
        "output": name,
        "outputs": entry["outputs"],
        "inputs": [empty(part) for part in entry["inputs"]],
        "state": [empty(part) for part in entry["state"]],
        "changedPropIds": [],
    }


def empty(part: dict[str, Any]) -> Any:
    return [] if part["id"].startswith("{") else {**part, "value": None}


def socket_of(center: Center, path: str, role: Role | None) -> Any:
    cookie = "; ".join(f"{name}={value}" for name, value in center.cookies[role].items())
    headers = {"cookie": cookie, "origin": center.url}
    return connect(f"ws{center.url[4:]}{path}", additional_headers=headers, compression=None)


def close_code(center: Center, path: str, role: Role | None) -> int | None:
    """The code that the server closes a new connection with; None: it doesn't."""
    with socket_of(center, path, role) as client:
        try:
            client.recv(1.0)
        except TimeoutError:
            return None
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
    return None
