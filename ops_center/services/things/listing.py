"""The catalog as a list: what somebody may see of it, filtered and a page at a time, for a hundred thousand things.

Everything is in memory: the catalog of this process and the newest values. What a filter needs of a version of the
catalog (texts to look in, the order) is made once for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from feeds.contract import Feed
from layers.contract import LiveFrame
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.rights import Asker
from ops_center.services.things.room import THINGS

State = Literal["fresh", "aged", "silent", "none", "retired"]
"""in time; something of it is too old; nothing ever came; it has nothing to send; out of service"""
STATES: tuple[State, ...] = ("fresh", "aged", "silent", "none", "retired")
MOVING_LIFETIME_US = 120_000_000
"""a fix that is older is aged"""
Codes = NDArray[np.uint8]
"""places in :data:`STATES`"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which things; "" is not asked for."""

    text: str = ""
    kind: str = ""
    feed: str = ""
    department: str = ""
    district: str = ""
    state: str = ""
    """one of STATES; "" everything in service; "all" what is retired, too"""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what was found."""

    total: int
    offset: int
    things: Sequence[Thing]
    states: Sequence[State]


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What is made once for a version of the catalog: things in the order of their keys."""

    version: int
    things: Sequence[Thing]
    texts: Sequence[str]
    """id and names in small letters, to be looked in"""
    place: NDArray[np.int32]
    """key → place in ``things``; -1"""
    stream: NDArray[np.int32]
    """datastreams in service"""
    owner: NDArray[np.int32]
    """place of the thing of each"""
    lifetime_us: NDArray[np.int64]
    """of each"""


@dataclass
class Listing:
    """Safe to use from any thread; asks no database."""

    catalog: Callable[[], Catalog]
    frame: Callable[[], LiveFrame]
    feeds: Mapping[str, Feed]
    _known: _Known | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, asker: Asker, wanted: Wanted, offset: int, limit: int) -> Page:
        """Return the things from ``offset`` on, by key."""
        known = self._of_catalog()
        codes = self._codes(known)
        found = self._found(asker, wanted, known, codes)
        first = min(offset, max(0, (len(found) - 1) // limit * limit)) if limit else 0
        shown = found[first : first + limit]
        things, states = [known.things[n] for n in shown], [STATES[codes[n]] for n in shown]
        return Page(len(found), first, things, states)

    def all(self, asker: Asker, wanted: Wanted) -> list[Thing]:
        """Return everything that is found, by key."""
        known = self._of_catalog()
        return [known.things[n] for n in self._found(asker, wanted, known, self._codes(known))]

    def _found(self, asker: Asker, wanted: Wanted, known: _Known, codes: Codes) -> list[int]:
        text = wanted.text.strip().lower()
        some = np.flatnonzero(_in_state(codes, wanted.state)).tolist()
        seen: dict[tuple[str, str, str], bool] = {}
        found = []
        for number in some:
            thing = known.things[number]
            if (
                (not wanted.kind or thing.kind == wanted.kind)
                and (not wanted.feed or thing.feed == wanted.feed)
                and (not wanted.department or thing.department == wanted.department)
                and (not wanted.district or thing.district == wanted.district)
                and (not text or text in known.texts[number])
                and self._sees(asker, thing, seen)
            ):
                found.append(number)
        return found

    def _sees(self, asker: Asker, thing: Thing, seen: dict[tuple[str, str, str], bool]) -> bool:
        scope = thing.feed, thing.department, thing.district
        if scope not in seen:
            feed = self.feeds.get(thing.feed)
            seen[scope] = asker.may_see_of(feed.rights if feed else THINGS, thing.department, thing.district)
        return seen[scope]

    def _codes(self, known: _Known) -> Codes:
        """Return the state of every thing, by its place."""
        frame, size = self.frame(), len(known.things)
        inside = known.stream < len(frame.time_us)
        time_us = np.zeros(len(known.stream), np.int64)
        time_us[inside] = frame.time_us[known.stream[inside]]
        came, aged, has = (np.zeros(size, bool) for _ in range(3))
        has[known.owner] = True
        came[known.owner[time_us > 0]] = True
        aged[known.owner[(frame.now_us - time_us) > known.lifetime_us]] = True
        movers = frame.position_thing[frame.position_thing < len(known.place)]
        places = known.place[movers]
        fresh = (frame.now_us - frame.position_time_us[: len(movers)]) <= MOVING_LIFETIME_US
        moving = places >= 0
        has[places[moving]] = came[places[moving]] = True
        aged[places[moving & ~fresh]] = True
        codes = np.where(~has, 3, np.where(~came, 2, np.where(aged, 1, 0))).astype(np.uint8)
        codes[[number for number, thing in enumerate(known.things) if thing.retired]] = 4
        return codes

    def _of_catalog(self) -> _Known:
        catalog = self.catalog()
        with self._lock:
            if self._known is None or self._known.version != catalog.version:
                self._known = _known(catalog)
            return self._known


def _in_state(codes: Codes, state: str) -> NDArray[np.bool_]:
    if state == "all":
        return np.ones(len(codes), bool)
    wanted = [STATES.index(state)] if state in STATES else range(STATES.index("retired"))
    return np.isin(codes, list(wanted))


def _known(catalog: Catalog) -> _Known:
    things = sorted(catalog.things.values(), key=lambda thing: thing.key)
    place = np.full(max(catalog.things, default=-1) + 1, -1, np.int32)
    place[[thing.key for thing in things]] = np.arange(len(things), dtype=np.int32)
    streams = [one for one in catalog.datastreams.values() if not one.retired and one.thing in catalog.things]
    keys = np.array([one.key for one in streams], np.int32)
    texts = [f"{t.producer}/{t.thing_id}\n{t.name.zh}\n{t.name.en}".lower() for t in things]
    owners = place[[one.thing for one in streams]] if streams else np.empty(0, np.int32)
    return _Known(catalog.version, things, texts, place, keys, owners, catalog.lifetime_us[keys])
