"""Cases: closed incidents that were handled, found by likeness to one that has just begun, and by words.

Likeness is judged by ``incidents.cases`` and said by its parts. Everybody is shown only cases that they may see; the
index of them is made anew where somebody asks after an incident has closed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ops_center.city.pack import CityPack
from ops_center.city.scope_names import scope_names
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.incidents.cases import Alike, Cases
from ops_center.incidents.incident import Incident, Outcome, State
from ops_center.incidents.types import TypeTree
from ops_center.store.incident_port import IncidentQuery

MOST_CASES = 5000
"""the newest: older ones teach about a city that isn't there any more"""


class IncidentSearch(Protocol):
    """What is asked of the desk of incidents."""

    def search(self, asker: Asker, query: IncidentQuery, /) -> Sequence[Incident]:
        """Return incidents that asker may see, newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Which cases; what is empty or None is not asked for."""

    text: str = ""
    """all its words, in title, description, lessons, number, or the names of type, place and district; any case"""
    type: str = ""
    """this one or one below it"""
    level: int | None = None
    district: str = ""
    since: date | None = None
    """happened on this day of the city or later"""
    until: date | None = None
    """happened on this day of the city or earlier"""
    limit: int = 200


@dataclass(frozen=True, slots=True)
class _Index:
    closings: int
    """of the watch, when it was made"""
    cases: Cases
    texts: tuple[str, ...]
    """of each case, what words are looked for in"""


class CaseDesk:
    """The cases of one realm; safe to use from any thread."""

    def __init__(self, incidents: IncidentSearch, tree: TypeTree, pack: CityPack, closings: Callable[[], int]) -> None:
        """``closings``: grows whenever an incident closes, or a closed one changes (``IncidentWatch.closings``)."""
        self._incidents = incidents
        self._tree = tree
        self._pack = pack
        self._closings = closings
        self._lock = threading.Lock()
        self._held: dict[tuple[object, ...], _Index] = {}

    def alike(self, asker: Asker, incident: Incident, many: int = 3) -> Sequence[Alike]:
        """Return the cases most like an incident, with the parts of their likeness. Raises StoreError."""
        found = self._index(asker).cases.most_alike(incident, self._metres(), many + 1)
        return [one for one in found if one.case.id != incident.id][:many]

    def search(self, asker: Asker, query: CaseQuery) -> Sequence[Incident]:
        """Return cases, those that happened last first. Raises StoreError."""
        return sorted(self._fitting(asker, query), key=lambda one: (-one.occurred_us, -one.id))[: query.limit]

    def all(self, asker: Asker) -> Sequence[Incident]:
        """Return every case that ``asker`` may see, from memory where nothing has closed since. Raises StoreError."""
        return self._index(asker).cases.cases

    def case(self, asker: Asker, number: int) -> Incident | None:
        """Return a case; None: there is none, or not for who asks."""
        return next((one for one in self.all(asker) if one.id == number), None)

    def _fitting(self, asker: Asker, query: CaseQuery) -> Iterator[Incident]:
        index, words, types = self._index(asker), query.text.casefold().split(), self._below(query.type)
        for one, text in zip(index.cases.cases, index.texts, strict=True):
            if query.type and one.type not in types:
                continue
            fits = query.level in {None, one.level} and query.district in {"", one.district}
            if fits and all(word in text for word in words) and self._happened(one, query):
                yield one

    def _happened(self, one: Incident, query: CaseQuery) -> bool:
        """Return whether it happened in the days that are asked for."""
        if query.since is None and query.until is None:
            return True
        day = in_zone(one.occurred_us, self._pack.manifest.timezone).date()
        return (query.since or date.min) <= day <= (query.until or date.max)

    def _index(self, asker: Asker) -> _Index:
        """Return the cases that somebody may see, indexed once for all of the same grants."""
        key, closings = tuple(sorted(map(str, asker.grants))), self._closings()
        with self._lock:
            made = self._held.get(key)
        if made is not None and made.closings == closings:
            return made
        cases = Cases(self._closed(asker), self._tree)
        districts = scope_names(self._pack).districts
        index = _Index(closings, cases, tuple(self._text(one, districts) for one in cases.cases))
        with self._lock:
            if len(self._held) > 50:
                self._held.clear()
            self._held[key] = index
        return index

    def _closed(self, asker: Asker) -> Sequence[Incident]:
        found: list[Incident] = []
        before: int | None = None
        while len(found) < MOST_CASES:
            page = self._incidents.search(asker, IncidentQuery(states=(State.CLOSED,), before=before, limit=500))
            found += [one for one in page if one.outcome is Outcome.HANDLED]
            if len(page) < 500:
                break
            before = page[-1].id
        return found

    def _text(self, one: Incident, districts: Mapping[str, Label]) -> str:
        """Return what words are looked for in: what people wrote, and what things are called in both languages."""
        known = self._tree.types
        labels = [known[code].name for code in self._tree.lineage(one.type)] if one.type in known else []
        labels += [districts[one.district]] if one.district in districts else []
        named = [part for label in labels for part in (label.zh, label.en)]
        return "\n".join(
            (f"#{one.id}", one.title, one.description, one.lessons, *(place.name for place in one.places), *named)
        ).casefold()

    def _below(self, type_: str) -> frozenset[str]:
        return frozenset(code for code in self._tree.types if type_ in self._tree.lineage(code))

    def _metres(self) -> Callable[[tuple[float, float], tuple[float, float]], float]:
        metric = self._pack.metric

        def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
            x, y = metric.to_metres([one[0], other[0]], [one[1], other[1]])
            return float(((x[0] - x[1]) ** 2 + (y[0] - y[1]) ** 2) ** 0.5)

        return metres
