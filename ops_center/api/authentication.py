"""The session behind a request: by the browser's cookie, or by the token that a program sends. Asked by the gate."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.requests import HTTPConnection

from ops_center.api.cookies import secret_of
from ops_center.domain.people import Session
from ops_center.services.sessions import Sessions

_BEARER = "bearer "


class Authentication:
    """Finds sessions; what this process knows already costs no waiting."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def __call__(self, scope: MutableMapping[str, Any]) -> Session | None:
        """Return the session of a request; None: it names none that is good. Raises StoreUnavailable."""
        connection = HTTPConnection(scope)
        secret = _token_of(connection) or secret_of(connection)
        if secret is None:
            return None
        return self._sessions.known(secret) or await asyncio.to_thread(self._sessions.resolve, secret)


def _token_of(connection: HTTPConnection) -> str | None:
    """Return the token of a program: it counts before a cookie, which a program has no use for."""
    header = connection.headers.get("authorization", "")
    return header[len(_BEARER) :].strip() if header.lower().startswith(_BEARER) else None
