"""What commands know of the city: plans, types, organisations, units, stocks, and how a plan's drawings lie on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ops_center.city.pack import CityPack
from ops_center.city.scope_names import scope_names
from ops_center.domain.text import Label
from ops_center.incidents.incident import Incident
from ops_center.incidents.parts import Place
from ops_center.incidents.plan import Plan
from ops_center.incidents.types import TypeTree, shipped_types

Plans = Callable[[], Mapping[str, tuple[Plan, int]]]
"""name → the newest valid plan and its version"""
_CORNERS = 48
"""of a circle that a plan draws"""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Somebody who does something, as the city pack has it."""

    code: str
    label: Label
    level: str
    """``city``, ``district``, ``street``, ``company``"""
    parent: str
    district: str
    phone: str


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """A unit that can be sent."""

    label: Label
    department: str
    district: str


@dataclass(frozen=True, slots=True)
class Way:
    """How a unit gets there; nothing is known where it has no route."""

    eta_us: int = 0
    route: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Stock:
    """An item of a store."""

    total: float
    """with nothing taken; what was taken, the store of incidents knows while a command is done"""
    unit: str


class Fleet(Protocol):
    """Units and stocks that there are; whether they are free the incidents know."""

    def unit(self, unit: str) -> UnitEntry | None:
        """Return a unit; None: there is none."""
        ...

    def way(self, unit: str, incident: Incident, now_us: int) -> Way:
        """Return its way to an incident, from where it is now."""
        ...

    def stock(self, store: str, item: str) -> Stock | None:
        """Return an item of a store; None: there is none."""
        ...


class NoFleet:
    """No units and no stocks: trials."""

    def unit(self, unit: str) -> UnitEntry | None:
        """Return that there is none."""
        return None

    def way(self, unit: str, incident: Incident, now_us: int) -> Way:
        """Return that nothing is known of a way."""
        return Way()

    def stock(self, store: str, item: str) -> Stock | None:
        """Return that there is none."""
        return None


@dataclass(slots=True)
class Known:
    """What a command may ask; safe to use from any thread. ``fleet`` is given before anybody commands."""

    pack: CityPack
    plans: Plans
    types: TypeTree
    organisations: Mapping[str, Organisation]
    districts: Mapping[str, Label]
    district: Callable[[float, float], str] = lambda lon, lat: ""
    """longitude, latitude → code of the district; "" outside all"""
    fleet: Fleet = field(default_factory=NoFleet)

    def circle(self, place: tuple[float, float], radius_m: float) -> Place:
        """Return the area within so many metres of a place."""
        x_m, y_m = self.pack.metric.to_metres(*place)
        turn = np.linspace(0.0, 2 * np.pi, _CORNERS, endpoint=False)
        lon, lat = self.pack.metric.to_lonlat(x_m + radius_m * np.cos(turn), y_m + radius_m * np.sin(turn))
        return Place("area", tuple((round(x, 7), round(y, 7)) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)))


def known_of(pack: CityPack, plans: Plans, district: Callable[[float, float], str]) -> Known:
    """Return what is known of a city. Raises CityPackError if its pack is damaged."""
    return Known(pack, plans, shipped_types(), organisations_of(pack), scope_names(pack).districts, district)


def organisations_of(pack: CityPack) -> Mapping[str, Organisation]:
    """Return code → organisation. Raises CityPackError if the pack is damaged."""
    rows = pack.table("organisations").to_dict("records")
    made = (
        Organisation(
            str(row["organisation_id"]), _label(row, "organisation_id"), str(row["level"]), str(row["parent"] or ""),
            str(row["district"] or ""), str(row["phone"] or ""),
        )
        for row in rows
    )  # fmt: skip
    return {one.code: one for one in made}


def _label(row: Mapping[Any, Any], key: str) -> Label:
    zh, en = str(row["name_zh"] or ""), str(row["name_en"] or "")
    return Label(zh or en or str(row[key]), en or zh or str(row[key]))
