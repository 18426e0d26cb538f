"""Asking another server a bounded question: so many bytes, so many seconds, no redirect, no proxy, no compression.

Whatever the other side does (hangs, drips, never stops, answers a bomb), the thread that asked is back in time. Called
by ``sso_provider``, and by ``notifications.webhook`` for telling somebody something.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx

from ops_center.domain.errors import PeerUnavailable, SingleSignOnError, SingleSignOnUnavailable

MAX_BYTES = 512 * 1024
WITHIN_S = 10.0
_STEPS = httpx.Timeout(4.0, pool=2.0)
_LIMITS = httpx.Limits(max_connections=8, max_keepalive_connections=0)
"""none is used twice: the line that is cut when the time is over is this question's own"""
_OPENED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    content: Mapping[str, Any]
    """the JSON object; {} where there is none"""


class BoundedHttp:
    """Safe to use from any thread; more than eight at once wait for each other for a moment, then fail."""

    def __init__(
        self, *, max_bytes: int = MAX_BYTES, within_s: float = WITHIN_S, trust: ssl.SSLContext | None = None
    ) -> None:
        """``trust``: whose certificates are believed; None: those the system believes."""
        self._max_bytes = max_bytes
        self._within_s = within_s
        # The system's certificates: a city's own authority is installed there.
        self._http = httpx.Client(
            verify=trust or ssl.create_default_context(),
            timeout=_STEPS,
            limits=_LIMITS,
            follow_redirects=False,
            trust_env=False,
            headers={"accept": "application/json", "accept-encoding": "identity", "user-agent": "ops-center"},
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def ask(
        self, method: str, address: str, headers: Mapping[str, str] | None = None, content: str | None = None
    ) -> Answer:
        """Return the answer, whatever its status below 500. Raises SingleSignOnUnavailable, SingleSignOnError."""
        until_s = time.monotonic() + self._within_s
        try:
            with self._asking(method, address, headers=headers, content=content) as response:
                if response.status_code >= 500:
                    raise SingleSignOnUnavailable(f"the single sign-on fails (HTTP {response.status_code})")
                return Answer(response.status_code, _json(self._read(response, until_s)))
        except (httpx.TransportError, httpx.InvalidURL, httpx.StreamError) as error:
            raise SingleSignOnUnavailable(f"the single sign-on does not answer ({type(error).__name__})") from None

    def tell(self, address: str, host: str, headers: Mapping[str, str], content: bytes) -> int:
        """Post to ``address``, an IP address that stands for the name ``host``; return the status of the answer.

        What is answered beside the status is not read further than the bounds. Raises PeerUnavailable.
        """
        until_s = time.monotonic() + self._within_s
        try:
            with self._asking("POST", address, host, headers=headers, content=content) as response:
                for read, piece in enumerate(response.iter_raw(4096)):
                    if not piece or read > 4 or time.monotonic() > until_s:
                        break
                return response.status_code
        except (httpx.TransportError, httpx.InvalidURL, httpx.StreamError) as error:
            raise PeerUnavailable(f"no answer ({type(error).__name__})") from None

    @contextmanager
    def _asking(self, method: str, address: str, host: str | None = None, **said: Any) -> Iterator[httpx.Response]:
        """Give the answer as it begins; the line is cut when the time is over, whatever came by then."""
        lines: list[socket.socket] = []

        def trace(event: str, found: Mapping[str, Any]) -> None:
            if event in _OPENED:
                lines.append(found["return_value"].get_extra_info("socket"))

        extensions: dict[str, Any] = {"trace": trace} if host is None else {"trace": trace, "sni_hostname": host}
        timer = threading.Timer(self._within_s, _cut, (lines,))
        timer.daemon = True
        timer.start()
        try:
            with self._http.stream(method, address, extensions=extensions, **said) as response:
                yield response
        finally:
            timer.cancel()

    def _read(self, response: httpx.Response, until_s: float) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise SingleSignOnError("the single sign-on compresses what was asked for as it is")
        read = bytearray()
        for piece in response.iter_raw():
            read += piece
            if len(read) > self._max_bytes:
                raise SingleSignOnError(f"the single sign-on answers with more than {self._max_bytes} bytes")
            if time.monotonic() > until_s:
                raise SingleSignOnUnavailable("the single sign-on is too slow")
        return bytes(read)


def _cut(lines: Sequence[socket.socket]) -> None:
    for line in lines:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def _json(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
