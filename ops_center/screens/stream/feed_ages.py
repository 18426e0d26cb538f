"""How long ago each feed last brought something: the strip of feed health reads it from the heartbeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Int32, Int64
from ops_center.domain.time import MINUTE_US, SECOND_US
from ops_center.live.latest import FUTURE_US
from ops_center.live.port import Changed, LiveMirror

_LIFETIME_US = MINUTE_US
"""of feeds that bring fixes or events alone, whose things have no interval"""


class FeedAges:
    """Newest phenomenon time by feed. One thread takes and resets; any may ask."""

    def __init__(self) -> None:
        self._newest_us: dict[str, int] = {}
        self._lifetime_us: Mapping[str, int] = {}
        self._feeds: tuple[str, ...] = ()
        self._of_stream: Int32 = np.empty(0, np.int32)
        self._of_thing: Int32 = np.empty(0, np.int32)

    def reset(self, mirror: LiveMirror, catalog: Catalog, now_us: int) -> None:
        """Take a new version of the catalog, and everything the mirror holds."""
        feeds = sorted({thing.feed for thing in catalog.things.values()})
        index = {feed: i for i, feed in enumerate(feeds)}
        self._of_stream = _table({key: index.get(s.feed, -1) for key, s in catalog.datastreams.items()})
        self._of_thing = _table({key: index[thing.feed] for key, thing in catalog.things.items()})
        self._lifetime_us = _lifetimes(catalog)
        self._feeds = tuple(feeds)
        self._newest_us = {feed: self._newest_us.get(feed, 0) for feed in feeds}
        streams = np.flatnonzero(mirror.values.time_us).astype(np.int32)
        things = np.flatnonzero(mirror.positions.time_us).astype(np.int32)
        self.take(Changed(streams, things, tuple(mirror.events)), mirror, now_us)

    def take(self, changed: Changed, mirror: LiveMirror, now_us: int) -> frozenset[str]:
        """Return which feeds brought what changed."""
        feeds = self._take(self._of_stream, changed.datastreams, mirror.values.time_us, now_us)
        feeds |= self._take(self._of_thing, changed.things, mirror.positions.time_us, now_us)
        for event in changed.events:
            self._brought(event.feed, event.phenomenon_time_us, now_us)
        return frozenset(feeds | {event.feed for event in changed.events})

    def ages(self, now_us: int) -> dict[str, dict[str, Any]]:
        """Return feed → age in seconds (None: never) and whether that is too old."""
        return {feed: self._age(feed, newest_us, now_us) for feed, newest_us in self._newest_us.items()}

    def _age(self, feed: str, newest_us: int, now_us: int) -> dict[str, Any]:
        if newest_us == 0:
            return {"age_s": None, "aged": True}
        age_us = max(now_us - newest_us, 0)
        return {"age_s": round(age_us / SECOND_US, 1), "aged": age_us > self._lifetime_us.get(feed, _LIFETIME_US)}

    def _take(self, feed_of: Int32, keys: Int32, time_us: Int64, now_us: int) -> set[str]:
        known = keys[keys < len(feed_of)]
        known = known[feed_of[known] >= 0]
        newest = np.zeros(len(self._feeds), np.int64)
        times = time_us[known]
        np.maximum.at(newest, feed_of[known], np.where(times > now_us + FUTURE_US, 1, times))
        brought = {self._feeds[i]: int(newest[i]) for i in np.flatnonzero(newest).tolist()}
        for feed, newest_us in brought.items():
            self._brought(feed, newest_us, now_us)
        return set(brought)

    def _brought(self, feed: str, time_us: int, now_us: int) -> None:
        """Times that lie in the future, as after the clock was set back, say nothing and stand in nobody's way."""
        held_us = self._newest_us.get(feed, 0)
        self._newest_us[feed] = max(*(0 if us > now_us + FUTURE_US else us for us in (held_us, time_us)))


def _table(values: Mapping[int, int]) -> Int32:
    """Return the values by key, -1 where there is none."""
    table = np.full(max(values, default=-1) + 1, -1, np.int32)
    if values:
        table[np.fromiter(values.keys(), np.intp)] = np.fromiter(values.values(), np.int32)
    return table


def _lifetimes(catalog: Catalog) -> dict[str, int]:
    """Return the shortest lifetime of each feed's datastreams."""
    shortest: dict[str, int] = {}
    for stream in catalog.datastreams.values():
        lifetime_us = int(catalog.lifetime_us[stream.key])
        shortest[stream.feed] = min(shortest.get(stream.feed, lifetime_us), lifetime_us)
    return shortest
