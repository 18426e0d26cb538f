"""Connections, bounded before there is a request: how large its head may be, how long it may take, how many there are.

uvicorn's parser takes a head of any size for any time, and a reader that never reads is waited for: whoever can
connect could fill the memory or the table of open files without sending one whole request. ASGI begins after that, so
this is the server's own protocol, a little stricter. Used by ``serving``.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ops_center.api.heads import MAX_HEAD_BYTES, MAX_HEADERS, MAX_URL_BYTES
from ops_center.api.hops import Proxies, parse_address
from ops_center.api.limits import Buckets, Slots, address_key

log = structlog.get_logger(__name__)

_ERRORS = logging.getLogger("ops_center.connections")
"""what fails inside the application; that a stranger sends nonsense is no news, and counted above"""
_ERRORS.setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a connection may do before and after its requests."""

    head_within_s: float = 15.0
    """from the first moment, or from the end of an answer, until a head is whole"""
    reads_within_s: float = 20.0
    """a reader that takes less than 64 KiB of what waits for it in so long is cut off"""
    each: int = 256
    """connections of one address; a proxy's own are not counted: it counts its clients"""


_PIECE_BYTES = 64 * 1024


@dataclass(slots=True)
class Book:
    """What the connections of one server share."""

    bounds: Bounds
    proxies: Proxies
    slots: Slots = field(init=False)
    told: Buckets = field(init=False)
    """refusals are logged, but nobody fills a disk by being refused"""

    def __post_init__(self) -> None:
        self.slots = Slots(self.bounds.each)
        self.told = Buckets(1.0, 20.0, keys=64)

    def tell(self, reason: str, client: object) -> None:
        """Log a refusal, unless there were many of its kind."""
        if not self.told.take(reason):
            log.info("connection.refused", reason=reason, client=str(client))


def bounded_protocol(bounds: Bounds, proxies: Proxies) -> type[asyncio.Protocol]:
    """Return the protocol for ``uvicorn.Config(http=…)``."""
    return type("BoundedHttp", (_BoundedHttp,), {"book": Book(bounds, proxies)})


class _BoundedHttp(HttpToolsProtocol):
    book: Book

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = _ERRORS
        self._slot: str | None = None
        self._is_in_head = True
        self._head_bytes = 0
        self._refusal = 400
        self._late: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = parse_address(self.client[0]) if self.client else None
        key = address_key(str(address))
        if self.book.proxies.trusts(address):
            self._expect_head()
        elif self.book.slots.take(key):
            self._slot = key
            self._expect_head()
        else:
            self.book.tell("too many connections", self.client)
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_go()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Hand over to the WebSocket; a handshake that its library can't read would otherwise stay open for ever."""
        transport = self.transport
        self._let_go()
        super().handle_websocket_upgrade()
        protocol: Any = transport.get_protocol()
        if not getattr(protocol, "handshake_initiated", True):
            self.book.tell("handshake not understood", self.client)
            transport.abort()

    def _let_go(self) -> None:
        if self._slot is not None:
            self.book.slots.give_back(self._slot)
            self._slot = None
        _cancel(self._late)
        _cancel(self._reading)

    # the head

    def data_received(self, data: bytes) -> None:
        """Parse what came; what comes after we closed is nobody's any more."""
        if self.transport.is_closing():
            return
        if self._is_in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > MAX_HEAD_BYTES + MAX_URL_BYTES and self.parser is not None:
            self._refusal = 431
            self.send_400_response("head is too large")

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            self._refusal = 414
            raise ValueError("address is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._refusal = 431
            raise ValueError("too many headers")

    def on_headers_complete(self) -> None:
        """Begin the request."""
        self._is_in_head, self._head_bytes = False, 0
        _cancel(self._late)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect the next head."""
        super().on_message_complete()
        self._is_in_head = True

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong and close, with nothing that names the program."""
        if self.transport.is_closing():
            return
        self.book.tell(f"{self._refusal}", self.client)
        body = b"not a request that is understood here\n"
        said = b"content-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[self._refusal] + said + body)
        self._close()

    # time

    def _expect_head(self) -> None:
        _cancel(self._late)
        self._late = self.loop.call_later(self.book.bounds.head_within_s, self._head_is_late)

    def _head_is_late(self) -> None:
        if self.transport.get_write_buffer_size():
            self._expect_head()  # it still reads the last answer; how fast is judged below
        elif self.cycle is None or self.cycle.response_complete:
            self.book.tell("head is late", self.client)
            self._close()

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for it."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self._expect_head()

    def timeout_keep_alive_handler(self) -> None:
        """Close what is idle."""
        self._close()

    def pause_writing(self) -> None:
        """Watch a reader that lags."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """Leave a reader alone that has caught up."""
        super().resume_writing()
        _cancel(self._reading)

    def _watch_reader(self) -> None:
        _cancel(self._reading)
        self._unread = self.transport.get_write_buffer_size()
        self._reading = self.loop.call_later(self.book.bounds.reads_within_s, self._judge_reader)

    def _judge_reader(self) -> None:
        if self._unread - self.transport.get_write_buffer_size() >= _PIECE_BYTES:
            self._watch_reader()
            return
        self.book.tell("reader has stalled", self.client)
        self.transport.abort()

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()  # waits until what was written is read
            self._watch_reader()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
