"""Who asks, for whatever runs on behalf of a request: set by the gate, read by routes, callbacks and the stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ops_center.domain.rights import NOBODY, Asker

SCOPE_KEY = "ops_center.asker"
"""where the gate puts the asker in an ASGI scope"""

_ASKER: ContextVar[Asker] = ContextVar("asker", default=NOBODY)


def asker() -> Asker:
    """Return who asks; nobody, where nobody was named: what forgets to ask opens nothing."""
    return _ASKER.get()


def asker_of(scope: Mapping[str, Any]) -> Asker:
    """Return who asks in an ASGI scope."""
    found = scope.get(SCOPE_KEY, NOBODY)
    return found if isinstance(found, Asker) else NOBODY


@contextmanager
def asking(who: Asker) -> Iterator[None]:
    """Let ``who`` be the one who asks within the block."""
    held = _ASKER.set(who)
    try:
        yield
    finally:
        _ASKER.reset(held)
