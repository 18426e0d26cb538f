"""Parts of a thing's page: what and whose it is, how it is now, and how it came to be what the catalog says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import html

from feeds import kind_name
from layers.contract import LiveFrame
from ops_center.city.schema import LAYERS
from ops_center.city.scope_names import scope_names
from ops_center.domain.catalog import Thing
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.screens.desk_parts import badge, empty, panel, when
from ops_center.screens.screen import Center, both, spoken
from ops_center.screens.thing_words import (
    SPEED,
    State,
    age_in_words,
    every,
    property_name,
    state_of,
)
from ops_center.screens.wall_control import send_button

ACTS = {
    "registered": Label("登记", "registered"),
    "added": Label("登记", "registered"),
    "changed": Label("修改", "changed"),
    "datastream_changed": Label("修改数据流", "datastream changed"),
    "moved": Label("移动", "moved"),
    "retired": Label("停用", "retired"),
}
"""what the catalog's log says was done"""
_MOST_ACTS = 12
_ORIGINS = {
    "city": Label("城市包", "city pack"),
    "aggregates": Label("汇总对象", "aggregates"),
    "api": Label("开放接口", "open interface"),
    "command": Label("命令行", "command line"),
    "catalog": Label("设备总线", "bus"),
}
"""who or what acts on the catalog, by its first word; everybody else is an account"""


def head(center: Center, thing: Thing) -> Any:
    """Return what it is called, what it is, whose, where, and where else to go with it."""
    names = scope_names(center.pack)
    words = [
        both(kind_name(thing.kind)),
        both(names.department(thing.department) if thing.department else Label("无主管部门", "no department")),
        both(names.district(thing.district) if thing.district else Label("无行政区", "no district")),
    ]
    links = [
        html.A(
            both(Label("在地图上看", "on the map")),
            href=f"/desk?at={thing.longitude:.5f},{thing.latitude:.5f},16&thing={thing.producer}/{thing.thing_id}",
            className="copy",
        ),
        html.A(
            both(Label("在目录中打开", "in the catalog")),
            href=f"/catalog?thing={thing.producer}/{thing.thing_id}",
            className="copy",
        ),
    ]
    links += send_button(center, "thing", f"{thing.producer}/{thing.thing_id}")
    retired = [badge(Label("已停用", "retired"), "notice")] if thing.retired else []
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [html.H1(spoken(thing.name)), *retired, html.Code(thing.thing_id)], className="thing-name"
                    ),
                    html.P([part for word in words for part in (word, " · ")][:-1], className="thing-what"),
                ],
                className="grow",
            ),
            html.Div(links, className="row"),
        ],
        className="thing-head",
    )


def state_panel(thing: Thing) -> Any:
    """Return the place where its state stands; :func:`now` fills it."""
    told = Label("已停用：保留历史，不再接收数据。", "Retired: it keeps its history and accepts nothing more.")
    return html.Section(
        [
            *([html.P(both(told), className="answer calm")] if thing.retired else []),
            html.Div(id="thing-now", className="thing-now"),
        ],
        className="thing-state",
    )


def now(center: Center, thing: Thing) -> Any:
    """Return a tile for each datastream: value, how old, what is odd about it."""
    frame, zone = center.frame(), center.pack.manifest.timezone
    streams = [one for one in center.thing_room().catalog().of_thing(thing.key) if not one.retired or thing.retired]
    tiles = [_tile(property_name(s.observed_property), state_of(s, frame), zone, every(s.interval_s)) for s in streams]
    fix = _fix(thing, frame)
    if fix is not None:
        tiles.append(_tile(SPEED, fix, zone, None))
    if not tiles:
        return empty(Label("它没有数据流。", "It has no datastreams."))
    return tiles


def _tile(name: Label, state: State, zone: str, often: Label | None) -> Any:
    at = f"{in_zone(state.time_us, zone):%m-%d %H:%M:%S}" if state.time_us else ""
    often_text = [" · ", both(often)] if often else []
    return html.Div(
        [
            html.Span([both(name), *([html.Span(often_text, className="quiet")] if often else [])], className="what"),
            html.B(state.value or "—", className="num"),
            html.Span([badge(state.word, _mark(state.tone)), *(badge(odd, "notice") for odd in state.odd)]),
            html.Span([both(state.age), " · " if at else "", at], className="quiet num"),
        ],
        className=f"thing-tile {state.tone}",
    )


def _mark(tone: str) -> Any:
    return {"good": "good", "notice": "notice"}.get(tone, "quiet")


def _fix(thing: Thing, frame: LiveFrame) -> State | None:
    """Return the speed of something that moves."""
    found = (frame.position_thing == thing.key).nonzero()[0]
    if not len(found):
        return None
    row = int(found[0])
    time_us = int(frame.position_time_us[row])
    age_s = (frame.now_us - time_us) / 1e6
    aged = age_s > 120
    word, tone = (Label("陈旧", "aged"), "aged") if aged else (Label("正常", "in time"), "good")
    speed, heading = frame.speed_mps[row] * 3.6, frame.heading_deg[row]
    return State(f"{speed:.0f} km/h · {heading:.0f}°", age_in_words(age_s), (), tone, word, time_us)


def facts(center: Center, thing: Thing) -> Any:
    """Return what the catalog says of it, and what was done to it there."""
    zone, feeds = center.pack.manifest.timezone, center.thing_room().feeds
    feed = feeds[thing.feed].label if thing.feed in feeds else Label(thing.feed, thing.feed)
    terms: list[tuple[Label, Any]] = [
        (Label("编号", "Id"), html.Code(f"{thing.producer}/{thing.thing_id}")),
        (Label("数据源", "Feed"), html.A(spoken(feed), href="/feeds")),
        (Label("坐标（WGS 84）", "Place (WGS 84)"), html.Code(f"{thing.longitude:.6f}, {thing.latitude:.6f}")),
    ]
    terms += [_attribute(name, value) for name, value in sorted(thing.attributes.items())]
    acts = center.thing_room().life(thing)
    lines = [
        html.Li(
            [
                html.Span(when(act.at_us, zone), className="num quiet"),
                " ",
                both(ACTS.get(act.action, Label(act.action, act.action))),
                " · ",
                both(_ORIGINS.get(act.origin.split(" ")[0], Label(act.origin, act.origin)), className="quiet"),
                html.Div(_before(act.detail), className="quiet"),
            ]
        )
        for act in acts[:_MOST_ACTS]
    ]
    return panel(
        Label("登记信息", "In the catalog"),
        html.Dl([part for label, text in terms for part in (html.Dt(spoken(label)), html.Dd(text))]),
        html.Details([html.Summary(both(Label("变更记录", "What was done to it"))), html.Ul(lines)]),
        className="panel thing-facts",
    )


def _attribute(name: str, value: Any) -> tuple[Label, Any]:
    """Return an attribute in words where the city pack has some, else as it is."""
    known = LAYERS["things"].by_name.get(name) if isinstance(value, str | int | float) else None
    shown = known.allowed.get(str(value)) if known and known.allowed else None
    return known.label if known else Label(name.strip() or "—", name.strip() or "—"), both(
        shown
    ) if shown else html.Code(_told(value))


def _before(detail: Mapping[str, Any]) -> Any:
    shown = {name: value for name, value in detail.items() if name not in {"datastream", "attributes"}}
    if not shown:
        return ""
    return [both(Label("此前：", "before: ")), html.Code(_told(shown)[:300])]


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
