"""Everything that is shown with one alarm: what its rule says, what happened to it, what is around it.

What somebody may not see is left out, as if it weren't there. Waits for the database.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from alerts.alarm import Alarm
from alerts.contract import SubjectKind
from alerts.rule import Rule
from feeds.contract import Feed
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.rights import Asker
from ops_center.services.alarm_words import AlarmWords
from ops_center.services.alarms import AlarmDesk
from ops_center.store.alarm_port import AlarmQuery, JournalLine, JournalQuery
from ops_center.store.port import HistoryStore, Resolution, Series

CAMERAS = 3
NEIGHBOURS = 5
_LINES = 500
_CHILDREN = 1000
_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Nearby:
    """A thing, and how far away it is."""

    thing: Thing
    distance_m: float


@dataclass(frozen=True, slots=True)
class AlarmCard:
    """One alarm with what belongs to it."""

    alarm: Alarm
    rule: Rule | None
    """as it is now, with its texts; None: it was removed"""
    thing: Thing | None
    datastream: Datastream | None
    """what is judged, or else the first that the thing has"""
    journal: tuple[JournalLine, ...]
    """newest first, at most 500"""
    parent: Alarm | None
    children: tuple[Alarm, ...]
    neighbours: tuple[Nearby, ...]
    """the nearest of the same kind"""
    cameras: tuple[Nearby, ...]


class AlarmCards:
    """Makes cards; safe to use from any thread."""

    def __init__(
        self,
        desk: AlarmDesk,
        words: AlarmWords,
        history: HistoryStore,
        catalog: Callable[[], Catalog],
        feeds: Mapping[str, Feed],
    ) -> None:
        self._desk = desk
        self._words = words
        self._history = history
        self._catalog = catalog
        self._feeds = feeds

    def card(self, asker: Asker, number: int) -> AlarmCard | None:
        """Return an alarm with what belongs to it; None: there is none that ``asker`` may see."""
        alarm = self._desk.find(asker, number)
        if alarm is None:
            return None
        catalog = self._catalog()
        thing, things = catalog.things.get(alarm.thing), self._seen(asker, catalog)
        alike = [one for one in things if thing is not None and one.kind == thing.kind and one.key != thing.key]
        return AlarmCard(
            alarm,
            self._words.rule(alarm.rule),
            thing,
            self.datastream_of(alarm),
            tuple(self._desk.journal(asker, JournalQuery(alarm=number, limit=_LINES))),
            self._desk.find(asker, alarm.parent) if alarm.parent else None,
            tuple(self._desk.search(asker, AlarmQuery(parent=number, limit=_CHILDREN))),
            nearest(alarm.longitude, alarm.latitude, alike, NEIGHBOURS),
            nearest(alarm.longitude, alarm.latitude, (one for one in things if one.kind == "camera"), CAMERAS),
        )

    def series(
        self, asker: Asker, number: int, start_us: int, end_us: int, resolution: Resolution = "1m"
    ) -> Series | None:
        """Return the series that an alarm is about; None: it has none, or ``asker`` may not see the alarm."""
        alarm = self._desk.find(asker, number)
        stream = self.datastream_of(alarm) if alarm else None
        return None if stream is None else self._history.series(stream.key, start_us, end_us, resolution)

    def datastream_of(self, alarm: Alarm) -> Datastream | None:
        """Return the datastream that an alarm judges, or the first of its thing."""
        catalog = self._catalog()
        if alarm.subject_kind == SubjectKind.DATASTREAM:
            return catalog.datastreams.get(alarm.subject)
        return next(iter(catalog.of_thing(alarm.thing)), None)

    def _seen(self, asker: Asker, catalog: Catalog) -> list[Thing]:
        return [
            thing
            for thing in catalog.things.values()
            if not thing.retired
            and (feed := self._feeds.get(thing.feed)) is not None
            and asker.may_see_of(feed.rights, thing.department, thing.district)
        ]


def nearest(longitude: float, latitude: float, things: Iterable[Thing], count: int) -> tuple[Nearby, ...]:
    """Return the nearest things, the nearest first; none where the place is unknown (NaN)."""
    if math.isnan(longitude + latitude):
        return ()
    shrink = math.cos(math.radians(latitude))

    def distance_m(thing: Thing) -> float:
        # On a plane: over a city that is right to a thousandth.
        east, north = (thing.longitude - longitude) * shrink, thing.latitude - latitude
        return _METRES_PER_DEGREE * math.hypot(east, north)

    found = sorted(((distance_m(thing), thing.key, thing) for thing in things), key=lambda one: one[:2])
    return tuple(Nearby(thing, far) for far, _, thing in found[:count])
