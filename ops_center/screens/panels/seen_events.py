"""Events of the last hour for panels: those that somebody may see, newest first, with their names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from dash import html

from feeds import all_feeds
from ops_center.domain.catalog import Thing
from ops_center.domain.observations import Event
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.screens.panels.figures_of import may_see
from ops_center.screens.screen import Center, marked


def newest(center: Center, who: Asker, kinds: Collection[str] = ()) -> Iterator[tuple[Event, Thing]]:
    """Yield events with the thing that saw them; ``kinds``: these alone, () for all."""
    frame = center.frame()
    for event in reversed(frame.events):
        thing = frame.catalog.things.get(event.thing)
        if thing is not None and (not kinds or event.kind in kinds) and may_see(who, thing):
            yield event, thing


def kind_of(event: Event) -> Label:
    """Return what an event is called."""
    feed = all_feeds().get(event.feed)
    return (feed.event_kinds.get(event.kind) if feed else None) or Label(event.kind, event.kind)


def picture_of(event: Event) -> str | None:
    """Return the address of an event's picture; only those of this application are shown."""
    address = str(event.attributes.get("snapshot", ""))
    return address if address.startswith("/snapshots/") else None


def since(time_us: int) -> Any:
    """Return how long ago something was; the browser keeps it up to date (assets/scene_panels.js)."""
    return html.Span(className="sp-since num", **marked(data_since_us=str(time_us)))
