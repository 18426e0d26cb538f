"""A provider that does what no honest one does: a real server whose every answer is the test's to choose."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse
from joserfc import jws
from joserfc.jwk import Key, RSAKey

from tests.servers.keycloaks import CLIENT

OURS = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig"}, private=True)
THEIRS = RSAKey.generate_key(2048, {"kid": "ours"}, private=True)
Answer = Callable[[], Response]


@dataclass
class OddProvider:
    """Its sign-in page lets everybody in at once; ``claims`` are those of whoever comes."""

    claims: dict[str, Any] = field(default_factory=dict)
    key: Key = field(default_factory=lambda: OURS)
    userinfo: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    """what its document says differently"""
    answers: dict[str, Answer] = field(default_factory=dict)
    """path → what it answers instead of what it should"""
    asked: list[str] = field(default_factory=list)
    nonce: str = ""
    url: str = ""

    def application(self) -> FastAPI:
        app = FastAPI()

        @app.get("/auth")
        def sign_in(request: Request) -> Response:
            self.nonce = request.query_params["nonce"]
            back, state = request.query_params["redirect_uri"], request.query_params["state"]
            return RedirectResponse(f"{back}?code=a-code&state={state}", 303)

        @app.api_route("/{path:path}", methods=["GET", "POST"])
        async def anything(path: str, request: Request) -> Response:
            form = parse_qs((await request.body()).decode())
            self.asked.append(f"{path} {form.get('client_id', [''])[0]}".strip())
            return self.answers[path]() if path in self.answers else JSONResponse(self._proper(path))

        return app

    def token(self, **other: Any) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "8f0c", "iat": now, "exp": now + 300, "nonce": self.nonce}
        said = {**claims, "groups": ["ops-desk"], "preferred_username": "li", "name": "Li", **self.claims, **other}
        # Escaped, so that halves of characters can be said too.
        return jws.serialize_compact({"alg": "RS256", "kid": "ours"}, json.dumps(said), self.key)

    def _proper(self, path: str) -> dict[str, Any]:
        if path == "token":
            return {"access_token": "an-access-token", "token_type": "Bearer", "id_token": self.token()}
        if path == "keys":
            return {"keys": [OURS.as_dict(private=False)]}
        if path == "userinfo":
            return self.userinfo
        names = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "keys"}
        found = {name: f"{self.url}/{place}" for name, place in names.items()}
        return {"issuer": self.url, **found, "userinfo_endpoint": f"{self.url}/userinfo", **self.document}


def endless() -> Response:
    """An answer that never stops, as fast as it is read."""
    return _for_ever(b"x" * 65536, 0.0)


def dripping() -> Response:
    """An answer of which a byte comes now and then, before any timeout of reading."""
    return _for_ever(b" ", 0.05)


def _for_ever(piece: bytes, pause_s: float) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield piece
            await asyncio.sleep(pause_s)

    return StreamingResponse(pieces(), media_type="application/json")
