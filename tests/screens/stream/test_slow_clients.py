"""Clients that don't read: they cost the server one message each, skip versions, and are dropped in the end."""

from __future__ import annotations

import base64
import json
import os
import resource
import selectors
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ops_center.screens.stream.hub import Limits
from tests.screens.stream.plane import Plane, cells_until, frames, running_plane, subscribe
from tests.servers.webs import until

FEATURES = 40_000
"""360 kB each time all of them change"""
MB = 1024 * 1024


def raw_client(address: str, layers: list[str]) -> socket.socket:
    """A WebSocket by hand, so that nothing reads behind its back."""
    host, port = address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET /live HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(1)
    assert answer.startswith(b"HTTP/1.1 101"), answer
    text = json.dumps({"subscribe": {"layers": layers}}).encode()
    mask = bytes(4)  # a mask of zeros is a mask
    connection.sendall(struct.pack("!BBH", 0x81, 0xFE, len(text)) + mask + text)
    return connection


@contextmanager
def readers(address: str, count: int) -> Iterator[list[int]]:
    """Clients that read whatever comes, in one thread; yields the bytes each has read."""
    read = [0] * count
    chosen = selectors.DefaultSelector()
    connections = [raw_client(address, ["dots"]) for _ in range(count)]
    for index, connection in enumerate(connections):
        chosen.register(connection, selectors.EVENT_READ, index)
    stop = threading.Event()

    def drain() -> None:
        while not stop.is_set():
            for key, _ in chosen.select(0.1):
                read[key.data] += len(key.fileobj.recv(1 << 20))  # type: ignore[union-attr]

    thread = threading.Thread(target=drain, daemon=True)
    thread.start()
    try:
        yield read
    finally:
        stop.set()
        thread.join(10)
        for connection in connections:
            connection.close()


def change_everything(plane: Plane, turn: int) -> None:
    plane.observe(list(range(FEATURES)), [float(turn)] * FEATURES)


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def test_of_fifty_clients_five_that_do_not_read_neither_grow_the_server_nor_slow_the_others(redis_url: str) -> None:
    limits = Limits(apart_s=0.05, stalled_s=120)
    with running_plane(redis_url, FEATURES, limits=limits) as plane, readers(plane.address, 45) as read:
        stalled = [raw_client(plane.address, ["dots"]) for _ in range(5)]
        until(lambda: plane.hub.clients == 50)

        def turn(number: int) -> None:
            before = min(read)
            change_everything(plane, number)
            until(lambda: min(read) - before > FEATURES * 8, 30)

        for number in range(12):
            turn(number)
        settled = resident_bytes()
        for number in range(12, 60):
            turn(number)
        queued_mb = 48 * 5 * FEATURES * 9 / MB
        grown_mb = (resident_bytes() - settled) / MB
        assert plane.hub.clients == 50
        assert queued_mb > 80
        assert grown_mb < 25, f"grew by {grown_mb:.0f} MB; a queue would have grown by {queued_mb:.0f}"
        for connection in stalled:
            connection.close()


def test_a_client_that_takes_nothing_for_too_long_is_cut_off(redis_url: str) -> None:
    limits = Limits(apart_s=0.02, stalled_s=1.0)
    with running_plane(redis_url, FEATURES, limits=limits) as plane:
        stalled = raw_client(plane.address, ["dots"])
        until(lambda: plane.hub.clients == 1)
        deadline_s = time.monotonic() + 30
        turn = 0
        while plane.hub.clients and time.monotonic() < deadline_s:
            turn += 1
            change_everything(plane, turn)
        assert plane.hub.clients == 0
        assert plane.hub.figures.stalled == 1
        stalled.settimeout(10)
        with suppress(ConnectionResetError):
            while stalled.recv(1 << 20):
                pass  # what is still in the kernel; a connection that stayed open would end in a timeout
        stalled.close()


def test_a_slow_client_skips_versions_and_ends_with_the_newest(redis_url: str) -> None:
    limits = Limits(apart_s=0.0, stalled_s=60)
    with (
        running_plane(redis_url, FEATURES, limits=limits) as plane,
        plane.connect(max_queue=1, close_timeout=1) as client,
    ):
        subscribe(client, ["dots"])
        received = frames(client)
        name = "dots/A/-"
        cells_until(received, lambda c: name in c)
        turns = 60
        for turn in range(1, turns + 1):
            change_everything(plane, turn)
        seen = []
        for header, arrays in received:
            if header.get("cell") == name:
                seen.append(int(arrays["color"][0, 0]))
                if seen[-1] == turns:
                    break
        assert seen == sorted(seen)
        assert len(seen) < turns
