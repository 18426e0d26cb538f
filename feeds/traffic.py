"""Traffic sensors (loops, radar, video) on roads: flow, mean speed and occupancy of all lanes, every ten seconds.

Limits. Possible: no lane passes more than one vehicle a second, and a carriageway has at most 12 lanes; nothing on
a city road is faster than 300 km/h; occupancy is a share. Plausible: capacity and legal speeds with a margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from feeds.contract import DatastreamKind
from feeds.declared import ColumnarFeed
from feeds.sending import bank_messages
from ops_center.domain.catalog import TimeKind
from ops_center.domain.messages import Outgoing
from ops_center.domain.text import Label

if TYPE_CHECKING:
    from ops_center.world.world import World


def _observe(world: World) -> Sequence[Outgoing]:
    return bank_messages(world.traffic.sensors)


FEED = ColumnarFeed(
    name="traffic",
    label=Label("交通", "traffic"),
    lateness_s=120.0,
    kinds=(
        DatastreamKind(
            "vehicle_flow",
            Label("流量", "flow"),
            "{vehicles}/h",
            possible=(0.0, 43_200.0),
            plausible=(0.0, 15_000.0),
            interval_s=10.0,
            time_kind=TimeKind.INTERVAL,
            stuck_after_s=300.0,
        ),
        DatastreamKind(
            "vehicle_speed",
            Label("平均车速", "mean speed"),
            "km/h",
            possible=(0.0, 300.0),
            plausible=(0.0, 160.0),
            interval_s=10.0,
            time_kind=TimeKind.INTERVAL,
            stuck_after_s=300.0,
        ),
        DatastreamKind(
            "lane_occupancy",
            Label("占有率", "occupancy"),
            "%",
            possible=(0.0, 100.0),
            plausible=(0.0, 98.0),
            interval_s=10.0,
            time_kind=TimeKind.INTERVAL,
            stuck_after_s=300.0,
        ),
    ),
    thing_kinds={"traffic_sensor": Label("交通检测器", "traffic sensor")},
    observer=_observe,
)
