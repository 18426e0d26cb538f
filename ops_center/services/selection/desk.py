"""What lies in an area, as somebody may see it: things with their state and latest values, counted. Never waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.alarm import Alarm
from feeds.contract import Feed
from layers.contract import LiveFrame
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.observations import Quality
from ops_center.domain.place import from_wgs84
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.selection.areas import Area
from ops_center.services.selection.states import ORDER, Codes, places_of, states_of

SELECTION = Rights(see=PICTURE - {Role.DISPLAY})
"""tables and copies: nobody sits before a wall to read them"""
MOST_EXPORTED = 50_000
"""things of one copy"""
SYSTEMS: Mapping[str, str] = {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490", "gcj02": "gcj02", "bd09": "bd09"}
"""coordinate system as links name it → as :mod:`ops_center.domain.place` does"""


@dataclass(frozen=True, slots=True)
class Value:
    """The latest value of a datastream."""

    stream: Datastream
    time_us: int
    """0: never received"""
    result: float
    quality: Quality
    aged: bool


@dataclass(frozen=True, slots=True)
class Selected:
    """One thing of a selection."""

    thing: Thing
    longitude: float
    latitude: float
    """where it is now, WGS 84"""
    state: str
    alarm: Alarm | None
    """the most urgent that is open"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Everything in an area that somebody may see, worst first."""

    area: Area
    frame: LiveFrame
    things: tuple[Selected, ...]

    @property
    def by_state(self) -> Mapping[str, int]:
        """Return state → count, every state."""
        counted = Counter(one.state for one in self.things)
        return {state: counted[state] for state in ORDER}

    @property
    def by_kind(self) -> Mapping[str, Mapping[str, int]]:
        """Return kind → state → count, the most frequent kind first."""
        counted: dict[str, Counter[str]] = {}
        for one in self.things:
            counted.setdefault(one.thing.kind, Counter())[one.state] += 1
        return dict(sorted(counted.items(), key=lambda kind: (-kind[1].total(), kind[0])))

    def values(self, thing: Thing) -> list[Value]:
        """Return the latest value of each datastream of a thing."""
        return [value_of(self.frame, stream) for stream in self.frame.catalog.of_thing(thing.key) if not stream.retired]


class SelectionDesk:
    """Answers; safe to use from any thread."""

    def __init__(
        self, frame: Callable[[], LiveFrame], pack: CityPack, feeds: Mapping[str, Feed], alarms: AlarmRoom
    ) -> None:
        self.pack = pack
        self._frame = frame
        self._feeds = feeds
        self._alarms = alarms

    def select(self, who: Asker, area: Area, kinds: Sequence[str] = ()) -> Selection:
        """Return what ``who`` may see of the things in an area; of some kinds only, where any are named."""
        frame = self._frame()
        alarms = self.alarms(who)
        states, (longitude, latitude) = states_of(frame, alarms.values()), places_of(frame)
        candidates = self.seen(who)
        if kinds:
            candidates = [thing for thing in candidates if thing.kind in kinds]
        keys = np.array([thing.key for thing in candidates], np.intp)
        districts = np.array([thing.district for thing in candidates], object)
        inside = area.holds(longitude[keys], latitude[keys], districts, self.pack.metric)
        chosen = [candidates[row] for row in np.flatnonzero(inside).tolist()]
        made = [_selected(thing, longitude, latitude, states, alarms) for thing in chosen]
        made.sort(key=_urgency)
        return Selection(area, frame, tuple(made))

    def seen(self, who: Asker) -> list[Thing]:
        """Return the things that ``who`` may see, without what is retired."""
        things = self._frame().catalog.things.values()
        return [thing for thing in things if not thing.retired and self.sees(who, thing)]

    def frame(self) -> LiveFrame:
        """Return the latest values."""
        return self._frame()

    def open_alarms(self, who: Asker) -> Sequence[Alarm]:
        """Return the open alarms that ``who`` may see."""
        return self._alarms.desk.picture(who).alarms

    def alarms(self, who: Asker) -> dict[int, Alarm]:
        """Return thing → its most urgent open alarm that ``who`` may see."""
        worst: dict[int, Alarm] = {}
        for alarm in self.open_alarms(who):
            held = worst.get(alarm.thing)
            if alarm.thing >= 0 and (held is None or alarm.priority < held.priority):
                worst[alarm.thing] = alarm
        return worst

    def sees(self, who: Asker, thing: Thing) -> bool:
        """Return whether ``who`` may see what a thing observes: as its feed declares, within their scope."""
        feed = self._feeds.get(thing.feed)
        return who.may_see_of(feed.rights if feed else SELECTION, thing.department, thing.district)


def value_of(frame: LiveFrame, stream: Datastream) -> Value:
    """Return the latest value of a datastream."""
    received = stream.key < len(frame.time_us) and frame.time_us[stream.key] > 0
    if not received:
        return Value(stream, 0, float("nan"), Quality.GOOD, False)
    time_us = int(frame.time_us[stream.key])
    aged = frame.now_us - time_us > int(frame.catalog.lifetime_us[stream.key])
    return Value(stream, time_us, float(frame.result[stream.key]), Quality(int(frame.quality[stream.key])), aged)


def placed(things: Sequence[Selected], system: str) -> list[tuple[float, float]]:
    """Return where things are in a coordinate system of ``SYSTEMS``."""
    longitude = np.array([one.longitude for one in things])
    latitude = np.array([one.latitude for one in things])
    there = from_wgs84(longitude, latitude, SYSTEMS[system])
    return list(zip(*(axis.tolist() for axis in there), strict=True))


def _selected(
    thing: Thing,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    states: Codes,
    alarms: Mapping[int, Alarm],
) -> Selected:
    key = thing.key
    return Selected(thing, float(longitude[key]), float(latitude[key]), ORDER[states[key]], alarms.get(key))


def _urgency(one: Selected) -> tuple[int, int, str, int]:
    return ORDER.index(one.state), int(one.alarm.priority) if one.alarm else 9, one.thing.kind, one.thing.key
