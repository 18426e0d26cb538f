"""Everything about one thing that its page shows; for pages and exports alike.

Who asks comes first. What somebody may not see is left out, as if it weren't there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from alerts.alarm import Alarm
from alerts.rule import Rule
from feeds.contract import Feed
from layers.contract import LiveFrame
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.services.alarm_cards import Nearby, nearest
from ops_center.services.alarms import AlarmDesk
from ops_center.services.things.judging import Judges
from ops_center.services.things.networks import Pipes
from ops_center.services.things.reading import Shown, read, read_speed
from ops_center.store.alarm_port import AlarmQuery
from ops_center.store.port import CatalogAct, Store

THINGS = Rights(see=PICTURE, change=frozenset({Role.ADMINISTRATOR, Role.DEPARTMENT}))
"""the catalog; whose things, the grants say"""
CAMERAS = 3
NEIGHBOURS = 6
PAST_ALARMS = 40
FOUND = 12


@dataclass(frozen=True, slots=True)
class Road:
    """The road that something stands at."""

    road_id: str
    name_zh: str
    name_en: str
    kind: str
    """expressway, arterial, collector, local"""
    lanes: int
    speed_limit_kmh: float
    length_m: float
    line: tuple[tuple[float, float], ...]


class ThingRoom:
    """Safe to use from any thread; what asks the database may raise StoreError."""

    def __init__(
        self,
        pack: CityPack,
        store: Store,
        catalog: Callable[[], Catalog],
        feeds: Mapping[str, Feed],
        desk: AlarmDesk,
        rules: Callable[[], Mapping[str, Rule]],
        frame: Callable[[], LiveFrame],
    ) -> None:
        self._pack = pack
        self._store = store
        self.catalog = catalog
        self.feeds = feeds
        self._desk = desk
        self._frame = frame
        self.judges = Judges(rules, catalog)
        self.pipes = Pipes(pack)

    def sees(self, asker: Asker, thing: Thing) -> bool:
        """Return whether ``asker`` may see a thing: as its feed declares, within their scope."""
        feed = self.feeds.get(thing.feed)
        return asker.may_see_of(feed.rights if feed else THINGS, thing.department, thing.district)

    def find(self, asker: Asker, producer: str, thing_id: str) -> Thing | None:
        """Return a thing, retired ones too; None: there is none that ``asker`` may see."""
        catalog = self.catalog()
        key = catalog.thing_keys.get(producer, {}).get(thing_id)
        if key is not None:
            candidates: Iterable[Thing] = (catalog.things[key],)
        else:  # what is retired is in no index
            candidates = (one for one in catalog.things.values() if one.thing_id == thing_id)
        return next((one for one in candidates if one.producer == producer and self.sees(asker, one)), None)

    def stream(self, asker: Asker, key: int) -> tuple[Thing, Datastream] | None:
        """Return a datastream with its thing; None: there is none that ``asker`` may see."""
        catalog = self.catalog()
        stream = catalog.datastreams.get(key)
        thing = catalog.things.get(stream.thing) if stream else None
        return (thing, stream) if thing and stream and self.sees(asker, thing) else None

    def series(
        self, stream: Datastream, span_us: tuple[int, int], now_us: int, most: int, *, whole: bool = False
    ) -> Shown:
        """Return what a datastream observed, as ``reading.read``. Raises StoreError."""
        return read(self._store.history, stream, span_us, now_us, most, whole=whole)

    def speed(self, thing: Thing, span_us: tuple[int, int], now_us: int, most: int) -> Shown:
        """Return how fast something went, as ``reading.read_speed``. Raises StoreError."""
        return read_speed(self._store.history, thing.key, span_us, now_us, most)

    def moves(self, thing: Thing) -> bool:
        """Return whether it is of a feed that brings places instead of values."""
        feed = self.feeds.get(thing.feed)
        return feed is not None and not feed.kinds and not feed.event_kinds

    def track(self, thing: Thing, span_us: tuple[int, int], most: int) -> list[tuple[float, float, int]]:
        """Return where something was: longitude, latitude, µs; every n-th fix where there are more than ``most``."""
        fixes = self._store.history.fixes(thing.key, *span_us)
        step = max(1, -(-len(fixes) // most))
        some = fixes.longitude[::step], fixes.latitude[::step], fixes.phenomenon_time_us[::step]
        return [(round(x, 6), round(y, 6), at) for x, y, at in zip(*(column.tolist() for column in some), strict=True)]

    def neighbours(self, asker: Asker, thing: Thing) -> tuple[Nearby, ...]:
        """Return the nearest of the same kind."""
        here = self.now(thing)
        alike = (self.now(one) for one in self._seen(asker, thing.kind) if one.key != thing.key)
        return nearest(here.longitude, here.latitude, alike, NEIGHBOURS)

    def cameras(self, asker: Asker, thing: Thing) -> tuple[Nearby, ...]:
        """Return the nearest cameras."""
        here = self.now(thing)
        others = (one for one in self._seen(asker, "camera") if one.key != thing.key)
        return nearest(here.longitude, here.latitude, others, CAMERAS)

    def now(self, thing: Thing) -> Thing:
        """Return a thing where it is now: of what moves, where its newest fix says."""
        if not self.moves(thing):
            return thing
        frame = self._frame()
        found = (frame.position_thing == thing.key).nonzero()[0]
        if not len(found):
            return thing
        return replace(thing, longitude=float(frame.longitude[found[0]]), latitude=float(frame.latitude[found[0]]))

    def alarms(self, asker: Asker, thing: Thing) -> Sequence[Alarm]:
        """Return its alarms, open and past, newest first. Raises StoreError."""
        return self._desk.search(asker, AlarmQuery(thing=thing.key, limit=PAST_ALARMS))

    def open_alarms(self, asker: Asker) -> Mapping[int, Alarm]:
        """Return thing → its most urgent open alarm, from memory."""
        worst: dict[int, Alarm] = {}
        for alarm in self._desk.picture(asker).alarms:
            held = worst.get(alarm.thing)
            if alarm.thing >= 0 and (held is None or alarm.priority < held.priority):
                worst[alarm.thing] = alarm
        return worst

    def life(self, thing: Thing) -> Sequence[CatalogAct]:
        """Return what was done to it in the catalog, newest first. Raises StoreError."""
        return self._store.catalog.life(thing.key)

    def search(self, asker: Asker, text: str, property_: str = "") -> list[Thing]:
        """Return some things that ``text`` names by id or name; ``property_``: that observe it."""
        wanted = text.strip().lower()
        if not wanted:
            return []
        catalog, found = self.catalog(), []
        for thing in catalog.things.values():
            names = f"{thing.thing_id}\n{thing.name.zh}\n{thing.name.en}".lower()
            if wanted in names and not thing.retired and self.sees(asker, thing):
                streams = catalog.of_thing(thing.key)
                if not property_ or any(one.observed_property == property_ for one in streams):
                    found.append(thing)
                    if len(found) == FOUND:
                        break
        return found

    def road(self, thing: Thing) -> Road | None:
        """Return the road that a thing stands at, as its attributes say."""
        return self._roads.get(str(thing.attributes.get("road_id")))

    def _seen(self, asker: Asker, kind: str) -> Iterable[Thing]:
        things = self.catalog().things.values()
        return (one for one in things if one.kind == kind and not one.retired and self.sees(asker, one))

    @cached_property
    def _roads(self) -> Mapping[str, Road]:
        frame = self._pack.features("roads")
        rows = zip(frame.to_dict("records"), frame.geometry, strict=True)
        return {str(row["road_id"]): _road(row, line) for row, line in rows}


def _road(row: Mapping[str, Any], line: Any) -> Road:
    names = (str(row["name_zh"] or row["name_en"] or ""), str(row["name_en"] or row["name_zh"] or ""))
    places = tuple((round(x, 6), round(y, 6)) for x, y in line.coords)
    limit_kmh, length_m = float(row["speed_limit_kmh"]), float(row["length_m"])
    return Road(str(row["road_id"]), *names, str(row["class"]), int(row["lanes"]), limit_kmh, length_m, places)
