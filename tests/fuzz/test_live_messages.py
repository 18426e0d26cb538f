"""``/live`` asked by somebody who is no browser of ours: understood, refused, in the end closed; never a fault."""

from __future__ import annotations

import json
import logging
import os
import socket
import struct
from collections.abc import Iterator
from random import Random

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from ops_center.screens.stream.frames import decode_frames
from ops_center.screens.stream.hub import Limits
from ops_center.screens.stream.subscriptions import MAX_MESSAGE_BYTES
from tests.fuzz import targets
from tests.fuzz.mutating import Mutator
from tests.screens.stream.plane import Plane, frames, next_of, running_plane, subscribe

COUNT = 10_000
TOGETHER = 50
SEED = 20_261_127
PATIENT = Limits(messages_per_s=1e6, refusals=10**9)
FRAME_LIMIT = 1 << 20


@pytest.fixture(scope="module")
def patient(valkey_url: str) -> Iterator[Plane]:
    """A server that closes no connection for what it is asked, however often."""
    with running_plane(valkey_url, limits=PATIENT) as plane:
        yield plane


@pytest.fixture(scope="module")
def usual(valkey_url: str) -> Iterator[Plane]:
    with running_plane(valkey_url) as plane:
        yield plane


class Heard(logging.Handler):
    """Whatever a server's application raises is logged by uvicorn."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.wrong: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "Invalid UTF-8" not in record.getMessage():  # uvicorn's own answer to text that is none, with 1007
            self.wrong.append(f"{record.getMessage()} {record.exc_info}")


@pytest.fixture(autouse=True)
def nothing_failed() -> Iterator[None]:
    heard = Heard()
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "asyncio")]
    for logger in loggers:
        logger.addHandler(heard)
    yield
    for logger in loggers:
        logger.removeHandler(heard)
    assert not heard.wrong


def answers(client: ClientConnection) -> set[str]:
    """Subscribe and return the kinds of all frames until that is answered."""
    subscribe(client, ["dots"])
    kinds = set()
    while True:
        for header, _ in decode_frames(client.recv(10, decode=False)):
            kinds.add(header["kind"])
            if header["kind"] == "subscribed" and header["layers"] == ["dots"]:
                return kinds


def test_ten_thousand_mutated_messages_are_understood_or_refused(patient: Plane) -> None:
    mutator = Mutator(targets.SUBSCRIPTIONS, Random(SEED))
    chance = Random(SEED)
    kinds = set()
    with patient.connect() as client:
        for start in range(0, COUNT, TOGETHER):
            for _ in range(min(TOGETHER, COUNT - start)):
                send(client, mutator.next()[: FRAME_LIMIT // 2], chance)
            kinds |= answers(client)
    assert {"refused", "subscribed"} <= kinds


def send(client: ClientConnection, message: bytes, chance: Random) -> None:
    """As text where it is text, as bytes, or in pieces."""
    try:
        text: str | bytes = message.decode() if chance.random() < 0.7 else message
    except UnicodeDecodeError:
        text = message
    if chance.random() < 0.2 and len(text) > 1:
        middle = chance.randrange(len(text))
        pieces: list[str | bytes] = [text[:middle], text[middle:]]  # type: ignore[list-item]
        client.send(pieces)  # type: ignore[arg-type]
    else:
        client.send(text)


def test_a_subscription_may_come_as_bytes_or_in_pieces(patient: Plane) -> None:
    whole = json.dumps({"subscribe": {"layers": ["dots"]}})
    with patient.connect() as client:
        for message in (whole.encode(), [whole[:5], whole[5:9], whole[9:]], [whole.encode()[:3], whole.encode()[3:]]):
            client.send(message)  # type: ignore[arg-type]
            assert next_of(frames(client), "subscribed")[0]["layers"] == ["dots"]


@pytest.mark.parametrize("size", [MAX_MESSAGE_BYTES + 1, FRAME_LIMIT])
def test_a_long_message_is_refused_and_the_connection_stays(patient: Plane, size: int) -> None:
    with patient.connect() as client:
        client.send("x" * size)
        assert next_of(frames(client), "refused")[0]["reason"].startswith("longer than")
        assert answers(client)


@pytest.mark.parametrize("pieces", [1, 300])
def test_a_message_beyond_what_is_read_closes_the_connection(patient: Plane, pieces: int) -> None:
    piece = b"x" * (FRAME_LIMIT // pieces + 10)
    with patient.connect() as client, pytest.raises(ConnectionClosed) as closed:
        client.send([piece] * pieces)
        for _ in frames(client):
            pass
    # What is still on its way when the server closes may take its last word with it.
    assert closed.value.rcvd is None or closed.value.rcvd.code == 1009


def test_the_bound_of_refusals_closes_the_connection(usual: Plane) -> None:
    mutator = Mutator(targets.SUBSCRIPTIONS, Random(SEED))
    refused = 0
    with usual.connect() as client, pytest.raises(ConnectionClosed) as closed:
        for _ in range(200):
            client.send(mutator.next()[:1000])
        for header, _ in frames(client):
            refused += header["kind"] == "refused"
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
    assert refused <= Limits().refusals + 1


def frame(
    opcode: int, payload: bytes = b"", *, final: bool = True, masked: bool = True, length: int | None = None
) -> bytes:
    """One frame of RFC 6455, as wrong as wanted."""
    size = len(payload) if length is None else length
    first = bytes([(0x80 if final else 0) | opcode])
    mask = 0x80 if masked else 0
    if size < 126:
        head = bytes([mask | size])
    elif size < 65_536:
        head = bytes([mask | 126]) + struct.pack(">H", size)
    else:
        head = bytes([mask | 127]) + struct.pack(">Q", size)
    key = os.urandom(4) if masked else b""
    body = bytes(byte ^ key[at % 4] for at, byte in enumerate(payload)) if masked else payload
    return first + head + key + body


WRONG = {
    "not masked": (frame(1, b"{}", masked=False), 1002),
    "an opcode that isn't one": (frame(5, b"{}"), 1002),
    "reserved bits": (bytes([0xF1]) + frame(1, b"{}")[1:], 1002),
    "a piece of nothing": (frame(0, b"{}"), 1002),
    "a new message inside another": (frame(1, b"a", final=False) + frame(1, b"b"), 1002),
    "text that is no UTF-8": (frame(1, b"\xff\xfe"), 1007),
    "half a surrogate": (frame(1, b"\xed\xa0\x80"), 1007),
    "a ping in pieces": (frame(9, b"", final=False), 1002),
    "a ping that is too long": (frame(9, b"x" * 200), 1002),
    "a length beyond the world": (frame(1, b"", length=2**62), 1009),
    "a negative length": (frame(1, b"", length=2**63 + 5), 1009),
    "a close with half a code": (frame(8, b"\x03"), 1002),
    "a close with a code that isn't one": (frame(8, struct.pack(">H", 999)), 1002),
    "no frame": (b"GET / HTTP/1.1\r\n\r\n", 1002),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_websocket_is_closed_with_its_code(patient: Plane, name: str) -> None:
    sent, code = WRONG[name]
    with opened(patient) as connection:
        connection.sendall(sent)
        assert close_code(connection) in {code, 1002}


@pytest.mark.parametrize("name", ["gone at once", "half a frame", "a flood of pings", "a reset"])
def test_who_goes_without_a_word_leaves_nothing_behind(patient: Plane, name: str) -> None:
    with opened(patient) as connection:
        match name:
            case "half a frame":
                connection.sendall(frame(1, b"x" * 60_000)[:1000])
            case "a flood of pings":
                connection.sendall(frame(9, b"x") * 2000)
            case "a reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with patient.connect() as client:
        assert answers(client)


def opened(plane: Plane) -> socket.socket:
    host, port = plane.address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    asked = (
        f"GET /live HTTP/1.1\r\nHost: {plane.address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    connection.sendall(asked.encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(1)
    assert head.startswith(b"HTTP/1.1 101")
    return connection


def close_code(connection: socket.socket) -> int:
    """Read frames until the server closes; return its code."""
    while True:
        first, second = exactly(connection, 2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", exactly(connection, 2))
        elif size == 127:
            (size,) = struct.unpack(">Q", exactly(connection, 8))
        payload = exactly(connection, size)
        if first & 0x0F == 8:
            return int(struct.unpack(">H", payload[:2])[0])


def exactly(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = connection.recv(size - len(found))
        assert more, "the connection ended without a word"
        found += more
    return found
