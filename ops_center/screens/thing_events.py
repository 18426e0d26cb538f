"""What a thing saw in the last hour, newest first, with the picture of the newest: cameras, weather offices, cars."""

from __future__ import annotations

from typing import Any

from dash import html

from ops_center.domain.catalog import Thing
from ops_center.domain.observations import Event
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.screens.desk_parts import panel
from ops_center.screens.screen import Center, both

_SHOWN = 6


def events(center: Center, thing: Thing) -> Any:
    """Return the events of a thing; nothing where it reported none."""
    frame, zone = center.frame(), center.pack.manifest.timezone
    found = [event for event in reversed(frame.events) if event.thing == thing.key]
    if not found:
        return html.Div()
    feed = center.thing_room().feeds.get(thing.feed)
    names = feed.event_kinds if feed else {}
    lines = [_line(event, names.get(event.kind) or Label(event.kind, event.kind), zone) for event in found[:_SHOWN]]
    return panel(
        Label(f"近一小时事件：{len(found)}", f"Events of the last hour: {len(found)}"),
        *_picture(found[0]),
        html.Ul(lines, className="thing-rules"),
    )


def _picture(event: Event) -> list[Any]:
    """Return the picture of an event; only pictures of this application are shown."""
    address = str(event.attributes.get("snapshot", ""))
    return [html.Img(src=address, alt="", className="thing-snapshot")] if address.startswith("/snapshots/") else []


def _line(event: Event, name: Label, zone: str) -> Any:
    at = f"{in_zone(event.phenomenon_time_us, zone):%H:%M:%S}"
    return html.Li([html.Span([both(name), " "]), html.Span(f"{at} · {event.confidence:.0%}", className="num quiet")])
