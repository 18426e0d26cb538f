"""What an incident takes over when another is merged into it: units that are still out, drawings, stocks. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ops_center.incidents.incident import Incident
from ops_center.incidents.parts import StockUse


def taken_over(incident: Incident, into: Incident) -> dict[str, Any]:
    """Return ``drawings``, ``drawn``, ``units``, ``attached`` and ``stocks`` of ``into`` as they become."""
    drawn = tuple(replace(one, id=into.drawn + place) for place, one in enumerate(incident.drawings, 1))
    units = tuple(one for one in incident.units if one.is_held and into.held(one.unit) is None)
    return {
        "drawings": (*into.drawings, *drawn),
        "drawn": into.drawn + len(drawn),
        "units": (*into.units, *units),
        "attached": tuple({one.hash: one for one in (*incident.attached, *into.attached)}.values()),
        "stocks": _summed(into.stocks, incident.stocks),
    }


def _summed(*parts: tuple[StockUse, ...]) -> tuple[StockUse, ...]:
    held: dict[tuple[str, str], StockUse] = {}
    for use in (one for part in parts for one in part):
        before = held.get((use.store, use.item))
        held[use.store, use.item] = replace(use, quantity=use.quantity + before.quantity) if before else use
    return tuple(held.values())
