"""The city's units, stocks, shelters and hospitals as they are now: from the pack, the live places of vehicles, and the
incidents that are live. Answers from memory; never waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from layers.contract import LiveFrame
from ops_center.city.pack import CityPack
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.incidents.duty import Duty, Turn, on_duty, turn_at
from ops_center.incidents.incident import Incident
from ops_center.incidents.resources import KINDS, Held, Status, UnitNow, holders, status_of, type_of
from ops_center.incidents.stocks import PLACES, Stock, stocks_of, taken_from

RESOURCES = Rights(
    see=PICTURE | {Role.FIELD_UNIT},
    change=frozenset({Role.OPERATOR, Role.COORDINATOR, Role.COMMANDER, Role.DEPARTMENT}),
)
"""a department sees its own, crews those of theirs; who changes incidents asks who should go"""
_HOLDING = ("store", *PLACES)


@dataclass(frozen=True, slots=True)
class Facility:
    """A house that holds something which incidents take: a store, a shelter, a hospital."""

    id: str
    kind: str
    label: Label
    department: str
    district: str
    longitude: float
    latitude: float
    stocks: tuple[Stock, ...]


@dataclass(frozen=True, slots=True)
class _Fix:
    longitude: float
    latitude: float
    at_us: int


class Resources:
    """Answers; safe to use from any thread. Raises CityPackError where the pack is damaged, with the first question."""

    def __init__(
        self, pack: CityPack, frame: Callable[[], LiveFrame], incidents: Callable[[], Iterable[Incident]] = lambda: ()
    ) -> None:
        self._pack = pack
        self._frame = frame
        self._incidents = incidents
        """those that are not closed"""

    def units(self, asker: Asker) -> list[UnitNow]:
        """Return the units that ``asker`` may see, by id."""
        return [one for one in self.all_units() if asker.may_see_of(RESOURCES, one.department, one.district)]

    def all_units(self) -> list[UnitNow]:
        """Return every unit, by id, whoever asks."""
        frame, incidents = self._frame(), list(self._incidents())
        by_id = {one.id: one for one in incidents}
        held, fixes = holders(incidents), self._fixes(frame)
        turn = turn_at(in_zone(frame.now_us, self._pack.manifest.timezone))
        there = self._on_duty(turn)
        found = []
        for row in self._units:
            holder = held.get(row["unit_id"])
            status = status_of(holder, row["organisation"] in there or row["organisation"] not in self._rostered)
            scene = by_id[holder.incident].place if holder and status is Status.ON_SCENE else None
            found.append(_unit(row, holder, status, turn, fixes.get(row["vehicle"]) or _at(scene)))
        return found

    def unit(self, unit: str) -> UnitNow | None:
        """Return a unit; None: there is none."""
        return next((one for one in self.all_units() if one.id == unit), None)

    def label(self, unit: str) -> Label | None:
        """Return what a unit is called; None: there is none."""
        return self._labels.get(unit)

    def on_duty(self, organisation: str) -> Sequence[Duty]:
        """Return who of an organisation is on duty now, the leader first."""
        now = in_zone(self._frame().now_us, self._pack.manifest.timezone)
        return self._on_duty(turn_at(now)).get(organisation, ())

    def facilities(self, asker: Asker, kinds: Sequence[str] = _HOLDING) -> list[Facility]:
        """Return stores, shelters and hospitals with what is left in them."""
        taken = taken_from(self._incidents())
        seen = (row for row in self._facilities if row["kind"] in kinds)
        return [
            _facility(row, stocks_of(row["kind"], row["capacity"], taken.get(row["facility_id"], {})))
            for row in seen
            if asker.may_see_of(RESOURCES, row["organisation"], row["district"])
        ]

    def stocks(self, asker: Asker) -> list[Facility]:
        """Return the emergency stores."""
        return self.facilities(asker, ("store",))

    def shelters(self, asker: Asker) -> list[Facility]:
        """Return the shelters."""
        return self.facilities(asker, ("shelter",))

    def hospitals(self, asker: Asker) -> list[Facility]:
        """Return the hospitals."""
        return self.facilities(asker, ("hospital",))

    def total(self, store: str, item: str) -> tuple[float, str] | None:
        """Return how much of an item there is with nothing taken, and the unit of it; None: there is no such item."""
        row = next((row for row in self._facilities if row["facility_id"] == store), None)
        found = stocks_of(row["kind"], row["capacity"], {}) if row else ()
        return next(((one.total, one.unit.en) for one in found if one.item == item), None)

    def _fixes(self, frame: LiveFrame) -> Mapping[str, _Fix]:
        """Return vehicle → where it said last that it is."""
        keys = frame.catalog.thing_keys.get("vehicles", {})
        row_of = np.full(int(frame.position_thing.max(initial=-1)) + 2, -1, np.int64)
        row_of[frame.position_thing] = np.arange(len(frame.position_thing))
        found = {}
        for row in self._units:
            key = keys.get(row["vehicle"], -1)
            fix = int(row_of[key]) if 0 <= key < len(row_of) - 1 else -1
            if fix >= 0:
                place = float(frame.longitude[fix]), float(frame.latitude[fix])
                found[row["vehicle"]] = _Fix(*place, int(frame.position_time_us[fix]))
        return found

    def _on_duty(self, turn: Turn) -> Mapping[str, tuple[Duty, ...]]:
        if turn not in self._turns:
            self._turns[turn] = on_duty(self._roster, turn)
        return self._turns[turn]

    @cached_property
    def _turns(self) -> dict[Turn, Mapping[str, tuple[Duty, ...]]]:
        return {}

    @cached_property
    def _roster(self) -> tuple[Duty, ...]:
        names = ["organisation", "weekday", "shift", "duty", "person", "phone"]
        rows = self._pack.table("duty_roster")[names].itertuples(index=False)
        return tuple(Duty(str(o), int(w), str(s), str(d), str(p), str(t)) for o, w, s, d, p, t in rows)

    @cached_property
    def _rostered(self) -> frozenset[str]:
        """Return who has a roster: of others nobody says that they are off."""
        return frozenset(one.organisation for one in self._roster)

    @cached_property
    def _units(self) -> list[dict[str, Any]]:
        return sorted(self._placed("units"), key=lambda row: str(row["unit_id"]))

    @cached_property
    def _facilities(self) -> list[dict[str, Any]]:
        return [row for row in self._placed("facilities") if row["kind"] in _HOLDING]

    @cached_property
    def _labels(self) -> dict[str, Label]:
        return {row["unit_id"]: _name(row, row["unit_id"]) for row in self._units}

    def _placed(self, layer: str) -> list[dict[str, Any]]:
        frame = self._pack.features(layer)
        rows: list[dict[str, Any]] = frame.drop(columns="geometry").to_dict("records")
        places = zip(frame.geometry.x.tolist(), frame.geometry.y.tolist(), strict=True)
        return [{**row, "longitude": x, "latitude": y} for row, (x, y) in zip(rows, places, strict=True)]


def _unit(row: Mapping[str, Any], held: Held | None, status: Status, turn: Turn, fix: _Fix | None) -> UnitNow:
    kind, members = str(row["kind"]), int(row["members"])
    return UnitNow(
        id=row["unit_id"], kind=kind, type=type_of(kind, members), label=_name(row, row["unit_id"]),
        department=row["organisation"], district=row["district"], members=members, vehicle=row["vehicle"],
        capabilities=KINDS[kind].capabilities if kind in KINDS else (),
        longitude=fix.longitude if fix else row["longitude"], latitude=fix.latitude if fix else row["latitude"],
        at_us=fix.at_us if fix else 0, shift=turn.shift, status=status, incident=held.incident if held else 0,
        task=held.by.task if held else 0, eta_us=held.by.eta_us if held else 0,
    )  # fmt: skip


def _facility(row: Mapping[str, Any], stocks: tuple[Stock, ...]) -> Facility:
    return Facility(
        row["facility_id"], row["kind"], _name(row, row["facility_id"]), row["organisation"], row["district"],
        row["longitude"], row["latitude"], stocks,
    )  # fmt: skip


def _name(row: Mapping[str, Any], key: str) -> Label:
    return Label(row["name_zh"] or key, row["name_en"] or row["name_zh"] or key)


def _at(place: tuple[float, float] | None) -> _Fix | None:
    """Return where an incident is as the place of who is there: nobody measured it."""
    return _Fix(*place, 0) if place else None
