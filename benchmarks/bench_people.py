"""What knowing who asks costs, and how soon somebody who was put out is out: ``run.py bench people``.

The real web process with everything in front of it, as it runs on one machine.

``stream_end_ms``    from an administrator ending a session, in another process, to the close of its ``/live``
``revoked_ms``       from revoking a token to the first request that is refused
``request_us``       one request of a session that is known, through guard and gate, beside the same route without them;
                     ``ratio``: the one by the other, in the same process and the same run
``sign_in_ms``       name and password judged: argon2id is meant to cost this much
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import httpx
import numpy as np
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.center import Servers, fresh_servers, machine, running_stages, wait_until
from benchmarks.insider import gate_of
from ops_center import bootstrap
from ops_center.api.guard import Guard
from ops_center.city.make import make_city
from ops_center.domain.realms import Realm
from ops_center.domain.rights import SIGNED_IN, Asker, Grant, Role, allows
from ops_center.embedded.ports import LOOPBACK, free_port
from ops_center.services.accounts import WithPassword, WithSecret
from ops_center.services.people import People
from ops_center.services.sign_in_outcomes import NeedsNewPassword, SignedIn
from ops_center.services.signing_in import Visitor
from ops_center.settings import Settings

Report = Callable[[float, str], None]

CHIEF = Asker("bench", (Grant(Role.ADMINISTRATOR),))
HERE = Visitor(LOOPBACK, "bench")
PASSWORD = "long-enough-for-a-bench-7"  # noqa: S105 - of accounts that live for a minute
ENDINGS = 20
REQUESTS = 3000
SIGN_INS = 10
_LIMIT_S = 60.0


def measure(seconds: float, report: Report) -> Mapping[str, Any]:
    """Return the figures; ``seconds`` is about how long it may take."""
    report(0.0, "starting servers")
    with fresh_servers(kafka=False) as servers:
        settings = _prepared(servers)
        with running_stages(settings, ("web", "live"), servers.folder / "stages.log"):
            wait_until(lambda: _answers(settings), "the web process", _LIMIT_S, every_s=0.1)
            with closing(bootstrap.make_store(settings)) as store:
                people = bootstrap.make_people(settings, store)
                report(0.3, "signing in")
                figures: dict[str, Any] = {"machine": machine(), "sign_in_ms": _sign_ins(people)}
                report(0.5, "ending sessions")
                endings = max(3, min(ENDINGS, round(seconds / 2)))
                figures["stream_end_ms"] = _percentiles([_ended(settings, people, i) for i in range(endings)])
                figures["revoked_ms"] = _percentiles([_revoked(settings, people, i) for i in range(endings)])
    report(0.9, "requests")
    figures["request_us"] = asyncio.run(_requests())
    return figures


def _prepared(servers: Servers) -> Settings:
    settings = servers.settings("redis", Realm.SIMULATED, web_port=free_port(), city_things=500, totp_roles="")
    bootstrap.migrate_database(settings)
    make_city(settings.city_seed, settings.city_things, settings.pack_folder)
    bootstrap.register_pack(settings, settings.pack_folder)
    return settings


def _answers(settings: Settings) -> bool:
    try:
        return httpx.get(f"http://{LOOPBACK}:{settings.web_port}/api/alive", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _sign_ins(people: People) -> dict[str, float]:
    _signed_in(people, "signer")
    spans = []
    for _ in range(SIGN_INS):
        began_s = time.perf_counter()
        outcome = people.signing_in.sign_in("signer", PASSWORD, HERE)
        spans.append(time.perf_counter() - began_s)
        assert isinstance(outcome, SignedIn), outcome
    return _percentiles(spans)


def _signed_in(people: People, name: str) -> SignedIn:
    made = people.accounts.add(name, name, [Grant(Role.OPERATOR)], "en", CHIEF)
    assert isinstance(made, WithPassword), made
    first = people.signing_in.sign_in(name, made.password, HERE)
    assert isinstance(first, NeedsNewPassword), first
    entered = people.signing_in.new_password(first.ticket, PASSWORD, HERE)
    assert isinstance(entered, SignedIn), entered
    return entered


def _ended(settings: Settings, people: People, number: int) -> float:
    """Return how long the stream of a session went on after the session was ended here, in another process."""
    entered = _signed_in(people, f"watcher-{number}")
    address = f"{LOOPBACK}:{settings.web_port}"
    headers = {"cookie": f"ops_session={entered.secret}", "origin": f"http://{address}"}
    with connect(f"ws://{address}/live", additional_headers=headers, compression=None, max_size=None) as stream:
        stream.recv(20)  # a heartbeat: it is live
        began_s = time.perf_counter()
        people.accounts.end_session(entered.session.id, CHIEF)
        try:
            while True:
                stream.recv(_LIMIT_S)
        except ConnectionClosed:
            return time.perf_counter() - began_s


def _revoked(settings: Settings, people: People, number: int) -> float:
    """Return how long a token was good after it was revoked here, in another process."""
    made = people.accounts.add(f"program-{number}", "program", [Grant(Role.OPERATOR)], "en", CHIEF)
    assert isinstance(made, WithPassword), made
    token = people.accounts.add_token(made.account, "api", "bench", None, CHIEF)
    assert isinstance(token, WithSecret), token
    headers = {"authorization": f"Bearer {token.secret}"}
    with httpx.Client(base_url=f"http://{LOOPBACK}:{settings.web_port}", headers=headers, timeout=20) as http:
        assert http.get("/api/things?limit=1").status_code == 200
        began_s = time.perf_counter()
        people.accounts.revoke_token(token.token.key, CHIEF)
        wait_until(lambda: http.get("/api/things?limit=1").status_code == 401, "the refusal", _LIMIT_S)
        return time.perf_counter() - began_s


async def _requests() -> dict[str, float]:
    """Return µs a request through guard and gate and without, in turn, so that a drifting machine drifts for both."""
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.get("/x")
    @allows(SIGNED_IN)
    async def answer() -> str:
        return "x"

    doors: Mapping[str, Any] = {"bare": app, "guarded": Guard(gate_of(app))}
    known = {"authorization": "Bearer somebody"}  # who names nobody is counted by address, and soon told to wait
    clients = {
        name: httpx.AsyncClient(
            transport=httpx.ASGITransport(door, client=(LOOPBACK, 1)), base_url="http://localhost", headers=known
        )
        for name, door in doors.items()
    }
    spent = dict.fromkeys(doors, 0.0)
    for _ in range(10):
        for name, client in clients.items():
            spent[name] += await _spent_s(client, REQUESTS // 10)
    figures = {name: round(seconds / REQUESTS * 1e6, 1) for name, seconds in spent.items()}
    return {**figures, "ratio": round(spent["guarded"] / spent["bare"], 2)}


async def _spent_s(client: httpx.AsyncClient, times: int) -> float:
    began_s = time.perf_counter()
    for _ in range(times):
        answer = await client.get("/x")
        assert answer.status_code == 200, answer.text
    return time.perf_counter() - began_s


def _percentiles(spans_s: list[float]) -> dict[str, float]:
    found = {f"p{p}": round(float(np.percentile(spans_s, p)) * 1000, 1) for p in (50, 95)}
    return {**found, "max": round(max(spans_s) * 1000, 1), "n": len(spans_s)}
