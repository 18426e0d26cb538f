"""Units and stocks of an incident: sent, under way, there, released; taken and brought back. Pure.

Whether a unit is free follows from the assignments of all incidents that are not closed; nothing else says so. That a
unit isn't with another incident is looked at by the caller, who has them all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ops_center.domain.text import Label
from ops_center.incidents.acts import CLOSED, NOTHING, Answer
from ops_center.incidents.changing import Said, changed
from ops_center.incidents.incident import Act, Incident, Refusal
from ops_center.incidents.parts import Assignment, StockUse

MOST_UNITS = 500
"""assignments of one incident, over its whole life"""
MOST_STOCKS = 500
_DIGITS = 6
"""of quantities: what is taken in parts and brought back whole leaves nothing"""
_MANY = Refusal("many", Label("数量过多", "these are too many"))
_QUANTITY = Refusal("quantity", Label("数量须大于零", "a quantity above zero is wanted"))


@dataclass(frozen=True, slots=True)
class Taking:
    """How much of which item of which store."""

    store: str
    item: str
    quantity: float
    unit: str = ""
    """of the quantity"""


def busy(unit: Label, incident: int) -> Refusal:
    """Return why a unit that is with another incident can't be sent."""
    return Refusal("busy", Label(f"{unit.zh}正在处置事件{incident}", f"{unit.en} is with incident {incident}"))


def assign_unit(incident: Incident, sent: Assignment) -> Answer:
    """Send a unit."""
    if incident.is_closed:
        return CLOSED
    if incident.held(sent.unit):
        return NOTHING
    if len(incident.units) >= MOST_UNITS:
        return _MANY
    detail = {"did": "assigned", "unit": sent.unit, "task": sent.task, "eta_us": sent.eta_us}
    said = Said(Act.RESOURCE, sent.by, sent.assigned_us, detail=detail)
    return changed(incident, {"units": (*incident.units, sent)}, said)


def unit_under_way(incident: Incident, who: str, now_us: int, unit: str) -> Answer:
    """Say that a unit has set out."""
    return _moved(incident, unit, "under_way", Said(Act.RESOURCE, who, now_us), {"under_way_us": now_us})


def unit_arrived(incident: Incident, who: str, now_us: int, unit: str) -> Answer:
    """Say that a unit is there; that it was under way goes without saying."""
    held = incident.held(unit)
    set_out = held.under_way_us if held and held.under_way_us else now_us
    changes = {"arrived_us": now_us, "under_way_us": set_out}
    return _moved(incident, unit, "arrived", Said(Act.RESOURCE, who, now_us), changes)


def release_unit(incident: Incident, who: str, now_us: int, unit: str) -> Answer:
    """Let a unit go: it is free."""
    return _moved(incident, unit, "released", Said(Act.RESOURCE, who, now_us), {"released_us": now_us})


def take_stock(incident: Incident, who: str, now_us: int, taking: Taking) -> Answer:
    """Take something out of a store; how much there is the caller knows."""
    if incident.is_closed:
        return CLOSED
    if not _is_quantity(taking.quantity):
        return _QUANTITY
    held = _used(incident, taking)
    if held is None and len(incident.stocks) >= MOST_STOCKS:
        return _MANY
    quantity = round(taking.quantity + (held.quantity if held else 0.0), _DIGITS)
    unit = held.unit if held else taking.unit
    use = StockUse(store=taking.store, item=taking.item, quantity=quantity, unit=unit, at_us=now_us, by=who)
    return _stocked(incident, "taken", replace(taking, unit=use.unit), use)


def return_stock(incident: Incident, who: str, now_us: int, taking: Taking) -> Answer:
    """Bring something back; also of what is closed."""
    held = _used(incident, taking)
    if not _is_quantity(taking.quantity):
        return _QUANTITY
    if held is None or taking.quantity > held.quantity:
        return Refusal("quantity", Label("归还数量多于领用数量", "more would be brought back than was taken"))
    use = replace(held, quantity=round(held.quantity - taking.quantity, _DIGITS), at_us=now_us, by=who)
    return _stocked(incident, "returned", replace(taking, unit=use.unit), use)


def _moved(incident: Incident, unit: str, did: str, said: Said, changes: dict[str, int]) -> Answer:
    held = incident.held(unit)
    if held is None:
        return Refusal("unit", Label(f"{unit}未派往该事件", f"{unit} is not with this incident"))
    if all(getattr(held, name) for name in changes):
        return NOTHING
    after = tuple(replace(one, **changes) if one is held else one for one in incident.units)  # type: ignore[arg-type]
    detail = {"did": did, "unit": unit, "task": held.task}
    return changed(incident, {"units": after}, replace(said, detail=detail))


def _stocked(incident: Incident, did: str, taking: Taking, use: StockUse) -> Answer:
    others = tuple(one for one in incident.stocks if (one.store, one.item) != (use.store, use.item))
    detail = {
        "did": did, "store": taking.store, "item": taking.item, "quantity": taking.quantity, "unit": taking.unit,
        "left": use.quantity,
    }  # fmt: skip
    said = Said(Act.RESOURCE, use.by, use.at_us, detail=detail)
    return changed(incident, {"stocks": (*others, use) if use.quantity > 0 else others}, said)


def _used(incident: Incident, taking: Taking) -> StockUse | None:
    return next((one for one in incident.stocks if (one.store, one.item) == (taking.store, taking.item)), None)


def _is_quantity(quantity: float) -> bool:
    return math.isfinite(quantity) and round(quantity, _DIGITS) > 0
