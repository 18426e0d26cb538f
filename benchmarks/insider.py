"""The gate of a benchmark's server: the real one, with everybody who connects an operator of the whole city."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ops_center.api.access import Access
from ops_center.api.gate import Doorkeeper, Gate
from ops_center.api.limits import RateLimits, Slots
from ops_center.domain.people import Account, Session
from ops_center.domain.rights import Grant, Rights, Role

_FAR_US = 4_102_444_800_000_000
"""2100-01-01"""


def session_of(*grants: Grant, name: str = "tester") -> Session:
    """Return a session that never ends."""
    account = Account(1, name, name.title(), grants, "local", "zh", 0)
    return Session(f"s-{name}", account, "person", 0, 0, _FAR_US, _FAR_US)


def an_operator() -> Session:
    """Return the session of an operator of the whole city."""
    return session_of(Grant(Role.OPERATOR))


def gate_of(
    app: Any,
    foreign: Mapping[str, Rights] | None = None,
    session: Callable[[], Session] = an_operator,
    pages: Mapping[str, Rights] | None = None,
) -> Gate:
    """Return the gate around ``app``: everybody who comes is in ``session()``."""

    async def authenticate(_scope: Any) -> Session:
        return session()

    access, limits = Access(app.routes, pages or {}, foreign or {}), RateLimits(1e6)
    limits.sockets = Slots(10_000)  # all of them are one session here
    return Gate(app, access, Doorkeeper(authenticate, lambda _: True, limits))
