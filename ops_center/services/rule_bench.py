"""Everything the rules page stands on: the desk, dry runs, and what a rule would reach. Made once for a web process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from alerts.carrying import meaning
from alerts.contract import StageTwoType
from alerts.expansion import Part, first_stage
from alerts.rule import Rule
from alerts.scope import Columns
from alerts.surroundings import SurroundingsOf
from ops_center.domain.catalog import Catalog
from ops_center.domain.rights import PICTURE, Rights, Role
from ops_center.domain.time import Clock
from ops_center.services.rule_faults import Fault, checked
from ops_center.services.rule_trials import Trials
from ops_center.services.rules import RuleDesk
from ops_center.store.port import Series, Store
from ops_center.store.rule_watching import readable

RULES = Rights(
    see=(PICTURE - {Role.DISPLAY}) | {Role.AUDITOR}, change=frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})
)
"""a rule is the whole city's: who changes one must hold the role over all departments and districts"""
MOST_PLACES = 3000
"""dots on the map of a scope"""
_FEW_POINTS = 10_000
_DAYS_OF_MINUTES_S = 3 * 86_400


@dataclass(frozen=True, slots=True)
class Reached:
    """What a rule would judge, by the catalog as it is now."""

    things: int
    rows: int
    """its subjects: of most rules datastreams"""
    left_out: int
    """datastreams whose unit measures something else"""
    places: Sequence[tuple[float, float]]
    """longitude and latitude of the things, MOST_PLACES at most"""


@dataclass(frozen=True, slots=True)
class Memory:
    """What saving would do to what is remembered of a rule's subjects."""

    kept: bool
    because: tuple[str, ...] = ()
    """the parameters without whose old value memory means nothing"""


@dataclass
class RuleBench:
    """Safe to use from any thread; what asks the database may raise StoreError."""

    desk: RuleDesk
    trials: Trials
    store: Store
    catalog: Callable[[], Catalog]
    _columns: tuple[int, Columns] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def standing(self) -> Mapping[str, int]:
        """Return rule → how many of its conditions stand."""
        batch = self.store.conditions.standing()
        return Counter(batch.rules[number].name for number in batch.rule.tolist())

    def check(self, form: Mapping[str, Any]) -> Rule | Fault:
        """Return the rule of a form, or the first thing that is wrong with it."""
        found = checked(form, self.desk.types)
        if isinstance(found, Fault):
            return found
        faults = self.desk.validate(form)
        return faults[0] if faults else found

    def reach(self, rule: Rule) -> Reached:
        """Return what ``rule`` would judge."""
        columns = self._of_catalog()
        if rule.type.source == "conditions":
            heard = [self._part(one)[1] for one in self._heard(rule)]
            inside = columns.things_of(rule.scope)
            places = np.intersect1d(np.concatenate(heard), inside) if heard else inside[:0]
            return Reached(len(places), len(places), 0, _places(columns, places))
        part, places = self._part(rule)
        return Reached(len(places), len(part.subject), part.left_out, _places(columns, places))

    def _part(self, rule: Rule) -> tuple[Part, NDArray[np.intp]]:
        """Return the rows of a rule of the first stage, and the places of the things that they are about."""
        columns = self._of_catalog()
        part = first_stage(rule, columns, sorted({thing.feed for thing in self.catalog().things.values()}))
        if rule.scope.subject == "feed":
            return part, columns.things_of(rule.scope)
        if rule.type.source == "observations":
            return part, np.unique(columns.owner[np.searchsorted(columns.stream, np.unique(part.key))])
        return part, np.searchsorted(columns.thing, np.unique(part.key))

    def _heard(self, rule: Rule) -> list[Rule]:
        """Return the rules whose conditions ``rule`` listens to."""
        names = {leg.rule for leg in cast("StageTwoType", rule.type).legs(rule.parameters)}
        return [one for one in readable(self.desk.list(), self.desk.types) if one.name in names]

    def first_subject(self, rule: Rule) -> tuple[int, int] | None:
        """Return (kind, key) of the first subject that ``rule`` would judge; None: there is none, or it is a group."""
        if rule.type.source == "conditions":
            return None
        part = first_stage(rule, self._of_catalog(), [])
        return (int(part.subject_kind), int(part.subject[0])) if len(part.subject) else None

    def memory(self, held: Rule, edited: Rule) -> Memory:
        """Return what the rules worker will do with its memory when ``edited`` takes the place of ``held``."""
        if held.type.name != edited.type.name:
            return Memory(False, ("type",))
        old, new = meaning(held), meaning(edited)
        changed = tuple(name for name in new if old.get(name) != new[name])
        return Memory(not changed, changed)

    def series(self, datastream: int, span_us: tuple[int, int]) -> Series:
        """Return a series for a plot: raw as long as that is few points, or where no rollup was made yet."""
        stream = self.catalog().datastreams.get(datastream)
        seconds = (span_us[1] - span_us[0]) / 1e6
        few = seconds / (stream.interval_s if stream else 60.0) <= _FEW_POINTS
        if not few:
            found = self.store.history.series(datastream, *span_us, "1m" if seconds <= _DAYS_OF_MINUTES_S else "15m")
            if len(found.time_us):
                return found
        return self.store.history.series(datastream, *span_us, "raw")

    def _of_catalog(self) -> Columns:
        catalog = self.catalog()
        with self._lock:
            if self._columns is None or self._columns[0] != catalog.version:
                self._columns = (catalog.version, Columns.of(catalog))
            return self._columns[1]


def make_rule_bench(
    store: Store, catalog: Callable[[], Catalog], clock: Clock, surroundings_of: SurroundingsOf
) -> RuleBench:
    """Return the bench of one web process; nothing is asked yet."""
    return RuleBench(RuleDesk(store, clock), Trials(store, clock, surroundings_of), store, catalog)


def _places(columns: Columns, places: Any) -> list[tuple[float, float]]:
    some = places[:: max(1, -(-len(places) // MOST_PLACES))]
    pairs = zip(columns.longitude[some].tolist(), columns.latitude[some].tolist(), strict=True)
    return [(round(x, 5), round(y, 5)) for x, y in pairs if x == x and y == y]  # noqa: PLR0124 - not NaN
