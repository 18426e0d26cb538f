"""Units that a crew may sign on to, and who holds them: of the pack, by the departments and districts of who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops_center.city.columns_services import UNITS
from ops_center.city.pack import CityPack
from ops_center.domain.audit import by
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.incidents.incident import Refusal
from ops_center.services.incidents.rights import FIELD
from ops_center.store.sign_on_port import SignedOn, SignOn, SignOnStore

NO_UNIT = Refusal(
    "unit", Label("没有这个班组，或不属于您的部门", "there is no such unit, or it isn't your department's")
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as the pack has it."""

    id: str
    label: Label
    kind: Label
    department: str
    district: str
    members: int


class Units:
    """Who holds what. Raises StoreError where it says who; safe to use from any thread."""

    def __init__(self, pack: CityPack, store: SignOnStore, clock: Clock) -> None:
        self._units = units_of(pack)
        self._store = store
        self._clock = clock

    def find(self, unit: str) -> Unit | None:
        """Return a unit of the pack."""
        return self._units.get(unit)

    def open_to(self, asker: Asker) -> Sequence[Unit]:
        """Return the units that ``asker`` may sign on to."""
        return [one for one in self._units.values() if asker.may_change_of(FIELD, one.department, one.district)]

    def held(self) -> Mapping[str, SignOn]:
        """Return unit → who holds it now."""
        return {one.unit: one for one in self._store.held()}

    def signed_on(self, asker: Asker) -> SignOn | None:
        """Return what ``asker`` holds; None: nothing, or a unit that the city doesn't have any more."""
        return next(
            (one for one in self._store.held() if one.account == asker.account and one.unit in self._units), None
        )

    def sign_on(self, asker: Asker, unit: str) -> SignedOn | Refusal:
        """Give a unit to ``asker``; who held it is taken over, and what ``asker`` held is free."""
        if unit not in {one.id for one in self.open_to(asker)}:
            return NO_UNIT
        return self._store.sign_on(unit, by(asker, self._clock.now_us(), "unit.signed_on", unit))

    def sign_off(self, asker: Asker) -> SignOn | None:
        """End what ``asker`` holds; None: nothing."""
        return self._store.sign_off(by(asker, self._clock.now_us(), "unit.signed_off", asker.account))


def units_of(pack: CityPack) -> Mapping[str, Unit]:
    """Return id → unit of a pack, in its order. Raises CityPackError if it is damaged."""
    kinds = next(field.allowed for field in UNITS.fields if field.name == "kind") or {}
    made = (_unit(row, kinds) for row in pack.table("units").to_dict("records"))
    return {one.id: one for one in made}


def _unit(row: Mapping[Any, Any], kinds: Mapping[str, Label]) -> Unit:
    number, zh, en = str(row["unit_id"]), str(row["name_zh"] or ""), str(row["name_en"] or "")
    label, kind = Label(zh or en or number, en or zh or number), str(row["kind"])
    return Unit(
        number, label, kinds.get(kind) or Label(kind, kind), str(row["organisation"]), str(row["district"] or ""),
        int(str(row["members"] or 0)),
    )  # fmt: skip
