"""The city's name, the scene's, and the clock: the top of a wall."""

from __future__ import annotations

from typing import Annotated, Any

from dash import html

from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.panels.kind import PanelKind, PanelOptions, Shown, named
from ops_center.screens.screen import Center, both, marked, spoken


class TitleOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the title."""

    city: Annotated[bool, named("城市名", "name of the city")] = True
    counts: Annotated[bool, named("设备数与观测率", "things and observations")] = True
    clock: Annotated[bool, named("时钟", "clock")] = True


def render(center: Center, options: TitleOptions) -> Shown:
    """Return the line; the page fills in the scene's name, the rate and the time."""
    parts: list[Any] = []
    if options.city:
        name = [html.H1(spoken(center.pack.manifest.name)), html.Span(className="scene-name")]
        parts.append(html.Div(name, className="city"))
    parts.append(html.Div(className="spring"))
    if options.counts:
        seen = f"{_things_seen(center):,}"
        parts.append(_count(html.B(seen, className="num"), Label("感知设备", "things")))
        parts.append(_count(html.B("—", className="num", **marked(data_rate="")), Label("观测/秒", "observations/s")))
    if options.clock:
        clock = [html.B(className="num", **marked(data_clock="time")), html.Span(**marked(data_clock="day"))]
        parts.append(html.Div(clock, className="clock"))
    return Shown([html.Div(parts, className="sp-title")])


def _count(value: Any, label: Label) -> Any:
    return html.Div([value, both(label)], className="count")


def _things_seen(center: Center) -> int:
    who, things, rights = asker(), center.frame().catalog.things.values(), Rights(see=PICTURE)
    if who.sees_all(rights):
        return len(things)
    return sum(who.may_see_of(rights, thing.department, thing.district) for thing in things)


PANEL = PanelKind(
    "title",
    Label("标题与时钟", "title and clock"),
    Label("城市名、场景名、时钟", "the names of city and scene, the clock"),
    Rights(see=PICTURE),
    TitleOptions,
    render,
    order=5,
    size=(32, 1),
)
