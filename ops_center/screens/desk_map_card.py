"""What the desk says of a thing or a place: its state and values, where it is, the nearest cameras, its own page.

``assets/desk_map.js`` says what is open and asks again every few seconds; what was found goes back to it, so that a
click on the map has an address.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from dash import Input, Output, dcc, html, no_update

from layers.contract import LiveFrame
from ops_center.city.scope_names import scope_names
from ops_center.domain.catalog import Thing
from ops_center.domain.place import from_wgs84
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import card, incident_open
from ops_center.screens.alarm_card_parts import section, shape
from ops_center.screens.alarm_surroundings import camera_views, distance
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import badge, said
from ops_center.screens.links import thing_path
from ops_center.screens.property_words import property_names
from ops_center.screens.screen import Center, both, marked, spoken, titled
from ops_center.screens.wall_control import send_button
from ops_center.services.alarm_cards import CAMERAS, Nearby, nearest
from ops_center.services.selection.desk import SelectionDesk
from ops_center.services.selection.here import Here, Surroundings
from ops_center.services.selection.states import ORDER, STATES, places_of, states_of

RIGHTS = Rights(see=PICTURE - {Role.DISPLAY})
_TONES = {"alarm": "severe", "odd": "notice", "aged": "notice", "silent": "quiet", "good": "good"}
_NOTHING = Label("没有这个对象，或您无权查看。", "There is no such thing, or none that you may see.")
_SHIFTED = {"gcj02": "GCJ-02", "bd09": "BD-09"}
Name = Annotated[str, msgspec.Meta(max_length=300)]


class Asked(msgspec.Struct, frozen=True):
    """What is open: a thing by name, a feature by its layer, or a place."""

    thing: Name = ""
    """``producer/thing_id``"""
    layer: Name = ""
    id: Name = ""
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    again: bool = False
    n: int = 0


def stores() -> list[Any]:
    """Return what carries the question, and what was found."""
    return [dcc.Store(id="desk-ask"), dcc.Store(id="desk-found")]


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callback."""
    desk = center.selections
    around = Surroundings(desk) if desk else None
    find = card.finder(center)

    @callbacks.add(
        Output("desk-card", "children"), Output("desk-found", "data"), Input("desk-ask", "data"), rights=RIGHTS
    )
    def _show(asked: Asked | None) -> Any:
        if asked is None or desk is None or around is None:
            return no_update, no_update
        who, frame = asker(), desk.frame()
        thing = _thing(center, desk, who, frame, asked, find)
        if thing is not None:
            if not asked.again:
                center.saw(who, "thing.seen", f"{thing.producer}/{thing.thing_id}")
            return _thing_card(center, desk, who, thing), _found(frame, thing, asked.n)
        if asked.longitude is not None and asked.latitude is not None:
            return _place_card(center, around.at(who, asked.longitude, asked.latitude)), {"n": asked.n}
        if asked.thing or asked.id:
            return [_close(), said(_NOTHING, "wrong")], {"n": asked.n}
        return [], {"n": asked.n}

    callbacks.in_browser("desk_map", "found", Output("desk-told", "data"), Input("desk-found", "data"))


def _thing(center: Center, desk: SelectionDesk, who: Asker, frame: LiveFrame, asked: Asked, find: Any) -> Thing | None:
    if not asked.thing:
        found: Thing | None = find(frame, asked.layer, asked.id) if asked.layer else None
        return found
    producer, _, thing_id = asked.thing.partition("/")
    key = frame.catalog.thing_keys.get(producer, {}).get(thing_id)
    thing = frame.catalog.things[key] if key is not None else None
    return thing if thing is not None and desk.sees(who, thing) else None


def _found(frame: LiveFrame, thing: Thing, number: int) -> dict[str, Any]:
    longitude, latitude = (float(axis[thing.key]) for axis in places_of(frame))
    which = f"{thing.producer}/{thing.thing_id}"
    return {
        "n": number,
        "thing": which,
        "longitude": longitude,
        "latitude": latitude,
        "moves": thing.feed == "vehicles",
    }


def _thing_card(center: Center, desk: SelectionDesk, who: Asker, thing: Thing) -> list[Any]:
    frame, names = desk.frame(), scope_names(center.pack)
    alarms = [alarm for alarm in desk.open_alarms(who) if alarm.thing == thing.key]
    state = ORDER[int(states_of(frame, alarms)[thing.key])]
    title, kind, _, *rest = card.card(thing, frame, property_names(), center.pack.manifest.timezone)
    longitude, latitude = (float(axis[thing.key]) for axis in places_of(frame))
    cameras = [one for one in desk.seen(who) if one.kind == "camera" and one.key != thing.key]
    scope = [names.district(thing.district)] if thing.district else []
    scope += [names.department(thing.department)] if thing.department else []
    to_page = html.A(both(Label("设备页面", "page of this thing")), href=thing_path(thing), className="act")
    return [
        _close(),
        html.Div([title, badge(STATES[state], _TONES[state])], className="desk-card-head"),  # type: ignore[arg-type]
        kind,
        html.P([part for label in scope for part in (both(label), " · ")][:-1], className="quiet"),
        html.Div([to_page, _point_out(), *_to_wall(center, thing)], className="card-acts"),
        *_alarms(center, alarms),
        *rest,
        camera_views(center, nearest(longitude, latitude, cameras, CAMERAS)),
        _coordinates(longitude, latitude),
    ]


def _alarms(center: Center, alarms: list[Any]) -> list[Any]:
    if not alarms:
        return []
    words = center.alarm_room().words
    lines = [
        html.Button(
            [shape(alarm), both(words.label(alarm)), html.Span(f"#{alarm.id}", className="num quiet")],
            className="line",
            **marked(data_alarm="open", data_id=str(alarm.id)),
        )
        for alarm in sorted(alarms, key=lambda alarm: (int(alarm.priority), -alarm.id))[:5]
    ]
    return [section(Label("报警", "Alarms"), *lines)]


def _place_card(center: Center, here: Here) -> list[Any]:
    names = scope_names(center.pack)
    where = (
        [both(names.district(here.district))] if here.district else [both(Label("市区之外", "outside the districts"))]
    )
    title = spoken(Label(f"{here.road.zh}附近", f"near {here.road.en}") if here.road else Label("此处", "This place"))
    return [
        _close(),
        html.Div(html.H2(title), className="desk-card-head"),
        html.P(where, className="quiet"),
        html.Div([_point_out(), *incident_open.of_place(center, here.longitude, here.latitude)], className="card-acts"),
        camera_views(center, here.cameras),
        section(Label("附近设备", "Things nearby"), *[_nearby(near) for near in here.things])
        if here.things
        else html.Div(),
        _coordinates(here.longitude, here.latitude),
    ]


def _nearby(near: Nearby) -> Any:
    which = f"{near.thing.producer}/{near.thing.thing_id}"
    words = [both(near.thing.name), html.Span(distance(near.distance_m), className="num quiet")]
    return html.Button(words, className="line", **marked(data_thing=which))


def _coordinates(longitude: float, latitude: float) -> Any:
    rows = [("WGS 84", longitude, latitude)]
    for system, name in _SHIFTED.items():
        there = from_wgs84(longitude, latitude, system)
        rows.append((name, float(there[0]), float(there[1])))
    cells = [
        html.Tr([html.Td(name), html.Td(f"{east:.6f}, {north:.6f}", className="num value")])
        for name, east, north in rows
    ]
    return html.Details(
        [html.Summary(both(Label("坐标", "Coordinates"))), html.Table(html.Tbody(cells))], className="card-section"
    )


def _point_out() -> Any:
    return html.Button(both(Label("在地图上定位", "show on the map")), className="act", **marked(data_desk="fly"))


def _to_wall(center: Center, thing: Thing) -> list[Any]:
    """Return the button that sends it to a wall, for who steers walls."""
    return send_button(center, "camera" if thing.kind == "camera" else "thing", f"{thing.producer}/{thing.thing_id}")


def _close() -> Any:
    return html.Button(
        "✕", className="close", **marked(data_desk="close"), **titled(Label("关闭（Esc）", "close (Esc)"))
    )
