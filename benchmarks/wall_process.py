"""The wall's web server for the benchmark, as a process of its own: real pages, stream and guard, one layer of dots.

``python -m benchmarks.wall_process PACK FEATURES PORT``. Every second all dots take a new colour, as if each had sent
a value; the values come from this process itself, so that what is measured is the way from drawing to the pixel.
Where ``OPS_DATABASE_URL`` names an empty database, it keeps a wall of three displays there (``wall_switching.py``).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI

from benchmarks.insider import gate_of
from layers import palette
from layers.contract import AGED_LABEL, Features, LayerGeometry, LayerSpec, LegendEntry, LiveFrame, Shape
from layers.values import point_geometry
from ops_center.api.entry_files import file_routes
from ops_center.api.entry_system import FILES
from ops_center.api.guard import Guard, content_security_policy
from ops_center.api.walls import wall_routes
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.observations import Event, Int32
from ops_center.domain.realms import Realm
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from ops_center.live.port import Changed, LatestPositions, LatestValues, LiveHealth
from ops_center.screens.app import DASH_ROUTES, build_app, page_rights
from ops_center.screens.screen import Center
from ops_center.screens.stream.endpoint import SERVER_OPTIONS, build_live_router, lifespan
from ops_center.screens.stream.hub import Hub
from ops_center.screens.stream.picture import Picture, PictureSources
from ops_center.screens.stream.wall_line import WallPlane
from ops_center.services.wall_room import Scenes, WallRoom, make_wall_room
from ops_center.services.walls import SceneName
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.walls.wall import Wall

EVERY_S = 1.0
DISTRICTS = 8
SCENES = ("daily", "traffic_peak")
"""those of what ships that the wall changes between"""
DISPLAYS = 3
LEAD_S = 6.0
"""how long displays have to prepare a scene: enough for three of them that share a processor and draw in software"""
_COLORS = palette.table(palette.CALM, palette.GOOD, palette.NOTICE, palette.WARNING, palette.SEVERE)


class Dots:
    """Every thing as a dot, coloured by its value."""

    name = "dots"
    label = Label("测点", "dots")
    rights = Rights(see=PICTURE)
    feeds = ("traffic",)
    shape: Shape = "points"
    order = 50
    turns = False
    legend = (LegendEntry(palette.AGED, AGED_LABEL),)

    def geometry(self, catalog: Catalog, features: Features) -> LayerGeometry:
        return point_geometry(catalog, catalog.things.values(), ("level",))

    def draw(self, frame: LiveFrame, geometry: LayerGeometry) -> LayerSpec:
        keys = geometry.streams["level"]
        grade = frame.result[keys].astype(np.intp)
        color = palette.paint(_COLORS, grade, np.zeros(len(grade), bool))
        size = np.full(len(grade), 3.0, np.float32)
        return LayerSpec(self.name, self.shape, geometry, color, size, frame.time_us[keys])


class Ticking:
    """A mirror whose values all change every second."""

    def __init__(self, count: int) -> None:
        self._all: Int32 = np.arange(count, dtype=np.int32)
        self._random = np.random.default_rng(7)
        self._due = time.monotonic()
        self.values = LatestValues(np.zeros(count, np.int64), np.zeros(count), np.zeros(count, np.uint8))
        self.positions = LatestPositions()
        self.events: Sequence[Event] = ()

    def load(self) -> Changed:
        return self._change()

    def follow(self, timeout_s: float) -> Changed | None:
        wait_s = self._due - time.monotonic()
        if wait_s > timeout_s:
            time.sleep(timeout_s)
            return None
        time.sleep(max(wait_s, 0.0))
        self._due += EVERY_S
        return self._change()

    def health(self) -> LiveHealth:
        return LiveHealth("ok", 0.0)

    def close(self) -> None:
        """Nothing is held."""

    def _change(self) -> Changed:
        self.values.result[:] = self._random.integers(0, len(_COLORS), len(self._all))
        self.values.time_us[:] = time.time_ns() // 1000
        return Changed(self._all, np.empty(0, np.int32), ())


def catalog_of_dots(count: int, pack: CityPack) -> Catalog:
    bounds, random = pack.manifest.bounds, np.random.default_rng(7)
    longitudes = random.uniform(bounds.west, bounds.east, count).tolist()
    latitudes = random.uniform(bounds.south, bounds.north, count).tolist()
    name = Label("测点", "dot")
    things = [
        Thing(i, "bench", f"d{i}", "dot", "traffic", name, longitudes[i], latitudes[i], f"D{i % DISTRICTS}")
        for i in range(count)
    ]
    return Catalog(1, things, [Datastream(i, i, "level", "1", "traffic", 60.0) for i in range(count)])


def _walls(database: str) -> WallRoom:
    migrate(database)
    store = open_store(database, Realm.SIMULATED)
    wall = Wall("main", Label("主屏", "Main wall"), DISPLAYS)
    hung = {name: SceneName(1, Label("场景", "scene")) for name in SCENES}
    scenes = Scenes(lambda: hung, lambda _: None)
    room = make_wall_room(store, {wall.name: wall}, scenes, lambda *_: None, SystemClock(), LEAD_S)
    room.follow(store, threading.Event())
    return room


def main(folder: str, count: str, port: str) -> None:
    pack, clock = CityPack.read(Path(folder)), SystemClock()
    catalog, drawn = catalog_of_dots(int(count), pack), {"dots": Dots()}
    mirror: Any = Ticking(int(count))
    picture = Picture(PictureSources(drawn, {}, lambda: catalog, mirror, clock))
    database = os.environ.get("OPS_DATABASE_URL")
    walls = _walls(database) if database else None
    hub = Hub(picture, walls=WallPlane(walls.desk) if walls else None)
    server = FastAPI(lifespan=lambda app: lifespan(hub, app))
    server.include_router(build_live_router(hub))
    if walls:
        server.include_router(wall_routes(walls))
    server.include_router(file_routes(FILES, ""))  # the script of the theme, which every page loads first
    app, _ = build_app(server, Center(pack, Realm.SIMULATED, {}, picture.frame, drawn, motion=False, walls=walls))
    guarded: Any = Guard(gate_of(server, DASH_ROUTES, pages=page_rights()), content_security_policy(app.csp_hashes()))
    options: dict[str, Any] = dict(SERVER_OPTIONS)
    uvicorn.run(guarded, host="127.0.0.1", port=int(port), log_level="warning", **options)


if __name__ == "__main__":
    main(*sys.argv[1:])
