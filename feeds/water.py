"""Water-supply telemetry: pressure, flow, tank levels every ten seconds, quality every minute.

Limits. Possible: pipes of PN 16 don't stand more than 2 MPa, a column of water can't pull below -100 kPa; turbidity
and chlorine by the ranges of on-line analysers. Plausible: what a supply in operation shows (GB 50013, GB 5749).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from feeds.contract import DatastreamKind
from feeds.declared import ColumnarFeed
from feeds.sending import bank_messages
from ops_center.domain.messages import Outgoing
from ops_center.domain.text import Label

if TYPE_CHECKING:
    from ops_center.world.world import World


def _observe(world: World) -> Sequence[Outgoing]:
    water = world.water
    banks = (water.pressure_sensors, water.flow_meters, water.tanks, water.quality_stations)
    return [message for bank in banks for message in bank_messages(bank)]


FEED = ColumnarFeed(
    name="water",
    label=Label("供水", "water supply"),
    lateness_s=300.0,
    kinds=(
        DatastreamKind(
            "water_pressure",
            Label("供水压力", "water pressure"),
            "kPa",
            possible=(-100.0, 2000.0),
            plausible=(0.0, 1000.0),
            interval_s=10.0,
            stuck_after_s=300.0,
        ),
        DatastreamKind(
            "water_flow",
            Label("供水流量", "water flow"),
            "L/s",
            possible=(-20_000.0, 20_000.0),
            plausible=(-5000.0, 5000.0),
            interval_s=10.0,
        ),
        DatastreamKind(
            "water_level",
            Label("水池水位", "tank level"),
            "m",
            possible=(-1.0, 60.0),
            plausible=(0.0, 20.0),
            interval_s=10.0,
        ),
        DatastreamKind(
            "free_chlorine",
            Label("游离余氯", "free chlorine"),
            "mg/L",
            possible=(0.0, 10.0),
            plausible=(0.0, 4.0),
            interval_s=60.0,
        ),
        DatastreamKind(
            "turbidity",
            Label("浊度", "turbidity"),
            "[NTU'U]",
            possible=(0.0, 4000.0),
            plausible=(0.0, 50.0),
            interval_s=60.0,
        ),
    ),
    thing_kinds={
        "water_pressure_sensor": Label("供水压力计", "water pressure sensor"),
        "water_flow_meter": Label("供水流量计", "water flow meter"),
        "water_tank": Label("水池", "water tank"),
        "water_quality_station": Label("水质监测点", "water quality station"),
    },
    observer=_observe,
)
