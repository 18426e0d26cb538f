"""A data plane on real servers: a live writer and a mirror on Valkey, uvicorn, and one plain layer of dots."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

from benchmarks.insider import gate_of
from layers.contract import Features, LayerGeometry, LayerSpec, LegendEntry, LiveFrame, Shape
from ops_center.api.guard import Guard
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from ops_center.live.mirror import RedisLiveMirror
from ops_center.live.writer import RedisLiveWriter
from ops_center.screens.stream.alarm_line import AlarmPlane
from ops_center.screens.stream.endpoint import SERVER_OPTIONS, build_live_router
from ops_center.screens.stream.frames import decode_frames
from ops_center.screens.stream.hub import Hub, Limits
from ops_center.screens.stream.past import Past
from ops_center.screens.stream.picture import Picture, PictureSources
from ops_center.screens.stream.wall_line import WallPlane
from ops_center.store.port import Moment
from tests.servers.webs import served

REALM = Realm.SIMULATED
Frame = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True)
class Dots:
    """Every thing of one kind as a dot; its value is the red of its colour."""

    name: str = "dots"
    label: Label = field(default_factory=lambda: Label("点", "dots"))
    rights: Rights = field(default_factory=lambda: Rights(see=PICTURE))
    legend: tuple[LegendEntry, ...] = ()
    feeds: tuple[str, ...] = ("dots",)
    shape: Shape = "points"
    order: int = 1

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        things = [thing for thing in catalog.things.values() if not thing.retired]
        keys = np.array([thing.key for thing in things], np.int32)
        places = np.array([(t.longitude, t.latitude) for t in things], np.float32).reshape(-1, 2)
        starts = np.arange(len(things) + 1, dtype=np.uint32)
        return LayerGeometry(tuple(t.thing_id for t in things), places, starts, keys)

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        result, time_us = (padded(array, geometry.things) for array in (frame.result, frame.time_us))
        color = np.zeros((len(geometry), 4), np.uint8)
        color[:, 0] = result % 256
        color[:, 3] = 255
        size = np.full(len(geometry), 4.0, np.float32)
        pulse = np.flatnonzero(result == 255).tolist()
        return LayerSpec(self.name, self.shape, geometry, color, size, time_us, options={"pulse": pulse})


def padded(array: Any, keys: Any) -> Any:
    known = np.zeros(max(len(array), int(keys.max(initial=-1)) + 1), array.dtype)
    known[: len(array)] = array
    return known[keys]


def catalog(version: int, count: int) -> Catalog:
    """Thing i has datastream i; even ones lie in district A, odd ones in district B."""
    label = Label("点", "dot")
    things = [Thing(i, "dots", f"d{i}", "dot", "dots", label, 118 + i * 1e-4, 32.0, "AB"[i % 2]) for i in range(count)]
    return Catalog(version, things, [Datastream(i, i, "level", "m", "dots", 1.0) for i in range(count)])


@dataclass
class Plane:
    """What a test holds in its hands."""

    url: str
    hub: Hub
    writer: RedisLiveWriter
    known: list[Catalog]

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://")

    def observe(self, keys: list[int], results: list[float], time_us: int | None = None) -> None:
        now_us = time_us or SystemClock().now_us()
        n = len(keys)
        times = np.full(n, now_us, np.int64)
        batch = ObservationBatch(
            np.array(keys, np.int32), times, np.array(results, np.float64), np.zeros(n, np.uint8), times, now_us
        )
        self.writer.apply(batch, PositionBatch.empty(), ())
        self.writer.flush()

    def connect(self, **options: Any) -> ClientConnection:
        return connect(f"ws://{self.address}/live", compression=None, max_size=None, **options)


@contextmanager
def running_plane(
    redis_url: str,
    things: int = 4,
    layers: Any = None,
    limits: Limits | None = None,
    known: list[Catalog] | None = None,
    gate: Any = gate_of,
    alarms: AlarmPlane | None = None,
    moment: Callable[[int], Moment] | None = None,
    walls: WallPlane | None = None,
) -> Iterator[Plane]:
    clock = SystemClock()
    known = known or [catalog(1, things)]
    mirror = RedisLiveMirror(redis_url, REALM, clock)
    writer = RedisLiveWriter(redis_url, REALM, clock, save_every_s=0)
    shown = layers or {"dots": Dots()}
    hub = Hub(Picture(PictureSources(shown, {}, lambda: known[-1], mirror, clock)), limits, alarms, walls)
    app = FastAPI()
    app.include_router(build_live_router(hub, Past(hub.picture, moment) if moment else None))
    with served(Guard(gate(app)), **SERVER_OPTIONS) as address:
        yield Plane(f"http://{address}", hub, writer, known)
        writer.close()
    hub._stop.set()


def subscribe(client: ClientConnection, layers: list[str], **asked: Any) -> None:
    client.send(json.dumps({"subscribe": {"layers": layers, **asked}}))


def frames(client: ClientConnection, limit_s: float = 10.0) -> Iterator[Frame]:
    """Yield frames as they come; fails when nothing comes."""
    while True:
        yield from decode_frames(client.recv(limit_s, decode=False))


def next_of(client_frames: Iterator[Frame], kind: str) -> Frame:
    return next(frame for frame in client_frames if frame[0]["kind"] == kind)


def cells_until(client_frames: Iterator[Frame], done: Any) -> dict[str, Frame]:
    """Collect the newest version of each cell until ``done(cells)``."""
    cells: dict[str, Frame] = {}
    for frame in client_frames:
        if frame[0]["kind"] == "cell":
            cells[frame[0]["cell"]] = frame
        elif frame[0]["kind"] == "gone":
            cells.pop(frame[0]["cell"], None)
        if done(cells):
            return cells
    raise AssertionError("the stream has ended")
