"""What a request's head says, read once and bounded: the few headers that the guard judges by.

Called by the guard for every request. What is said twice where once is meant is refused: two servers that each take
another one of the two is how requests are smuggled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ops_center.domain.text import Label

Headers = Sequence[tuple[bytes, bytes]]

MAX_HEADERS: Final = 100
MAX_HEADER_BYTES: Final = 8 * 1024
"""one header: its name and its value. The same bound as nginx's and of the WebSocket library"""
MAX_HEAD_BYTES: Final = 32 * 1024
MAX_URL_BYTES: Final = 8 * 1024

_READ = frozenset(
    {
        b"host",
        b"origin",
        b"cookie",
        b"authorization",
        b"accept",
        b"content-length",
        b"transfer-encoding",
        b"sec-fetch-site",
        b"sec-fetch-mode",
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
    }
)


class Refused(Exception):
    """The request may not pass; never leaves the guard."""

    def __init__(self, status: int, reason: Label, wait_s: float = 0.0) -> None:
        super().__init__(reason.en)
        self.status = status
        self.reason = reason
        self.wait_s = wait_s
        """after which it may be tried again; 0: trying again is no use"""


class Head:
    """The headers by name."""

    def __init__(self, headers: Headers) -> None:
        """Read ``headers``; raises Refused where they are too many or too large."""
        if len(headers) > MAX_HEADERS:
            raise Refused(431, Label("请求头过多", "too many headers"))
        self._values: dict[bytes, list[str]] = {}
        total = 0
        # The innermost loop of the guard: every header of every request.
        for raw, value in headers:
            size = len(raw) + len(value)
            total += size
            if size > MAX_HEADER_BYTES or total > MAX_HEAD_BYTES:
                raise Refused(431, Label("请求头过大", "headers are too large"))
            name = raw.lower()
            if name in _READ:
                self._values.setdefault(name, []).append(value.decode("latin-1"))

    def all(self, name: bytes) -> list[str]:
        """Return every value of a header that is read."""
        return self._values.get(name, [])

    def one(self, name: bytes) -> str | None:
        """Return the value of a header that may be there once; raises Refused where it is there twice."""
        values = self._values.get(name)
        if values is None:
            return None
        if len(values) > 1:
            raise Refused(400, Label(f"请求头重复：{name.decode()}", f"{name.decode()} is there twice"))
        return values[0]

    def listed(self, name: bytes) -> list[str]:
        """Return the items of a header that is a list; several headers are one list (RFC 9110, 5.3)."""
        return [item.strip() for value in self.all(name) for item in value.split(",")]
