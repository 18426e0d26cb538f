"""What is around an alarm, on its card: how its neighbours are, and what the nearest cameras saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from alerts.alarm import Alarm
from layers.contract import LiveFrame
from ops_center.domain.catalog import Thing
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.screens.alarm_card_parts import section, shape
from ops_center.screens.links import thing_link
from ops_center.screens.property_words import UNITS
from ops_center.screens.screen import Center, both, marked
from ops_center.services.alarm_cards import AlarmCard, Nearby


def neighbours(center: Center, who: Asker, found: AlarmCard) -> Any:
    """Return the nearest of the same kind, with what they measure and whether they are in alarm themselves."""
    if not found.neighbours:
        return html.Div()
    worst = _worst(center, who)
    frame = center.frame()
    measured = found.datastream.observed_property if found.datastream else None
    rows = [_neighbour(near, frame, measured, worst.get(near.thing.key)) for near in found.neighbours]
    return section(Label("相邻设备", "Neighbours"), html.Table(html.Tbody(rows), className="list"))


def cameras(center: Center, found: AlarmCard) -> Any:
    """Return the nearest cameras, each with the picture of its last event."""
    return camera_views(center, found.cameras)


def camera_views(center: Center, cameras: Sequence[Nearby]) -> Any:
    """Return cameras side by side, each with the picture of its last event and how far away it is."""
    if not cameras:
        return html.Div()
    frame, zone = center.frame(), center.pack.manifest.timezone
    views = [_camera(near, frame, zone) for near in cameras]
    return section(Label("最近的摄像机", "Nearest cameras"), html.Div(views, className="cameras"))


def _worst(center: Center, who: Asker) -> dict[int, Alarm]:
    """Return thing → its most urgent open alarm."""
    worst: dict[int, Alarm] = {}
    for alarm in center.alarm_room().desk.picture(who).alarms:
        held = worst.get(alarm.thing)
        if alarm.thing >= 0 and (held is None or alarm.priority < held.priority):
            worst[alarm.thing] = alarm
    return worst


def _neighbour(near: Nearby, frame: LiveFrame, measured: str | None, alarm: Alarm | None) -> Any:
    sign = (
        html.Button(shape(alarm), className="line", **marked(data_alarm="open", data_id=str(alarm.id)))
        if alarm
        else both(Label("正常", "normal"), className="quiet")
    )
    cells = [thing_link(near.thing), _value(near.thing, frame, measured), distance(near.distance_m), sign]
    return html.Tr([html.Td(cell, className="num" if index else "") for index, cell in enumerate(cells)])


def _value(thing: Thing, frame: LiveFrame, measured: str | None) -> str:
    """Return the newest value of what the alarm is about."""
    for stream in frame.catalog.of_thing(thing.key):
        if stream.observed_property == measured and stream.key < len(frame.time_us) and frame.time_us[stream.key] > 0:
            return f"{frame.result[stream.key]:.4g} {UNITS.get(stream.unit, stream.unit)}".strip()
    return "—"


def _camera(near: Nearby, frame: LiveFrame, zone: str) -> Any:
    events = [event for event in frame.events if event.thing == near.thing.key]
    address = str(events[-1].attributes.get("snapshot", "")) if events else ""
    if address.startswith("/snapshots/"):
        shown: Any = html.Img(src=address, alt="")
        seen = f"{in_zone(events[-1].phenomenon_time_us, zone):%H:%M:%S}"
    else:
        shown, seen = html.Div(both(Label("近期无事件画面", "no recent picture")), className="no-picture"), ""
    words = [
        thing_link(near.thing),
        html.Span([distance(near.distance_m), f" · {seen}" if seen else ""], className="quiet num"),
    ]
    return html.Div([shown, *words], className="camera")


def distance(metres: float) -> str:
    """Return a distance as cards write it."""
    return f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"
