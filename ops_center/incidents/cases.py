"""Closed incidents as cases: which of them are most like one that has just begun, and why. Pure.

Likeness is between 0 and 1, made of four parts (weights assumed; each part is said beside the whole, so that nobody
has to believe a number): type, by steps in the tree; text, by the pairs of characters and the words they share, rare
ones counting more (TF-IDF, Salton and Buckley 1988); place, by distance; season, by the time of the year.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ops_center.incidents.incident import Incident, Outcome
from ops_center.incidents.types import TypeTree

WEIGHTS: Mapping[str, float] = {"type": 0.4, "text": 0.3, "place": 0.2, "season": 0.1}
NEAR_M = 2000.0
"""at this distance likeness of place has fallen to 1/e"""
_YEAR_DAYS = 365.2425
_WORDS = re.compile(r"[a-z0-9]{2,}|[\u4e00-\u9fff]+")

Metres = Callable[[tuple[float, float], tuple[float, float]], float]
"""distance of two places on the ground"""


@dataclass(frozen=True, slots=True)
class Alike:
    """A case, how like it is, and by which parts."""

    case: Incident
    likeness: float
    parts: Mapping[str, float]
    """``type``, ``text``, ``place``, ``season``: each between 0 and 1"""


class Cases:
    """The cases of a realm, indexed. Immutable; made anew when an incident closes."""

    def __init__(self, closed: Sequence[Incident], tree: TypeTree) -> None:
        """False reports and merged incidents teach nothing about handling one: they are left out."""
        self.cases = tuple(one for one in closed if one.outcome is Outcome.HANDLED)
        self._tree = tree
        counted = [Counter(grams(_text(one))) for one in self.cases]
        documents = Counter(gram for counts in counted for gram in counts)
        self._rarity = {gram: math.log((1 + len(counted)) / (1 + n)) + 1 for gram, n in documents.items()}
        self._vectors = [self._vector(counts) for counts in counted]

    def most_alike(self, incident: Incident, metres: Metres, many: int = 3) -> list[Alike]:
        """Return the cases most like an incident, the most alike first; of equals the newest."""
        asked = self._vector(Counter(grams(_text(incident))))
        found = [self._alike(incident, asked, place, metres) for place in range(len(self.cases))]
        return sorted(found, key=lambda one: (-one.likeness, -one.case.closed_us))[:many]

    def _alike(self, incident: Incident, asked: Mapping[str, float], place: int, metres: Metres) -> Alike:
        case = self.cases[place]
        parts = {
            "type": 1 / (1 + self._tree.steps_apart(incident.type, case.type)),
            "text": sum(weight * self._vectors[place].get(gram, 0.0) for gram, weight in asked.items()),
            "place": _nearness(incident, case, metres),
            "season": _seasons(incident.occurred_us, case.occurred_us),
        }
        return Alike(case, sum(WEIGHTS[name] * value for name, value in parts.items()), parts)

    def _vector(self, counts: Counter[str]) -> dict[str, float]:
        """Return weights of length 1; what no case has says nothing."""
        weights = {gram: (1 + math.log(n)) * self._rarity[gram] for gram, n in counts.items() if gram in self._rarity}
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {gram: weight / length for gram, weight in weights.items()} if length else {}


def grams(text: str) -> list[str]:
    """Return the words of a text as they are compared: Chinese in pairs of characters, others whole."""
    found: list[str] = []
    for word in _WORDS.findall(text.lower()):
        if word[0] < "\u4e00":
            found.append(word)
        else:
            found += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
    return found


def _text(incident: Incident) -> str:
    return f"{incident.title} {incident.description}"


def _nearness(one: Incident, other: Incident, metres: Metres) -> float:
    here, there = one.place, other.place
    if here is None or there is None:
        return 0.5 if one.district and one.district == other.district else 0.0
    return math.exp(-metres(here, there) / NEAR_M)


def _seasons(one_us: int, other_us: int) -> float:
    """Return how near two times lie in the year: 1 on the same day of it, 0 half a year apart."""
    days = (datetime.fromtimestamp(us / 1e6, UTC).timetuple().tm_yday for us in (one_us, other_us))
    first, second = days
    return (1 + math.cos(2 * math.pi * (first - second) / _YEAR_DAYS)) / 2
