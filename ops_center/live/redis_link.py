"""How this room talks to Redis or Valkey: impatient, without retries of its own, and with our errors.

The live worker and the mirrors decide themselves when to try again; a cache that hangs must not hang them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ops_center.domain.errors import LiveUnavailable

_CONNECT_TIMEOUT_S = 1.0
ANSWER_TIMEOUT_S = 3.0
"""a healthy cache on the same network answers in milliseconds; loading a full block takes some ten"""


def connect(url: str) -> redis.Redis:
    """Return a client; nothing is opened before its first command."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=_CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )


@contextmanager
def our_errors(url: str) -> Iterator[None]:
    """Turn whatever Redis raises into LiveUnavailable; the message names the server, never the password."""
    try:
        yield
    except (redis.RedisError, OSError) as error:
        parts = urlsplit(url)
        raise LiveUnavailable(f"live values at {parts.hostname}:{parts.port}: {error}") from error
