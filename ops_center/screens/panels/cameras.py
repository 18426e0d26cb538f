"""Pictures of the cameras that saw something last, or of those nearest to a place."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from dash import html

from layers.contract import LiveFrame
from ops_center.domain.catalog import Thing
from ops_center.domain.observations import Event
from ops_center.domain.rights import PICTURE, Asker, Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.panels.figures_of import may_see
from ops_center.screens.panels.kind import Codes, PanelKind, PanelOptions, Shown, named
from ops_center.screens.panels.seen_events import kind_of, newest, picture_of, since
from ops_center.screens.screen import Center, both, spoken
from ops_center.services.alarm_cards import nearest


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place, WGS 84."""

    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]


class CamerasOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the pictures."""

    most: Annotated[int, named("最多几路", "at most so many", ge=1, le=16)] = 3
    columns: Annotated[int, named("每行几路", "in a row", ge=1, le=8)] = 1
    kinds: Annotated[Codes, named("事件类型（空：全部）", "kinds of events (none: all)")] = ()
    near: Annotated[Place | None, named("最靠近此处", "those nearest to")] = None
    show: Annotated[Literal["pictures", "names"], named("显示", "shows")] = "pictures"


def render(center: Center, options: CamerasOptions) -> Shown:
    """Return the pictures."""
    who = asker()
    seen = list(_near(center, who, options.near, options.most) if options.near else _busy(center, who, options))
    if not seen:
        nothing = Label("近一小时没有摄像机事件", "no camera saw anything in the last hour")
        return Shown([both(nothing)], "empty")
    views = [_view(camera, event) for camera, event in seen]
    columns = {"gridTemplateColumns": f"repeat({options.columns}, minmax(0, 1fr))"}
    return Shown([html.Div(views, className=f"sp-cameras {options.show}", style=columns)])


def _busy(center: Center, who: Asker, options: CamerasOptions) -> list[tuple[Thing, Event | None]]:
    """Return the cameras with the newest events, each once."""
    found: dict[int, tuple[Thing, Event | None]] = {}
    for event, camera in newest(center, who, options.kinds):
        if camera.kind == "camera" and len(found) < options.most:
            found.setdefault(camera.key, (camera, event))
    return list(found.values())


def _near(center: Center, who: Asker, place: Place, most: int) -> list[tuple[Thing, Event | None]]:
    frame = center.frame()
    cameras = [
        one for one in frame.catalog.things.values() if one.kind == "camera" and not one.retired and may_see(who, one)
    ]
    found = nearest(place.longitude, place.latitude, cameras, most)
    return [(near.thing, _last(frame, near.thing)) for near in found]


def _last(frame: LiveFrame, camera: Thing) -> Event | None:
    return next((event for event in reversed(frame.events) if event.thing == camera.key), None)


def _view(camera: Thing, event: Event | None) -> Any:
    address = picture_of(event) if event else None
    picture = (
        html.Img(src=address, alt="")
        if address
        else html.Div(both(Label("近期无事件画面", "no recent picture")), className="sp-blank")
    )
    said = [html.B(spoken(kind_of(event))), since(event.phenomenon_time_us)] if event else []
    return html.Figure(
        [picture, html.Figcaption([html.Span(spoken(camera.name), className="name"), *said])], className="sp-camera"
    )


PANEL = PanelKind(
    "cameras",
    Label("视频画面", "cameras"),
    Label("最近发生事件的摄像机，或某处附近的摄像机", "cameras with the newest events, or those near a place"),
    Rights(see=PICTURE),
    CamerasOptions,
    render,
    refresh_s=10.0,
    order=40,
    size=(6, 10),
)
