"""Which rules judge a thing, and where their limits lie in the unit of its series.

Each enabled rule is expanded over the catalog once for each version of both; then a thing is looked up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alerts.expansion import first_stage
from alerts.quantities import factor
from alerts.rule import Rule
from alerts.scope import Columns
from ops_center.domain.catalog import Catalog, Datastream
from ops_center.domain.observations import Int64

LEVELS: Mapping[str, tuple[str, ...]] = {
    "limits": ("high_high", "high", "low", "low_low"),
    "threshold": ("above", "below"),
}
"""types whose limits are values of the series itself → the parameters that hold them"""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of one rule, in the unit of the series."""

    value: float
    which: str
    """name of the parameter: ``high_high``"""
    rule: Rule


@dataclass(frozen=True, slots=True, eq=False)
class _Reach:
    rule: Rule
    things: Int64
    streams: Int64


@dataclass
class Judges:
    """Safe to use from any thread; asks no database."""

    rules: Callable[[], Mapping[str, Rule]]
    catalog: Callable[[], Catalog]
    _held: tuple[object, int, tuple[_Reach, ...]] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of_thing(self, thing: int) -> list[Rule]:
        """Return the enabled rules that judge what a thing observes or does, the most urgent first."""
        found = [one.rule for one in self._reaches() if _holds(one.things, thing)]
        return sorted(found, key=lambda rule: (rule.form.priority.respond_min, rule.name))

    def limits(self, stream: Datastream) -> list[Limit]:
        """Return the limits of the rules that judge a datastream by its value."""
        return [
            limit for one in self._reaches() if _holds(one.streams, stream.key) for limit in limits_of(one.rule, stream)
        ]

    def _reaches(self) -> tuple[_Reach, ...]:
        rules, catalog = self.rules(), self.catalog()
        with self._lock:
            if self._held is None or self._held[0] is not rules or self._held[1] != catalog.version:
                self._held = rules, catalog.version, _expanded(rules, catalog)
            return self._held[2]


def limits_of(rule: Rule, stream: Datastream) -> list[Limit]:
    """Return the limits of a rule in the unit of a series; none where they aren't values of the series."""
    given = rule.form.parameters
    times = factor(str(given.get("unit", stream.unit)), stream.unit)
    if rule.type.name not in LEVELS or times is None:
        return []
    names = [name for name in LEVELS[rule.type.name] if isinstance(given.get(name), int | float)]
    return [Limit(float(given[name]) * times, name, rule) for name in names]


def _expanded(rules: Mapping[str, Rule], catalog: Catalog) -> tuple[_Reach, ...]:
    columns = Columns.of(catalog)
    feeds = sorted({thing.feed for thing in catalog.things.values()})
    nobody = np.empty(0, np.int64)
    reaches = []
    for rule in rules.values():
        if not rule.form.enabled or rule.scope.subject == "feed":
            continue
        if rule.type.source == "observations":
            keys = np.unique(first_stage(rule, columns, feeds).key)
            owners = columns.thing[np.unique(columns.owner[np.searchsorted(columns.stream, keys)])]
            reaches.append(_Reach(rule, owners, keys))
        else:
            reaches.append(_Reach(rule, columns.thing[columns.things_of(rule.scope)], nobody))
    return tuple(reaches)


def _holds(keys: NDArray[np.int64], key: int) -> bool:
    at = int(np.searchsorted(keys, key))
    return at < len(keys) and int(keys[at]) == key
