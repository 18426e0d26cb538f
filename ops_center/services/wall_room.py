"""Everything about walls that one web process has, put together: for pages, stream and open interfaces alike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from feeds.contract import Feed
from ops_center.domain.catalog import Catalog
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.wall_schedule import WallSchedule
from ops_center.services.wall_watch import WallWatch
from ops_center.services.walls import Names, SceneName, WallDesk
from ops_center.store.listening import WALLS
from ops_center.store.port import Store
from ops_center.walls.state import Kind
from ops_center.walls.wall import Wall

_VIEW = Label("地图视野", "map view")


@dataclass(frozen=True, slots=True)
class Scenes:
    """The scenes that may be hung, and which is due."""

    all: Callable[[], Mapping[str, SceneName]]
    due: Callable[[int], str | None]
    """now in µs → name; None: none is due"""


NO_SCENES = Scenes(dict, lambda now_us: None)


@dataclass(frozen=True, slots=True)
class WallRoom:
    """The desk, and what it works with."""

    desk: WallDesk
    schedule: WallSchedule
    release: str = ""
    """tells one version of the product from another: displays of an old one load themselves anew"""

    def follow(self, store: Store, stop: threading.Event) -> None:
        """Begin to watch, and to hang what is due; ends with ``stop``."""
        self.desk.watch.follow(store.listen(WALLS), stop)
        self.schedule.follow(stop)


def make_wall_room(
    store: Store,
    walls: Mapping[str, Wall],
    scenes: Scenes,
    names: Names,
    clock: Clock,
    lead_s: float,
    release: str = "",
) -> WallRoom:
    """Return the room; nothing is asked or followed yet."""
    watch = WallWatch(store.walls, clock)
    desk = WallDesk(store.walls, watch, walls, clock, scenes.all, names, lead_s)
    return WallRoom(desk, WallSchedule(desk, scenes.due, clock), release)


def subject_names(
    alarms: AlarmRoom,
    catalog: Callable[[], Catalog],
    feeds: Mapping[str, Feed],
    incident: Callable[[Asker, int], Label | None] = lambda _, __: None,
) -> Names:
    """Return what tells the name of something that is sent; nobody sends what they may not see."""

    def name_of(asker: Asker, kind: Kind, subject: str) -> Label | None:
        if kind == "view":
            return None if subject else _VIEW
        if kind == "alarm":
            return _alarm(alarms, asker, subject)
        if kind == "incident":
            return incident(asker, int(subject)) if _is_number(subject) else None
        return _thing(catalog(), feeds, asker, kind, subject)

    return name_of


def _alarm(alarms: AlarmRoom, asker: Asker, subject: str) -> Label | None:
    if not _is_number(subject):
        return None
    alarm = alarms.desk.find(asker, int(subject))
    if alarm is None:
        return None
    rule, thing = alarms.words.label(alarm), alarms.words.thing_name(alarm)
    return rule if thing is None else Label(f"{rule.zh} · {thing.zh}", f"{rule.en} · {thing.en}")


def _is_number(subject: str) -> bool:
    return subject.isascii() and subject.isdigit() and len(subject) < 16


def _thing(catalog: Catalog, feeds: Mapping[str, Feed], asker: Asker, kind: Kind, subject: str) -> Label | None:
    producer, _, thing_id = subject.partition("/")
    thing = catalog.things.get(catalog.thing_keys.get(producer, {}).get(thing_id, -1))
    feed = feeds.get(thing.feed) if thing is not None else None
    if thing is None or feed is None or (kind == "camera" and thing.kind != "camera"):
        return None
    return thing.name if asker.may_see_of(feed.rights, thing.department, thing.district) else None
