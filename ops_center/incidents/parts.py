"""What an incident holds beside its facts: places, people, drawings on the shared picture, units and stocks. Values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ops_center.domain.text import Language

PlaceKind = Literal["point", "line", "area"]
DrawingKind = Literal["point", "line", "area", "text", "cordon", "evacuation", "staging", "closure", "diversion"]


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere that an incident concerns; coordinates are longitude and latitude, WGS 84."""

    kind: PlaceKind
    coordinates: tuple[tuple[float, float], ...]
    """a point's one; a line's; an area's ring, not closed"""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Casualties:
    """People, as they are known."""

    dead: int = 0
    injured: int = 0
    missing: int = 0
    trapped: int = 0
    evacuated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Something drawn on the shared picture. Roads that a ``closure`` of a live incident touches are closed."""

    id: int
    """within its incident, never used again"""
    kind: DrawingKind
    label: str = ""
    """as somebody called it; what a plan or the center drew has its English name beside it"""
    english: str = ""
    place: Place
    by: str
    """account"""
    at_us: int

    def called(self, language: Language) -> str:
        """Return what it is called in a language, as far as it is; nothing, where it has no name."""
        return (self.english if language == "en" else "") or self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """What is known of a file that somebody added in the room; photos of tasks are named by their task."""

    hash: str
    name: str
    """as its owner called it"""
    kind: str
    """media type, told by its bytes"""
    size: int
    """bytes"""
    by: str
    """account"""
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A unit that was sent. Times are µs UTC; 0 where it hasn't happened or isn't known."""

    unit: str
    task: int = 0
    """that it goes for; 0 none"""
    assigned_us: int
    eta_us: int = 0
    """when it is expected, as it was computed when it was sent"""
    under_way_us: int = 0
    arrived_us: int = 0
    released_us: int = 0
    by: str
    """account that sent it"""
    route: tuple[tuple[float, float], ...] = ()
    """longitude and latitude of its way"""

    @property
    def is_held(self) -> bool:
        """Return whether the unit is still with the incident: it is free otherwise."""
        return not self.released_us


def released(units: Iterable[Assignment], now_us: int) -> tuple[Assignment, ...]:
    """Return them all released: those that still were held, now."""
    return tuple(replace(one, released_us=now_us) if one.is_held else one for one in units)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockUse:
    """How much of an item of a store an incident has taken and not brought back."""

    store: str
    item: str
    quantity: float
    unit: str
    """of the quantity"""
    at_us: int
    """when it last changed"""
    by: str
    """account that changed it"""
