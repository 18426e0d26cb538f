"""``/live`` as a browser sees it: real Valkey, real uvicorn, a real WebSocket client."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ops_center.domain.rights import Rights, Role
from ops_center.embedded.valkey import ValkeyServer
from ops_center.screens.stream.frames import decode_frames
from ops_center.screens.stream.hub import Limits
from tests.screens.stream.plane import Dots, Plane, catalog, cells_until, frames, next_of, running_plane, subscribe
from tests.servers.webs import until

A, B = "dots/A/-", "dots/B/-"


@pytest.fixture
def plane(redis_url: str) -> Iterator[Plane]:
    with running_plane(redis_url) as running:
        yield running


def red(frame: object) -> list[int]:
    return frame[1]["color"][:, 0].tolist()  # type: ignore[index]


def test_a_subscription_brings_what_is_there_and_then_what_changes(plane: Plane) -> None:
    plane.observe([0, 1, 2, 3], [10, 11, 12, 13])
    with plane.connect() as client:
        subscribe(client, ["dots"])
        received = frames(client)
        answer = next_of(received, "subscribed")[0]
        assert (answer["layers"], answer["unknown"]) == (["dots"], [])
        cells = cells_until(received, lambda c: A in c and red(c[A]) == [10, 12] and B in c and red(c[B]) == [11, 13])
        before = cells[A][0]["version"]
        plane.observe([2], [99])
        cells = cells_until(received, lambda c: A in c)
        assert red(cells[A]) == [10, 99]
        assert cells[A][0]["version"] > before
        assert B not in cells, "what didn't change is not sent again"


def test_geometry_comes_over_http_once_for_each_version(plane: Plane) -> None:
    with plane.connect() as client:
        subscribe(client, ["dots"])
        header, _ = cells_until(frames(client), lambda c: B in c)[B]
        url = f"{plane.url}/live/geometry/{header['cell']}/{header['geometry']}"
        answer = httpx.get(url)
        assert answer.headers["content-encoding"] == "gzip"
        ((geometry, arrays),) = decode_frames(answer.content)
        assert (geometry["ids"], geometry["geometry"], geometry["n"]) == (["d1", "d3"], header["geometry"], 2)
        assert arrays["starts"].tolist() == [0, 1, 2]
        assert arrays["positions"].shape == (2, 2)
        again = httpx.get(url, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert httpx.get(url[:-4] + "0000").status_code == 404


def test_only_the_districts_asked_for_are_sent(plane: Plane) -> None:
    with plane.connect() as client:
        subscribe(client, ["dots"], districts=["B"])
        received = frames(client)
        until(lambda: plane.hub.picture.placed)
        assert list(next_of(received, "subscribed")[0]["cells"]) in ([], [B])
        cells_until(received, lambda c: list(c) == [B])
        plane.observe([0, 1], [1, 2])
        assert list(cells_until(received, lambda c: B in c and red(c[B])[0] == 2)) == [B]


def test_a_browser_that_comes_back_gets_only_what_it_lacks(plane: Plane) -> None:
    plane.observe([0, 1], [1, 2])
    with plane.connect() as client:
        subscribe(client, ["dots"])
        held = cells_until(frames(client), lambda c: A in c and B in c and red(c[A])[0] == 1 and red(c[B])[0] == 2)
        with plane.connect() as other:
            subscribe(other, ["dots"])
            plane.observe([0], [7])
            cells_until(frames(other), lambda c: A in c and red(c[A])[0] == 7)
            with plane.connect() as returning:
                subscribe(returning, ["dots"], since={name: frame[0]["version"] for name, frame in held.items()})
                received = frames(returning)
                assert set(next_of(received, "subscribed")[0]["cells"]) == {A, B}
                assert list(cells_until(received, lambda c: A in c)) == [A]


def test_the_heartbeat_comes_every_second_and_counts(plane: Plane) -> None:
    plane.observe([0], [1])
    with plane.connect() as client:
        received = frames(client)
        beats = [next_of(received, "heartbeat")[0] for _ in range(3)]
        assert [b["sequence"] - beats[0]["sequence"] for b in beats] == [0, 1, 2]
        times = [beat["server_time_us"] for beat in beats]  # one may come late, and the next in its own time
        assert 1e6 < times[2] - times[0] < 4e6
        plane.observe([0], [2])
        while beats[-1]["feeds"].get("dots", {}).get("age_s") is None:
            beats.append(next_of(received, "heartbeat")[0])
        assert beats[-1]["live"]["status"] == "ok"
        assert beats[-1]["feeds"]["dots"]["age_s"] < 5


def test_things_that_come_and_go_change_the_cells(plane: Plane) -> None:
    with plane.connect() as client:
        subscribe(client, ["dots"])
        received = frames(client)
        cells_until(received, lambda c: A in c and B in c)
        plane.known.append(catalog(2, 6))
        cells_until(received, lambda c: all(name in c and c[name][0]["n"] == 3 for name in (A, B)))
        plane.known.append(catalog(3, 1))
        assert next_of(received, "gone")[0]["cell"] == B
        assert cells_until(received, lambda c: A in c)[A][0]["n"] == 1


NONSENSE = [
    "",
    "{}",
    "[]",
    "not json",
    '{"subscribe": {}}',
    '{"subscribe": {"layers": "dots"}}',
    '{"subscribe": {"layers": [1]}}',
    json.dumps({"subscribe": {"layers": ["x"] * 65}}),
    json.dumps({"subscribe": {"layers": []}, "more": 1}),
    json.dumps({"subscribe": {"layers": ["x" * 70_000]}}),
    "[" * 60_000,
]


@pytest.mark.parametrize("message", NONSENSE, ids=lambda message: message[:40] or "nothing")
def test_what_is_not_understood_is_refused_and_the_connection_stays(plane: Plane, message: str) -> None:
    with plane.connect() as client:
        client.send(message)
        received = frames(client)
        assert next_of(received, "refused")[0]["reason"]
        subscribe(client, ["dots"])
        assert next_of(received, "subscribed")[0]["layers"] == ["dots"]


def test_repeated_nonsense_closes_the_connection(plane: Plane) -> None:
    with plane.connect() as client, pytest.raises(ConnectionClosed) as closed:
        for _ in range(40):
            client.send("nonsense")
        for _ in frames(client):
            pass
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


def test_a_flood_of_subscriptions_closes_the_connection(redis_url: str) -> None:
    limits = Limits(messages_per_s=0.1)
    with (
        running_plane(redis_url, limits=limits) as plane,
        plane.connect() as client,
        pytest.raises(ConnectionClosed),
    ):
        for _ in range(50):
            subscribe(client, ["dots"])
        for _ in frames(client):
            pass


def test_an_unknown_layer_and_one_that_may_not_be_seen_are_told_alike(redis_url: str) -> None:
    hidden = Dots(name="hidden", rights=Rights(see=frozenset({Role.AUDITOR})))
    with running_plane(redis_url, layers={"dots": Dots(), "hidden": hidden}) as plane, plane.connect() as client:
        subscribe(client, ["hidden", "dots", "nowhere"])
        received = frames(client)
        answer = next_of(received, "subscribed")[0]
        assert (answer["layers"], answer["unknown"]) == (["dots"], ["hidden", "nowhere"])
        until(lambda: "hidden" in plane.hub.picture.placed)
        assert plane.hub.picture.wanted == {"dots"}


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
def test_a_page_from_elsewhere_may_not_connect(plane: Plane, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        plane.connect(additional_headers={"Origin": origin})
    assert refused.value.response.status_code == 403


def test_the_page_of_this_server_may_connect(plane: Plane) -> None:
    with plane.connect(additional_headers={"Origin": plane.url}) as client:
        assert next_of(frames(client), "heartbeat")


def test_a_name_that_was_pointed_at_this_machine_is_refused(plane: Plane) -> None:
    host, port = plane.address.split(":")
    asked = (
        "GET /live HTTP/1.1\r\nHost: rebound.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(asked.encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 403")


def test_there_are_only_so_many_clients(redis_url: str) -> None:
    with running_plane(redis_url, limits=Limits(clients=2)) as plane, plane.connect(), plane.connect() as second:
        with pytest.raises(InvalidStatus):
            plane.connect()
        assert plane.hub.figures.turned_away == 1
        second.close()
        until(lambda: plane.hub.clients == 1)
        with plane.connect():
            assert plane.hub.clients == 2


def test_a_layer_that_fails_does_not_take_the_others_with_it(redis_url: str) -> None:
    class Broken(Dots):
        def draw(self, frame: object, geometry: object) -> object:  # type: ignore[override]
            raise RuntimeError("a mistake in a layer")

    layers = {"broken": Broken(name="broken"), "dots": Dots()}
    with running_plane(redis_url, layers=layers) as plane, plane.connect() as client:
        subscribe(client, ["broken", "dots"])
        cells = cells_until(frames(client), lambda c: A in c and B in c)
        assert not any(name.startswith("broken") for name in cells)


def test_options_that_name_rows_are_counted_within_the_cell(plane: Plane) -> None:
    plane.observe([0, 1, 2, 3], [0, 0, 255, 255])
    with plane.connect() as client:
        subscribe(client, ["dots"])
        cells = cells_until(frames(client), lambda c: A in c and B in c and red(c[A])[1] == 255 == red(c[B])[1])
        assert cells[A][0]["options"] == cells[B][0]["options"] == {"pulse": [1]}


def test_the_picture_says_that_the_cache_is_lost_and_recovers(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path) as server:
        port, url = server.port, server.url
        with running_plane(url) as plane, plane.connect() as client:
            plane.observe([0], [1])
            subscribe(client, ["dots"])
            received = frames(client)
            cells_until(received, lambda c: A in c and red(c[A])[0] == 1)
            server.stop()
            while next_of(received, "heartbeat")[0]["live"]["status"] != "lost":
                pass
            with ValkeyServer(tmp_path, port):
                while next_of(received, "heartbeat")[0]["live"]["status"] == "lost":
                    pass
                plane.observe([0], [2])
                cells_until(received, lambda c: A in c and red(c[A])[0] == 2)
