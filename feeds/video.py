"""Video analytics: what cameras report as events, and how many people they count.

An event names the camera, the place of what is seen, how sure the analytics is (false reports happen, see
``ops_center/world/cameras.py``) and a snapshot: ``/snapshots/<event id>``, a path of this application.
Limits of the count: a camera can't tell more than some thousand people apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from feeds.contract import DatastreamKind
from feeds.declared import ColumnarFeed
from feeds.sending import bank_messages, by_gateway, event_message
from ops_center.domain.messages import Outgoing
from ops_center.domain.text import Label

if TYPE_CHECKING:
    from ops_center.world.cameras import Sighting
    from ops_center.world.world import World

EVENT_KINDS: Mapping[str, Label] = {
    "video.stopped_vehicle": Label("车辆异常停驶", "stopped vehicle"),
    "video.wrong_way": Label("车辆逆行", "wrong way"),
    "video.crowding": Label("人群聚集", "crowding"),
    "video.smoke_fire": Label("烟雾明火", "smoke or fire"),
    "video.intrusion": Label("区域入侵", "intrusion"),
    "video.flooding": Label("道路积水", "flooding"),
    "video.illegal_dumping": Label("违法倾倒", "illegal dumping"),
}


def _observe(world: World) -> Sequence[Outgoing]:
    sightings = world.cameras.sightings
    found = bank_messages(world.people.sensors)
    for gateway, rows in by_gateway(np.array([sighting.gateway for sighting in sightings], object)):
        found.append(event_message(gateway, [_event(sightings[row]) for row in rows.tolist()]))
    return found


def _event(sighting: Sighting) -> Mapping[str, Any]:
    return {
        "id": sighting.sighting_id,
        "thing": sighting.camera,
        "kind": f"video.{sighting.kind}",
        "t": sighting.time_us,
        "longitude": sighting.longitude,
        "latitude": sighting.latitude,
        "confidence": sighting.confidence,
        "attributes": {"camera": sighting.camera, "snapshot": f"/snapshots/{sighting.sighting_id}"},
    }


FEED = ColumnarFeed(
    name="video",
    label=Label("视频分析", "video analytics"),
    lateness_s=60.0,
    kinds=(
        DatastreamKind(
            "people_count",
            Label("人数", "people"),
            "{people}",
            possible=(0.0, 5000.0),
            plausible=(0.0, 1000.0),
            interval_s=10.0,
            stuck_after_s=1800.0,
        ),
    ),
    thing_kinds={"camera": Label("摄像机", "camera")},
    event_kinds=EVENT_KINDS,
    observer=_observe,
)
