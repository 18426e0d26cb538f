"""Vehicles by BeiDou and GPS: buses, sanitation, police, fire, ambulances, construction trucks; a fix every 5 s each.

Limits are those of every fix, see ``feeds/columnar.py``: places on the globe, at most 120 m/s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from feeds.declared import ColumnarFeed
from feeds.sending import by_gateway, message, nullable
from ops_center.domain.messages import Outgoing
from ops_center.domain.text import Label

if TYPE_CHECKING:
    from ops_center.world.world import World


def _observe(world: World) -> Sequence[Outgoing]:
    bank, fixes = world.vehicles.bank, world.vehicles.fixes
    columns = {name: nullable(values) for name, values in fixes.items()}
    return [
        message(
            gateway,
            bank.ids[bank.due[rows]],
            bank.time_us[rows],
            {name: column[rows] for name, column in columns.items()},
            len(rows),
        )
        for gateway, rows in by_gateway(bank.groups[bank.due])
    ]


FEED = ColumnarFeed(
    name="vehicles",
    label=Label("车辆", "vehicles"),
    lateness_s=60.0,
    thing_kinds={
        "bus": Label("公交车", "bus"),
        "sanitation": Label("环卫车", "sanitation vehicle"),
        "police": Label("警车", "police car"),
        "fire": Label("消防车", "fire engine"),
        "ambulance": Label("救护车", "ambulance"),
        "truck": Label("渣土车", "construction truck"),
    },
    positions=True,
    observer=_observe,
)
