"""The card of one feature: what was clicked, its latest values, when they are from, and what is odd about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from dash import Input, Output, ctx, html

from feeds import all_feeds, kind_name
from layers.contract import LiveFrame
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.observations import Quality
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.people.asking import asker
from ops_center.screens import alarm_card, incident_card
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.incident_card import INCIDENT_MARKS
from ops_center.screens.links import thing_link
from ops_center.screens.property_words import UNITS, Names, property_names
from ops_center.screens.screen import Center, both, titled
from ops_center.screens.thing_words import QUALITIES

_AGED = Label("陈旧", "aged")
_NEVER = Label("未收到", "never received")

RIGHTS = Rights(see=PICTURE)
ALARM_MARKS = "alarms"
"""the layer that a mark of an alarm says it is of (assets/alarm_map.js)"""
THINGS = "things"
"""the layer that something sent to a wall says it is of (assets/scene_stage.js): named, not clicked"""
Name = Annotated[str, msgspec.Meta(max_length=200)]


class Picked(msgspec.Struct, frozen=True):
    """What was clicked on the map."""

    layer: Name
    id: Name


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the card's callbacks."""
    find = finder(center)
    names = property_names()

    @callbacks.add(
        Output("card", "children"),
        Output("card-tick", "disabled"),
        Input("picked", "data"),
        Input("card-tick", "n_intervals"),
        rights=RIGHTS,
    )
    def _show(picked: Picked | None, _ticks: object) -> tuple[Any, bool]:
        fresh = ctx.triggered_id == "picked"  # and not the tick that keeps an open card fresh
        if picked and picked.layer == ALARM_MARKS and center.alarms is not None:
            number = int(picked.id) if picked.id.isdecimal() else 0
            return alarm_card.on_wall(center, asker(), number, again=not fresh), False
        if picked and picked.layer == INCIDENT_MARKS:
            return incident_card.on_wall(center, asker(), int(picked.id) if picked.id.isdecimal() else 0), False
        frame = center.frame()
        thing = find(frame, picked.layer, picked.id) if picked else None
        if thing is None:
            return [], True
        if fresh:
            center.saw(asker(), "thing.seen", f"{thing.producer}/{thing.thing_id}")
        return card(thing, frame, names, center.pack.manifest.timezone), False


def finder(center: Center) -> Callable[[LiveFrame, str, str], Thing | None]:
    """Return a function that finds the thing behind a feature, if who asks may see it.

    It keeps each layer's index for one catalog.
    """
    indices: dict[str, tuple[int, dict[str, int]]] = {}

    def find(frame: LiveFrame, layer_name: str, feature: str) -> Thing | None:
        if layer_name == THINGS:
            return _by_name(frame, feature)
        layer = center.layers.get(layer_name)
        if layer is None:
            return None
        if indices.get(layer_name, (None,))[0] != frame.catalog.version:
            geometry = layer.geometry(frame.catalog, center.features)
            indices[layer_name] = frame.catalog.version, dict(zip(geometry.ids, geometry.things.tolist(), strict=True))
        thing = frame.catalog.things.get(indices[layer_name][1].get(feature, -1))
        seen = thing is not None and asker().may_see_of(layer.rights, thing.department, thing.district)
        return thing if seen else None

    return find


def _by_name(frame: LiveFrame, name: str) -> Thing | None:
    """Return the thing called ``producer/thing id``, if who asks may see what its feed brings."""
    producer, _, thing_id = name.partition("/")
    thing = frame.catalog.things.get(frame.catalog.thing_keys.get(producer, {}).get(thing_id, -1))
    feed = all_feeds().get(thing.feed) if thing is not None else None
    if thing is None or feed is None:
        return None
    return thing if asker().may_see_of(feed.rights, thing.department, thing.district) else None


def card(thing: Thing, frame: LiveFrame, names: Names, zone: str) -> list[Any]:
    """Return the card's children: name, kind, and a row for each datastream."""
    rows = [_row(stream, frame, names, zone) for stream in frame.catalog.of_thing(thing.key) if not stream.retired]
    return [
        html.H2(thing_link(thing)),
        html.Div([both(kind_name(thing.kind)), f" · {thing.thing_id}"], className="kind"),
        html.Button("✕", className="close", **{"data-act": "close", **titled(Label("关闭（Esc）", "close (Esc)"))}),
        html.Table(html.Tbody([*rows, *_fix_rows(thing, frame, zone)])),
        *_snapshot(thing, frame),
    ]


def _snapshot(thing: Thing, frame: LiveFrame) -> list[Any]:
    """Return the picture of the thing's last event; only pictures of this application are shown."""
    events = [event for event in frame.events if event.thing == thing.key]
    address = str(events[-1].attributes.get("snapshot", "")) if events else ""
    return [html.Img(src=address, alt="", className="snapshot")] if address.startswith("/snapshots/") else []


def _row(stream: Datastream, frame: LiveFrame, names: Names, zone: str) -> Any:
    name = names.get(stream.observed_property) or Label(stream.observed_property, stream.observed_property)
    received = stream.key < len(frame.time_us) and frame.time_us[stream.key] > 0
    if not received:
        return _cells(name, [both(_NEVER)], "")
    time_us = int(frame.time_us[stream.key])
    odd = [label for flag, label in QUALITIES.items() if Quality(int(frame.quality[stream.key])) & flag]
    if frame.now_us - time_us > frame.catalog.lifetime_us[stream.key]:
        odd.append(_AGED)
    unit = UNITS.get(stream.unit, stream.unit)
    value = f"{frame.result[stream.key]:.4g} {unit}".strip()
    return _cells(name, [value, *_oddities(odd)], f"{in_zone(time_us, zone):%H:%M:%S}")


def _oddities(odd: list[Label]) -> list[Any]:
    return [html.Div(both(label), className="odd") for label in odd]


def _cells(name: Label, value: list[Any], when: str) -> Any:
    return html.Tr([html.Td(both(name)), html.Td(value, className="value num"), html.Td(when, className="when num")])


def _fix_rows(thing: Thing, frame: LiveFrame, zone: str) -> list[Any]:
    """Return speed and heading of something that moves."""
    found = (frame.position_thing == thing.key).nonzero()[0]
    if not len(found):
        return []
    row = int(found[0])
    when = f"{in_zone(int(frame.position_time_us[row]), zone):%H:%M:%S}"
    return [
        _cells(Label("速度", "speed"), [f"{frame.speed_mps[row] * 3.6:.0f} km/h"], when),
        _cells(Label("航向", "heading"), [f"{frame.heading_deg[row]:.0f} °"], when),
    ]
