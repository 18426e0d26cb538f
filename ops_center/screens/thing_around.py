"""What is around a thing: a small map, the nearest of its kind, nearest cameras, its road, its place in the pipes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from layers.contract import LiveFrame
from ops_center.city.columns_networks import NETWORKS, ROAD_CLASSES
from ops_center.domain.catalog import Thing
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US, HOUR_US, in_zone
from ops_center.screens.alarm_card_parts import shape
from ops_center.screens.desk_parts import badge, panel
from ops_center.screens.links import thing_link, thing_path
from ops_center.screens.screen import Center, both, marked, spoken, titled
from ops_center.screens.thing_events import events
from ops_center.screens.thing_words import property_name, state_of
from ops_center.services.alarm_cards import Nearby
from ops_center.services.things.networks import GRAVITY, Along, PipePlace
from ops_center.services.things.room import Road

_TRACK_POINTS = 1500
_LOOK_M = 700.0
_MAP = Label("位置图", "map of its place")
_NODES = {
    "outfall": Label("排放口", "outfall"),
    "reservoir": Label("水源", "reservoir"),
    "tank": Label("水池", "tank"),
    "station": Label("站场", "station"),
}


def map_panel() -> Any:
    """Return the map; what stands on it comes with :func:`map_data`."""
    zoom = [
        html.Button(sign, className="chip", **marked(data_thing="map", data_value=value), **titled(label))
        for sign, value, label in (
            ("＋", "in", Label("放大", "zoom in")),
            ("－", "out", Label("缩小", "zoom out")),
            ("◎", "here", Label("回到设备", "back to the thing")),
        )
    ]
    return html.Section(
        [
            html.Canvas(
                id="thing-map", className="thing-map", role="img", **titled(Label("位置图", "map of its place"))
            ),
            html.Div(zoom, className="thing-map-tools"),
            dcc.Store(id="thing-map-data"),
        ],
        className="panel thing-map-panel",
    )


def map_data(center: Center, who: Asker, thing: Thing) -> dict[str, Any]:
    """Return what the map shows: the thing, neighbours, cameras, road, pipes, where it was. Raises StoreError."""
    room = center.thing_room()
    now = room.now(thing)
    here = now.longitude, now.latitude
    worst = room.open_alarms(who)
    marks = [
        _mark(near.thing, "p2" if near.thing.key in worst else "accent", "dot") for near in room.neighbours(who, thing)
    ]
    marks += [_mark(near.thing, "soft", "square") for near in room.cameras(who, thing)]
    lines: list[dict[str, Any]] = []
    if (road := room.road(thing)) is not None:
        lines.append({"points": road.line, "look": "accent", "width": 0.3})
    if (pipe := room.pipes.place(thing, room.catalog())) is not None:
        lines += [{"points": line, "look": "good", "width": 0.2} for line in pipe.lines]
        if pipe.link:
            lines.append({"points": pipe.link.line, "look": "good", "width": 0.4})
        marks += [_mark(one.thing, "good", "dot") for one in (*pipe.towards, *pipe.behind) if room.sees(who, one.thing)]
    now_us = center.frame().now_us
    track = room.track(thing, (now_us - HOUR_US, now_us + DAY_US), _TRACK_POINTS) if room.moves(thing) else []
    if track:
        lines.append({"points": [[x, y] for x, y, _ in track], "look": "notice", "width": 0.18})
    own = {"at": list(here), "look": "accent", "shape": "here", "size": 0.4}
    return {"marks": [*marks, own], "lines": lines, "around": [*here, _LOOK_M], "key": f"{thing.key}"}


def around(center: Center, who: Asker, thing: Thing) -> list[Any]:
    """Return what it saw, its neighbours with what they measure, the nearest cameras with what they saw last."""
    room = center.thing_room()
    return [
        events(center, thing),
        _neighbours(center, who, thing, room.neighbours(who, thing)),
        _cameras(center, room.cameras(who, thing)),
    ]


def network(center: Center, who: Asker, thing: Thing) -> Any:
    """Return its place in the network that it belongs to; nothing where it belongs to none."""
    room = center.thing_room()
    parts = []
    if (road := room.road(thing)) is not None:
        parts.append(_road(road))
    if (pipe := room.pipes.place(thing, room.catalog())) is not None:
        parts.append(_pipe(center, who, pipe))
    return panel(Label("在网络中的位置", "Place in its network"), *parts) if parts else html.Div()


def _mark(thing: Thing, look: str, form: str) -> dict[str, Any]:
    return {
        "at": [thing.longitude, thing.latitude],
        "look": look,
        "shape": form,
        "size": 0.3,
        "href": thing_path(thing),
    }


def _neighbours(center: Center, who: Asker, thing: Thing, found: Sequence[Nearby]) -> Any:
    if not found:
        return html.Div()
    room, frame = center.thing_room(), center.frame()
    worst = room.open_alarms(who)
    own = [stream.observed_property for stream in room.catalog().of_thing(thing.key)]
    rows = []
    for near in found:
        alarm = worst.get(near.thing.key)
        streams = {one.observed_property: one for one in room.catalog().of_thing(near.thing.key)}
        shared = next((streams[name] for name in own if name in streams), None)
        state = state_of(shared, frame) if shared else None
        sign = html.A(shape(alarm), href=f"/alarms/{alarm.id}") if alarm else ""
        cells = [
            [thing_link(near.thing), " ", sign],
            html.Span(state.value or "—", className="num") if state else "",
            badge(state.word, "good" if state.tone == "good" else "quiet") if state else "",
            html.Span(_far(near.distance_m), className="num quiet"),
            _compare(near.thing, shared) if shared else "",
        ]
        rows.append(html.Tr([html.Td(cell) for cell in cells]))
    return panel(Label("相邻的同类设备", "Nearest of its kind"), html.Table(html.Tbody(rows), className="list"))


def _compare(thing: Thing, stream: Any) -> Any:
    name = property_name(stream.observed_property)
    offered = f'[[{stream.key}, "{name.zh}", "{name.en}", "{stream.observed_property}"]]'
    return html.Button(
        "⇄",
        className="chip",
        **marked(data_thing="with", data_offered=offered),
        **titled(Label(f"与{thing.name.zh}比较", f"compare with {thing.name.en}")),
    )


def _cameras(center: Center, found: Sequence[Nearby]) -> Any:
    if not found:
        return html.Div()
    frame, zone = center.frame(), center.pack.manifest.timezone
    return panel(
        Label("最近的摄像机", "Nearest cameras"),
        html.Div([_camera(near, frame, zone) for near in found], className="thing-cameras"),
    )


def _camera(near: Nearby, frame: LiveFrame, zone: str) -> Any:
    events = [event for event in frame.events if event.thing == near.thing.key]
    address = str(events[-1].attributes.get("snapshot", "")) if events else ""
    if address.startswith("/snapshots/"):
        shown: Any = html.Img(src=address, alt="")
        seen = f" · {in_zone(events[-1].phenomenon_time_us, zone):%H:%M:%S}"
    else:
        shown, seen = html.Div(both(Label("近期无事件画面", "no recent picture")), className="no-snapshot"), ""
    return html.Div([shown, thing_link(near.thing), html.Span(f"{_far(near.distance_m)}{seen}", className="quiet num")])


def _road(road: Road) -> Any:
    kind = ROAD_CLASSES.get(road.kind, Label(road.kind, road.kind))
    lanes, length_m = f"{road.lanes} {'lane' if road.lanes == 1 else 'lanes'} each way", f"{road.length_m:.0f} m"
    words = Label(
        f"{kind.zh}，单向 {road.lanes} 车道，限速 {road.speed_limit_kmh:g} km/h，路段长 {length_m}",
        f"{kind.en}, {lanes}, {road.speed_limit_kmh:g} km/h, {length_m} long",
    )
    name = Label(road.name_zh or road.road_id, road.name_en or road.road_id)
    return html.Div([html.B(both(name)), " ", html.Code(road.road_id), html.P(both(words))])


def _pipe(center: Center, who: Asker, pipe: PipePlace) -> Any:
    room, name = center.thing_room(), NETWORKS.get(pipe.network, Label(pipe.network, pipe.network))
    gravity = pipe.network in GRAVITY
    ahead = Label("下游", "Downstream") if gravity else Label("往水源方向", "Towards the source")
    behind = Label("上游", "Upstream") if gravity else Label("背离水源方向", "Away from the source")
    link = pipe.link
    main = Label(f"DN{link.diameter_mm:.0f} 同一干管", f"Same DN {link.diameter_mm:.0f} main") if link else None
    kind = room.pipes.node_name(pipe.end)
    end = _NODES.get(kind, Label(kind or "—", kind or "—"))
    far = Label(
        f"沿管道 {pipe.end_m / 1000:.1f} km 至{end.zh} ", f"{pipe.end_m / 1000:.1f} km of pipe to the {end.en} "
    )
    lists = [(behind, pipe.behind), (ahead, pipe.towards), *([(main, pipe.same_main)] if main else [])]
    return html.Div(
        [
            html.P([html.B(both(name)), " ", html.Code(link.link_id if link else pipe.node)]),
            *([html.P([both(far), html.Code(pipe.end)])] if pipe.end else []),
            *(_along(title, [one for one in found if room.sees(who, one.thing)]) for title, found in lists),
            *([] if gravity else [html.P(both(_PRESSURE), className="quiet")]),
        ]
    )


_PRESSURE = Label(
    "压力管网的流向会变化：这里以到水源的最短管道代表。",
    "Under pressure water may flow either way: the shortest way to a source stands in for it.",
)


def _along(title: Label, found: Sequence[Along]) -> Any:
    if not found:
        return html.P([both(title), "：", both(Label("没有设备", "no things"), className="quiet")])
    lines = [
        html.Li([thing_link(one.thing), html.Span(f" {_far(one.pipe_m)}", className="quiet num")]) for one in found
    ]
    return html.Div([html.H3(spoken(title)), html.Ul(lines, className="thing-along")])


def _far(metres: float) -> str:
    """Return a distance; nothing where both are the same place, as aggregates of the whole city are."""
    if metres < 1:
        return ""
    return f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"
