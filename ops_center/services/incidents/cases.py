"""Cases: closed incidents that were handled, found by likeness to one that has just begun, and by words.

Likeness is judged by ``incidents.cases`` and said by its parts. Everybody is shown only cases that they may see; the
index of them is made anew where somebody asks after an incident has closed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Asker
from ops_center.incidents.cases import Alike, Cases, grams
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


class CaseDesk:
    """The cases of one realm; safe to use from any thread."""

    def __init__(self, incidents: IncidentSearch, tree: TypeTree, pack: CityPack, closings: Callable[[], int]) -> None:
        """``closings``: grows whenever an incident closes, or a closed one changes (``IncidentWatch.closings``)."""
        self._incidents = incidents
        self._tree = tree
        self._pack = pack
        self._closings = closings
        self._lock = threading.Lock()
        self._held: dict[tuple[object, ...], tuple[int, Cases]] = {}

    def alike(self, asker: Asker, incident: Incident, many: int = 3) -> Sequence[Alike]:
        """Return the cases most like an incident, with the parts of their likeness. Raises StoreError."""
        found = self._cases(asker).most_alike(incident, self._metres(), many + 1)
        return [one for one in found if one.case.id != incident.id][:many]

    def search(
        self, asker: Asker, text: str = "", type_: str = "", district: str = "", many: int = 200
    ) -> Sequence[Incident]:
        """Return cases, newest first: those that hold all words, of a type and those below it, of a district."""
        wanted, below = set(grams(text)), self._below(type_)
        found = (one for one in self._cases(asker).cases if not below or one.type in below)
        held = (one for one in found if not district or one.district == district)
        fitting = [one for one in held if wanted <= set(grams(_text(one)))]
        return sorted(fitting, key=lambda one: -one.closed_us)[:many]

    def all(self, asker: Asker) -> Sequence[Incident]:
        """Return every case that ``asker`` may see, from memory where nothing has closed since. Raises StoreError."""
        return self._cases(asker).cases

    def case(self, asker: Asker, number: int) -> Incident | None:
        """Return a case; None: there is none, or not for who asks."""
        return next((one for one in self._cases(asker).cases if one.id == number), None)

    def _cases(self, asker: Asker) -> Cases:
        """Return the cases that somebody may see, indexed once for all of the same grants."""
        key, closings = tuple(sorted(map(str, asker.grants))), self._closings()
        with self._lock:
            made = self._held.get(key)
        if made is not None and made[0] == closings:
            return made[1]
        cases = Cases(self._closed(asker), self._tree)
        with self._lock:
            if len(self._held) > 50:
                self._held.clear()
            self._held[key] = closings, cases
        return cases

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

    def _below(self, type_: str) -> frozenset[str]:
        if type_ not in self._tree.types:
            return frozenset()
        return frozenset(code for code in self._tree.types if type_ in self._tree.lineage(code))

    def _metres(self) -> Callable[[tuple[float, float], tuple[float, float]], float]:
        metric = self._pack.metric

        def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
            x, y = metric.to_metres([one[0], other[0]], [one[1], other[1]])
            return float(((x[0] - x[1]) ** 2 + (y[0] - y[1]) ** 2) ** 0.5)

        return metres


def _text(one: Incident) -> str:
    return f"{one.title} {one.description} {one.lessons}"
