"""Which rule's alarms explain which others, as data: a table of relations, and families of what happens to neighbours.

A *relation* says that an alarm of a cause explains one of an effect within a reach and a time. A *family* says that
alarms of its rules that are close together are one thing happening to neighbours. Read from ``relations.toml``; a city
adds files of its own (docs/alarms.md). Called by ``alerts.correlation``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from alerts.bounds import Name
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.words import Words

By = Literal["near", "network", "district", "feed", "thing", "city"]
Names = Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=200)]


class Reach(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far apart in space and time two alarms may be."""

    by: By
    """``near``: metres; ``network``: steps along pipes or roads; or the same district, feed, thing, or anywhere"""
    distance_m: Annotated[float, msgspec.Meta(gt=0, le=50_000)] = 0.0
    network: str = ""
    hops: Annotated[int, msgspec.Meta(ge=0, le=200)] = 0
    within_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)]
    """between the times at which they were raised"""

    def __post_init__(self) -> None:
        if (self.by == "near") != (self.distance_m > 0) or (self.by == "network") != bool(self.network and self.hops):
            raise ValueError("by = near wants distance_m, by = network wants network and hops; and nothing else does")


class Relation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Alarms of a cause explain those of an effect. Of several that hold the first in the table counts."""

    causes: Names
    effects: Names
    reach: Reach
    source: Words


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Alarms of these rules that are close together are one thing; the first of the most urgent stands for all."""

    rules: Names
    reach: Reach
    source: Words


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    relation: tuple[Relation, ...] = ()
    family: tuple[Family, ...] = ()


@dataclass(frozen=True)
class Relations:
    """The whole table."""

    relations: tuple[Relation, ...]
    families: tuple[Family, ...]

    @cached_property
    def family_of(self) -> Mapping[str, int]:
        """Return rule → number of its family."""
        return {rule: number for number, family in enumerate(self.families) for rule in family.rules}

    @cached_property
    def as_effect(self) -> Mapping[str, tuple[int, ...]]:
        """Return rule → numbers of the relations in which it is an effect."""
        return _by_rule((rule, number) for number, one in enumerate(self.relations) for rule in one.effects)

    @cached_property
    def as_cause(self) -> Mapping[str, tuple[int, ...]]:
        """Return rule → numbers of the relations in which it is a cause."""
        return _by_rule((rule, number) for number, one in enumerate(self.relations) for rule in one.causes)

    def check(self, origin: str) -> None:
        """Raise ConfigurationError where a rule is in two families, or explains in the end itself."""
        seen: set[str] = set()
        for family in self.families:
            twice = seen & set(family.rules)
            if twice:
                raise ConfigurationError(f"{origin}: rule {min(twice)} is in two families")
            seen |= set(family.rules)
        ahead = {self._unit(rule): set[str | int]() for one in self.relations for rule in (*one.causes, *one.effects)}
        for one in self.relations:
            for cause in one.causes:
                ahead[self._unit(cause)] |= {self._unit(effect) for effect in one.effects}
        while ahead:
            effects = set().union(*ahead.values())
            first = [unit for unit in ahead if unit not in effects]
            if not first:
                raise ConfigurationError(f"{origin}: in a circle these explain themselves: {sorted(map(str, ahead))}")
            for unit in first:
                del ahead[unit]

    def _unit(self, rule: str) -> str | int:
        return self.family_of.get(rule, rule)


def load_relations(text: str, origin: str) -> Relations:
    """Return the table of one file. Raises ConfigurationError that names file and field."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise ConfigurationError(f"{origin}: {error}") from error
    found = Relations(file.relation, file.family)
    found.check(origin)
    return found


def joined(tables: Iterable[Relations], origin: str = "relations") -> Relations:
    """Return several tables as one; those before count first. Raises ConfigurationError."""
    some = list(tables)
    whole = Relations(
        tuple(one for table in some for one in table.relations), tuple(one for table in some for one in table.families)
    )
    whole.check(origin)
    return whole


@lru_cache(maxsize=1)
def shipped_relations() -> Relations:
    """Return the table that ships."""
    return load_relations((files("alerts") / "relations.toml").read_text("utf-8"), "relations.toml")


def _by_rule(pairs: Iterable[tuple[str, int]]) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for rule, number in pairs:
        if number not in found.get(rule, ()):
            found[rule] = (*found.get(rule, ()), number)
    return found
