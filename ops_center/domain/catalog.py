"""The catalog: which things exist and which datastreams they have, as every worker holds it in memory.

The database is the truth (``ops_center/store``); this is one immutable version of it. Keys are int32, given
by the database and never used again, so that arrays indexed by key stay dense.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np

from ops_center.domain.observations import Float64, Int32, Int64
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US


class TimeKind(Enum):
    """Whether a phenomenon time is a moment or the start of an interval."""

    INSTANT = "instant"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class Thing:
    """A device, station, camera, vehicle or aggregate (a district, a road class) that observes."""

    key: int
    """given by the database; -1 before it is registered"""
    producer: str
    """who reports it: ``(producer, thing_id)`` is what messages name"""
    thing_id: str
    kind: str
    """e.g. ``traffic_sensor``, ``camera``, ``air_station``, ``bus``"""
    feed: str
    name: Label
    longitude: float
    latitude: float
    """degrees, WGS 84"""
    district: str = ""
    """the district's code in the city pack"""
    department: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """JSON values: road_id, pipe node, heading_deg, elevation_m"""
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Datastream:
    """One observed property of one thing."""

    key: int
    """given by the database; -1 before it is registered"""
    thing: int
    """key of its thing"""
    observed_property: str
    """e.g. ``vehicle_speed``"""
    unit: str
    """UCUM code"""
    feed: str
    interval_s: float
    """how often it is expected to report; what is older than three intervals is aged"""
    time_kind: TimeKind = TimeKind.INSTANT
    retired: bool = False


class Catalog:
    """One immutable version of all things and datastreams, with the lookups that decoding needs."""

    def __init__(self, version: int, things: Iterable[Thing], datastreams: Iterable[Datastream]) -> None:
        self.version = version
        """grows with every change in the database"""
        self.things: Mapping[int, Thing] = {thing.key: thing for thing in things}
        self.datastreams: Mapping[int, Datastream] = {stream.key: stream for stream in datastreams}

    @classmethod
    def empty(cls) -> Catalog:
        """Return the catalog of a center that knows no thing yet."""
        return cls(0, (), ())

    @cached_property
    def size(self) -> int:
        """Return the length that an array indexed by datastream key needs."""
        return max(self.datastreams, default=-1) + 1

    @cached_property
    def thing_keys(self) -> Mapping[str, Mapping[str, int]]:
        """Return producer → thing_id → key, without what is retired."""
        keys: dict[str, dict[str, int]] = {}
        for thing in self.things.values():
            if not thing.retired:
                keys.setdefault(thing.producer, {})[thing.thing_id] = thing.key
        return keys

    def datastream_keys(self, producer: str, observed_property: str) -> Mapping[str, int]:
        """Return thing_id → datastream key, without what is retired. One dict lookup per observation."""
        return self._property_index.get((producer, observed_property), {})

    def of_thing(self, thing: int) -> Sequence[Datastream]:
        """Return the datastreams of the thing with this key."""
        return self._by_thing.get(thing, ())

    def name_of(self, thing: int) -> Label | None:
        """Return the name of the thing with this key; None: there is none such."""
        found = self.things.get(thing)
        return found.name if found else None

    def of_property(self, observed_property: str) -> Int32:
        """Return the keys of all datastreams of a property, ascending, int32[n], without what is retired."""
        keys = [s.key for s in self.datastreams.values() if s.observed_property == observed_property and not s.retired]
        return np.array(sorted(keys), dtype=np.int32)

    @cached_property
    def interval_s(self) -> Float64:
        """Return the expected interval in seconds by datastream key, float64[size]; NaN where there is none."""
        intervals = np.full(self.size, np.nan)
        for stream in self.datastreams.values():
            intervals[stream.key] = stream.interval_s
        return intervals

    @cached_property
    def lifetime_us(self) -> Int64:
        """Return for how long after its phenomenon time a value counts, int64[size], µs; 0 where there is none.

        Three intervals, and a fourth where the time is the start of an interval. What is older is aged.
        """
        lifetimes = np.zeros(self.size, np.int64)
        for stream in self.datastreams.values():
            intervals = 4 if stream.time_kind is TimeKind.INTERVAL else 3
            lifetimes[stream.key] = round(intervals * stream.interval_s * SECOND_US)
        return lifetimes

    @cached_property
    def thing_of(self) -> Int32:
        """Return the thing's key by datastream key, int32[size]; -1 where there is none."""
        owners = np.full(self.size, -1, dtype=np.int32)
        for stream in self.datastreams.values():
            owners[stream.key] = stream.thing
        return owners

    @cached_property
    def _property_index(self) -> dict[tuple[str, str], dict[str, int]]:
        index: dict[tuple[str, str], dict[str, int]] = {}
        for stream in self.datastreams.values():
            thing = self.things.get(stream.thing)
            if thing is not None and not stream.retired and not thing.retired:
                index.setdefault((thing.producer, stream.observed_property), {})[thing.thing_id] = stream.key
        return index

    @cached_property
    def _by_thing(self) -> dict[int, list[Datastream]]:
        owned: dict[int, list[Datastream]] = {}
        for stream in self.datastreams.values():
            owned.setdefault(stream.thing, []).append(stream)
        return owned
