"""A real uvicorn on a port that the system gives, in a thread of this process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

LIMIT_S = 20.0


@contextmanager
def served(app: Any, **options: Any) -> Iterator[str]:
    """Serve an ASGI application; yields ``127.0.0.1:port``."""
    listener = socket.create_server(("127.0.0.1", 0))
    defaults = {"log_level": "warning", "timeout_graceful_shutdown": 2, "proxy_headers": False}
    config = uvicorn.Config(app, **{**defaults, **options})
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until(lambda: server.started or not thread.is_alive())
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(LIMIT_S)
        listener.close()


def until(condition: Any, limit_s: float = LIMIT_S) -> Any:
    """Ask again and again until the answer is true; return it."""
    deadline_s = time.monotonic() + limit_s
    while not (answer := condition()):
        if time.monotonic() > deadline_s:
            raise AssertionError(f"still not so after {limit_s} s")
        time.sleep(0.01)
    return answer
