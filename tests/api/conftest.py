"""The open interfaces on a real database, a real log and real live values, behind the guard, over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

import httpx
import pytest

from benchmarks.insider import gate_of, session_of
from feeds import all_feeds
from ops_center.api.app import OWN_ROUTES, build_api
from ops_center.api.guard import Guard
from ops_center.api.system import ApiSystem
from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.domain.people import Session
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Grant, Role
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from ops_center.live.mirror import RedisLiveMirror
from ops_center.live.writer import RedisLiveWriter
from ops_center.screens.stream.endpoint import SERVER_OPTIONS, build_live_router, lifespan
from ops_center.screens.stream.hub import Hub
from ops_center.screens.stream.picture import Picture, PictureSources
from ops_center.services.alarm_room import make_alarm_room
from ops_center.services.auditing import Auditor
from ops_center.services.notices import NoticeWatch
from ops_center.services.wall_room import NO_SCENES, make_wall_room, subject_names
from ops_center.services.warnings import Issuer, WarningDesk
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from ops_center.store.watching import CatalogWatch
from ops_center.walls.configuration import without_file
from tests.servers.webs import served

REALM = Realm.SIMULATED
ISSUER = Issuer("testville", "warnings@city.example", Label("测试市", "Testville"), REALM, UTC)


@dataclass
class Center:
    url: str
    http: httpx.Client
    store: Store
    writer: RedisLiveWriter
    hub: Hub
    system: ApiSystem
    released: list[int]
    asks: list[Session]
    """who asks: the last of them"""
    audit_faults: list[str]
    """what is wrong with the audit: the last of them"""

    def become(self, *grants: str) -> None:
        self.asks.append(session_of(*map(Grant.parse, grants), name=f"tester{len(self.asks)}"))


@pytest.fixture
def center(plain_database: str, redis_url: str) -> Iterator[Center]:
    migrate(plain_database)
    store = open_store(plain_database, REALM)
    with running_center(store, redis_url) as running:
        yield running
    store.close()


class running_center:  # noqa: N801 - used like a function
    """A web server as bootstrap would build it, without the screens."""

    def __init__(self, store: Store, redis_url: str) -> None:
        clock = SystemClock()
        self._bus = RedisStreamsBus(redis_url, REALM)
        self._writer = RedisLiveWriter(redis_url, REALM, clock, save_every_s=0)
        mirror = RedisLiveMirror(redis_url, REALM, clock)
        self._stop = threading.Event()
        watch = CatalogWatch(store.catalog)
        watch.look()
        watch.follow(self._stop)
        room = make_alarm_room(store, lambda: watch.catalog, dict, all_feeds(), clock)
        room.follow(store, self._stop)
        hub = Hub(Picture(PictureSources({}, {}, lambda: watch.catalog, mirror, clock)))
        names = subject_names(room, lambda: watch.catalog, all_feeds())
        released: list[int] = []
        faults: list[str] = []

        system = ApiSystem(
            realm=REALM,
            clock=clock,
            feeds=all_feeds(),
            store=store,
            bus=self._bus,
            catalog=lambda: watch.catalog,
            look=watch.look,
            frame=hub.picture.frame,
            live=mirror.health,
            feed_ages=hub.picture.ages.ages,
            clients=lambda: hub.clients,
            release=lambda limit: released.append(limit) or 3,  # type: ignore[func-returns-value]
            audit=Auditor(store.audit, clock),
            audit_fault=lambda: faults[-1] if faults else None,
            warnings=WarningDesk(store, ISSUER, clock, lambda _: None, lambda _: None),
            notices=NoticeWatch(store.notices, clock),
            alarms=room,
            walls=make_wall_room(store, without_file(), NO_SCENES, names, clock, 1.5, "tried"),
        )
        app = build_api(system, lambda app: lifespan(hub, app))
        app.include_router(build_live_router(hub))
        asks = [session_of(Grant(Role.ADMINISTRATOR))]
        self._served = served(Guard(gate_of(app, OWN_ROUTES, lambda: asks[-1])), **SERVER_OPTIONS)
        self._parts = (store, hub, system, released, asks, faults)

    def __enter__(self) -> Center:
        address = self._served.__enter__()
        store, hub, system, released, asks, faults = self._parts
        self._http = httpx.Client(base_url=f"http://{address}", timeout=20)
        return Center(f"http://{address}", self._http, store, self._writer, hub, system, released, asks, faults)

    def __exit__(self, *error: object) -> None:
        self._http.close()
        self._served.__exit__(None, None, None)
        self._stop.set()
        self._writer.close()
        self._bus.close()
