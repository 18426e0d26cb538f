"""What cameras and services reported in the last hour, newest first."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from dash import html

from ops_center.city.scope_names import scope_names
from ops_center.domain.catalog import Thing
from ops_center.domain.observations import Event
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.panels.kind import Codes, PanelKind, PanelOptions, Shown, named
from ops_center.screens.panels.seen_events import kind_of, newest, since
from ops_center.screens.screen import Center, both, spoken


class EventsOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the list."""

    most: Annotated[int, named("最多几条", "at most so many", ge=1, le=30)] = 6
    kinds: Annotated[Codes, named("事件类型（空：全部）", "kinds of events (none: all)")] = ()


def render(center: Center, options: EventsOptions) -> Shown:
    """Return the list."""
    found = list(islice(newest(center, asker(), options.kinds), options.most))
    if not found:
        return Shown([both(Label("近一小时没有事件", "nothing happened in the last hour"))], "empty")
    districts = scope_names(center.pack).districts
    return Shown([html.Ol([_line(event, thing, districts.get(thing.district)) for event, thing in found])])


def _line(event: Event, thing: Thing, district: Label | None) -> Any:
    place: list[Any] = [html.Span(spoken(thing.name))]
    if district:
        place = [html.Span(spoken(district)), " · ", *place]
    return html.Li(
        [
            html.B(spoken(kind_of(event)), className="name"),
            since(event.phenomenon_time_us),
            html.Span(place, className="place"),
        ]
    )


PANEL = PanelKind(
    "events",
    Label("事件", "events"),
    Label("近一小时的视频与服务事件", "events of the last hour, from cameras and services"),
    Rights(see=PICTURE),
    EventsOptions,
    render,
    refresh_s=10.0,
    order=42,
    size=(8, 6),
)
