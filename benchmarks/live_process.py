"""The web process that ``bench_live`` measures: the data plane alone, or a plain broadcast of as many bytes.

    python -m benchmarks.live_process plane 10000      (OPS_REDIS_URL says where the live values are)
    python -m benchmarks.live_process broadcast 140000

Prints its port, then serves until it is ended.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from benchmarks.insider import gate_of
from layers.contract import Features, LayerGeometry, LayerSpec, LegendEntry, LiveFrame, Shape
from ops_center.api.guard import Guard
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.realms import Realm
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from ops_center.live.mirror import RedisLiveMirror
from ops_center.screens.stream.endpoint import SERVER_OPTIONS, build_live_router, lifespan
from ops_center.screens.stream.hub import Hub
from ops_center.screens.stream.picture import Picture, PictureSources

DISTRICTS = 12
EVERY_S = 0.2
"""the pace of the product: changes reach a screen at most this often"""


@dataclass(frozen=True)
class Dots:
    """Every thing as a dot in one of eight colours, as real layers grade their values."""

    name: str = "dots"
    label: Label = field(default_factory=lambda: Label("点", "dots"))
    rights: Rights = field(default_factory=lambda: Rights(see=PICTURE))
    legend: tuple[LegendEntry, ...] = ()
    feeds: tuple[str, ...] = ("dots",)
    shape: Shape = "points"
    order: int = 1

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        """Return the dots."""
        things = list(catalog.things.values())
        keys = np.array([thing.key for thing in things], np.int32)
        places = np.array([(thing.longitude, thing.latitude) for thing in things], np.float32)
        return LayerGeometry(
            tuple(thing.thing_id for thing in things), places, np.arange(len(things) + 1, dtype=np.uint32), keys
        )

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        """Return a colour and a size by value."""
        if len(frame.result) < len(geometry):
            result, times = np.zeros(len(geometry)), np.zeros(len(geometry), np.int64)
        else:
            result, times = frame.result[geometry.things], frame.time_us[geometry.things]
        grade = result.astype(np.int64) % 8
        size = (4.0 + grade).astype(np.float32)
        return LayerSpec(self.name, self.shape, geometry, _COLORS[grade], size, times)


_COLORS = np.random.default_rng(1).integers(0, 255, (8, 4), np.uint8)


def make_catalog(count: int) -> Catalog:
    """Return as many things, spread over the districts, with one datastream each."""
    label = Label("点", "dot")
    things = [
        Thing(i, "dots", f"d{i}", "dot", "dots", label, 118 + i * 1e-6, 32.0, f"D{i % DISTRICTS:02}")
        for i in range(count)
    ]
    return Catalog(1, things, [Datastream(i, i, "level", "m", "dots", 1.0) for i in range(count)])


def plane(features: int) -> Any:
    """Return the data plane with one layer of so many features."""
    clock, catalog = SystemClock(), make_catalog(features)
    mirror = RedisLiveMirror(os.environ["OPS_REDIS_URL"], Realm.SIMULATED, clock)
    hub = Hub(Picture(PictureSources({"dots": Dots()}, {}, lambda: catalog, mirror, clock)))  # type: ignore[dict-item]
    app = FastAPI(lifespan=lambda app: lifespan(hub, app))
    app.include_router(build_live_router(hub))
    return Guard(gate_of(app))


def broadcast(size: int) -> Any:
    """Return an application that does nothing but send so many bytes to everybody at the same pace: the limit."""
    clients: set[WebSocket] = set()

    @asynccontextmanager
    async def beat(app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(_keep_sending(clients, size))
        yield
        task.cancel()

    app = FastAPI(lifespan=beat)

    @app.websocket("/live")
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        clients.add(websocket)
        try:
            while (await websocket.receive())["type"] != "websocket.disconnect":
                pass
        finally:
            clients.discard(websocket)

    return app


async def _keep_sending(clients: set[WebSocket], size: int) -> None:
    payload = bytes(size)
    while True:
        message = struct.pack("<q", time.time_ns()) + payload
        for client in list(clients):
            try:
                await client.send_bytes(message)
            except WebSocketDisconnect:
                clients.discard(client)
        await asyncio.sleep(EVERY_S)


def main() -> None:
    """Serve."""
    kind, size = sys.argv[1], int(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    app = plane(size) if kind == "plane" else broadcast(size)
    options: dict[str, Any] = dict(SERVER_OPTIONS)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", **options)).run([listener])


if __name__ == "__main__":
    main()
