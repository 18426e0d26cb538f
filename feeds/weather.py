"""Weather and water levels: rain gauges, weather stations, river gauges, drain sensors; warnings of rainstorms.

Limits. Possible: world records with a margin (rain 401 mm in an hour in Inner Mongolia in 1975; 113 m/s of wind).
Plausible: what the lower Yangtze has seen. Warnings are events ``warning.rainstorm``, one per district and change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from feeds.contract import DatastreamKind
from feeds.declared import ColumnarFeed
from feeds.sending import bank_messages, event_message
from ops_center.domain.messages import Outgoing
from ops_center.domain.text import Label
from ops_center.domain.time import to_datetime

if TYPE_CHECKING:
    from ops_center.world.rainstorm import RainstormWarning
    from ops_center.world.world import World

WARNING_KIND = "warning.rainstorm"
_EVERY_S = 30.0


def _observe(world: World) -> Sequence[Outgoing]:
    weather = world.weather
    banks = (weather.gauges, weather.stations, weather.river_gauges, weather.drain_sensors)
    sent = [message for bank in banks for message in bank_messages(bank)]
    if weather.issued and len(weather.stations.ids):
        events = [_event(warning, str(weather.stations.ids[0]), world) for warning in weather.issued]
        sent.append(event_message("warnings", events))
    return sent


def _event(warning: RainstormWarning, issuer: str, world: World) -> dict[str, Any]:
    """Return the warning as an event of the city's first weather station, placed in its district."""
    longitude, latitude = world.weather.district_lonlat(warning.district)
    level = warning.level
    return {
        "id": f"rainstorm-{warning.district}-{warning.issued_us}",
        "thing": issuer,
        "kind": WARNING_KIND,
        "t": warning.issued_us,
        "longitude": longitude,
        "latitude": latitude,
        "confidence": 1.0,
        "attributes": {
            "level": level.name if level else "none",
            "level_zh": level.label.zh if level else "解除",
            "level_en": level.label.en if level else "ended",
            "area": {"districts": [warning.district]},
            "district": warning.district,
            "issued": to_datetime(warning.issued_us).isoformat(),
            "valid_until": to_datetime(warning.valid_until_us).isoformat(),
            "depth_mm": round(warning.depth_mm, 1),
            "hours": level.hours if level else 0,
        },
    }


FEED = ColumnarFeed(
    name="weather",
    label=Label("气象与水位", "weather and water levels"),
    lateness_s=300.0,
    kinds=(
        DatastreamKind(
            "rain_intensity", Label("雨强", "rain intensity"), "mm/h", (0.0, 1000.0), (0.0, 250.0), _EVERY_S
        ),
        DatastreamKind("wind_speed", Label("风速", "wind speed"), "m/s", (0.0, 130.0), (0.0, 60.0), _EVERY_S),
        DatastreamKind("wind_direction", Label("风向", "wind direction"), "deg", (0.0, 360.0), (0.0, 360.0), _EVERY_S),
        DatastreamKind(
            "air_temperature", Label("气温", "air temperature"), "Cel", (-70.0, 70.0), (-25.0, 45.0), _EVERY_S
        ),
        DatastreamKind(
            "relative_humidity", Label("相对湿度", "relative humidity"), "%", (0.0, 105.0), (5.0, 100.0), _EVERY_S
        ),
        DatastreamKind("river_level", Label("河道水位", "river level"), "m", (-200.0, 9000.0), (-5.0, 40.0), _EVERY_S),
        DatastreamKind("drain_level", Label("管网液位", "drain level"), "m", (-1.0, 60.0), (0.0, 15.0), _EVERY_S),
    ),
    thing_kinds={
        "rain_gauge": Label("雨量站", "rain gauge"),
        "weather_station": Label("气象站", "weather station"),
        "river_gauge": Label("河道水位站", "river gauge"),
        "drain_sensor": Label("管网液位计", "drain sensor"),
    },
    event_kinds={WARNING_KIND: Label("暴雨预警", "rainstorm warning")},
    observer=_observe,
)
