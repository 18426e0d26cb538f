"""Many WebSocket clients in one thread that read and discard: what they cost must not be what is measured."""

from __future__ import annotations

import base64
import os
import selectors
import socket
import struct
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

_CONNECT_LIMIT_S = 20.0


class Readers:
    """Connections to ``/live``, one for each subscription; ``total`` is what all of them have read.

    With ``reads=False`` they read nothing: browsers that stand still.
    """

    def __init__(self, address: str, subscriptions: Sequence[str], reads: bool = True) -> None:
        self.total = 0
        self._stop = threading.Event()
        self._chosen = selectors.DefaultSelector()
        self._connections = [_connected(address, wanted) for wanted in subscriptions]
        for connection in self._connections if reads else ():
            self._chosen.register(connection, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._drain, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(5)
        for connection in self._connections:
            connection.close()

    def _drain(self) -> None:
        buffer = bytearray(1 << 20)
        while not self._stop.is_set():
            for key, _ in self._chosen.select(0.1):
                assert isinstance(key.fileobj, socket.socket)
                self.total += key.fileobj.recv_into(buffer)


def _connected(address: str, subscription: str) -> socket.socket:
    host, port = address.split(":")
    connection = _when_it_answers(host, int(port))
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET /live HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(1)
    if not answer.startswith(b"HTTP/1.1 101"):
        raise ConnectionError(answer.decode("latin-1"))
    text = subscription.encode()
    # A mask of zeros is a mask: clients must send one, what it is doesn't matter on loopback.
    connection.sendall(struct.pack("!BBH", 0x81, 0xFE, len(text)) + bytes(4) + text)
    return connection


def _when_it_answers(host: str, port: int) -> socket.socket:
    until = time.monotonic() + _CONNECT_LIMIT_S
    while True:
        try:
            return socket.create_connection((host, port), timeout=_CONNECT_LIMIT_S)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
