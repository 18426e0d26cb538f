"""Air monitors: national stations with six pollutants an hour, micro stations with particles and chlorine a minute.

The index is not sent: it is derived (``feeds.aqi``). Limits. Possible: the measuring ranges of reference instruments
(HJ 653, HJ 654), dust storms of 10,000 µg/m³ of PM10 included. Plausible: what a city has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from feeds.aqi import LABELS
from feeds.contract import DatastreamKind
from feeds.declared import ColumnarFeed
from feeds.sending import bank_messages
from ops_center.domain.catalog import TimeKind
from ops_center.domain.messages import Outgoing
from ops_center.domain.text import Label

if TYPE_CHECKING:
    from ops_center.world.world import World


def _observe(world: World) -> Sequence[Outgoing]:
    return [*bank_messages(world.air.stations), *bank_messages(world.air.micro)]


FEED = ColumnarFeed(
    name="air",
    label=Label("空气质量", "air quality"),
    lateness_s=7200.0,
    kinds=(
        DatastreamKind("pm25", LABELS["pm25"], "ug/m3", (0.0, 5000.0), (0.0, 800.0), 3600.0, TimeKind.INTERVAL),
        DatastreamKind("pm10", LABELS["pm10"], "ug/m3", (0.0, 10_000.0), (0.0, 950.0), 3600.0, TimeKind.INTERVAL),
        DatastreamKind("so2", LABELS["so2"], "ug/m3", (0.0, 5000.0), (0.0, 2600.0), 3600.0, TimeKind.INTERVAL),
        DatastreamKind("no2", LABELS["no2"], "ug/m3", (0.0, 5000.0), (0.0, 1000.0), 3600.0, TimeKind.INTERVAL),
        DatastreamKind("o3", LABELS["o3"], "ug/m3", (0.0, 5000.0), (0.0, 1000.0), 3600.0, TimeKind.INTERVAL),
        DatastreamKind("co", LABELS["co"], "mg/m3", (0.0, 200.0), (0.0, 60.0), 3600.0, TimeKind.INTERVAL),
        DatastreamKind("chlorine", Label("氯气", "chlorine"), "mg/m3", (0.0, 1000.0), (0.0, 60.0), 60.0),
    ),
    thing_kinds={
        "air_station": Label("空气质量国控站", "national air station"),
        "air_micro": Label("空气质量微站", "air micro station"),
    },
    observer=_observe,
)
