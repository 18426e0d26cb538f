"""What the guard costs: processor time per request of the same application with and without it, in turns.

``python -m benchmarks.bench_guard``. The application is the smallest that FastAPI can be, so that no ratio is worse; a
page or a query costs many times more.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from typing import Any

from fastapi import FastAPI

from ops_center.api.asgi import App, Message, Scope
from ops_center.api.guard import Guard
from ops_center.api.limits import RateLimits
from ops_center.api.site import Site

_ROUNDS = 15
_REQUESTS = 1500
_BROWSER = (
    (b"host", b"ops.example"),
    (
        b"user-agent",
        b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    ),
    (b"accept", b"*/*"),
    (b"accept-language", b"zh-CN,zh;q=0.9,en;q=0.8"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"cookie", b"__Host-ops_session=" + b"x" * 43),
    (b"sec-fetch-site", b"same-origin"),
    (b"sec-fetch-mode", b"cors"),
    (b"sec-fetch-dest", b"empty"),
    (b"referer", b"https://ops.example/wall"),
    (b"x-forwarded-for", b"10.20.30.40"),
    (b"x-forwarded-proto", b"https"),
    (b"x-forwarded-host", b"ops.example"),
    (b"connection", b"keep-alive"),
)


def scope() -> Scope:
    """Return a request as it comes from a browser through a proxy."""
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/read", "raw_path": b"/read", "query_string": b"", "root_path": "", "headers": list(_BROWSER),
        "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 8050), "state": {},
    }  # fmt: skip


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(message: Message) -> None:
    if message["type"] == "http.response.start" and message["status"] != 200:
        raise RuntimeError(message["status"])


async def cost_us(app: App) -> float:
    """Return microseconds of processor time per request."""
    begun = time.process_time()
    for _ in range(_REQUESTS):
        await app(scope(), _receive, _send)
    return (time.process_time() - begun) / _REQUESTS * 1e6


async def measure() -> None:
    """Print the medians and their ratio."""
    bare: Any = FastAPI()

    @bare.get("/read")
    async def read() -> str:
        return "read"

    guarded = Guard(bare, site=Site.parse("https://ops.example", "127.0.0.1"), limits=RateLimits(1e9))
    rounds = [(await cost_us(bare), await cost_us(guarded)) for _ in range(_ROUNDS)]
    plain, with_guard = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(guarded / bare for bare, guarded in rounds)
    sys.stdout.write(f"bare {plain:.0f} µs, guarded {with_guard:.0f} µs a request: {ratio:.2f} times\n")


if __name__ == "__main__":
    asyncio.run(measure())
