"""What the book is told about the city: the rules as they are now, where subjects are, who is near whom.

Made by the book's process from store, catalog and city pack whenever one of them changed; ``Facts.of`` does most of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from alerts.conditions import ConditionBatch
from alerts.contract import SubjectKind
from alerts.relations import Relations, shipped_relations
from alerts.rule import Rule
from alerts.subjects import district, group_key
from alerts.surroundings import Surroundings
from alerts.turns import ESCALATE_AFTER
from ops_center.domain.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject is and whose."""

    thing: int = -1
    """key of its thing; -1: none"""
    department: str = ""
    district: str = ""
    feed: str = ""
    longitude: float = float("nan")
    latitude: float = float("nan")
    """degrees, WGS 84; NaN of what has no place"""


NOWHERE = Place()
PlaceOf = Callable[[int, int], Place]
"""(kind of subject, key) → place; ``NOWHERE`` of what is unknown"""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """The city as the book needs it."""

    rules: Mapping[str, Rule]
    """by name, with those that are disabled"""
    place_of: PlaceOf
    surroundings: Surroundings = field(default_factory=Surroundings)
    relations: Relations = field(default_factory=shipped_relations)
    """keep the object while the table is the same: with another one everything is grouped anew"""
    escalate_after: tuple[float, ...] = ESCALATE_AFTER
    """shares of a rule's time to respond after which an alarm that nobody acknowledged escalates, ascending"""

    @classmethod
    def of(cls, rules: Iterable[Rule], catalog: Catalog, surroundings: Surroundings | None = None) -> Self:
        """Return the facts of a catalog: datastreams are where their things are, districts have their code."""
        by_name = {rule.name: rule for rule in rules}
        return cls(by_name, catalog_places(catalog), surroundings or Surroundings())

    def lacks(self, batch: ConditionBatch) -> frozenset[str]:
        """Return the rules of which the batch has a newer version, or that are unknown: read rules again first."""
        known = {name: rule.version for name, rule in self.rules.items()}
        return frozenset(rule.name for rule in batch.rules if known.get(rule.name, 0) < rule.version)


def catalog_places(catalog: Catalog) -> PlaceOf:
    """Return where every subject of a catalog is."""
    codes = {thing.district for thing in catalog.things.values() if thing.district}
    groups = {group_key(district(code)): Place(district=code) for code in codes}

    def place_of(kind: int, key: int) -> Place:
        if kind == SubjectKind.GROUP:
            return groups.get(key, NOWHERE)
        if kind == SubjectKind.DATASTREAM:
            stream = catalog.datastreams.get(key)
            thing = catalog.things.get(stream.thing) if stream else None
        else:
            thing = catalog.things.get(key)
        if thing is None:
            return NOWHERE
        return Place(thing.key, thing.department, thing.district, thing.feed, thing.longitude, thing.latitude)

    return place_of
