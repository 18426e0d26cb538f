"""The web server of a wall, as a process of its own: a city pack, a real cache, the real stream, guard and pages.

``python -m tests.screens.wall_process PACK REDIS_URL PORT``; killed and started again by the tests. Its transport
(TLS, proxies, public address) is that of the settings in its environment.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

import layers
from benchmarks.insider import gate_of
from ops_center.api.entry_files import file_routes
from ops_center.api.entry_system import FILES
from ops_center.api.guard import Guard, content_security_policy
from ops_center.api.serving import server_options, site_of
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Datastream, Thing, TimeKind
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from ops_center.live.mirror import RedisLiveMirror
from ops_center.screens.app import DASH_ROUTES, build_app, page_rights
from ops_center.screens.map_features import read_features
from ops_center.screens.screen import Center
from ops_center.screens.stream.endpoint import SERVER_OPTIONS, build_live_router, lifespan
from ops_center.screens.stream.hub import Hub
from ops_center.screens.stream.picture import Picture, PictureSources
from ops_center.settings import load_settings


def catalog_of(pack: CityPack) -> Catalog:
    """Keys by the order of the pack's rows: the same in the test and in its server."""
    things, streams, keys = [], [], {}
    for row in pack.features("things").to_dict("records"):
        keys[row["thing_id"]] = len(things)
        place = row["geometry"]
        attributes = {name: row[name] for name in ("road_id", "pipe_node", "pipe_link") if row[name]}
        name = Label(row["name_zh"] or row["thing_id"], row["name_en"] or row["thing_id"])
        things.append(
            Thing(len(things), row["feed"], row["thing_id"], row["kind"], row["feed"], name, place.x, place.y)
        )
        things[-1] = _with(things[-1], row["district"], attributes)
    for row in pack.table("datastreams").to_dict("records"):
        kind = TimeKind(row["time_kind"])
        thing = keys[row["thing_id"]]
        streams.append(
            Datastream(len(streams), thing, row["observed_property"], row["unit"], row["feed"], row["interval_s"], kind)
        )
    return Catalog(1, things, streams)


def _with(thing: Thing, district: str, attributes: dict[str, object]) -> Thing:
    from dataclasses import replace

    return replace(thing, district=district, attributes=attributes)


def main(folder: str, redis_url: str, port: str) -> None:
    pack = CityPack.read(Path(folder))
    catalog, features, clock = catalog_of(pack), read_features(pack), SystemClock()
    mirror = RedisLiveMirror(redis_url, Realm.SIMULATED, clock)
    drawn = layers.registry()
    picture = Picture(PictureSources(drawn, features, lambda: catalog, mirror, clock))
    hub = Hub(picture)
    server = FastAPI(lifespan=lambda app: lifespan(hub, app))
    server.include_router(build_live_router(hub))
    server.include_router(file_routes(FILES, ""))  # the script of the theme, which every page loads first
    app, _ = build_app(server, Center(pack, Realm.SIMULATED, features, picture.frame, drawn))
    settings = load_settings()
    gate = gate_of(server, DASH_ROUTES, pages=page_rights())
    guarded = Guard(gate, content_security_policy(app.csp_hashes()), site_of(settings))
    uvicorn.run(guarded, host="127.0.0.1", port=int(port), **{**SERVER_OPTIONS, **server_options(settings)})


if __name__ == "__main__":
    main(*sys.argv[1:])
