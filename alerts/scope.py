"""The catalog as columns, and which of it a scope means. Made once per version of the catalog, asked once per rule.

Called by ``alerts.expansion``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from shapely import Polygon, intersects_xy

from alerts.contract import Flags
from alerts.rule import Codes, Scope
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.observations import Float64, Int64


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A column of words, each held once."""

    words: tuple[str, ...]
    number: NDArray[np.int32]

    @classmethod
    def of(cls, values: Sequence[str]) -> Words:
        """Return a column of ``values``."""
        numbers: dict[str, int] = {}
        column = np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int32)
        return cls(tuple(numbers), column)

    def among(self, codes: Codes) -> Flags | None:
        """Return which are among ``codes``; None where any will do."""
        if codes is None:
            return None
        wanted = {codes} if isinstance(codes, str) else set(codes)
        meant = np.array([word in wanted for word in self.words], bool)
        return meant[self.number] if len(self.words) else np.zeros(0, bool)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Everything of a catalog that isn't retired, in the order of the keys."""

    thing: Int64
    longitude: Float64
    latitude: Float64
    things: Mapping[str, Words]
    """kind, feed, district, department, producer, thing: words by thing"""
    stream: Int64
    owner: NDArray[np.intp]
    """place of each datastream's thing in ``thing``"""
    interval_s: Float64
    streams: Mapping[str, Words]
    """observed_property, unit, feed: words by datastream"""
    _things: tuple[Thing, ...] = ()
    _attributes: dict[str, Words] = field(default_factory=dict)
    """name → its values as JSON, each held once"""

    @classmethod
    def of(cls, catalog: Catalog) -> Columns:
        """Return the columns of a catalog."""
        things = sorted((one for one in catalog.things.values() if not one.retired), key=lambda one: one.key)
        place = {thing.key: number for number, thing in enumerate(things)}
        kept = (one for one in catalog.datastreams.values() if not one.retired and one.thing in place)
        streams = sorted(kept, key=lambda one: one.key)
        return cls(
            np.array([one.key for one in things], np.int64),
            np.array([one.longitude for one in things], np.float64),
            np.array([one.latitude for one in things], np.float64),
            {
                "kind": Words.of([one.kind for one in things]),
                "feed": Words.of([one.feed for one in things]),
                "district": Words.of([one.district for one in things]),
                "department": Words.of([one.department for one in things]),
                "producer": Words.of([one.producer for one in things]),
                "thing": Words.of([one.thing_id for one in things]),
            },
            np.array([one.key for one in streams], np.int64),
            np.array([place[one.thing] for one in streams], np.intp),
            np.array([one.interval_s for one in streams], np.float64),
            {
                "observed_property": Words.of([one.observed_property for one in streams]),
                "unit": Words.of([one.unit for one in streams]),
                "feed": Words.of([one.feed for one in streams]),
            },
            tuple(things),
        )

    def things_of(self, scope: Scope, *, feed: bool = True) -> NDArray[np.intp]:
        """Return the places of the things that ``scope`` means, ascending."""
        meant = np.ones(len(self.thing), bool)
        for name, words in self.things.items():
            some = words.among(getattr(scope, name)) if feed or name != "feed" else None
            meant &= True if some is None else some
        for name, wanted in scope.attributes.items():
            meant &= self._has(name, wanted if isinstance(wanted, list) else [wanted])
        if scope.area is not None and meant.any():
            meant &= intersects_xy(Polygon(scope.area), self.longitude, self.latitude)
        return np.flatnonzero(meant)

    def streams_of(self, scope: Scope) -> NDArray[np.intp]:
        """Return the places of the datastreams that ``scope`` means, ascending; the feed is the datastream's own."""
        things = np.zeros(len(self.thing), bool)
        things[self.things_of(scope, feed=False)] = True
        meant = things[self.owner]
        for name in ("observed_property", "feed"):
            some = self.streams[name].among(getattr(scope, name))
            meant &= True if some is None else some
        return np.flatnonzero(meant)

    def feeds_of(self, scope: Scope) -> list[str]:
        """Return the feeds that have any of the things that ``scope`` means."""
        words = self.things["feed"]
        return sorted(words.words[number] for number in np.unique(words.number[self.things_of(scope)]))

    def _has(self, name: str, wanted: Sequence[Any]) -> Flags:
        if name not in self._attributes:
            values = (thing.attributes.get(name) for thing in self._things)
            self._attributes[name] = Words.of([msgspec.json.encode(value).decode() for value in values])
        column = self._attributes[name]
        meant = np.array([_met(msgspec.json.decode(value), wanted) for value in column.words], bool)
        return meant[column.number] if len(meant) else np.zeros(0, bool)


def _met(value: Any, wanted: Sequence[Any]) -> bool:
    """``True`` is not 1 here: JSON tells them apart."""
    values = value if isinstance(value, list) else [value]
    return any(one == other and isinstance(one, bool) == isinstance(other, bool) for one in values for other in wanted)
