"""What stores, shelters and hospitals hold, less what live incidents took of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ops_center.domain.text import Label
from ops_center.incidents.incident import Incident


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a store holds."""

    label: Label
    unit: Label
    """of its quantity"""
    share: float
    """of what a store holds, by weight (assumed: a pack says only how many tonnes it is)"""
    each_t: float
    """tonnes that one weighs"""


ITEMS: Mapping[str, Item] = {
    "sandbag": Item(Label("沙袋", "sandbags"), Label("只", "pieces"), 0.35, 0.025),
    "drinking_water": Item(Label("饮用水", "drinking water"), Label("吨", "t"), 0.25, 1.0),
    "food_ration": Item(Label("方便食品", "food rations"), Label("份", "rations"), 0.12, 0.001),
    "quilt": Item(Label("棉被", "quilts"), Label("床", "pieces"), 0.10, 0.003),
    "tent": Item(Label("救灾帐篷", "tents"), Label("顶", "pieces"), 0.08, 0.06),
    "pump": Item(Label("移动排水泵", "mobile pumps"), Label("台", "sets"), 0.05, 0.35),
    "generator": Item(Label("发电机", "generators"), Label("台", "sets"), 0.03, 0.25),
    "life_jacket": Item(Label("救生衣", "life jackets"), Label("件", "pieces"), 0.02, 0.001),
}
"""what an emergency store (应急物资库) holds; shares and weights are assumed"""
PLACES: Mapping[str, tuple[str, Label]] = {
    "shelter": ("place", Label("人", "people")),
    "hospital": ("bed", Label("张床", "beds")),
}
"""kind of facility → item and unit of what it offers; it is taken and given back as stocks are"""


@dataclass(frozen=True, slots=True)
class Stock:
    """How much of an item there is."""

    item: str
    label: Label
    unit: Label
    total: float
    left: float
    """less what live incidents took"""


def stocks_of(kind: str, capacity: float, taken: Mapping[str, float]) -> tuple[Stock, ...]:
    """Return what a facility holds; ``taken``: item → what live incidents took. Nothing of what isn't known."""
    if not capacity > 0:
        return ()
    if kind in PLACES:
        item, unit = PLACES[kind]
        label = Label("可用容量", "places") if item == "place" else Label("床位", "beds")
        return (Stock(item, label, unit, capacity, capacity - taken.get(item, 0.0)),)
    if kind != "store":
        return ()
    found = ((name, one, float(round(capacity * one.share / one.each_t))) for name, one in ITEMS.items())
    return tuple(Stock(name, one.label, one.unit, total, total - taken.get(name, 0.0)) for name, one, total in found)


def taken_from(incidents: Iterable[Incident]) -> dict[str, dict[str, float]]:
    """Return store → item → what the incidents that are not closed have taken and not brought back."""
    found: dict[str, dict[str, float]] = {}
    for incident in incidents:
        for use in () if incident.is_closed else incident.stocks:
            of_store = found.setdefault(use.store, {})
            of_store[use.item] = of_store.get(use.item, 0.0) + use.quantity
    return found
